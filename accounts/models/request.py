"""Requests of people who are not signed in: a row now, a worker looks at the user table later."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models


class AddressRequest(models.Model):
    """Somebody typed an address to sign up or to reset a password. The page never learns whether it is known."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20)  # sign_up | password_reset
    email = models.CharField(max_length=254)
    key = models.CharField(max_length=254)
    language = models.CharField(max_length=5, default="ja")
    timezone = models.CharField(max_length=64, default="Asia/Tokyo")
    network = models.CharField(max_length=50, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True, blank=True)  # sign-up: the code was typed back
    closed_at = models.DateTimeField(null=True, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["created_at"], name="request_unresolved", condition=models.Q(resolved_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
