"""Claims and cases, their proofs and their transitions."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models

from accounts.models import User
from recovery.states import CLAIM, ENDED, OPEN, WAITING, State


class CaseQuerySet(models.QuerySet["Case"]):
    def claims(self) -> Self:
        return self.filter(state__in=CLAIM)

    def open(self) -> Self:
        return self.filter(state__in=OPEN)


class Case(models.Model):
    """One recovery attempt: a claim until a sufficient set of proofs was shown, then the account's one open case (R12).

    Its secret lives in the claimant's browser, only its digest here. `user` is filled by a worker; pages of a claim
    behave alike whether it is or not. Times are columns swept each half minute, never broker timers.
    """

    reference = models.CharField(max_length=16, unique=True)  # MD-7K3M-9QX2
    secret_digest = models.CharField(max_length=64)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="cases")
    state = models.CharField(max_length=12, choices=State, default=State.OPENED)
    situation = models.CharField(max_length=20)  # new_number | lost_phone | stolen_sim | abroad | nothing_left
    identifier = models.CharField(max_length=254)  # what was typed: address or number, normalised
    identifier_kind = models.CharField(max_length=8)  # email | phone
    lost_number = models.CharField(max_length=20, blank=True)  # the number said to be dead, E.164
    language = models.CharField(max_length=5, default="ja")
    timezone = models.CharField(max_length=64, default="Asia/Tokyo")
    network = models.CharField(max_length=50, blank=True)
    agent = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    suffices_at = models.DateTimeField(null=True, blank=True)  # the first sufficient set: the case exists
    wait = models.DurationField(null=True, blank=True)
    in_review_at = models.DateTimeField(null=True, blank=True)  # handed to people
    approved_at = models.DateTimeField(
        null=True, blank=True
    )  # as many agreed as were needed: the wait runs whole from then
    notice_at = models.DateTimeField(
        null=True, blank=True
    )  # first notice accepted at an address that gave no proof (R5)
    ready_at = models.DateTimeField(null=True, blank=True)  # when the wait ends: column swept
    halfway_at = models.DateTimeField(null=True, blank=True)  # between the notice and ready_at: column swept
    untold_at = models.DateTimeField(null=True, blank=True)  # every notice it could count from was refused for good
    codes_allowed = models.BooleanField(null=True)  # may this claim have codes sent (R12)? None: not asked yet
    halfway_noticed_at = models.DateTimeField(null=True, blank=True)
    hour_before_noticed_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()  # of the present state (claim 1 h, proving 7 d, ready 7 d)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_why = models.CharField(max_length=40, blank=True)
    browsers = models.JSONField(default=list)  # digests the claimant's browser showed; empty once resolved
    risks = models.JSONField(default=list)  # risk facts about this claim (R17), gathered by the worker that resolved it
    reasons = models.JSONField(default=list)  # reason codes of the verdict that set the wait

    objects: ClassVar[models.Manager[Case]] = CaseQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(state__in=sorted(OPEN)),
                name="one_open_case_per_account",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["ready_at"], name="case_due", condition=models.Q(state=State.ON_HOLD)),
            models.Index(fields=["halfway_at"], name="case_halfway", condition=models.Q(state=State.ON_HOLD)),
            models.Index(fields=["expires_at"], name="case_expiring"),
            models.Index(fields=["created_at"], name="claim_unresolved", condition=models.Q(resolved_at=None)),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def owner(self) -> User:
        """The account. Only for what a claim of a known person reaches."""
        if self.user is None:
            raise TypeError("This claim has no account.")
        return self.user

    @property
    def is_claim(self) -> bool:
        """Nothing sufficient shown yet."""
        return self.state in CLAIM

    @property
    def is_open(self) -> bool:
        """Holds the account's slot."""
        return self.state in OPEN

    def is_over(self, now: datetime) -> bool:
        """Ended, or out of its time, whether the sweep has been there or not. In review and on hold it has no end."""
        return self.state in ENDED or (self.state not in WAITING and self.expires_at <= now)

    def is_due(self, now: datetime) -> bool:
        """Its wait has run, whether the sweep has been there or not."""
        return self.state == State.ON_HOLD and self.ready_at is not None and self.ready_at <= now


class CaseProof(models.Model):
    """A proof shown in a case: spent where it came from, recorded here once."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="proofs")
    kind = models.CharField(max_length=1)  # policy.facts.Kind
    means_id = models.CharField(max_length=40)
    reset = models.BooleanField(default=False)  # a reset password: counts as E (R3)
    with_video = models.BooleanField(default=False)  # papers: the video came with them (R4)
    shown_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "means_id"], name="one_proof_per_means")]

    def __str__(self) -> str:
        return f"{self.kind} in {self.case_id}"


class CaseApproval(models.Model):
    """An agent agreed to what was shown. Each agent once, said by the database too (R15)."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="approvals")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "agent"], name="each_agent_agrees_once")]

    def __str__(self) -> str:
        return f"approval of {self.case_id}"


class CaseRequest(models.Model):
    """Something a claimant asked to have sent: a row now, a worker decides later whether anything goes out.

    `reference` is text and not a key: a request for a case that does not exist is written just the same.
    """

    class Kind(models.TextChoices):
        EMAIL = "email"  # a code by mail
        SMS = "sms"  # a code by SMS
        RESUME = "resume"  # a link that shows the case in another browser

    reference = models.CharField(max_length=16, db_index=True)
    kind = models.CharField(max_length=8, choices=Kind)
    to = models.CharField(max_length=254)  # what was typed, normalised
    network = models.CharField(max_length=50, blank=True)
    agent = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=5, default="ja")
    created_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["created_at"], name="case_request_waiting", condition=models.Q(handled_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.reference}"


class Rebinding(models.Model):
    """What the claimant is about to bind. Nothing of it is the account's before completion, which binds it (R16)."""

    case = models.OneToOneField(Case, models.CASCADE, related_name="rebinding")
    number = models.CharField(max_length=20, blank=True)
    number_confirmed_at = models.DateTimeField(null=True, blank=True)
    number_skipped = models.BooleanField(default=False)
    seed_sealed = models.TextField(blank=True)
    app_name = models.CharField(max_length=64, blank=True)
    app_step = models.BigIntegerField(default=-1)  # the step of the code typed back: never taken again (P3)
    app_confirmed_at = models.DateTimeField(null=True, blank=True)
    app_skipped = models.BooleanField(default=False)
    codes = models.JSONField(default=list)  # [[locator, hash], …] once one of them was typed back
    codes_downloaded_at = models.DateTimeField(null=True, blank=True)
    password = models.CharField(max_length=160, blank=True)  # its hash
    password_skipped = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"binding in {self.case_id}"


class Transition(models.Model):
    """One step of a case, written in the same transaction as the state."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="transitions")
    event = models.CharField(max_length=20)
    before = models.CharField(max_length=12)
    after = models.CharField(max_length=12)
    at = models.DateTimeField()
    actor = models.CharField(max_length=40)
    reason = models.CharField(max_length=60, blank=True)

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"
