"""The history's page reads by id; and the database itself refuses to change or delete an event (_history_guard.py)."""

from django.db import migrations, models

from accounts.migrations._history_guard import OFF, ON


def on(apps, schema_editor):
    for statement in ON.get(schema_editor.connection.vendor, []):
        schema_editor.execute(statement, params=None)


def off(apps, schema_editor):
    for statement in OFF.get(schema_editor.connection.vendor, []):
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_passkeys")]

    operations = [
        migrations.RemoveIndex(model_name="securityevent", name="accounts_se_user_id_299a2c_idx"),
        migrations.AddIndex(
            model_name="securityevent", index=models.Index(fields=["user", "-id"], name="event_of_user")
        ),
        migrations.RunPython(on, off),
    ]
