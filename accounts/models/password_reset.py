"""Passwords set by mail, and which passwords still count meanwhile (R3)."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class PasswordReset(models.Model):
    """A password set by a mailed link (or in a session on one): it counts as E until settled.

    `previous_hash` is the hash that counted before; until the first unsettled reset is settled it still counts as K in
    recovery. Settled: 72 h without "not me" and a sign-in with T, P or S (`signed_in_at`). A password changed in an
    ordinary session is settled from the start; its row only keeps what a "not me" restores.
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
