"""What every authenticator can do: say whether a text could be its secret, and spend it once.

`accounts.services.verify` is the only caller of `prepare`, `spend` and `failed`: it charges the limits before and
commits the refusal after.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import Case, DateTimeField, F, Q, QuerySet, Value, When
from django.utils.functional import Promise

from accounts.context import ActorContext
from accounts.errors import Refused
from accounts.models import Means, User
from accounts.models.compiled import Compiled
from policy.facts import Kind
from policy.rules import RULES

#: What a secret may be given for. Each has its own limits and its own scopes; a code for one never serves another.
PURPOSES = ("sign_in", "step_up", "recovery", "confirm")


@dataclass(frozen=True, slots=True)
class Verified:
    """A proof, spent: what it is and by which means. `reset`: a password set by mail, it counts as E (R3)."""

    kind: Kind
    means_id: str
    reset: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """One secret given by one claimant for one purpose. `user` is None when nobody is known by that name."""

    user: User | None
    secret: str
    purpose: str
    scope: str
    ctx: ActorContext
    now: datetime
    only: frozenset[str] | None = None  # the means that may answer; None: all that the purpose allows

    @property
    def user_id(self) -> int:
        """The account's key, or one that no account has: an unknown claimant costs the same queries."""
        return self.user.pk if self.user else 0


class Authenticator(ABC):
    """One kind of authenticator. Stateless: one instance stands in the registry."""

    code: ClassVar[str]
    kind: ClassVar[Kind]
    label: ClassVar[str | Promise]
    model: ClassVar[type[Means] | None] = None
    second_factor: ClassVar[bool] = False  # may stand beside the password at sign-in
    phishing_resistant: ClassVar[bool] = False
    disabled_event: ClassVar[str] = "authenticator.disabled"  # what is told when it was switched off
    guessable: ClassVar[bool] = True  # False: 64 bits or more, so no account counter may refuse it (R12, pitfall P13)

    @abstractmethod
    def shape(self, secret: str) -> str | None:
        """What was typed, normalised, or None when it cannot be such a secret and nothing is charged (P37)."""

    def prepare(self, attempt: Attempt) -> Any:
        """Slow work (hashing) outside the transaction, the same for every outcome."""
        return None

    @abstractmethod
    def spend(self, attempt: Attempt, prepared: Any) -> Verified | Refused:
        """Inside a transaction: lock the row, judge, spend by one conditional UPDATE."""

    def opens(self, attempt: Attempt) -> bool:
        """Is this the first thing shown at a sign-in, before which nothing was right yet?"""
        return False

    def failed(self, attempt: Attempt) -> list[str]:
        """Count a wrong secret; returns the means that this disabled."""
        return []

    def bound_to(self, user: User) -> QuerySet[Any]:
        """Its rows that may sign this person in: confirmed, not suspended, lost or disabled (pitfall P23)."""
        if self.model is None:
            raise TypeError(f"{self.code} has no rows of its own")
        return self.model._default_manager.usable().filter(user=user).order_by("pk")  # type: ignore[attr-defined]

    def all_bound_to(self, user: User) -> list[Any]:
        """The same rows, read by SQL that was composed once: every sign-in asks for them."""
        return self._all_bound_to(user.pk)

    @cached_property
    def _all_bound_to(self) -> Compiled[Any]:
        return Compiled(lambda user_id: self.bound_to(User(pk=user_id)))

    def at_hand(self, attempt: Attempt) -> Q:
        """What a change has not suspended: it alone signs in and steps up (R6)."""
        return Q(suspended_by=None)

    def rows(self, attempt: Attempt) -> QuerySet[Any]:
        """The rows that may answer this attempt, disabled ones included.

        Sign-in and step-up: what is usable. Recovery: also what a change suspended (R6; the policy judges it). Confirm:
        the begun row it is for.
        """
        if self.model is None:
            raise TypeError(f"{self.code} has no rows of its own")
        found = self.model._default_manager.filter(user_id=attempt.user_id, revoked_at=None)
        if attempt.purpose == "confirm":
            found = found.filter(confirmed_at=None)
        else:
            found = found.filter(lost_at=None).exclude(confirmed_at=None)
            if attempt.purpose != "recovery":
                found = found.filter(self.at_hand(attempt))
        if attempt.only is not None:
            found = found.filter(pk__in=own_keys(self.model, attempt.only))
        return found.order_by("pk")


def own_keys(model: type[Means], means_ids: frozenset[str]) -> list[int]:
    """The primary keys among names such as "totp:12" that belong to this model."""
    pairs = (name.partition(":") for name in means_ids)
    return [int(key) for kind, _, key in pairs if kind == model._meta.model_name and key.isdecimal()]


def count_failure(rows: QuerySet[Any], now: datetime) -> list[str]:
    """One more wrong secret in a row; at 100 the authenticator is disabled until it is bound again.

    Attack stopped: guessing spread over sessions, networks and months (SP 800-63B-4 §3.2.2). Never called in recovery:
    a stranger's claims must not be able to disable the owner's authenticator (P13); there a limit per account holds.
    """
    full = Q(disabled_at=None, failures_in_row__gte=RULES.authenticator_disabled_after - 1)
    keys = list(rows.filter(disabled_at=None).values_list("pk", flat=True))
    standing = rows.model._default_manager.filter(pk__in=keys)
    standing.update(
        disabled_at=Case(When(full, then=Value(now, output_field=DateTimeField())), default=F("disabled_at")),
        failures_in_row=F("failures_in_row") + 1,
    )
    return [row.means_id for row in standing.filter(disabled_at=now)]
