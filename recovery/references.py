"""Case references: MD-7K3M-9QX2. Seven random Crockford characters and a check character, so that a slip of the pen is
noticed before anybody looks for the case.
"""

from __future__ import annotations

import secrets
import unicodedata

from accounts.crypto import CROCKFORD

PREFIX = "MD"
_ALIASES = str.maketrans("OIL", "011")
_CHECK_MODULUS = 37  # Crockford's: finds every single wrong character and every swap of neighbours


def new() -> str:
    """A fresh reference. Only those whose check falls on a plain character are used, so that none holds * ~ $ = U."""
    while True:
        body = "".join(secrets.choice(CROCKFORD) for _ in range(7))
        check = _number(body) % _CHECK_MODULUS
        if check < len(CROCKFORD):
            return _written(body + CROCKFORD[check])


def parse(text: str) -> str | None:
    """The reference as we write it, from however a person writes it (lower case, full-width, O for 0), or None."""
    plain = "".join(char for char in unicodedata.normalize("NFKC", text).upper() if char.isalnum())
    if len(plain) == len(PREFIX) + 8 and plain.startswith(PREFIX):
        plain = plain[len(PREFIX) :]
    body = plain.translate(_ALIASES)
    if len(body) != 8 or any(char not in CROCKFORD for char in body):
        return None
    if _number(body[:-1]) % _CHECK_MODULUS != CROCKFORD.index(body[-1]):
        return None
    return _written(body)


def _written(body: str) -> str:
    return f"{PREFIX}-{body[:4]}-{body[4:]}"


def _number(body: str) -> int:
    value = 0
    for char in body:
        value = value * 32 + CROCKFORD.index(char)
    return value
