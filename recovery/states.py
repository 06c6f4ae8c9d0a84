"""The states of a recovery case: one table; `recovery.services.transition.move` is the only writer."""

from __future__ import annotations

from django.db import models


class State(models.TextChoices):
    OPENED = "opened"  # a claim: nothing proved, takes no slot (R12)
    PROVING = "proving"  # a claim with at least one proof
    IN_REVIEW = "in_review"
    ON_HOLD = "on_hold"  # a sufficient set was shown; the wait runs
    READY = "ready"  # the claimant may bind
    COMPLETED = "completed"
    DENIED = "denied"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


CLAIM = frozenset({State.OPENED, State.PROVING})
OPEN = frozenset({State.IN_REVIEW, State.ON_HOLD, State.READY})  # hold the account's one slot
WAITING = frozenset(
    {State.IN_REVIEW, State.ON_HOLD}
)  # for people, or for time: the claimant has nothing to be late with
ENDED = frozenset({State.COMPLETED, State.DENIED, State.CANCELLED, State.EXPIRED})

#: event → (states it may come from, state it leads to)
TRANSITIONS: dict[str, tuple[frozenset[State], State]] = {
    "first_proof": (frozenset({State.OPENED}), State.PROVING),
    "suffice": (CLAIM, State.ON_HOLD),
    "suffice_at_once": (CLAIM | {State.ON_HOLD}, State.READY),
    "wait_over": (frozenset({State.ON_HOLD}), State.READY),
    "submit": (CLAIM, State.IN_REVIEW),
    "approve": (frozenset({State.IN_REVIEW}), State.ON_HOLD),
    "deny": (frozenset({State.IN_REVIEW}), State.DENIED),
    "give_back": (frozenset({State.ON_HOLD, State.READY}), State.IN_REVIEW),
    "complete": (frozenset({State.READY}), State.COMPLETED),
    "cancel": (CLAIM | OPEN, State.CANCELLED),
    "overtake": (OPEN, State.CANCELLED),
    "expire": (CLAIM | OPEN, State.EXPIRED),
}
