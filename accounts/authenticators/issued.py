"""Codes that we send (E and M): found by scope, compared in constant time, spent once."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.db.models import F

from accounts import crypto, normalise
from accounts.authenticators.base import Attempt, Authenticator, Verified, count_failure, own_keys
from accounts.errors import Refused, Why
from accounts.models import Challenge
from policy.rules import RULES

#: Wrong tries after which one code is dead, right or not (pitfall P4; ASVS 6.6.3).
TRIES = 5
_LOOK_BACK = 3


def shape(typed: str) -> str | None:
    """Six digits in any width and grouping, or None."""
    plain = normalise.code(typed)
    return plain if len(plain) == RULES.sms_code_digits and plain.isascii() and plain.isdecimal() else None


def spend(scope: str, code: str, now: datetime, **of: Any) -> Challenge | Refused:
    """Spend the newest code of a scope, in the caller's transaction.

    Why it is refused is told only to somebody who typed a code that was once right: for everybody else a spent,
    expired or never sent code is the same "wrong", so that nobody learns whether an account exists (ASVS 6.3.8).
    Attacks stopped: a code of one request used in another (ASVS 6.6.2), twice, or twice at once (pitfalls P1, P10).
    """
    rows = list(Challenge.objects.select_for_update().filter(scope=scope, **of).order_by("-created_at")[:_LOOK_BACK])
    nobody = Challenge(purpose="sign_in", nonce="")
    asked = [*rows, *[nobody] * (_LOOK_BACK - len(rows))]
    fits = [crypto.same(row.code, code) for row in asked]  # every one, so that time tells nothing
    if not rows or not any(fits[: len(rows)]):
        return Refused(Why.WRONG)
    if not fits[0]:
        return Refused(Why.SUPERSEDED)
    newest = rows[0]
    if newest.superseded_at:
        return Refused(Why.SUPERSEDED)
    if newest.spent_at or newest.failures >= TRIES:
        return Refused(Why.SPENT)
    if now >= newest.expires_at:
        return Refused(Why.EXPIRED)
    if not Challenge.objects.filter(pk=newest.pk, spent_at=None).update(spent_at=now):
        return Refused(Why.SPENT)
    return newest


def failed(scope: str, **of: Any) -> None:
    """Count a wrong try on the newest code of the scope: one statement, also where no code was sent to anybody."""
    newest = Challenge.objects.filter(scope=scope, **of).order_by("-created_at").values("pk")[:1]
    Challenge.objects.filter(pk__in=newest).update(failures=F("failures") + 1)


class IssuedCode(Authenticator):
    """A code sent to one confirmed address or number of the account, for one request."""

    channel: ClassVar[str]

    def shape(self, secret: str) -> str | None:
        return shape(secret)

    def spend(self, attempt: Attempt, prepared: None) -> Verified | Refused:
        of = {"channel": self.channel, "user_id": attempt.user_id, "purpose": attempt.purpose}
        standing = {row.means_id: row for row in self.rows(attempt).select_for_update()}
        challenge = spend(attempt.scope, attempt.secret, attempt.now, **of)
        if isinstance(challenge, Refused):
            return challenge
        if attempt.purpose == "confirm":
            return Verified(self.kind, challenge.means_id)
        row = standing.get(challenge.means_id)
        if row is None:  # removed, reported lost or suspended since the code was sent: the code is dead with it
            return Refused(Why.WRONG)
        if row.disabled_at:
            return Refused(Why.WRONG if attempt.purpose == "recovery" else Why.DISABLED)
        type(row)._default_manager.filter(pk=row.pk).update(failures_in_row=0, last_used_at=attempt.now)
        return Verified(self.kind, row.means_id)

    def failed(self, attempt: Attempt) -> list[str]:
        of = {"channel": self.channel, "user_id": attempt.user_id, "purpose": attempt.purpose}
        failed(attempt.scope, **of)
        if attempt.purpose in ("recovery", "confirm"):
            return []
        newest = (
            Challenge.objects.filter(scope=attempt.scope, **of)
            .order_by("-created_at")
            .values_list("means_id", flat=True)
        )
        rows = self.rows(attempt)
        return count_failure(rows.filter(pk__in=own_keys(rows.model, frozenset(newest[:1]))), attempt.now)
