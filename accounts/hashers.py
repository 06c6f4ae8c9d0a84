"""How passwords and saved codes are hashed."""

from __future__ import annotations

import unicodedata

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher


class PortalArgon2Hasher(Argon2PasswordHasher):
    """Argon2id, 46 MiB, t=1, p=1 (ASVS 5.0 appendix C). Memory is settable; another cost is renewed at sign-in."""

    time_cost = 1
    parallelism = 1

    @property
    def memory_cost(self) -> int:  # type: ignore[override]
        return int(settings.ARGON2_MEMORY_KIB)

    def encode(self, password: str, salt: str) -> str:
        return str(super().encode(_composed(password), salt))

    def verify(self, password: str, encoded: str) -> bool:
        return bool(super().verify(_composed(password), encoded))


def _composed(password: str) -> str:
    """NFC, for hashing only: é typed as one or as two characters is one password (SP 800-63B-4 §3.1.1.2)."""
    return unicodedata.normalize("NFC", password)
