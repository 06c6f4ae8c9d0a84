"""What upper floors hang into this one at start: calls go down by import and up only through these lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from accounts.context import ActorContext
from accounts.models import User

#: Called inside the transaction of a "not me" (R10): end what the floor above has open for the account, and say what
#: ended (references of cases). Filled by recovery when it starts.
NOT_ME_HOOKS: list[Callable[[User, ActorContext], list[str]]] = []

#: The state of the account's open recovery case, or nothing: asked where an open case changes what may be done.
OPEN_CASE: list[Callable[[User], str]] = []

#: How papers of a case stand with people, by its reference: asked by its page. Filled by support when it starts.
QUEUE: list[Callable[[str], dict[str, Any]]] = []

#: What the floor above holds about a person, by section, for the copy of their data.
EXPORTS: dict[str, Callable[[User], list[dict[str, Any]]]] = {}

#: Called inside the transaction that erases a closed account: forget what named the person up there too.
ERASERS: list[Callable[[User], None]] = []


def in_queue(reference: str) -> dict[str, Any]:
    """How the papers of this case stand: place, promise, first look, whose turn; nothing when nobody has them."""
    return next((found for ask in QUEUE if (found := ask(reference))), {})


def open_case(user: User) -> str:
    """The state of the account's open recovery case; "" when there is none."""
    return next((state for ask in OPEN_CASE if (state := ask(user))), "")
