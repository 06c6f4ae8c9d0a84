"""What upper floors hang into this one at start: calls go down by import and up only through these lists."""

from __future__ import annotations

from collections.abc import Callable

from accounts.context import ActorContext
from accounts.models import User

#: Called inside the transaction of a "not me" (R10): end what the floor above has open for the account, and say what
#: ended (references of cases). Filled by recovery when it starts.
NOT_ME_HOOKS: list[Callable[[User, ActorContext], list[str]]] = []
