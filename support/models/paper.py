"""Papers: a document or a video that a person sent, sealed in the vault and kept no longer than promised."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Document(models.TextChoices):
    PASSPORT = "passport", _("Passport")
    LICENCE = "licence", _("Driving licence")
    ID_CARD = "id_card", _("National ID card (My Number card), front only")
    RESIDENCE_CARD = "residence_card", _("Residence card")
    VIDEO = "video", _("Video")


#: Which sides of a document we ask for. Of a My Number card never the back: it holds the number we may not collect.
SIDES: dict[str, tuple[str, ...]] = {
    Document.PASSPORT: ("front",),
    Document.LICENCE: ("front", "back"),
    Document.ID_CARD: ("front",),
    Document.RESIDENCE_CARD: ("front", "back"),
    Document.VIDEO: ("",),
}


class Paper(models.Model):
    """One file. Its bytes lie sealed in the vault under its id; the row tells how far it has come and when it goes.

    `user` is the account that files it, or that its claim led to; None while nobody knows, and for ever where there is
    no account. `destroyed_digest` is the SHA-256 of the sealed bytes that were destroyed: the proof of deletion.
    """

    class Purpose(models.TextChoices):
        FILE = "file"  # identity put on file from a session
        RECOVERY = "recovery"

    class State(models.TextChoices):
        RECEIVED = "received"
        CHECKED = "checked"  # drawn anew, fit to be looked at
        REFUSED = "refused"  # `fault` says why
        DESTROYED = "destroyed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="papers")
    case_reference = models.CharField(max_length=16, blank=True, db_index=True)
    purpose = models.CharField(max_length=8, choices=Purpose)
    document = models.CharField(max_length=14, choices=Document)
    side = models.CharField(max_length=5, blank=True)  # front | back
    kind = models.CharField(max_length=5)  # jpeg | png | pdf | webm | mp4: of the file as it came
    live = models.BooleanField(default=False)  # taken by the page's own camera
    words = models.CharField(max_length=80, blank=True)  # a video: what had to be said
    state = models.CharField(max_length=9, choices=State, default=State.RECEIVED)
    fault = models.CharField(max_length=16, blank=True)
    pages = models.PositiveSmallIntegerField(default=0)
    received_at = models.DateTimeField()
    checking_at = models.DateTimeField(null=True, blank=True)  # a worker has it: nobody else opens it meanwhile
    checked_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)  # the person looked at it and sent it to us
    handed_at = models.DateTimeField(null=True, blank=True)  # people may look at it from then on
    tries = models.PositiveSmallIntegerField(default=0)
    destroy_at = models.DateTimeField()  # swept
    destroyed_at = models.DateTimeField(null=True, blank=True)
    destroyed_digest = models.CharField(max_length=64, blank=True)
    destroyed_why = models.CharField(max_length=20, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["user", "received_at"]),
            models.Index(fields=["destroy_at"], name="paper_due", condition=models.Q(destroyed_at=None)),
            models.Index(
                fields=["sent_at"], name="paper_unhanded", condition=models.Q(handed_at=None, destroyed_at=None)
            ),
            models.Index(fields=["received_at"], name="paper_unchecked", condition=models.Q(state="received")),
        ]

    def __str__(self) -> str:
        return f"paper {self.id}"

    def is_there(self, now: datetime) -> bool:
        """May it still be looked at?"""
        return self.destroyed_at is None and self.destroy_at > now
