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
    Means,
    OutboxMessage,
    Passkey,
    PayoutAddress,
    Phone,
    SavedCodeSet,
    SecurityEvent,
    Totp,
)
from accounts.outbox.letters import Obsolete, register_loader
from policy.rules import RULES

#: event → how long money rests after it at least (R8)
MONEY_RESTS = {"phone.changed": RULES.money_after_number_change, "case.completed": RULES.money_after_recovery}
#: "phone:12" → the row that an event's data means
NAMED: dict[str, type[Means]] = {"phone": Phone, "address": Address, "totp": Totp, "passkey": Passkey}
NAMED |= {"savedcodeset": SavedCodeSet, "payoutaddress": PayoutAddress}


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
    reference = found.subject.removeprefix("case:") if found.subject.startswith("case:") else ""
    return {
        "link_url": settings.BASE_URL + _page(found, reference),
        "reference": reference,
        "stop_code": found.stop_code,
        "stop_page": settings.PUBLIC_HOST + reverse("not_me").rstrip("/"),
        "link_made_at": found.created_at,
        "link_expires_at": found.expires_at,
        # A notice is news even when its link was used; a letter that is only its link is not.
        "obsolete": "superseded" if found.superseded_at else "used" if found.used_at and found.kind != "not_me" else "",
    }


def _page(found: Link, reference: str) -> str:
    match found.kind:
        case "not_me":
            return reverse("not_me_link", args=[found.token])
        case "password_reset":
            return reverse("password_reset", args=[found.token])
        case "resume":
            return reverse("case_resume", args=[reference, found.token])
    raise Obsolete(f"no page for {found.kind}")


def event(identity: int, row: OutboxMessage) -> dict[str, Any]:
    """What happened, when, in which browser, to what; and until when a "not me" undoes it (R10)."""
    found = SecurityEvent.objects.filter(pk=identity).first()
    if found is None:
        raise Obsolete("event gone")
    return {
        "event": found,
        "happened_at": found.at,
        "browser": found.agent,
        "what": _named(str(found.data.get("means") or found.data.get("payout", ""))),
        "change": row.change,
        "undo_until": _undo_until(row.change),
        "final_after": row.change.wait if row.change else None,
        "money_rests_until": found.at + MONEY_RESTS[found.type] if found.type in MONEY_RESTS else None,
        "left": str(found.data.get("left", "")),  # saved codes; "0" is an answer too
    }


def _undo_until(change: Change | None) -> datetime | None:
    if change is None or change.undone_at:
        return None
    reach: timedelta = RULES.not_me_undoes_recovery if change.by_recovery else RULES.not_me_undoes
    return change.made_at + reach


def _named(means_id: str) -> str:
    """How the owner knows the thing, and a stranger who reads the mail does not learn it: 090-••••-5678."""
    kind, _, key = means_id.partition(":")
    means = NAMED[kind]._default_manager.filter(pk=key).first() if kind in NAMED and key.isdigit() else None
    if isinstance(means, Phone):
        return wording.masked_phone(means.number, 4)
    if isinstance(means, Address):
        return wording.masked_email(means.email)
    if isinstance(means, PayoutAddress) and not means.name:
        return f"{means.address[:6]}…{means.address[-4:]}"
    return means.name if means else ""


register_loader("challenge", challenge)
register_loader("link", link)
register_loader("event", event)
