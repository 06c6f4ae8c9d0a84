"""The changes not final yet, each as a path: what it did, who was told, until when it can be undone (R6, R9)."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts import wording
from accounts.models import Address, Change, Means, OutboxMessage, Passkey, PayoutAddress, Phone, SavedCodeSet, Totp
from accounts.selectors import Holdings
from accounts.views import rows, standing

Line = tuple[str, str]
_WAITING = (OutboxMessage.Status.QUEUED, OutboxMessage.Status.CLAIMED)


def paths(held: Holdings) -> list[dict[str, Any]]:
    """Every change that can still be undone, newest first, with all that is known of it. One query for all letters."""
    pending = held.pending()
    letters: dict[object, list[OutboxMessage]] = {change.pk: [] for change in pending}
    for letter in OutboxMessage.objects.filter(change__in=pending).order_by("channel", "created_at", "to"):
        letters[letter.change_id].append(letter)
    return [{"change": change, "stations": _stations(change, held, letters[change.pk])} for change in pending]


def _stations(change: Change, held: Holdings, letters: list[OutboxMessage]) -> list[dict[str, Any]]:
    return standing.path(change, about=_facts(_about(change, held)), told=_told(change, letters))


def _told(change: Change, letters: list[OutboxMessage]) -> SafeString:
    """Each address, masked, and how far its letter has come; folded once nothing is waited for any more."""
    lines = _facts([(_to(letter), _came(letter, change)) for letter in letters])
    if change.notices_out_at is None or not letters:
        return lines
    count = {"sent": sum(letter.sent_at is not None for letter in letters), "all": len(letters)}
    summary = _("Handed over to %(sent)s of %(all)s addresses") % count
    return format_html("<details><summary>{}</summary>{}</details>", summary, lines)


def _to(letter: OutboxMessage) -> str:
    return wording.masked_email(letter.to) if letter.channel == "mail" else wording.masked_phone(letter.to, 4)


def _came(letter: OutboxMessage, change: Change) -> str:
    if letter.status in _WAITING:
        return _("Tried in vain so far. We go on trying.") if letter.error else _("Waiting to be handed over")
    if letter.sent_at:
        at, begun = timezone.localtime(letter.sent_at), timezone.localtime(change.made_at)
        moment = f"{at:%H:%M}" if at.date() == begun.date() else wording.moment(letter.sent_at, zone=False)
        return _("Handed over at %(moment)s") % {"moment": moment}
    return _("Could not be delivered")


def _about(change: Change, held: Holdings) -> list[Line]:
    """What it added and what it set aside, and what each of them may do until it is final."""
    added = [(_name(row), _may(row)) for row in held.rows() if row.added_by_id == change.pk and row.confirmed_at]
    ended = [(_name(row), _set_aside(row, held)) for row in held.rows() if row.suspended_by_id == change.pk]
    if change.what in ("password.changed", "password.reset"):
        ended.append((_("Former password"), _("Still proves who you are in a recovery")))
    former = (row for row in held.addresses if row.pk == change.former_address_id)
    named = [(_name(row), _("Named your account before")) for row in former]
    return [*added, *ended, *named]


def _name(row: Means) -> str:
    match row:
        case Phone():
            return wording.masked_phone(row.number, 4)
        case Address():
            return wording.masked_email(row.email)
        case SavedCodeSet():
            return _("Saved recovery codes")
        case Totp():
            return rows.app_name(row)
        case Passkey():
            return rows.passkey_name(row)
    return row.name


def _may(row: Means) -> str:
    match row:
        case PayoutAddress():
            return _("New: no money goes there yet")
        case Address():
            return _("New: is told of everything, gets no codes, stops nothing yet")
        case Phone() if row.weak:
            return _("New: a contact, never a proof")
    return _("New: signs you in already, proves nothing yet")


def _set_aside(row: Means, held: Holdings) -> str:
    if not held.suspended(row):
        return _("The old sheet: still works until the new one is final")
    if isinstance(row, Address):
        return _("Set aside: gets no codes, but is told and can still stop this")
    return _("Set aside: signs nobody in, comes back if this is undone")


def _facts(lines: list[Line]) -> SafeString:
    """As a list of pairs; nothing where there is none."""
    pairs = format_html_join("", "<dt>{}</dt><dd>{}</dd>", lines)
    return format_html_join("", '<dl class="facts">{}</dl>', [(pairs,)] if lines else [])
