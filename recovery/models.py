"""Claims and cases, their proofs and their transitions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models

from recovery.states import CLAIM, OPEN, State


class CaseQuerySet(models.QuerySet["Case"]):
    def claims(self) -> Self:
        return self.filter(state__in=CLAIM)

    def open(self) -> Self:
        return self.filter(state__in=OPEN)


class Case(models.Model):
    """One recovery attempt: a claim until a sufficient set of proofs was shown, then the account's one open case (R12).

    Its secret lives in the claimant's browser, only its digest here. `user` is filled by a worker; pages of a claim behave
    alike whether it is or not. Times are columns swept each half minute, never broker timers.
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
    notice_at = models.DateTimeField(null=True, blank=True)  # first notice accepted at an address that gave no proof (R5)
    ready_at = models.DateTimeField(null=True, blank=True)  # when the wait ends: column swept
    halfway_noticed_at = models.DateTimeField(null=True, blank=True)
    hour_before_noticed_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()  # of the present state (claim 1 h, proving 7 d, ready 7 d)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_why = models.CharField(max_length=40, blank=True)
    reasons = models.JSONField(default=list)  # reason codes of the verdict that set the wait

    objects: ClassVar[models.Manager[Case]] = CaseQuerySet.as_manager()  # type: ignore[assignment]

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
            models.Index(fields=["expires_at"], name="case_expiring"),
            models.Index(fields=["created_at"], name="claim_unresolved", condition=models.Q(resolved_at=None)),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_claim(self) -> bool:
        """Nothing sufficient shown yet."""
        return self.state in CLAIM

    @property
    def is_open(self) -> bool:
        """Holds the account's slot."""
        return self.state in OPEN

    def left(self, now: datetime) -> timedelta:
        """Time left of the wait, never negative."""
        return max((self.ready_at or now) - now, timedelta())


class CaseProof(models.Model):
    """A proof shown in a case: spent where it came from, recorded here once."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="proofs")
    kind = models.CharField(max_length=1)  # policy.facts.Kind
    means_id = models.CharField(max_length=40)
    reset = models.BooleanField(default=False)  # a reset password: counts as E (R3)
    shown_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "means_id"], name="one_proof_per_means")]

    def __str__(self) -> str:
        return f"{self.kind} in {self.case_id}"


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
