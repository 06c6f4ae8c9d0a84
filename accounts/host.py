"""What the host platform is told of an account: how it stands, what rests until when, and why (docs/host-platform.md).

The form is published (`accounts/schemas/standing.schema.json`). A field is added only with the schema's version.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone, translation

from accounts import operations, registries
from accounts.models import User
from accounts.operations import Standing, State
from accounts.refusals import reason_text
from accounts.selectors import Holdings, holdings
from policy.deeds import closed, closing, set_up_finished
from policy.facts import Facts, Kind
from policy.proofs import FACTORS, counting
from policy.verdict import Reason

SCHEMA = "urn:modoru:standing:1"
FACTOR_NAMES = {Kind.TOTP: "totp", Kind.PASSKEY: "passkey", Kind.SMS: "sms"}


def standing(user: User) -> dict[str, Any]:
    """One account as the host platform may rely on it at this moment. No address, number, name or secret."""
    held, case = holdings(user), registries.open_case(user)
    known, ways = operations.for_anybody(held, case)
    with timezone.override(ZoneInfo(user.timezone)):
        return {
            "schema": SCHEMA,
            "as_of": _time(known.now),
            "subject": str(user.subject),
            "account": {"state": _state(user, known), "final_at": _time(_closing_at(known))},
            "assurance": _assurance(known),
            "money": _rest(operations.find(operations.WITHDRAW.code, ways)),
            "operations": [{"code": one.operation.code, **_rest(one)} for one in ways],
            "recovery": {"open_case": bool(case), "state": case or None},
            "changes": _changes(held),
        }


def _state(user: User, known: Facts) -> str:
    if not user.is_active or closed(known):
        return "closed"
    if closing(known):
        return "closing"
    return "active" if user.ever_had_factor else "setting_up"


def _closing_at(known: Facts) -> datetime | None:
    change = closing(known)
    return change.final_at if change else None


def _assurance(known: Facts) -> dict[str, Any]:
    kinds = {means.kind for means in counting(known)} & FACTORS
    return {
        "two_custodies": set_up_finished(known),
        "factors": sorted(FACTOR_NAMES[kind] for kind in kinds),
        "phishing_resistant": Kind.PASSKEY in kinds,
        "saved_codes": any(means.kind is Kind.SAVED_CODE for means in counting(known)),
    }


def _rest(one: Standing) -> dict[str, Any]:
    """Held, until when (null: until something happens that has no date) and why."""
    held = one.state is State.HELD
    reasons = [_reason(reason) for reason in one.reasons] if held else []
    return {"held": held, "until": _time(one.until) if held else None, "reasons": reasons}


def _reason(reason: Reason) -> dict[str, Any]:
    text = {}
    for language in ("ja", "en"):
        with translation.override(language):
            text[language] = reason_text(reason)
    return {"rule": reason.rule, "code": reason.code, "text": text}


def _changes(held: Holdings) -> dict[str, Any]:
    pending = held.pending()
    ends = [change.final_at for change in pending if change.final_at]
    return {"pending": len(pending), "next_final_at": _time(min(ends, default=None))}


def _time(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC, to the second; null for a moment that is not fixed yet."""
    if moment is None or moment.year >= 9999:
        return None
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
