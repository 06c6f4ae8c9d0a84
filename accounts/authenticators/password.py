"""The password (K)."""

from __future__ import annotations

from functools import cache

from django.contrib.auth.hashers import check_password, make_password
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.authenticators.base import Attempt, Authenticator, Verified
from accounts.errors import Refused, Why
from accounts.models import PasswordReset
from policy.facts import Kind

#: The policy's names for the password that counts and for one that was set by mail and is not settled (R3).
PASSWORD, PASSWORD_RESET = "password", "password:reset"  # noqa: S105  names, no secrets


@cache
def dummy_hash() -> str:
    """A hash of nobody's password at the present cost: an unknown name costs as much as a known one (ASVS 6.3.8)."""
    return make_password("nobody has this password")


class Password(Authenticator):
    """Argon2id, compared outside any transaction. An empty text is no password; anything else is taken as typed."""

    code = "password"
    kind = Kind.PASSWORD
    label = _("Password")

    def shape(self, secret: str) -> str | None:
        return secret or None

    def prepare(self, attempt: Attempt) -> Verified | None:
        """Recovery always computes two hashes and any other purpose one, whoever is asked for.

        R3: until a password set by mail is settled, the one that counted before the first open reset is K in recovery,
        and the present one is worth a code by mail. Attack stopped: a thief of the mailbox who resets the password to
        lock its owner's K out of recovery, or to make a K of his own.
        """
        user = attempt.user
        present = user.password if user and user.is_active else dummy_hash()
        if attempt.purpose != "recovery":
            return Verified(Kind.PASSWORD, PASSWORD) if _right(attempt.secret, present) else None
        first = open_resets(attempt.user_id).first()
        before = _right(attempt.secret, first.previous_hash if first and user and user.is_active else dummy_hash())
        now = _right(attempt.secret, present)
        if before or (now and not first):
            return Verified(Kind.PASSWORD, PASSWORD)
        return Verified(Kind.PASSWORD, PASSWORD_RESET, reset=True) if now else None

    def spend(self, attempt: Attempt, prepared: Verified | None) -> Verified | Refused:
        if prepared is None:
            return Refused(Why.WRONG)
        if attempt.purpose != "recovery" and open_resets(attempt.user_id).exists():
            return Verified(Kind.PASSWORD, PASSWORD_RESET, reset=True)
        return prepared


def open_resets(user_id: int) -> QuerySet[PasswordReset]:
    """The resets of an account that are neither settled nor undone, oldest first."""
    return PasswordReset.objects.filter(user_id=user_id, settled_at=None, undone_at=None).order_by("made_at", "pk")


def _right(secret: str, encoded: str) -> bool:
    """One hash, whatever comes out; the dummy is nobody's."""
    return check_password(secret, encoded) and encoded != dummy_hash()
