"""A copy of everything the account holds about its person: field by field, so that no secret slips in."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from accounts import clock, events, history, registries, throttling
from accounts.context import ActorContext
from accounts.errors import Refused, Why
from accounts.models import (
    Address,
    Change,
    Identity,
    KnownBrowser,
    Means,
    OutboxMessage,
    Passkey,
    PasswordReset,
    PayoutAddress,
    Phone,
    SavedCodeSet,
    SecurityEvent,
    Session,
    Totp,
    User,
    Withdrawal,
)
from accounts.services import changes
from policy import facts
from policy.deeds import Export

FORMAT = "modoru-export-1"
#: Section → what is bound, and what of it beside its name and times is the person's to know.
BOUND: dict[str, tuple[Any, ...]] = {
    "addresses": (Address, "email"),
    "numbers": (Phone, "number", "line_type"),
    "apps": (Totp, "backed_up_on"),
    "passkeys": (Passkey, "backup_state", "device"),
    "saved_codes": (SavedCodeSet, "left", "downloaded_at"),
    "payout_addresses": (PayoutAddress, "address"),
    "identity": (Identity, "source", "attributes"),
}


def export(user: User, *, session: facts.Session, ctx: ActorContext) -> dict[str, Any] | Refused:
    """The copy, after a fresh step-up. Every address is told that one was taken.

    Attack stopped: a stolen session reading at once every number and address that a thief would go for next.
    """
    verdict = changes.ask(user, Export(), session)
    if isinstance(verdict, Refused):
        return verdict
    charge = throttling.charge(("export.account", str(user.pk)))
    if not charge:
        return Refused(Why.THROTTLED, until=charge.until)
    with transaction.atomic():
        events.record("account.exported", user, ctx)
        return collect(user)


def collect(user: User) -> dict[str, Any]:
    """Every section, in the order of the page that names them. Codes, seeds, hashes, nonces and tokens are left out."""
    return {
        "format": FORMAT,
        "made_at": clock.now(),
        "account": _account(user),
        **{section: _bound(user, model, *own) for section, (model, *own) in BOUND.items()},
        "withdrawals": [_withdrawal(row) for row in Withdrawal.objects.filter(user=user).order_by("pk")],
        "changes": [_change(row) for row in Change.objects.filter(user=user).order_by("made_at")],
        "password_resets": [_reset(row) for row in PasswordReset.objects.filter(user=user).order_by("made_at")],
        "known_browsers": [_browser(row) for row in KnownBrowser.objects.filter(user=user).order_by("pk")],
        "sessions": [_session(row) for row in Session.objects.filter(user=user).order_by("created_at")],
        "letters": [_letter(row) for row in OutboxMessage.objects.filter(user=user).order_by("created_at")],
        "history": [_event(row) for row in SecurityEvent.objects.filter(user=user).order_by("pk")],
        **{section: gather(user) for section, gather in registries.EXPORTS.items()},
    }


def _account(user: User) -> dict[str, Any]:
    return {
        "subject": str(user.subject),
        "email": user.email,
        "name": user.name,
        "language": user.language,
        "timezone": user.timezone,
        "created_at": user.created_at,
        "password_changed_at": user.password_changed_at,
        "number_changed_at": user.number_changed_at,
        "recovered_at": user.recovered_at,
    }


def _bound(user: User, model: type[Means], *own: str) -> list[dict[str, Any]]:
    """Everything of one kind that was ever bound, what is revoked included."""
    rows = model._default_manager.filter(user=user).order_by("pk")
    if "left" in own:
        rows = rows.annotate(left=Count("codes", filter=Q(codes__used_at=None)))
    times = ("bound_at", "confirmed_at", "last_used_at", "lost_at", "disabled_at", "revoked_at")
    return [{"id": row.means_id, **{name: getattr(row, name) for name in ("name", *own, *times)}} for row in rows]


def _withdrawal(row: Withdrawal) -> dict[str, Any]:
    return {"to": f"payoutaddress:{row.payout_id}", "amount": str(row.amount), "made_at": row.made_at}


def _change(row: Change) -> dict[str, Any]:
    times = ("made_at", "notices_out_at", "final_at", "completed_at", "undone_at")
    return {"what": row.what, "two_custodies": row.two_custodies, **{name: getattr(row, name) for name in times}}


def _reset(row: PasswordReset) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("made_at", "signed_in_at", "settled_at", "undone_at")}


def _browser(row: KnownBrowser) -> dict[str, Any]:
    times = ("first_seen", "last_used", "expires_at", "revoked_at")
    return {"browser": row.name, "network": row.network, **{name: getattr(row, name) for name in times}}


def _session(row: Session) -> dict[str, Any]:
    return {
        "began_at": row.created_at,
        "last_seen_at": row.last_seen_at,
        "browser": row.agent,
        "network": row.network,
    }


def _letter(row: OutboxMessage) -> dict[str, Any]:
    return {
        "id": row.short_id,
        "kind": row.kind,
        "channel": row.channel,
        "to": row.to,
        "status": row.status,
        "created_at": row.created_at,
        "sent_at": row.sent_at,
    }


def _event(row: SecurityEvent) -> dict[str, Any]:
    return {
        "at": row.at,
        "type": row.type,
        "what": history.sentence(row),
        "browser": row.agent,
        "network": row.network,
        "data": row.data,
    }
