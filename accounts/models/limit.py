"""Counters of the named limits (accounts/throttling.py)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class LimitCounter(models.Model):
    """How often `key` was charged in the window that began at `window` (epoch seconds)."""

    key = models.CharField(max_length=80)  # "<limit>:<keyed name>": no address or number in clear
    window = models.BigIntegerField()
    count = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["key", "window"], name="one_counter_per_window")]

    def __str__(self) -> str:
        return self.key
