"""Saved recovery codes (S)."""

from __future__ import annotations

from django.contrib.auth.hashers import check_password
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import crypto, normalise
from accounts.authenticators.base import Attempt, Authenticator, Verified
from accounts.authenticators.password import dummy_hash
from accounts.errors import Refused, Why
from accounts.models import Change, SavedCode, SavedCodeSet
from accounts.models.saved_code import KEEPS_THE_OLD_SHEET
from policy.facts import Kind
from policy.rules import RULES

LOCATOR = 4


class SavedCodes(Authenticator):
    """The first group finds the row, the other 80 bits stand under a slow salted hash; a code dies with its first use.

    Attacks stopped: reading codes from a dump (pitfall P8; SP 800-63B-4 §3.1.2.2) and spending one twice at the same
    instant (P2). Beyond guessing, so it is never disabled and no account counter refuses it: the owner keeps this road
    while a stranger uses up the others (P13).
    """

    code = "saved-code"
    kind = Kind.SAVED_CODE
    label = _("Saved recovery code")
    model = SavedCodeSet
    second_factor = True
    guessable = False

    def at_hand(self, attempt: Attempt) -> Q:
        """An old sheet stays valid until the one that replaces it is final (R7)."""
        replacing = Change.objects.filter(user_id=attempt.user_id, what__in=KEEPS_THE_OLD_SHEET).pending(attempt.now)
        return super().at_hand(attempt) | Q(suspended_by__in=replacing)

    def shape(self, secret: str) -> str | None:
        plain = normalise.saved_code(secret)
        fits = len(plain) == RULES.saved_code_characters and set(plain) <= set(crypto.CROCKFORD)
        return plain if fits else None

    def prepare(self, attempt: Attempt) -> SavedCode | None:
        """The row whose hash this is, spent ones included; one hash for every outcome."""
        here = SavedCode.objects.filter(sheet__in=self.rows(attempt).order_by(), locator=attempt.secret[:LOCATOR])
        found = list(here.order_by("used_at", "pk"))
        if not found:
            check_password(attempt.secret[LOCATOR:], dummy_hash())
        right = [code for code in found if check_password(attempt.secret[LOCATOR:], code.hash)]
        return next((code for code in right if code.used_at is None), right[0] if right else None)

    def spend(self, attempt: Attempt, prepared: SavedCode | None) -> Verified | Refused:
        sheet = self.rows(attempt).filter(pk=prepared.sheet_id if prepared else 0).select_for_update().first()
        if prepared is None or sheet is None:
            return Refused(Why.WRONG)
        if not SavedCode.objects.filter(pk=prepared.pk, used_at=None).update(used_at=attempt.now):
            return Refused(Why.SPENT)
        SavedCodeSet.objects.filter(pk=sheet.pk).update(last_used_at=attempt.now)
        return Verified(Kind.SAVED_CODE, sheet.means_id)
