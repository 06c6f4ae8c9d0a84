"""Browsers that signed in completely before: rows with a name and a last use, never a factor."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models

from policy.rules import RULES


class KnownBrowserQuerySet(models.QuerySet["KnownBrowser"]):
    def standing(self, now: datetime) -> KnownBrowserQuerySet:
        """Neither forgotten nor run out."""
        return self.filter(revoked_at=None, expires_at__gt=now)

    def counting(self, now: datetime) -> KnownBrowserQuerySet:
        """Known long enough that half of each limit is kept for it (R18)."""
        return self.standing(now).filter(first_seen__lte=now - RULES.known_browser_counts_after)


class KnownBrowser(models.Model):
    """One browser of one account. `digest` is a keyed hash of the cookie's random token; the token stands nowhere.

    Dropped rows stay until they expire, so that a sign-in after a drop is told as one from a new browser.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="known_browsers")
    digest = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=80, blank=True)
    network = models.CharField(max_length=50, blank=True)
    first_seen = models.DateTimeField()
    last_used = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[KnownBrowserQuerySet] = KnownBrowserQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"known browser {self.pk}"

    def stands(self, now: datetime) -> bool:
        return self.revoked_at is None and self.expires_at > now

    @property
    def counts_from(self) -> datetime:
        """When half of each limit begins to be kept for it."""
        return self.first_seen + RULES.known_browser_counts_after
