"""Keys and what is done with them: sealed fields, derived codes and tokens, keyed digests.

Every purpose has its own key (HKDF-SHA256 from the operator's encryption keys), so a value made for one purpose never
verifies for another (ASVS 11.2).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Tampered(Exception):
    """A sealed value was changed, moved to another row, or its key is unknown. Fail closed."""


@cache
def _keys() -> dict[str, bytes]:
    keys = {}
    for entry in settings.ENCRYPTION_KEYS:
        name, _, value = entry.partition(":")
        raw = base64.b64decode(value, validate=True)
        if not name or len(raw) != 32:
            raise ImproperlyConfigured('ENCRYPTION_KEYS: each must be "<key id>:<base64 of 32 bytes>".')
        keys[name] = raw
    return keys


@cache
def _derived(key_id: str, purpose: str) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=f"modoru/{purpose}".encode()).derive(_keys()[key_id])


def seal(value: bytes, bound_to: str) -> str:
    """Encrypt with AES-256-GCM under the newest key; `bound_to` ("totp:12") stops rows from being swapped."""
    key_id, nonce = next(iter(_keys())), os.urandom(12)
    box = AESGCM(_derived(key_id, "seal")).encrypt(nonce, value, bound_to.encode())
    return f"{key_id}.{base64.urlsafe_b64encode(nonce + box).decode()}"


def unseal(sealed: str, bound_to: str) -> bytes:
    """The value sealed for exactly this place; raises `Tampered` for anything else."""
    key_id, _, body = sealed.partition(".")
    if key_id not in _keys():
        raise Tampered("unknown key")
    try:
        raw = base64.urlsafe_b64decode(body.encode())
        return AESGCM(_derived(key_id, "seal")).decrypt(raw[:12], raw[12:], bound_to.encode())
    except (InvalidTag, ValueError) as error:
        raise Tampered("sealed value does not fit") from error


def seal_file(value: bytes, bound_to: str) -> bytes:
    """The same for a file's bytes, without the cost of base64: key id, a zero byte, nonce and box."""
    key_id, nonce = next(iter(_keys())), os.urandom(12)
    box = AESGCM(_derived(key_id, "seal-file")).encrypt(nonce, value, bound_to.encode())
    return key_id.encode() + b"\0" + nonce + box


def unseal_file(sealed: bytes, bound_to: str) -> bytes:
    """The file sealed for exactly this place; raises `Tampered` for anything else."""
    key_id, _, body = sealed.partition(b"\0")
    if key_id.decode("ascii", "replace") not in _keys():
        raise Tampered("unknown key")
    try:
        return AESGCM(_derived(key_id.decode(), "seal-file")).decrypt(body[:12], body[12:], bound_to.encode())
    except (InvalidTag, ValueError) as error:
        raise Tampered("sealed file does not fit") from error


def digest(purpose: str, *parts: str | bytes) -> bytes:
    """HMAC-SHA256 over the parts under that purpose's key. Parts are length-prefixed, so they cannot run together."""
    mac = hmac.new(_derived(next(reversed(_keys())), purpose), digestmod=hashlib.sha256)
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        mac.update(len(raw).to_bytes(4, "big") + raw)
    return mac.digest()


def keyed_name(purpose: str, value: str) -> str:
    """A stable name for a value that must not stand in clear (limit keys, lookups)."""
    return base64.urlsafe_b64encode(digest(f"name/{purpose}", value)[:18]).decode()


def derived_digits(purpose: str, identity: str, nonce: str, digits: int = 6) -> str:
    """A code of that many digits, derived so that a retry renders the same one and no row holds it."""
    return str(int.from_bytes(digest(f"code/{purpose}", identity, nonce), "big") % 10**digits).zfill(digits)


def derived_token(purpose: str, identity: str, nonce: str) -> str:
    """A URL-safe token of 192 bits, derived from the row's nonce."""
    return base64.urlsafe_b64encode(digest(f"token/{purpose}", identity, nonce)[:24]).decode()


def derived_crockford(purpose: str, identity: str, nonce: str, length: int) -> str:
    """A code of Crockford base32 characters (5 bits each), derived from the row's nonce."""
    number = int.from_bytes(digest(f"crockford/{purpose}", identity, nonce), "big")
    return "".join(CROCKFORD[(number >> (5 * i)) & 31] for i in range(length))


def nonce() -> str:
    """A fresh random value for a row whose code or token is derived."""
    return base64.urlsafe_b64encode(os.urandom(18)).decode()


def same(left: str, right: str) -> bool:
    """Constant-time comparison of two texts (ASVS 11.2.4)."""
    return hmac.compare_digest(left.encode(), right.encode())
