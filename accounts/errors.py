"""Refusals: facts that services return (and commit), never exceptions that would roll them back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal


class Why(StrEnum):
    """Why a deed was refused. Pages turn each into one sentence (accounts/wording.py: `refusal_text`)."""

    WRONG = "wrong"  # the code or password is not right
    EXPIRED = "expired"
    SPENT = "spent"  # used before
    SUPERSEDED = "superseded"  # a newer code was sent
    THROTTLED = "throttled"  # too many tries; `until` says when again
    DISABLED = "disabled"  # 100 wrong in a row
    UNVERIFIED = "unverified"  # a passkey that did not check finger, face or PIN, where it stands alone
    COPIED = "copied"  # a passkey whose counter fell behind: switched off
    CLOCK = "clock"  # the code belongs to another time: the phone's clock is off
    SHAPE = "shape"  # not a code at all; nothing was charged
    NOT_SENT = "not_sent"  # nothing went out
    STEP_UP = "step_up"  # fresh proof needed
    POLICY = "policy"  # see `verdict`
    TAKEN = "taken"  # already on this account
    UNFIT = "unfit"  # a fixed line, a country outside the list …; `detail` says which
    STATE = "state"  # not possible in this state


@dataclass(frozen=True, slots=True)
class Refused:
    """A refusal: why, when again, and the policy's verdict where there is one."""

    why: Why
    until: datetime | None = None
    detail: str = ""
    verdict: object | None = None

    def __bool__(self) -> Literal[False]:
        """A refusal is never true. Said to mypy too, so that `if refused := …` is found as a line nobody reaches."""
        return False
