"""Who may do what on the agents' site: groups with permissions, and nothing else.

`is_superuser` opens nothing here: somebody who is put into no group does not enter, and into one has its rights alone.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps as live

from accounts.models import User

WORK, LEAD = "work_on_review", "lead_review"
_SEE = ("support.view_review", "support.view_decision", "support.view_paper", "recovery.view_case")
#: Group → its permissions. The auditor sees that things were done, never a paper nor what is on file.
ROLES: dict[str, tuple[str, ...]] = {
    "agent": (*_SEE, f"support.{WORK}"),
    "lead": (*_SEE, f"support.{WORK}", f"support.{LEAD}"),
    "auditor": _SEE,
}


def sync(apps: Any = live) -> None:
    """Make the groups and give them exactly these permissions. Idempotent; a migration calls it."""
    group, permission, content_type = (
        apps.get_model(*name) for name in (("auth", "Group"), ("auth", "Permission"), ("contenttypes", "ContentType"))
    )
    for name, codes in ROLES.items():
        rows = []
        for code in codes:
            label, codename = code.split(".")
            model = "review" if codename in (WORK, LEAD) else codename.removeprefix("view_")
            about, _made = content_type.objects.get_or_create(app_label=label, model=model)
            row, _made = permission.objects.get_or_create(
                content_type=about, codename=codename, defaults={"name": codename.replace("_", " ").capitalize()}
            )
            rows.append(row)
        made, _made = group.objects.get_or_create(name=name)
        made.permissions.set(rows)


def of(user: User) -> frozenset[str]:
    """What the groups of this member of staff allow, "support.work_on_review"; nothing for anybody else."""
    known: frozenset[str] | None = getattr(user, "_agent_rights", None)
    if known is None:
        known = frozenset(_rights(user)) if user.is_active and user.is_staff else frozenset()
        user._agent_rights = known  # type: ignore[attr-defined]
    return known


def _rights(user: User) -> list[str]:
    rows = user.groups.filter(name__in=ROLES).values_list(
        "permissions__content_type__app_label", "permissions__codename"
    )
    return [f"{label}.{code}" for label, code in rows]


def works(user: User) -> bool:
    """May take reviews and decide."""
    return f"support.{WORK}" in of(user)


def leads(user: User) -> bool:
    """May take what was handed on."""
    return f"support.{LEAD}" in of(user)
