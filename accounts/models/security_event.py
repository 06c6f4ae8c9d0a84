"""The history of an account: append-only, hash-chained by the sweep."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models


class SecurityEvent(models.Model):
    """Something that happened. Written only by `accounts.events.record`; never changed, never deleted.

    The database refuses both by itself (migration `history`): it lets number and chain be set once, and nothing else.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, blank=True, db_constraint=False)
    type = models.CharField(max_length=60)
    at = models.DateTimeField()
    actor = models.CharField(max_length=40)
    network = models.CharField(max_length=50, blank=True)
    agent = models.CharField(max_length=80, blank=True)
    request_id = models.CharField(max_length=40, blank=True)
    data = models.JSONField(default=dict)  # ids and words; never a code, address or number
    sequence = models.BigIntegerField(null=True, blank=True, unique=True)
    chain = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["user", "-id"], name="event_of_user"),
            models.Index(fields=["id"], name="event_unsealed", condition=models.Q(sequence=None)),
        ]

    def __str__(self) -> str:
        return self.type

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("Events are never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("Events are never deleted.")
