"""Reviews: what people have to decide, and what each of them decided."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models

from support.models.paper import Paper


class ReviewQuerySet(models.QuerySet["Review"]):
    def waiting(self) -> Self:
        """Not decided yet."""
        return self.filter(decided_at=None)


class Review(models.Model):
    """One thing for agents to decide: a recovery in review, or papers put on file.

    Two different agents, said by the database too: whoever agreed first never confirms (R15; ASVS 2.3.5).
    """

    class What(models.TextChoices):
        RECOVERY = "recovery"
        FILING = "filing"

    class Outcome(models.TextChoices):
        APPROVED = "approved"
        DENIED = "denied"
        CLOSED = "closed"  # the case ended by itself

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    what = models.CharField(max_length=8, choices=What)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="reviews")
    case_reference = models.CharField(max_length=16, blank=True, db_index=True)
    queued_at = models.DateTimeField()
    promised_at = models.DateTimeField()  # the first look (24 h)
    first_look_at = models.DateTimeField(null=True, blank=True)
    assigned_to = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    assigned_at = models.DateTimeField(null=True, blank=True)
    asked_again_at = models.DateTimeField(null=True, blank=True)  # it is the person's turn
    escalated_at = models.DateTimeField(null=True, blank=True)  # only a lead takes it
    needs = models.PositiveSmallIntegerField(default=2)  # how many agents have to agree
    first_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    first_at = models.DateTimeField(null=True, blank=True)
    second_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True)

    objects: ClassVar[models.Manager[Review]] = ReviewQuerySet.as_manager()

    class Meta:
        permissions: ClassVar = [
            ("work_on_review", "Can take reviews, open their papers and decide"),
            ("lead_review", "Can take what was handed on to a lead"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(first_by=None)
                | models.Q(second_by=None)
                | ~models.Q(first_by=models.F("second_by")),
                name="two_different_agents",
            ),
            models.CheckConstraint(
                condition=(models.Q(first_by=None) | ~models.Q(first_by=models.F("user")))
                & (models.Q(second_by=None) | ~models.Q(second_by=models.F("user"))),
                name="never_ones_own_case",
            ),
            models.UniqueConstraint(
                fields=["case_reference"],
                condition=models.Q(decided_at=None) & ~models.Q(case_reference=""),
                name="one_review_per_case",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["queued_at"], name="review_waiting", condition=models.Q(decided_at=None))
        ]

    def __str__(self) -> str:
        return f"review {self.id}"

    def is_late(self, now: datetime) -> bool:
        """Nobody looked within the time promised."""
        return self.first_look_at is None and self.promised_at <= now


class Decision(models.Model):
    """What one agent decided, on what grounds. Never changed."""

    class What(models.TextChoices):
        APPROVE = "approve"
        ASK_AGAIN = "ask_again"
        DENY = "deny"
        ESCALATE = "escalate"
        FLAG_FRAUD = "flag_fraud"

    review = models.ForeignKey(Review, models.CASCADE, related_name="decisions")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    what = models.CharField(max_length=10, choices=What)
    reason = models.CharField(max_length=30)  # coded
    paper = models.ForeignKey(Paper, models.SET_NULL, null=True, blank=True, related_name="+")  # ask again for this one
    checklist = models.JSONField(default=dict)  # attribute → same | differs | unreadable
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["review", "agent"], condition=models.Q(what="approve"), name="one_approval_per_agent"
            )
        ]

    def __str__(self) -> str:
        return f"{self.what} in {self.review_id}"
