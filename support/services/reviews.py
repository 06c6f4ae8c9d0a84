"""Reviews: taken by one person at a time, looked at, decided by as many people as they need (R15)."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from accounts import clock, events
from accounts.context import ActorContext
from accounts.errors import Refused, Why
from accounts.models import User
from accounts.services import identity
from policy.rules import RULES
from recovery.services import review as recovery
from support import judging
from support.judging import Given
from support.models import Decision, Paper, Review
from support.services import papers

Outcome, What = Review.Outcome, Decision.What


def take(review: Review, agent: User, ctx: ActorContext) -> Review | Refused:
    """Put it on this agent's desk: of two who take it at one instant one gets it."""
    with transaction.atomic():
        row = Review.objects.select_for_update().get(pk=review.pk)
        if why := judging.bar(row, agent):
            return Refused(Why.STATE, detail=why)
        if row.assigned_to_id != agent.pk or judging.is_stale(row):
            row.assigned_to, row.assigned_at = agent, clock.now()
            row.save(update_fields=["assigned_to", "assigned_at"])
            events.record("review.taken", row.user, ctx, review=str(row.pk))
    return row


def release(review: Review, agent: User, ctx: ActorContext) -> bool:
    """Back into the queue, at its old place."""
    with transaction.atomic():
        mine = Review.objects.waiting().filter(pk=review.pk, assigned_to=agent)
        if not mine.update(assigned_to=None, assigned_at=None):
            return False
        events.record("review.released", review.user, ctx, review=str(review.pk))
    return True


def look(review: Review, agent: User, ctx: ActorContext) -> None:
    """Whoever has it on his desk opened the file, and with it what is on file: the person sees that it was."""
    with transaction.atomic():
        now = clock.now()
        Review.objects.filter(pk=review.pk, first_look_at=None).update(first_look_at=now)
        events.record("review.opened", review.user, ctx, review=str(review.pk))
    review.refresh_from_db(fields=["first_look_at"])


def decide(review: Review, agent: User, given: Given, ctx: ActorContext) -> Decision | Refused:
    """Write what this agent decided, and do it, in one transaction.

    Attacks stopped: two who decide at one instant, one agent who stands for two, and a button that was hidden but
    whose address still answers (pitfall P42; ASVS 2.3.3, 2.3.5, 8.2.1).
    """
    with transaction.atomic():
        User.objects.select_for_update().get(pk=review.user_id)
        row = Review.objects.select_for_update().get(pk=review.pk)
        why = judging.bar_to_decide(row, agent, given.what) or judging.fault(row, given)
        if why:
            return Refused(Why.STATE, detail=why)
        refused = _DEEDS[What(given.what)](row, agent, given, ctx)
        if refused is not None:
            return refused
        return Decision.objects.create(
            review=row,
            agent=agent,
            what=given.what,
            reason=given.reason,
            paper=given.paper,
            checklist=dict(given.checklist),
            at=clock.now(),
        )


def _approve(row: Review, agent: User, given: Given, ctx: ActorContext) -> Refused | None:
    """The last one needed moves it on: a case goes on hold, never straight through; papers go on file."""
    if row.what == Review.What.RECOVERY:
        case = judging.case_of(row)
        last = recovery.approve(case, agent, ctx) if case else Refused(Why.STATE, detail="case_over")
        if isinstance(last, Refused):
            return last
    else:
        last = row.needs < 2 or row.first_by_id is not None
        if last:
            identity.put_on_file(row.user, dict(given.attributes), ctx=ctx)
    if last:
        by = {"second_by": agent} if row.first_by_id else {"first_by": agent, "first_at": clock.now()}
        _finish(row, Outcome.APPROVED, **by)
        return None
    events.record("review.agreed", row.user, ctx, review=str(row.pk))
    _back(row, first_by=agent, first_at=clock.now())
    return None


def _ask_again(row: Review, agent: User, given: Given, ctx: ActorContext) -> Refused | None:
    """It is the person's turn; the place in the queue stays. Who agreed before, agreed to other pictures."""
    if given.paper is not None and given.paper not in judging.papers_of(row):
        return Refused(Why.STATE, detail="no_papers")
    if case := judging.case_of(row):
        recovery.begin_anew(case)
    about = given.paper.document if given.paper else ""
    events.record("review.asked_again", row.user, ctx, case_reference=row.case_reference, review=str(row.pk),
                  reason=given.reason, document=about)  # fmt: skip
    _back(row, first_by=None, first_at=None, asked_again_at=clock.now())
    return None


def _deny(row: Review, agent: User, given: Given, ctx: ActorContext) -> Refused | None:
    """Nothing is bound or put on file, and everybody is told; why stands in the decision alone."""
    if row.what == Review.What.RECOVERY:
        case = judging.case_of(row)
        if case is None or not recovery.deny(case, ctx):
            return Refused(Why.STATE, detail="case_over")
    else:
        events.record("review.denied", row.user, ctx, review=str(row.pk))
    _finish(row, Outcome.DENIED)
    return None


def _escalate(row: Review, agent: User, given: Given, ctx: ActorContext) -> Refused | None:
    events.record("review.handed_on", row.user, ctx, review=str(row.pk), why=given.what)
    _back(row, escalated_at=clock.now())
    return None


_DEEDS = {
    What.APPROVE: _approve,
    What.ASK_AGAIN: _ask_again,
    What.DENY: _deny,
    What.ESCALATE: _escalate,
    What.FLAG_FRAUD: _escalate,
}


def _back(row: Review, **columns: Any) -> None:
    """Off the desk, into the queue."""
    Review.objects.filter(pk=row.pk).update(assigned_to=None, assigned_at=None, **columns)


def _finish(row: Review, outcome: str, **columns: Any) -> None:
    now = clock.now()
    Review.objects.filter(pk=row.pk).update(decided_at=now, outcome=outcome, **columns)
    papers.keep_until(judging.papers_of(row), now + RULES.papers_kept)


def opened(paper: Paper, page: int, agent: User, ctx: ActorContext) -> None:
    """Write down, where its person reads it, that this page was looked at."""
    with transaction.atomic():
        events.record("paper.opened", paper.user, ctx, paper=str(paper.pk), page=page, document=paper.document)
