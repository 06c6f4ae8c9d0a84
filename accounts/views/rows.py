"""Rows of the authenticator list: what a bound thing is called, how it stands, what can be done with it."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts import providers, wording
from accounts.models import Means, Passkey, Phone, SavedCodeSet, Totp
from accounts.selectors import Holdings
from policy.facts import NEVER


def app_name(row: Totp) -> str:
    return row.name or _("Authenticator app")


def app(row: Totp, held: Holdings) -> dict[str, Any]:
    """One authenticator app."""
    open_ = {"url": reverse("authenticator", args=[row.pk]), "label": _("Open")}
    return {"icon": "app", "name": app_name(row), "actions": [open_], **standing(row, held, copied(row))}


def passkey_name(row: Passkey) -> str:
    return row.name or _("Passkey")


def passkey(row: Passkey, held: Holdings) -> dict[str, Any]:
    """One passkey: who keeps it, and whether it leaves its device."""
    open_ = {"url": reverse("passkey", args=[row.pk]), "label": _("Open")}
    return {"icon": "passkey", "name": passkey_name(row), "actions": [open_], **standing(row, held, kept(row))}


def kept(row: Passkey) -> str:
    """Where a passkey is: its provider, and whether a copy lies elsewhere."""
    copies = _("Synced to your other devices") if row.backup_state else _("On one device only")
    if row.backup_eligible and not row.backup_state:
        copies = _("Not synced yet")
    provider = providers.name_of(row.aaguid)
    return (
        _("%(provider)s. %(copies)s.") % {"provider": provider, "copies": copies}
        if provider
        else _("%(copies)s.") % {"copies": copies}
    )


def phone(row: Phone, held: Holdings) -> dict[str, Any]:
    """One number that gets codes."""
    change = {"url": reverse("phone_change"), "label": _("Change")}
    if row.stopped_at:  # it is added anew: only a code that comes back shows whose it is
        change = {"url": f"{reverse('phone_change')}?replace=none", "label": _("Confirm again")}
    note = _("SMS: the weakest of these ways")
    return {
        "icon": "sms",
        "name": wording.masked_phone(row.number, 4),
        "actions": [change],
        **standing(row, held, note),
    }


def sheet(row: SavedCodeSet, held: Holdings) -> dict[str, Any]:
    """One sheet of saved codes."""
    left = getattr(row, "left", 0)  # counted by selectors.holdings
    note = ngettext("%(count)s code is left.", "%(count)s codes are left.", left) % {"count": left}
    open_ = {"url": reverse("recovery_codes"), "label": _("Open")}
    return {
        "icon": "paper",
        "name": _("Saved recovery codes"),
        "actions": [open_],
        **standing(row, held, note),
    }


def standing(row: Means, held: Holdings, note: str = "") -> dict[str, Any]:
    """When it came, and the one thing about it worth a badge; what a probation means goes before the note."""
    state, tone = _badge(row, held)
    page = {"added": row.confirmed_at, "used": row.last_used_at, "state": state, "tone": tone}
    why = probation(row, held)
    return page | ({"note": f"{why} {note}".strip()} if why or note else {})


def probation(row: Means, held: Holdings) -> str:
    """What something new may do already, and from when it may do the rest (R7)."""
    return counts_from(held.probation(row))


def counts_from(until: datetime | None) -> str:
    """That it signs in already, and from when it proves who one is; nothing about what is final."""
    if until is None:
        return ""
    if until >= NEVER:
        return _("It signs you in now, and proves who you are once our letters are out.")
    return _("It signs you in now, and proves who you are from %(moment)s.") % {"moment": wording.moment(until)}


def _badge(row: Means, held: Holdings) -> tuple[str, str]:
    if row.lost_at:
        return pgettext("authenticator", "Reported lost"), "stop"
    if row.disabled_at and isinstance(row, Passkey):
        return pgettext("authenticator", "Switched off: it may have been copied"), "stop"
    if row.disabled_at:
        return pgettext("authenticator", "Switched off after too many wrong codes"), "stop"
    if held.suspended(row):
        return _("Being removed"), "hold"
    if isinstance(row, Phone) and row.stopped_at:
        return pgettext("authenticator", "Stopped by its holder"), "stop"
    if getattr(row, "unreached", False):  # noted by selectors.holdings
        return pgettext("authenticator", "The last SMS did not arrive"), "hold"
    return (pgettext("authenticator", "New"), "hold") if held.probation(row) else ("", "")


def copied(row: Totp) -> str:
    """Whether the app has a copy, as its owner noted."""
    if row.backed_up_on is None:
        return _("No copy noted yet")
    noon = datetime.combine(row.backed_up_on, time(12), timezone.get_current_timezone())
    return _("Copy noted on %(day)s") % {"day": wording.day(noon)}
