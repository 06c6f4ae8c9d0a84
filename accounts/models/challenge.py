"""One-time codes sent out, and links: rows without the secret, which is derived when rendered."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from accounts import crypto


class Challenge(models.Model):
    """A code sent by mail or SMS for one request. Derived from `nonce` when rendered or compared; never stored.

    `scope` is the request it belongs to ("step_up:<session>:<deed>", "case:<pk>", "confirm:phone:12",
    "request:<uuid>" …); a code of one scope never verifies in another (ASVS 6.6.2). A newer row of the same scope and
    target supersedes the older; `failures` never resets.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=20)  # sign_in | step_up | recovery | confirm | sign_up
    scope = models.CharField(max_length=120, db_index=True)
    channel = models.CharField(max_length=5)  # mail | sms
    to = models.CharField(max_length=254)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True)
    means_id = models.CharField(max_length=40, blank=True)  # "phone:3", "address:7"
    nonce = models.CharField(max_length=32)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    spent_at = models.DateTimeField(null=True, blank=True)
    superseded_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["scope", "created_at"]), models.Index(fields=["expires_at"])]

    def __str__(self) -> str:
        return f"{self.purpose} code {self.id}"

    @property
    def code(self) -> str:
        """The code itself, derived: rendered into the letter and compared in constant time, stored nowhere."""
        return crypto.derived_digits(self.purpose, str(self.id), self.nonce)


class Link(models.Model):
    """A mailed link or stop code: one use where it acts, derived token, dies when used, replaced or expired."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20)  # not_me | password_reset | resume | unsubscribe
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True)
    subject = models.CharField(max_length=60, blank=True)  # "change:<uuid>", "case:MD-…"
    to = models.CharField(max_length=254, blank=True)  # the address it was made for
    locator = models.CharField(max_length=6, blank=True, db_index=True)  # of the stop code
    nonce = models.CharField(max_length=32)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    superseded_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.kind} link {self.id}"

    @property
    def token(self) -> str:
        """The part of the URL: the row's id and 192 derived bits."""
        return f"{self.id.hex}.{crypto.derived_token(self.kind, str(self.id), self.nonce)}"

    @property
    def stop_code(self) -> str:
        """For SMS, which carries no link: 4 locating and 8 derived (40 bits) Crockford characters for `/not-me/`."""
        return self.locator + crypto.derived_crockford(self.kind, str(self.id), self.nonce, 8)
