"""Passkeys (P): an answer to a challenge of ours, signed on a device for our own origin and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from django.utils.translation import gettext_lazy as _
from django_otp_webauthn.models import WebAuthnUserHandle
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication

from accounts import nonces, relying_party
from accounts.authenticators.base import Attempt, Authenticator, Verified
from accounts.errors import Refused, Why
from accounts.models import Passkey as Row
from accounts.models import UsedChallenge
from accounts.relying_party import Answer, RelyingParty
from policy.facts import Kind

#: The scope of a pending sign-in, whose password was right already.
BESIDE_PASSWORD = "sign_in:"  # noqa: S105 - no secret
#: The scope of a browser that typed no password: the passkey stands alone.
ALONE = "browser:"


@dataclass(frozen=True, slots=True)
class Checked:
    """An answer whose signature is right, and the passkey that gave it."""

    pk: int
    answer: Answer
    said: VerifiedAuthentication


class Passkey(Authenticator):
    """Takes an answer once, on the challenge of this request, from a passkey of the account.

    Alone it must have verified the person (finger, face, PIN); beside the password presence is enough (SP 800-63B-4
    §3.1.7.2). Attacks stopped: replay, also at the same instant; an answer given elsewhere (origin, name, challenge,
    browser); a copied authenticator, whose counter falls behind (WebAuthn §6.1.1); somebody else's passkey.
    """

    code = "passkey"
    kind = Kind.PASSKEY
    label = _("Passkey")
    model = Row
    second_factor = True
    phishing_resistant = True
    guessable = False
    disabled_event = "passkey.copied"

    def opens(self, attempt: Attempt) -> bool:
        return attempt.scope.startswith(ALONE)

    def shape(self, secret: str) -> str | None:
        return secret if relying_party.answer(secret) else None

    def prepare(self, attempt: Attempt) -> Checked | None:
        """The signature, outside the transaction. An answer that names another owner than the account is wrong."""
        answer = cast(Answer, relying_party.answer(attempt.secret))
        row = Row.objects.filter(credential_id_sha256=answer.digest).first()
        own = WebAuthnUserHandle.objects.filter(user_id=attempt.user_id).values_list("handle_hex", flat=True).first()
        named = answer.handle or ("" if self.opens(attempt) else own)  # alone, only this says whose it is
        if row is None or named != own:
            return None
        try:
            said = RelyingParty(answer.challenge).check(answer, row)
        except relying_party.FAULTS:
            return None
        return Checked(row.pk, answer, said)

    def spend(self, attempt: Attempt, prepared: Checked | None) -> Verified | Refused:
        rows = self.rows(attempt).filter(pk=prepared.pk if prepared else 0)
        row: Row | None = rows.select_for_update().first()
        if prepared is None or row is None:
            return Refused(Why.WRONG)
        stale = nonces.fault(prepared.answer.challenge, attempt.purpose, attempt.scope, attempt.now)
        if stale is not None:
            return stale
        beside_password = attempt.purpose == "sign_in" and attempt.scope.startswith(BESIDE_PASSWORD)
        if not prepared.said.user_verified and not beside_password:
            return Refused(Why.UNVERIFIED)
        if row.disabled_at:
            return Refused(Why.WRONG if attempt.purpose == "recovery" else Why.COPIED)
        return self._take(row, prepared, attempt)

    def failed(self, attempt: Attempt) -> list[str]:
        """Nothing is counted: an answer cannot be guessed. What fell behind was switched off in this attempt."""
        return [row.means_id for row in self.rows(attempt).filter(disabled_at=attempt.now)]

    @staticmethod
    def _take(row: Row, checked: Checked, attempt: Attempt) -> Verified | Refused:
        """Under the row's lock: a second hand with the same answer comes after this one and finds it used."""
        digest, count = nonces.digest(checked.answer.challenge), checked.said.new_sign_count
        _, fresh = UsedChallenge.objects.get_or_create(
            digest=digest, defaults={"expires_at": attempt.now + 2 * nonces.LIFE}
        )
        if not fresh:
            return Refused(Why.SPENT)
        if (count or row.sign_count) and count <= row.sign_count:
            Row.objects.filter(pk=row.pk).update(disabled_at=attempt.now)
            return Refused(Why.COPIED)
        Row.objects.filter(pk=row.pk).update(
            sign_count=count,
            backup_state=checked.said.credential_backed_up,
            user_verified=checked.said.user_verified,
            last_used_at=attempt.now,
        )
        return Verified(Kind.PASSKEY, row.means_id)
