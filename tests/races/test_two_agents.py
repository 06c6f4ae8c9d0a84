"""Agents who press at one instant: one agreement each, one decision, one step of the case (R15; ASVS 2.3.3, 2.3.5)."""

from __future__ import annotations

from functools import partial

import pytest

from accounts.errors import Refused
from accounts.models import OutboxMessage, SecurityEvent, User
from recovery.models import Case, CaseApproval, Transition
from recovery.services import review as recovery
from support.models import Decision, Review
from support.services import reviews
from tests.races.meeting import Together
from tests.support import agents
from tests.support.agents import FITS, agent, ctx_of

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
TRIES = 200


class Table:
    """yuki's review, agreed to by grace and opened by everybody, set back before each try."""

    def __init__(self) -> None:
        self.yuki = agents.yuki()
        self.grace, self.heidi, self.ada = agent("grace"), agent("heidi"), agent("ada", "lead")
        self.case, self.review = agents.recovery_of(self.yuki)
        for user in (self.grace, self.heidi, self.ada):
            agents.take_and_look(self.review, user)
            reviews.release(self.review, user, ctx_of(user))

    def again(self, *, first: User | None) -> None:
        for model in (Decision, CaseApproval, OutboxMessage):
            model.objects.all().delete()
        Transition.objects.exclude(event="submit").delete()
        Case.objects.update(state="in_review", approved_at=None, ready_at=None)
        Review.objects.update(first_by=first, first_at=None, second_by=None, decided_at=None, outcome="",
                              assigned_to=None, assigned_at=None)  # fmt: skip
        if first:
            CaseApproval.objects.create(case=self.case, agent=first, at=self.review.queued_at)


@pytest.fixture
def table() -> Table:
    return Table()


def take_and_agree(review: Review, user: User) -> object:
    taken = reviews.take(review, user, ctx_of(user))
    return reviews.decide(review, user, FITS, ctx_of(user)) if isinstance(taken, Review) else taken


def test_two_agents_who_confirm_at_one_instant_decide_once(together: Together, table: Table) -> None:
    for _ in range(TRIES):
        table.again(first=table.grace)
        done = together(*(partial(take_and_agree, table.review, user) for user in (table.heidi, table.ada)))
        assert sorted(type(one).__name__ for one in done) == ["Decision", "Refused"]
        assert list(Transition.objects.values_list("event", flat=True)) == ["submit", "approve"]
        assert CaseApproval.objects.count() == 2
        row = Review.objects.get()
        assert (row.outcome, row.second_by_id in (table.heidi.pk, table.ada.pk)) == ("approved", True)


def test_without_the_desk_between_them_the_case_still_goes_on_hold_once(together: Together, table: Table) -> None:
    """The second fence: recovery itself, whoever calls it."""
    for _ in range(TRIES):
        table.again(first=table.grace)
        deeds = (partial(recovery.approve, table.case, user, ctx_of(user)) for user in (table.heidi, table.ada))
        done = together(*deeds)
        assert sorted(type(one).__name__ for one in done) == ["Refused", "bool"]
        assert Transition.objects.filter(event="approve").count() == 1


def test_one_agent_in_two_tabs_agrees_once(together: Together, table: Table) -> None:
    for _ in range(TRIES // 4):
        table.again(first=None)
        reviews.take(table.review, table.heidi, ctx_of(table.heidi))
        done = together(*[partial(reviews.decide, table.review, table.heidi, FITS, ctx_of(table.heidi))] * 2)
        assert [isinstance(one, Refused) for one in done].count(True) == 1
        assert CaseApproval.objects.count() == Decision.objects.count() == 1
        assert Case.objects.get().state == "in_review"


def test_of_two_who_take_it_at_one_instant_one_has_it(together: Together, table: Table) -> None:
    for _ in range(TRIES // 4):
        table.again(first=None)
        before = SecurityEvent.objects.filter(type="review.taken").count()
        users = (table.grace, table.heidi)
        done = together(*(partial(reviews.take, table.review, user, ctx_of(user)) for user in users))
        assert [isinstance(one, Review) for one in done].count(True) == 1
        assert SecurityEvent.objects.filter(type="review.taken").count() == before + 1
