"""Letters: the row is the truth, the task only the bell."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models


class OutboxMessage(models.Model):
    """One letter to one address. Holds ids, never a secret: codes and links are derived when it is rendered."""

    class Status(models.TextChoices):
        QUEUED = "queued"
        CLAIMED = "claimed"
        SENT = "sent"  # accepted by the gateway
        REFUSED = "refused"  # refused for good, or expired before it could go
        PARKED = "parked"  # gave up after N tries; shown to operators

    class Delivery(models.TextChoices):
        """What the provider said later of a text it took; it only moves forward."""

        QUEUED = "queued"  # with the provider
        SENT = "sent"  # with the carrier
        DELIVERED = "delivered"  # on the phone
        UNDELIVERED = "undelivered"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    short_id = models.CharField(max_length=12, unique=True)  # printed at the foot, asked at /check/
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="letters")
    channel = models.CharField(max_length=5)  # mail | sms
    to = models.CharField(max_length=254)
    kind = models.CharField(max_length=60)  # template: letters/<kind>.html
    language = models.CharField(max_length=5, default="ja")
    timezone = models.CharField(max_length=64, default="Asia/Tokyo")
    data = models.JSONField(default=dict)
    dedupe = models.CharField(max_length=160, unique=True)
    urgent = models.BooleanField(default=False)  # codes: first in the queue
    change = models.ForeignKey("accounts.Change", models.SET_NULL, null=True, blank=True, related_name="letters")
    case_reference = models.CharField(max_length=16, blank=True, db_index=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)  # a code is useless after its life
    gateway = models.CharField(max_length=120, blank=True)  # which of several providers took it
    provider_id = models.CharField(max_length=120, blank=True)
    delivery_state = models.CharField(max_length=12, choices=Delivery, blank=True)  # SMS only
    delivered_at = models.DateTimeField(null=True, blank=True)
    delivery_error = models.CharField(max_length=40, blank=True)  # the provider's code
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["next_try_at"], name="outbox_due", condition=models.Q(status__in=["queued", "claimed"])
            ),
            models.Index(fields=["-created_at"]),
            models.Index(fields=["provider_id"], name="outbox_text", condition=models.Q(channel="sms")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.channel}"
