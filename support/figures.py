"""How long people wait for people: live figures of the last 30 days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import quantiles

from accounts import clock
from support.models import Review

_DAYS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Span:
    """How long something took: for half of the people, and for nine in ten."""

    median: timedelta
    ninetieth: timedelta


@dataclass(frozen=True, slots=True)
class Figures:
    waiting: int
    late: int
    first_look: Span | None
    decision: Span | None
    decided: int
    approved: int
    denied: int


def of_reviews() -> Figures:
    """In two queries: what waits, and what came in the last 30 days."""
    now = clock.now()
    waiting = list(Review.objects.waiting().filter(asked_again_at=None).only("promised_at", "first_look_at"))
    lately = Review.objects.filter(queued_at__gte=now - _DAYS)
    rows = list(lately.values_list("queued_at", "first_look_at", "decided_at", "outcome"))
    outcomes = [outcome for *_times, outcome in rows if outcome]
    return Figures(
        waiting=len(waiting),
        late=sum(row.is_late(now) for row in waiting),
        first_look=_span((queued, looked) for queued, looked, _d, _o in rows),
        decision=_span((queued, decided) for queued, _l, decided, outcome in rows if outcome != Review.Outcome.CLOSED),
        decided=len(outcomes),
        approved=outcomes.count(Review.Outcome.APPROVED),
        denied=outcomes.count(Review.Outcome.DENIED),
    )


def _span(pairs: Iterable[tuple[datetime, datetime | None]]) -> Span | None:
    took = sorted((end - begin).total_seconds() for begin, end in pairs if end is not None)
    if not took:
        return None
    tenths = quantiles(took, n=10, method="inclusive") if len(took) > 1 else took * 9
    return Span(_minutes(tenths[4]), _minutes(tenths[8]))


def _minutes(seconds: float) -> timedelta:
    return timedelta(minutes=max(1, round(seconds / 60)))
