"""A change: what was bound, replaced or removed in one deed, and when it becomes final (R6, R7, R10)."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models

#: The change at whose end the account itself is gone (policy.deeds.CloseAccount).
CLOSING = "account.closing"


class ChangeQuerySet(models.QuerySet["Change"]):
    def pending(self, now: datetime) -> Self:
        """Not undone and not final yet."""
        return self.filter(undone_at=None).filter(models.Q(final_at=None) | models.Q(final_at__gt=now))

    def unsettled(self) -> Self:
        """Whose notices are not all handed over or refused yet."""
        return self.filter(undone_at=None, final_at=None)

    def due(self, now: datetime) -> Self:
        """Final, but what they replaced has not been revoked yet."""
        return self.filter(undone_at=None, completed_at=None, final_at__lte=now)


class Change(models.Model):
    """One deed that added, replaced or removed something.

    `wait` counts from `notices_out_at`, the moment every notice was handed over or refused for good (R6). What was
    added points here with `added_by`, what was replaced or removed with `suspended_by`. `former_address` named the
    account before another one did.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="changes")
    what = models.CharField(max_length=40)  # phone.changed, totp.added, codes.replaced, recovery.completed …
    made_at = models.DateTimeField()
    two_custodies = models.BooleanField(default=False)
    wait = models.DurationField(default=timedelta(hours=72))
    notices_out_at = models.DateTimeField(null=True, blank=True)
    final_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    by_recovery = models.BooleanField(default=False)
    case_reference = models.CharField(max_length=16, blank=True)
    former_address = models.ForeignKey("accounts.Address", models.SET_NULL, null=True, blank=True, related_name="+")

    objects: ClassVar[models.Manager[Change]] = ChangeQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["user", "made_at"]),
            models.Index(fields=["final_at"], name="change_due", condition=models.Q(completed_at=None, undone_at=None)),
        ]

    def __str__(self) -> str:
        return self.what

    def is_final(self, now: datetime) -> bool:
        """Final: its wait, counted from the notices, has passed and nobody said "not me"."""
        return self.undone_at is None and self.final_at is not None and self.final_at <= now
