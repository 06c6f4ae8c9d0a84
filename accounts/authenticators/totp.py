"""Authenticator apps (T): RFC 6238 over HMAC-SHA1, six digits, thirty seconds, as every app speaks it."""

from __future__ import annotations

import hashlib
import hmac
import time

from django.utils.translation import gettext_lazy as _

from accounts import crypto, normalise
from accounts.authenticators.base import Attempt, Authenticator, Verified, count_failure
from accounts.errors import Refused, Why
from accounts.models import Totp
from policy.facts import Kind

STEP, DIGITS = 30, 6
#: How far a phone's clock may be off for the page to say so (steps; ten are five minutes).
CLOCK_HINT = 10


def present_step() -> int:
    """The time step of this moment by the server's real clock: travelling never moves authenticator apps."""
    return int(time.time()) // STEP


def code_at(seed: bytes, step: int) -> str:
    """The code of one time step (RFC 4226 §5.3)."""
    mac = hmac.new(seed, step.to_bytes(8, "big"), hashlib.sha1).digest()
    at = mac[-1] & 15
    return str((int.from_bytes(mac[at : at + 4], "big") & 0x7FFFFFFF) % 10**DIGITS).zfill(DIGITS)


class AuthenticatorApp(Authenticator):
    """Takes the code of this step or the one before, each once.

    Attacks stopped: replay of a code seen or phished, also at the same instant (the step only grows, by one conditional
    UPDATE on a locked row; P1, P3, P5; RFC 6238 §5.2), and codes of the future from a fast clock.
    """

    code = "totp"
    kind = Kind.TOTP
    label = _("Authenticator app")
    model = Totp
    second_factor = True

    def shape(self, secret: str) -> str | None:
        plain = normalise.code(secret)
        return plain if len(plain) == DIGITS and plain.isascii() and plain.isdecimal() else None

    def spend(self, attempt: Attempt, prepared: None) -> Verified | Refused:
        rows = list(self.rows(attempt).select_for_update())
        standing = [row for row in rows if row.disabled_at is None]
        if rows and not standing and attempt.purpose != "recovery":
            return Refused(Why.DISABLED)
        now, why = present_step(), Why.WRONG
        for row in standing:
            step = self._matching_step(row, attempt.secret, now)
            if step is None:
                continue
            if not self._in_window(row, step - now, attempt.purpose):
                why = Why.CLOCK if step > row.last_step else why
            elif self._take(row, step, step - now, attempt):
                return Verified(Kind.TOTP, row.means_id)
            else:
                why = Why.SPENT
        return Refused(why)

    def failed(self, attempt: Attempt) -> list[str]:
        return count_failure(self.rows(attempt), attempt.now) if attempt.purpose != "recovery" else []

    @staticmethod
    def _matching_step(row: Totp, code: str, now: int) -> int | None:
        """The step this code belongs to, nearest first; every step is computed, so that time tells nothing."""
        seed, found = row.seed, None
        for away in sorted(range(-CLOCK_HINT, CLOCK_HINT + 1), key=lambda n: (abs(n), n), reverse=True):
            if crypto.same(code_at(seed, now + away), code):
                found = now + away
        return found

    @staticmethod
    def _in_window(row: Totp, away: int, purpose: str) -> bool:
        """T and T−1; T+1 only for an app whose clock was seen to be fast when it was bound (its stored drift)."""
        return away in (0, -1) or (away == 1 and (row.drift > 0 or purpose == "confirm"))

    @staticmethod
    def _take(row: Totp, step: int, away: int, attempt: Attempt) -> bool:
        drift = max(row.drift, away) if away >= 0 else 0
        unused = Totp.objects.filter(pk=row.pk, last_step__lt=step)
        return bool(unused.update(last_step=step, drift=drift, failures_in_row=0, last_used_at=attempt.now))
