"""How passwords and saved codes are hashed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher


class PortalArgon2Hasher(Argon2PasswordHasher):
    """Argon2id, 46 MiB, t=1, p=1 (ASVS 5.0 appendix C). Memory is settable; a hash of another cost is renewed at sign-in."""

    time_cost = 1
    parallelism = 1

    @property
    def memory_cost(self) -> int:  # type: ignore[override]
        return int(settings.ARGON2_MEMORY_KIB)

