"""The password (K)."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.utils.translation import gettext_lazy as _

from accounts.authenticators.base import Attempt, Authenticator, Verified
from accounts.errors import Refused, Why
from accounts.which_password import PASSWORD, which
from policy.facts import Kind


def dummy_hash() -> str:
    """A hash of nobody's password at the present cost: an unknown name costs as much as a known one (ASVS 6.3.8)."""
    return _dummy(settings.ARGON2_MEMORY_KIB)


@cache
def _dummy(cost: int) -> str:
    return make_password("nobody has this password")


class Password(Authenticator):
    """Argon2id, compared outside any transaction. An empty text is no password; anything else is taken as typed."""

    code = "password"
    kind = Kind.PASSWORD
    label = _("Password")

    def opens(self, attempt: Attempt) -> bool:
        return True

    def shape(self, secret: str) -> str | None:
        return secret or None

    def prepare(self, attempt: Attempt) -> Verified | None:
        """Recovery always computes two hashes and any other purpose one, whoever is asked for.

        In recovery the password from before an open change is K; the present one is worth a code by mail (R3), or is on
        probation (R7), which the policy judges.
        """
        user = attempt.user if attempt.user and attempt.user.is_active else None
        present = user.password if user else dummy_hash()
        if attempt.purpose != "recovery":
            return Verified(Kind.PASSWORD, PASSWORD) if _right(attempt.secret, present) else None
        found = which(attempt.user_id, attempt.now)
        before = _right(attempt.secret, (found.former if user else None) or dummy_hash())
        now = _right(attempt.secret, present)
        if before:
            return Verified(Kind.PASSWORD, found.counting)
        return Verified(Kind.PASSWORD, found.present, reset=bool(found.unsettled)) if now else None

    def spend(self, attempt: Attempt, prepared: Verified | None) -> Verified | Refused:
        if prepared is None:
            return Refused(Why.WRONG)
        if attempt.purpose == "recovery":
            return prepared
        found = which(attempt.user_id, attempt.now)
        return Verified(Kind.PASSWORD, found.present, reset=bool(found.unsettled))


def _right(secret: str, encoded: str) -> bool:
    """One hash, whatever comes out; the dummy is nobody's."""
    return check_password(secret, encoded) and encoded != dummy_hash()
