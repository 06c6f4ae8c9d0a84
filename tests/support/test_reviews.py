"""Reviews: one desk at a time, two different people, never one's own; and what each decision does."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from accounts import clock
from accounts.errors import Refused
from accounts.models import Change, Identity, OutboxMessage, Phone, SecurityEvent, User
from policy.rules import RULES
from recovery.models import Case, CaseApproval
from support import judging
from support.judging import Given
from support.models import Decision, Paper, Review
from support.services import reviews
from tests.recovery import people
from tests.support import agents
from tests.support.agents import ALL_SAME, FITS, ON_FILE, agent, ctx_of, judge, take_and_look

pytestmark = pytest.mark.django_db


@pytest.fixture
def yuki() -> User:
    return agents.yuki()


@pytest.fixture
def grace() -> User:
    return agent("grace")


@pytest.fixture
def heidi() -> User:
    return agent("heidi")


@pytest.fixture
def ada() -> User:
    return agent("ada", "lead")


def refused(done: object) -> str:
    assert isinstance(done, Refused), done
    return done.detail


def told(user: User, kind: str) -> set[str]:
    return set(OutboxMessage.objects.filter(user=user, kind=kind).values_list("to", flat=True))


# Taking


def test_one_person_has_it_on_the_desk_and_a_colleague_only_after_it_was_put_back(
    yuki: User, grace: User, heidi: User
) -> None:
    _, review = agents.recovery_of(yuki)
    assert reviews.take(review, grace, ctx_of(grace))
    assert refused(reviews.take(review, heidi, ctx_of(heidi))) == "with_another"
    assert not reviews.release(review, heidi, ctx_of(heidi))
    assert reviews.release(review, grace, ctx_of(grace))
    assert reviews.take(review, heidi, ctx_of(heidi))


def test_a_desk_that_was_left_is_free_when_no_session_can_still_live_there(
    yuki: User, grace: User, heidi: User
) -> None:
    _, review = agents.recovery_of(yuki)
    reviews.take(review, grace, ctx_of(grace))
    with time_machine.travel(clock.now() + RULES.agent_session_absolute, tick=False):
        assert reviews.take(review, heidi, ctx_of(heidi))
        review.refresh_from_db()
        assert review.assigned_to == heidi


def test_an_auditor_and_a_superuser_without_a_role_take_nothing(yuki: User) -> None:
    _, review = agents.recovery_of(yuki)
    auditor = agent("olaf", "auditor")
    root = people.person("root", phones=("+818012121212",))
    User.objects.filter(pk=root.pk).update(is_staff=True, is_superuser=True)
    root.refresh_from_db()
    for user in (auditor, root, yuki):
        assert refused(reviews.take(review, user, ctx_of(user))) == "no_right"


def test_nobody_decides_about_the_own_account_nor_about_one_that_shares_a_number(grace: User, heidi: User) -> None:
    agents.put_on_file(grace)
    review = agents.filing_of(grace)
    assert refused(reviews.take(review, grace, ctx_of(grace))) == "own_case"
    long_ago = clock.now() - timedelta(days=100)
    Phone.objects.create(user=heidi, number=grace.phones.get().number, bound_at=long_ago, confirmed_at=long_ago)
    assert refused(reviews.take(review, heidi, ctx_of(heidi))) == "related"
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(first_by=grace)


def test_what_is_decided_asked_again_or_over_is_not_taken(yuki: User, grace: User) -> None:
    case, review = agents.recovery_of(yuki)
    Review.objects.filter(pk=review.pk).update(asked_again_at=clock.now())
    assert refused(reviews.take(review, grace, ctx_of(grace))) == "persons_turn"
    Review.objects.filter(pk=review.pk).update(asked_again_at=None)
    people.Case.objects.filter(pk=case.pk).update(state="cancelled")
    assert refused(reviews.take(review, grace, ctx_of(grace))) == "case_over"
    Review.objects.filter(pk=review.pk).update(decided_at=clock.now(), outcome="closed")
    assert refused(reviews.take(review, grace, ctx_of(grace))) == "decided"


# Agreeing


def test_two_different_people_and_the_case_goes_on_hold_never_straight_through(
    yuki: User, grace: User, heidi: User
) -> None:
    case, review = agents.recovery_of(yuki)
    assert judge(review, grace)
    assert (review.first_by, review.assigned_to, review.decided_at) == (grace, None, None)
    case.refresh_from_db()
    assert case.state == "in_review"
    assert judge(review, heidi)
    case.refresh_from_db()
    assert case.state == "on_hold"
    assert case.ready_at is None, "the wait runs from the notices, and none is out yet"
    assert (review.second_by, review.outcome) == (heidi, "approved")
    assert told(yuki, "case/approved") >= {yuki.email}
    assert SecurityEvent.objects.filter(user=yuki, type="review.agreed").count() == 1


def test_the_same_person_never_confirms_and_the_database_says_so_too(yuki: User, grace: User) -> None:
    case, review = agents.recovery_of(yuki)
    judge(review, grace)
    assert refused(reviews.take(review, grace, ctx_of(grace))) == "was_first"
    Review.objects.filter(pk=review.pk).update(assigned_to=grace)
    assert refused(reviews.decide(review, grace, FITS, ctx_of(grace))) == "was_first"
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(second_by=grace)
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.create(review=review, agent=grace, what="approve", reason="all_fits", at=clock.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseApproval.objects.create(case=case, agent=grace, at=clock.now())


def test_a_decision_that_recovery_refuses_is_none(yuki: User, grace: User) -> None:
    """What was not done stands in no record as done."""
    case, review = agents.recovery_of(yuki)
    agents.take_and_look(review, grace)
    CaseApproval.objects.create(case=case, agent=grace, at=clock.now())
    assert isinstance(reviews.decide(review, grace, FITS, ctx_of(grace)), Refused)
    assert not Decision.objects.filter(review=review).exists()


def test_nobody_decides_without_having_taken_it_or_without_having_opened_every_paper(yuki: User, grace: User) -> None:
    _, review = agents.recovery_of(yuki)
    assert refused(reviews.decide(review, grace, FITS, ctx_of(grace))) == "take_first"
    reviews.take(review, grace, ctx_of(grace))
    for what, reason in (("approve", "all_fits"), ("deny", "not_genuine")):
        given = Given(what, reason, ALL_SAME)
        assert refused(reviews.decide(review, grace, given, ctx_of(grace))) == "not_looked"
    assert not Decision.objects.exists()


@pytest.mark.parametrize("name", judging.ATTRIBUTES)
def test_every_line_has_to_be_answered(yuki: User, grace: User, name: str) -> None:
    _, review = agents.recovery_of(yuki)
    take_and_look(review, grace)
    for wrong in ({}, {name: "perhaps"}):
        lines = {key: value for key, value in ALL_SAME.items() if key != name} | wrong
        given = Given("approve", "all_fits", lines)
        assert refused(reviews.decide(review, grace, given, ctx_of(grace))) == "checklist"


@pytest.mark.parametrize("answer", ["differs", "unreadable"])
@pytest.mark.parametrize("name", sorted(judging.CORE))
def test_papers_that_differ_in_a_core_attribute_cannot_be_agreed_to(
    yuki: User, grace: User, name: str, answer: str
) -> None:
    _, review = agents.recovery_of(yuki)
    take_and_look(review, grace)
    given = Given("approve", "all_fits", ALL_SAME | {name: answer})
    assert refused(reviews.decide(review, grace, given, ctx_of(grace))) == "core_differs"
    assert not CaseApproval.objects.exists()


def test_a_reason_belongs_to_its_decision(yuki: User, grace: User) -> None:
    _, review = agents.recovery_of(yuki)
    take_and_look(review, grace)
    for reason in ("", "glare", "because I say so"):
        assert refused(reviews.decide(review, grace, Given("approve", reason, ALL_SAME), ctx_of(grace))) == "reason"


def test_papers_go_when_their_time_after_the_decision_is_over(yuki: User, grace: User, heidi: User) -> None:
    _, review = agents.recovery_of(yuki)
    judge(review, grace)
    judge(review, heidi)
    assert review.decided_at is not None
    until = set(Paper.objects.values_list("destroy_at", flat=True))
    assert len(until) == 1
    assert timedelta(0) <= until.pop() - review.decided_at - RULES.papers_kept < timedelta(seconds=5)


# Other decisions


def test_a_forger_with_the_wrong_name_is_denied_and_the_owner_told(yuki: User, grace: User) -> None:
    case, review = agents.recovery_of(yuki)
    wrong = ALL_SAME | {"family": "differs", "face": "differs"}
    assert judge(review, grace, Given("deny", "another_person", wrong))
    case.refresh_from_db()
    assert (case.state, review.outcome) == ("denied", "denied")
    assert told(yuki, "case/denied") >= {yuki.email}
    row = Decision.objects.get()
    assert (row.reason, row.checklist["family"]) == ("another_person", "differs")
    sent = OutboxMessage.objects.filter(kind="case/denied").values()
    assert "another_person" not in str(list(sent)), "the text to people is neutral"


def test_asking_again_makes_it_the_persons_turn_keeps_the_place_and_begins_anew(
    yuki: User, grace: User, heidi: User
) -> None:
    case, review = agents.recovery_of(yuki)
    judge(review, grace)
    place = review.queued_at
    front = Paper.objects.get(side="front")
    assert judge(review, heidi, Given("ask_again", "glare", paper=front))
    assert review.asked_again_at is not None
    assert (review.queued_at, review.first_by, review.assigned_to) == (place, None, None)
    assert not CaseApproval.objects.filter(case=case).exists()
    assert Decision.objects.get(what="ask_again").paper == front
    assert told(yuki, "review/asked_again") >= {yuki.email}


def test_what_was_handed_on_is_taken_by_a_lead_alone_and_confirmed_by_anybody_else(
    yuki: User, grace: User, heidi: User, ada: User
) -> None:
    case, review = agents.recovery_of(yuki)
    assert judge(review, grace, Given("escalate", "unsure"))
    assert refused(reviews.take(review, heidi, ctx_of(heidi))) == "for_lead"
    take_and_look(review, ada)
    assert refused(reviews.decide(review, ada, Given("escalate", "unsure"), ctx_of(ada))) == "with_lead"
    assert judge(review, ada)
    assert judge(review, heidi)
    case.refresh_from_db()
    assert case.state == "on_hold"


def test_what_was_handed_on_after_the_first_agreed_is_for_a_lead(
    yuki: User, grace: User, heidi: User, ada: User
) -> None:
    _, review = agents.recovery_of(yuki)
    judge(review, grace)
    judge(review, heidi, Given("flag_fraud", "stolen_papers"))
    assert refused(reviews.take(review, agent("ivan"), ctx_of(grace))) == "for_lead"
    assert reviews.take(review, ada, ctx_of(ada))


def test_nothing_an_agent_does_shortens_the_wait_or_opens_the_case(yuki: User, grace: User) -> None:
    case, review = agents.recovery_of(yuki)
    before = Case.objects.filter(pk=case.pk).values().get()
    for given in (Given("escalate", "unsure"),):
        judge(review, grace, given)
    assert Case.objects.filter(pk=case.pk).values().get() == before


# Papers put on file


def typed(**changed: str) -> Given:
    lines = dict.fromkeys(judging.ATTRIBUTES[:-1], "same")
    return Given("approve", "all_fits", lines, ON_FILE | changed)


def test_papers_are_put_on_file_as_read_sealed_and_on_probation(grace: User) -> None:
    hanako = people.person("hanako")
    review = agents.filing_of(hanako)
    assert judge(review, grace, typed())
    row = Identity.objects.get(user=hanako)
    assert row.attributes == ON_FILE
    assert ON_FILE["number"] not in str(Identity.objects.values().get())
    assert Change.objects.get(what="identity.added").wait == RULES.identity_probation
    assert told(hanako, "notices/identity_added") >= {hanako.email}
    assert (review.outcome, review.first_by) == ("approved", grace)


@pytest.mark.parametrize(
    "changed", [{"family": " "}, {"born": "4 May"}, {"number": ""}, {"document": ""}, {"expires": "soon"}]
)
def test_what_the_papers_say_has_to_be_typed(grace: User, changed: dict[str, str]) -> None:
    review = agents.filing_of(people.person("hanako"))
    assert refused(judge(review, grace, typed(**changed))) == "attributes"
    assert not Identity.objects.exists()


def test_a_document_that_stands_on_another_account_goes_to_a_lead(yuki: User, grace: User, ada: User) -> None:
    review = agents.filing_of(people.person("mallory"))
    assert refused(judge(review, grace, typed())) == "duplicate"
    assert judge(review, grace, Given("escalate", "two_accounts"))
    assert judge(review, ada, typed()), "a lead may know why"


def test_a_refused_filing_is_told_by_letter_and_nothing_is_on_file(grace: User) -> None:
    hanako = people.person("hanako")
    review = agents.filing_of(hanako)
    lines = dict.fromkeys(judging.ATTRIBUTES[:-1], "unreadable")
    assert judge(review, grace, Given("deny", "not_genuine", lines))
    assert told(hanako, "review/denied") >= {hanako.email}
    assert not Identity.objects.exists()


def test_the_history_of_the_person_names_no_place_of_an_agent(yuki: User, grace: User, heidi: User) -> None:
    _, review = agents.recovery_of(yuki)
    judge(review, grace)
    reviews.look(review, heidi, ctx_of(heidi))
    rows = SecurityEvent.objects.filter(user=yuki, actor__in=[f"user:{grace.pk}", f"user:{heidi.pk}"])
    kinds = set(rows.values_list("type", flat=True))
    assert {"review.taken", "review.opened", "review.agreed", "paper.opened"} <= kinds
    assert set(rows.values_list("network", "agent")) == {("", "")}
