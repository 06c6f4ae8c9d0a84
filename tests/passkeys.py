"""A soft authenticator: keys in memory, answers as a browser and a device would give them. Nothing of ours is used."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django_otp_webauthn.models import WebAuthnUserHandle

from accounts import clock
from accounts.models import Passkey, User

PRESENT, VERIFIED, ELIGIBLE, BACKED_UP, ATTESTED = 1, 4, 8, 16, 64
APPLE = bytes.fromhex("fbfc3007154e4ecc8c0b6e020557d7bd")


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Key:
    """One passkey on one device. `origin` and `rp` are what the browser believes to be talking to."""

    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    handle: bytes = b""
    count: int = 0
    verifies: bool = True
    synced: bool = False
    counts: bool = True
    origin: str = settings.BASE_URL
    rp: str = settings.PUBLIC_HOST
    attachment: str = "platform"
    transports: tuple[str, ...] = ("internal",)
    aaguid: bytes = bytes(16)

    @property
    def public(self) -> bytes:
        """The COSE key, as it is stored."""
        numbers = self.private.public_key().public_numbers()
        point = {-2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        return cbor2.dumps({1: 2, 3: -7, -1: 1, **point})

    def make(self, asked: dict[str, Any]) -> str:
        """What the browser posts after navigator.credentials.create()."""
        self.handle = raw(asked["user"]["id"])
        key = self.aaguid + len(self.id).to_bytes(2, "big") + self.id + self.public
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED) + key})
        said = {"attestationObject": text(attestation), "transports": list(self.transports)}
        return self._posted("webauthn.create", asked["challenge"], said)

    def answer(self, asked: dict[str, Any]) -> str:
        """What the browser posts after navigator.credentials.get()."""
        self.count += self.counts
        data, client = self._data(), self._client("webauthn.get", asked["challenge"])
        signature = self.private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        said = {"authenticatorData": text(data), "signature": text(signature)}
        if self.handle:
            said["userHandle"] = text(self.handle)
        return self._posted("webauthn.get", asked["challenge"], said)

    def copied(self, **changes: Any) -> Key:
        """The same key in other hands, or in another browser."""
        return replace(self, **changes)

    def _data(self, more: int = 0) -> bytes:
        flags = PRESENT | more | VERIFIED * self.verifies | (ELIGIBLE | BACKED_UP) * self.synced
        return hashlib.sha256(self.rp.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str) -> bytes:
        words = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(words).encode()

    def _posted(self, kind: str, challenge: str, said: dict[str, Any]) -> str:
        said = {"clientDataJSON": text(self._client(kind, challenge)), **said}
        posted = {"id": text(self.id), "rawId": text(self.id), "type": "public-key", "response": said}
        return json.dumps(posted | {"authenticatorAttachment": self.attachment, "clientExtensionResults": {}})


def passkey_of(user: User, key: Key | None = None, name: str = "MacBook") -> Passkey:
    """A final passkey, whose private half `key` holds."""
    key = key or Key()
    key.handle = WebAuthnUserHandle.get_handle_for_user(user)
    long_ago = clock.now() - timedelta(days=90)
    User.objects.filter(pk=user.pk).update(ever_had_factor=True)
    row = Passkey.objects.create(
        user=user, name=name, bound_at=long_ago, confirmed_at=long_ago, credential_id=key.id, public_key=key.public,
        sign_count=key.count, backup_eligible=key.synced, backup_state=key.synced, user_verified=key.verifies,
        transports=list(key.transports), aaguid="fbfc3007-154e-4ecc-8c0b-6e020557d7bd", device="computer",
    )  # fmt: skip
    user.refresh_from_db()
    return row
