"""Saved recovery codes."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from accounts.models.means import Means, MeansQuerySet

#: These changes replace a sheet, and the old one stays valid until they are final (R7).
KEEPS_THE_OLD_SHEET = frozenset({"codes.replaced", "recovery.completed"})


class SavedCodeSet(Means):
    """A sheet of codes. It counts once one was typed back; a download widens its custody to mailbox and phone (R1)."""

    downloaded_at = models.DateTimeField(null=True, blank=True)
    kind = "S"

    objects = MeansQuerySet.as_manager()

    def __str__(self) -> str:
        return f"code set {self.pk}"


class SavedCode(models.Model):
    """One code: 4 characters locate the row, the other 16 (80 bits) stand under a slow salted hash."""

    sheet = models.ForeignKey(SavedCodeSet, models.CASCADE, related_name="codes")
    locator = models.CharField(max_length=4)
    hash = models.CharField(max_length=160)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["sheet", "locator"], name="one_locator_per_sheet")]

    def __str__(self) -> str:
        return f"code {self.pk}"
