"""What every bound thing has in common: when it was bound, confirmed, suspended, lost, revoked."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models

from policy.facts import NEVER


class MeansQuerySet(models.QuerySet):
    def standing(self) -> Self:
        """Bound and not revoked: suspended and lost ones included."""
        return self.filter(revoked_at=None).exclude(confirmed_at=None)

    def pending(self) -> Self:
        """Begun, but not confirmed by its own code yet."""
        return self.filter(revoked_at=None, confirmed_at=None)

    def usable(self) -> Self:
        """May sign in or get a code: standing, not suspended, not reported lost, not disabled."""
        return self.standing().filter(suspended_by=None, lost_at=None, disabled_at=None)


class Means(models.Model):
    """Something bound. `added_by` is its probation (R7), `suspended_by` the change that replaces it (R6)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="%(class)ss")
    name = models.CharField(max_length=64, blank=True)
    bound_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    added_by = models.ForeignKey(
        "accounts.Change", models.SET_NULL, null=True, blank=True, related_name="added_%(class)ss"
    )
    suspended_by = models.ForeignKey(
        "accounts.Change", models.SET_NULL, null=True, blank=True, related_name="suspended_%(class)ss"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)
    lost_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    failures_in_row = models.PositiveSmallIntegerField(default=0)  # SP 800-63B-4 §3.2.2: disabled at 100
    disabled_at = models.DateTimeField(null=True, blank=True)

    kind = ""  # one letter of policy.facts.Kind

    class Meta:
        abstract = True

    @property
    def means_id(self) -> str:
        """The policy's name for it: "totp:12"."""
        return f"{self._meta.model_name}:{self.pk}"

    def final_at(self, now: datetime) -> datetime | None:
        """When its probation ends; None when it is final. NEVER while the notices are not out."""
        change = self.added_by
        if change is None or change.is_final(now):
            return None
        return change.final_at or NEVER
