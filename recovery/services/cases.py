"""The life of a case: made ready, cancelled, overtaken, noticed, expired. Times are swept columns (pitfall P49)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import clock, events
from accounts.context import ActorContext, system
from accounts.models import User
from policy.deeds import CancelCase, may
from policy.rules import RULES
from recovery import selectors
from recovery.models import Case, Rebinding
from recovery.services import claims, holds, requests, transition
from recovery.states import CLAIM, OPEN, State

BATCH = 200


def make_ready(case: Case, event: str, ctx: ActorContext, **fields: Any) -> bool:
    """The claimant may bind from now on, for 7 days (R12)."""
    now = clock.now()
    fields |= {"ready_at": now, "halfway_at": None, "expires_at": now + RULES.ready_life}
    return transition.move(case, event, ctx, **fields)


def ripen(case: Case, ctx: ActorContext) -> None:
    """Take the step that the sweep would take, if the wait has run: nobody waits for a sweep."""
    if case.is_due(clock.now()):
        make_ready(case, "wait_over", ctx)


def cancel(case: Case, ctx: ActorContext, reason: str = "claimant") -> bool:
    """Stop a claim or case. Whoever holds it may; a claim is stopped without a word to anybody (R12)."""
    if case.is_open and not may(CancelCase(by="claimant"), selectors.facts(case)).allowed:
        return False
    return transition.move(case, "cancel", ctx, reason)


def overtake(case: Case, ctx: ActorContext) -> None:
    """R12: proofs of two custodies end a waiting case that has none. In the caller's transaction."""
    if other := selectors.another_open(case):
        transition.move(other, "overtake", ctx, "overtaken")


def end_all(user: User, ctx: ActorContext) -> list[str]:
    """R10: a "not me" ends every case and every claim of the account. Hung into accounts.registries."""
    with transaction.atomic():
        rows = list(Case.objects.select_for_update().filter(user=user, state__in=[*OPEN, *CLAIM]).order_by("pk"))
        ended = [row for row in rows if transition.move(row, "cancel", ctx, "not_me")]
    return [row.reference for row in ended if row.suffices_at]


def forget(user: User) -> None:
    """Of the cases of an account that was closed a while ago, what named its person goes; the rest is history."""
    Rebinding.objects.filter(case__user=user).delete()
    Case.objects.filter(user=user).update(identifier="", lost_number="")


# The sweep


def sweep(now: datetime | None = None) -> int:
    """Everything that is due, in bounded batches; each row by its own conditional step, so nothing doubles."""
    now = now or clock.now()
    ctx = system("sweep")
    done = claims.sweep(now, BATCH) + requests.sweep(now, BATCH) + holds.sweep(now, BATCH)
    done += _each(
        Case.objects.filter(state=State.ON_HOLD, ready_at__lte=now), lambda case: make_ready(case, "wait_over", ctx)
    )
    done += _notices(now, ctx)
    over = Case.objects.filter(state__in=[*CLAIM, State.READY], expires_at__lte=now)
    return done + _each(over, lambda case: transition.move(case, "expire", ctx))


def _each(rows: Any, step: Callable[[Case], bool]) -> int:
    return sum(bool(step(case)) for case in rows.order_by("pk")[:BATCH])


def _notices(now: datetime, ctx: ActorContext) -> int:
    """Half-way and an hour before the end (R9); after an outage only what still makes sense."""
    last = now + RULES.last_notice_before_end
    waiting = Case.objects.filter(state=State.ON_HOLD, ready_at__gt=now)
    halfway = waiting.filter(halfway_noticed_at=None, halfway_at__lte=now, ready_at__gt=last)
    ending = waiting.filter(hour_before_noticed_at=None, ready_at__lte=last)
    return _each(halfway, lambda case: _tell(case, "case.halfway", "halfway_noticed_at", now, ctx)) + _each(
        ending, lambda case: _tell(case, "case.hour_left", "hour_before_noticed_at", now, ctx)
    )


def _tell(case: Case, event: str, column: str, now: datetime, ctx: ActorContext) -> bool:
    with transaction.atomic():
        mine = Case.objects.filter(pk=case.pk, state=State.ON_HOLD, **{column: None}).update(**{column: now})
        if mine:
            events.record(event, case.user, ctx, case_reference=case.reference, case=case.reference)
    return bool(mine)
