import django.db.models.deletion
from django.db import migrations, models

from support import roles


def groups(apps, schema_editor):
    roles.sync(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("support", "0002_papers_sent"),
        ("recovery", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="review",
            options={
                "permissions": [
                    ("work_on_review", "Can take reviews, open their papers and decide"),
                    ("lead_review", "Can take what was handed on to a lead"),
                ]
            },
        ),
        migrations.AddField(
            model_name="decision",
            name="paper",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="support.paper",
            ),
        ),
        migrations.RunPython(groups, migrations.RunPython.noop),
    ]
