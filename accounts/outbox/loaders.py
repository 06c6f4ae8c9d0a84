"""What letters of this floor speak of: a code, a link, an event. Loaded and derived at the moment of rendering."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts import clock, wording
from accounts.models import (
    Address,
    Challenge,
    Change,
    Link,
    OutboxMessage,
    PayoutAddress,
    Phone,
    SavedCodeSet,
    SecurityEvent,
    Totp,
)
from accounts.outbox.letters import Obsolete, register_loader
from policy.rules import RULES

#: kind of a link → the page it opens
PAGES = {"not_me": "not_me_link", "password_reset": "password_reset"}
NAMED = {"phone": Phone, "address": Address, "totp": Totp, "savedcodeset": SavedCodeSet, "payoutaddress": PayoutAddress}


def challenge(identity: str, row: OutboxMessage) -> dict[str, Any]:
    """The code, derived. Only the newest, unspent one may go: an older one would be refused when typed."""
    found = Challenge.objects.filter(pk=identity).first()
    if found is None:
        raise Obsolete("code gone")
    over = "spent" if found.spent_at else "superseded" if found.superseded_at else ""
    return {
        "code": found.code,
        "asked_at": found.created_at,
        "expires_at": found.expires_at,
        "life": found.expires_at - found.created_at,
        "obsolete": over or ("expired" if found.expires_at <= clock.now() else ""),
    }


def link(identity: str, row: OutboxMessage) -> dict[str, Any]:
    """The address a button opens; in a text message the stop code, because SMS carries no link."""
    found = Link.objects.filter(pk=identity).first()
    if found is None:
        raise Obsolete("link gone")
    page = PAGES.get(found.kind)
    return {
        "link_url": settings.BASE_URL + reverse(page, args=[found.token]) if page else "",
        "link_token": found.token,
        "stop_code": found.stop_code,
        "link_made_at": found.created_at,
        "link_expires_at": found.expires_at,
        # A notice is news even when its link was used; a letter that is only its link is not.
        "obsolete": "superseded" if found.superseded_at else "used" if found.used_at and found.kind != "not_me" else "",
    }


def event(identity: int, row: OutboxMessage) -> dict[str, Any]:
    """What happened, when, in which browser, to what; and until when a "not me" undoes it (R10)."""
    found = SecurityEvent.objects.filter(pk=identity).first()
    if found is None:
        raise Obsolete("event gone")
    return {
        "event": found,
        "happened_at": found.at,
        "browser": found.agent,
        "what": _named(str(found.data.get("means", ""))),
        "change": row.change,
        "undo_until": _undo_until(row.change),
        **{name: found.data[name] for name in ("left", "undone", "ended") if name in found.data},
    }


def _undo_until(change: Change | None) -> datetime | None:
    if change is None or change.undone_at:
        return None
    reach: timedelta = RULES.not_me_undoes_recovery if change.by_recovery else RULES.not_me_undoes
    return change.made_at + reach


def _named(means_id: str) -> str:
    """How the owner knows the thing, and a stranger who reads the mail does not learn it: 090-••••-5678."""
    kind, _, key = means_id.partition(":")
    means = NAMED[kind].objects.filter(pk=key).first() if kind in NAMED and key.isdigit() else None
    if isinstance(means, Phone):
        return wording.masked_phone(means.number, 4)
    if isinstance(means, Address):
        return wording.masked_email(means.email)
    return means.name if means else ""


register_loader("challenge", challenge)
register_loader("link", link)
register_loader("event", event)
