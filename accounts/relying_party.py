"""What a browser is asked, and what its answer says: django-otp-webauthn's helper under our rules.

The library's own completion keeps the answer's user-verification flag to itself, looks at the counter without a lock
and asks for no verification beside a password; here the flag is told and the counter is left to who holds the row.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django_otp_webauthn.helpers import WebAuthnHelper
from webauthn import base64url_to_bytes, verify_authentication_response
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import bytes_to_base64url, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import AuthenticationCredential, ResidentKeyRequirement, UserVerificationRequirement

from accounts import clock, providers
from accounts.models import Passkey, User

#: What strangers' bytes make the library raise, beside its own: it decodes base64, JSON, CBOR and keys.
FAULTS = (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, IndexError)
#: Beyond any true answer: an id of 1023 bytes, an attestation, a signature.
LONGEST = 16_000


class Known(Exception):
    """This passkey is on an account already."""


class RelyingParty(WebAuthnHelper):
    """One ceremony on one challenge. The name and the origin are constants from settings, never the request's."""

    def __init__(self, challenge: bytes, *, of: Sequence[Passkey] = (), agent: str = "") -> None:
        super().__init__(request=None)
        self.challenge, self.of, self.agent = challenge, of, agent

    def generate_challenge(self) -> bytes:
        return self.challenge

    def get_discoverable_credentials_preference(self) -> ResidentKeyRequirement:
        """So that it signs in without a name being typed, and autofill can offer it (pitfall P31)."""
        return ResidentKeyRequirement.REQUIRED

    def get_credential_name(self, user: User) -> str:
        return user.email

    def get_credential_display_name(self, user: User) -> str:
        return user.name or user.email

    def get_generate_authentication_options_kwargs(
        self, *, user: User | None = None, require_user_verification: bool
    ) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_generate_authentication_options_kwargs(
            user=user, require_user_verification=require_user_verification
        )
        if not require_user_verification:
            kwargs["user_verification"] = UserVerificationRequirement.PREFERRED
        named = Passkey.objects.filter(pk__in=[row.pk for row in self.of]).offered() if self.of else None
        kwargs["allow_credentials"] = named.as_credential_descriptors() if named is not None else []
        return kwargs | {"challenge": self.challenge}

    def create_credential(self, user: User, response: Any, parsed_credential: Any, original_data: Any) -> Passkey:
        """The record, and what of it is ours: since when, did it verify the person, and where it lies (R1)."""
        if Passkey.objects.filter(
            credential_id_sha256=Passkey.get_credential_id_sha256(response.credential_id)
        ).exists():
            raise Known
        row: Passkey = super().create_credential(user, response, parsed_credential, original_data)
        row.bound_at, row.user_verified = clock.now(), response.user_verified
        row.device = _place(row.transports, original_data.get("authenticatorAttachment"), self.agent)
        row.name = providers.name_of(row.aaguid)
        return row

    def create_attestation(self, *args: Any) -> None:
        """None is asked for, so none is kept: what device somebody owns is not ours to collect."""

    def register(self, user: User, given: dict[str, Any]) -> Passkey:
        """A new passkey, saved in the caller's transaction. Raises `Known`, or one of `FAULTS`."""
        state = {"challenge": bytes_to_base64url(self.challenge), "require_user_verification": False}
        row: Passkey = self.register_complete(user, state, given)
        return row

    def check(self, answer: Answer, row: Passkey) -> VerifiedAuthentication:
        """Signature, origin, name and presence. Raises one of `FAULTS`. The counter is its row's matter."""
        return verify_authentication_response(
            credential=answer.credential,
            expected_challenge=self.challenge,
            expected_rp_id=self.get_relying_party_domain(),
            expected_origin=self.get_allowed_origins(),
            credential_public_key=bytes(row.public_key),
            credential_current_sign_count=0,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser sent back, taken apart and not believed yet."""

    credential: AuthenticationCredential
    challenge: bytes

    @property
    def digest(self) -> str:
        """The passkey it names."""
        found: str = Passkey.get_credential_id_sha256(self.credential.raw_id)
        return found

    @property
    def handle(self) -> str:
        """The owner it names, in hex; "" when it names none."""
        return (self.credential.response.user_handle or b"").hex()


def answer(secret: str) -> Answer | None:
    """The answer in a form's field; None when it cannot be one."""
    if not secret.startswith("{") or len(secret) > LONGEST:
        return None
    try:
        given = json.loads(secret)
        return Answer(parse_authentication_credential_json(given), challenge_in(given))
    except FAULTS:
        return None


def challenge_in(given: dict[str, Any]) -> bytes:
    """The challenge that an answer says it answers. Raises one of `FAULTS`."""
    client = json.loads(base64url_to_bytes(given["response"]["clientDataJSON"]))
    return base64url_to_bytes(client["challenge"])


def _place(transports: list[str], attachment: Any, agent: str) -> str:
    """The place that a thief must reach (R1): the phone, any computer (all of them one place), or a key of its own."""
    phone = any(name in agent for name in ("Android", "iOS"))
    if "hybrid" in transports and attachment == "cross-platform":
        return "phone"
    if attachment == "platform" or "internal" in transports:
        return "phone" if phone else "computer"
    return "" if {"usb", "nfc", "ble", "smart-card"} & set(transports) else "phone"
