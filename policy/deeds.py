"""Deeds and the two questions: `may(deed, facts)` → Verdict, `after(deed, facts)` → Facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from policy.facts import Facts, Kind
from policy.rules import RULES, Rules


class Outcome(StrEnum):
    ALLOWED = "allowed"
    STEP_UP = "step_up"  # fresh proof of `missing` kinds is needed
    MORE_PROOF = "more_proof"  # recovery: not sufficient yet
    WAIT = "wait"  # allowed once `wait` has run / not before `hold`
    REVIEW = "review"  # people decide first
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: the rule's number and a stable code that page, audit and tests name. `params` fill the sentence."""

    rule: str  # "R4"
    code: str  # "two_issued_count_once"
    params: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    outcome: Outcome
    missing: tuple[frozenset[Kind], ...] = ()  # alternatives: any one of these sets would do
    wait: timedelta = timedelta()  # recovery wait (R5)
    final_after: timedelta = timedelta()  # finality of what the deed adds (R6), counted from its notices
    hold: datetime | None = None  # money rests until
    reviewers: int = 0
    reasons: tuple[Reason, ...] = ()

    @property
    def allowed(self) -> bool:
        return self.outcome is Outcome.ALLOWED
