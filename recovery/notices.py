"""Which of recovery's events are told to everybody (R9), and which only written down."""

from __future__ import annotations

from accounts.outbox import notices
from accounts.outbox.notices import Notice

notices.register(
    {
        "case.opened": Notice("case/opened"),
        "case.in_review": Notice("case/in_review"),
        "case.approved": Notice("case/approved"),
        "case.denied": Notice("case/denied", not_me=False),
        "case.given_back": Notice("case/given_back"),
        "case.halfway": Notice("case/halfway"),
        "case.hour_left": Notice("case/hour_left"),
        "case.ready": Notice("case/ready"),
        "case.completed": Notice("case/completed"),
        "case.cancelled": Notice("case/cancelled", not_me=False),
        "case.expired": Notice("case/expired", not_me=False),
    },
    {
        # A claim takes no slot and tells nobody but the address asked for a code (R12).
        "claim.proved",
        "claim.refused",
        "claim.cancelled",
        "claim.expired",
        # A further proof in a case, and its move to another browser: seen in the history.
        "case.proved",
        "case.moved",
    },
)
