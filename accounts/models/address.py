"""Email addresses: for signing in, for recovery codes, for notices."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from accounts.models.means import Means, MeansQuerySet


class Address(Means):
    """A mail address. It counts once its owner typed back the code sent to it (SP 800-63B-4 §4.2.1.2)."""

    email = models.EmailField(max_length=254)
    key = models.CharField(max_length=254, db_index=True)
    bounced_at = models.DateTimeField(null=True, blank=True)
    kind = "E"

    objects = MeansQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            # One living account per confirmed address; an unconfirmed row claims nothing.
            models.UniqueConstraint(
                fields=["key"],
                condition=models.Q(revoked_at=None, confirmed_at__isnull=False),
                name="one_account_per_confirmed_address",
            ),
        ]

    def __str__(self) -> str:
        return f"address {self.pk}"
