"""How passwords and saved codes are hashed."""

from __future__ import annotations

import unicodedata

from argon2.low_level import Type, hash_secret_raw
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher, identify_hasher


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

    def harden_runtime(self, password: str, encoded: str) -> None:
        """Make up what a hash from before a rise costs less: the work is in proportion to the memory filled.

        Attack stopped: telling by time which addresses have an account that has not signed in since (ASVS 6.3.8).
        """
        was = self.decode(encoded)
        missing = self.memory_cost * self.time_cost - was["memory_cost"] * was["time_cost"]
        if missing >= 8 * self.parallelism:
            salt = was["salt"].encode("latin1")
            hash_secret_raw(_composed(password).encode(), salt, 1, missing, self.parallelism, 32, Type.ID)


def stays(encoded: str) -> str:
    """What of a password's hash is the same when its cost is raised, and another for another password: its salt."""
    try:
        return str(identify_hasher(encoded).decode(encoded)["salt"])
    except ValueError:  # unusable, or of no hasher of ours
        return encoded


def renewed(password: str, encoded: str) -> str | None:
    """The same password at the present cost under the salt it has, or None when it costs that already.

    The salt stays so that sessions, which hang on it, live on; it is as random as on the first day.
    """
    hasher = identify_hasher(encoded)
    return hasher.encode(password, hasher.decode(encoded)["salt"]) if hasher.must_update(encoded) else None


def _composed(password: str) -> str:
    """NFC, for hashing only: é typed as one or as two characters is one password (SP 800-63B-4 §3.1.1.2)."""
    return unicodedata.normalize("NFC", password)
