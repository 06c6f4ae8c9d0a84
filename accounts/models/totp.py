"""Authenticator apps."""

from __future__ import annotations

from django.db import models

from accounts import crypto
from accounts.models.means import Means, MeansQuerySet


class Totp(Means):
    """An authenticator app (RFC 6238). The seed is sealed and bound to this row; `last_step` stops every replay."""

    seed_sealed = models.TextField(blank=True)
    last_step = models.BigIntegerField(default=-1)
    drift = models.SmallIntegerField(default=0)
    backed_up_on = models.DateField(null=True, blank=True)
    kind = "T"

    objects = MeansQuerySet.as_manager()

    def __str__(self) -> str:
        return f"authenticator app {self.pk}"

    @property
    def seed(self) -> bytes:
        """The 160-bit seed; raises `crypto.Tampered` when the row was swapped or changed."""
        return crypto.unseal(self.seed_sealed, f"totp:{self.pk}")

    def set_seed(self, seed: bytes) -> None:
        """Seal the seed for this row; the row must have its key."""
        self.seed_sealed = crypto.seal(seed, f"totp:{self.pk}")
