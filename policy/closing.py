"""Closing an account (R6): a change like any other, with the account itself at its end."""

from __future__ import annotations

from policy.clocks import runs
from policy.facts import Change, Facts


def closing(facts: Facts) -> Change | None:
    """The closing that is under way and can still be taken back."""
    return next((one for one in _standing(facts) if runs(one.final_at, facts)), None)


def closed(facts: Facts) -> bool:
    """Its closing is final, whether the sweep has been there or not: nobody signs in, moves money or comes back."""
    return any(not runs(one.final_at, facts) for one in _standing(facts))


def _standing(facts: Facts) -> tuple[Change, ...]:
    return tuple(change for change in facts.changes if change.closes and not change.undone)
