"""Passwords put in the place of others, and which still count meanwhile (R3, R6)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models


class PasswordReset(models.Model):
    """A password put in the place of another: by a mailed link, in a session, or at the end of a recovery.

    `previous_hash` is the hash it replaced: it still counts as K in recovery until the new one is settled and final
    (`accounts.which_password`), and a "not me" restores it. By mail, or in a session on such a password: it counts as E
    until settled, by 72 h without "not me" and a sign-in with T, P or S (`signed_in_at`). Any other is settled from the
    start and on probation until its change is final.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="password_resets")
    previous_hash = models.CharField(max_length=160)
    made_at = models.DateTimeField()
    by_mail = models.BooleanField(default=True)
    via = models.CharField(max_length=40, blank=True)  # the address its link went to: "address:7"
    change = models.ForeignKey("accounts.Change", models.SET_NULL, null=True, blank=True)
    signed_in_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["user", "settled_at"])]

    def __str__(self) -> str:
        return f"password reset {self.pk}"

    def is_pending(self, now: datetime) -> bool:
        """On probation: what brought it is not final yet (R6, R7)."""
        return self.change is not None and not self.change.is_final(now)
