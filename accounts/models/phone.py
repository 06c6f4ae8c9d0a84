"""Telephone numbers."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from accounts.models.means import Means, MeansQuerySet


class LineType(models.TextChoices):
    MOBILE = "mobile"
    VOIP = "voip"
    UNKNOWN = "unknown"


class Phone(Means):
    """A number in E.164. Only mobile numbers get codes; a virtual number is a weak contact: notices, never a proof."""

    number = models.CharField(max_length=20, db_index=True)
    line_type = models.CharField(max_length=10, choices=LineType, default=LineType.MOBILE)
    ends_on = models.DateField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)  # "not my account: stop writing to me" (R9)
    kind = "M"

    objects = MeansQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "number"],
                condition=models.Q(revoked_at=None, confirmed_at__isnull=False),
                name="one_row_per_standing_number",
            ),
        ]

    def __str__(self) -> str:
        return f"phone {self.pk}"

    @property
    def weak(self) -> bool:
        """A virtual or borrowed line: kept for notices, never a proof (product §1 row 13)."""
        return self.line_type != LineType.MOBILE
