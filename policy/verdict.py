"""The answer to "may this be done?": outcome, what is missing, how long, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from policy.facts import NEVER, Kind


class Outcome(StrEnum):
    ALLOWED = "allowed"
    STEP_UP = "step_up"  # fresh proof of `missing` kinds is needed
    MORE_PROOF = "more_proof"  # recovery and sign-in: not sufficient yet
    WAIT = "wait"  # allowed once `wait` has run / not before `hold`
    REVIEW = "review"  # people decide first
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: the rule's number and a stable code that page, audit and tests name. `params` fill the sentence.

    Parameter values are plain: `until` is ISO 8601; `minutes`, `hours`, `days` and
    `count` are digits. The page writes them in the reader's language and zone.
    """

    rule: str  # "R4"
    code: str  # a key of policy.reasons.REASONS
    params: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    outcome: Outcome
    missing: tuple[frozenset[Kind], ...] = ()  # alternatives: any one of these sets would do
    wait: timedelta = timedelta()  # recovery wait (R5)
    final_after: timedelta = timedelta()  # finality of what the deed adds (R6), counted from its notices
    hold: datetime | None = None  # money rests until (R8); for Rebind and Complete: the wait ends then
    reviewers: int = 0
    reasons: tuple[Reason, ...] = ()

    @property
    def allowed(self) -> bool:
        return self.outcome is Outcome.ALLOWED

    @property
    def sufficient(self) -> bool:
        """For OpenCase: the proofs carry a case, at once (ALLOWED) or after the wait (WAIT)."""
        return self.outcome in (Outcome.ALLOWED, Outcome.WAIT)

    def has(self, code: str) -> bool:
        return any(reason.code == code for reason in self.reasons)


Params = tuple[tuple[str, str], ...]


def refused(rule: str, code: str, *params: tuple[str, str]) -> Verdict:
    return Verdict(Outcome.REFUSED, reasons=(Reason(rule, code, params),))


def in_minutes(span: timedelta) -> Params:
    return (("minutes", str(int(span.total_seconds() // 60))),)


def in_hours(span: timedelta) -> Params:
    return (("hours", str(int(span.total_seconds() // 3600))),)


def in_days(span: timedelta) -> Params:
    return (("days", str(span.days)),)


def dated(rule: str, code: str, moment: datetime | None) -> Reason:
    """A reason with the moment it ends; where that hangs on a notice still on its way, its sibling "…_once_told"."""
    if moment is None or moment >= NEVER:
        return Reason(rule, f"{code}_once_told")
    return Reason(rule, code, (("until", moment.isoformat()),))
