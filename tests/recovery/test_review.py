"""Papers in a recovery: people first, two of them, then the wait; and never without identity on file."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from accounts import clock
from accounts.context import system
from accounts.errors import Refused
from accounts.models import Identity, OutboxMessage, SecurityEvent, User
from recovery.models import Case, CaseApproval
from recovery.services import cases, review
from tests.recovery import people

pytestmark = pytest.mark.django_db
CTX = system("test")
ATTRIBUTES = {"family": "佐藤", "given": "由紀", "born": "1990-05-04", "document": "passport", "number": "TK1234567"}


def on_file(user: User) -> Identity:
    long_ago = clock.now() - timedelta(days=300)
    row = Identity.objects.create(user=user, source="host", bound_at=long_ago, confirmed_at=long_ago)
    row.set_attributes(ATTRIBUTES)
    row.save()
    return row


@pytest.fixture
def yuki() -> User:
    return people.person("yuki", sheet=False)


@pytest.fixture
def claim(yuki: User) -> Case:
    return people.Claimant(situation="nothing_left", email="yuki@example.jp").case


@pytest.fixture
def agents() -> list[User]:
    return [
        User.objects.create_user(f"{name}@agents.example", None, is_staff=True) for name in ("grace", "heidi", "ada")
    ]


def test_without_identity_on_file_papers_open_nothing(claim: Case) -> None:
    assert not review.submit(claim, CTX, with_video=True)
    claim.refresh_from_db()
    assert claim.state == "opened"


def test_papers_without_the_video_open_nothing_by_themselves(claim: Case, yuki: User) -> None:
    on_file(yuki)
    assert not review.submit(claim, CTX, with_video=False)


def test_people_look_first_and_everybody_is_told(claim: Case, yuki: User) -> None:
    on_file(yuki)
    assert review.submit(claim, CTX, with_video=True)
    assert claim.state == "in_review"
    told = OutboxMessage.objects.filter(case_reference=claim.reference, kind="case/in_review")
    assert {row.to for row in told} >= {yuki.email}
    assert claim.ready_at is None


def test_two_people_then_seven_days(claim: Case, yuki: User, agents: list[User]) -> None:
    on_file(yuki)
    review.submit(claim, CTX, with_video=True)
    assert review.approve(claim, agents[0], CTX) is False
    assert claim.state == "in_review"
    assert review.approve(claim, agents[1], CTX) is True
    assert claim.state == "on_hold"
    people.letters_out(claim.reference)
    claim.refresh_from_db()
    assert claim.ready_at is not None and claim.approved_at is not None
    assert timedelta(0) <= claim.ready_at - claim.approved_at - timedelta(days=7) < timedelta(minutes=1)


def test_the_wait_runs_whole_after_the_review_however_long_that_took(
    claim: Case, yuki: User, agents: list[User]
) -> None:
    on_file(yuki)
    review.submit(claim, CTX, with_video=True)
    people.letters_out(claim.reference)
    with time_machine.travel(clock.now() + timedelta(days=9), tick=False):
        for agent in agents[:2]:
            review.approve(claim, agent, CTX)
        people.letters_out(claim.reference)
        claim.refresh_from_db()
        assert claim.ready_at is not None
        assert claim.ready_at >= clock.now() + timedelta(days=7)
        assert cases.sweep() >= 0
        claim.refresh_from_db()
        assert claim.state == "on_hold"


def test_one_agent_never_stands_for_two(claim: Case, yuki: User, agents: list[User]) -> None:
    on_file(yuki)
    review.submit(claim, CTX, with_video=True)
    review.approve(claim, agents[0], CTX)
    assert isinstance(review.approve(claim, agents[0], CTX), Refused)
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseApproval.objects.create(case=claim, agent=agents[0], at=clock.now())


def test_nobody_decides_in_their_own_case(claim: Case, yuki: User) -> None:
    on_file(yuki)
    review.submit(claim, CTX, with_video=True)
    assert isinstance(review.approve(claim, yuki, CTX), Refused)


def test_a_refusal_ends_it_and_the_owner_is_told(claim: Case, yuki: User, agents: list[User]) -> None:
    on_file(yuki)
    review.submit(claim, CTX, with_video=True)
    assert review.deny(claim, CTX)
    assert claim.state == "denied"
    assert OutboxMessage.objects.filter(case_reference=claim.reference, kind="case/denied", to=yuki.email).exists()
    assert isinstance(review.approve(claim, agents[0], CTX), Refused)


def test_a_sign_in_sends_it_back_to_people_and_approvals_begin_anew(
    claim: Case, yuki: User, agents: list[User]
) -> None:
    on_file(yuki)
    review.submit(claim, CTX, with_video=True)
    for agent in agents[:2]:
        review.approve(claim, agent, CTX)
    assert review.give_back(claim, CTX, "signed_in")
    assert claim.state == "in_review" and claim.approved_at is None and claim.ready_at is None
    assert not CaseApproval.objects.filter(case=claim).exists()
    assert SecurityEvent.objects.filter(user=yuki, type="case.given_back").exists()


def test_papers_beside_another_proof_wait_a_day(yuki: User, agents: list[User]) -> None:
    on_file(yuki)
    claimant = people.Claimant(situation="lost_phone", email="yuki@example.jp")
    assert claimant.prove("password", people.PASSWORD) == 302
    claim = claimant.case
    assert review.submit(claim, CTX, with_video=True)
    for agent in agents[:2]:
        review.approve(claim, agent, CTX)
    people.letters_out(claim.reference)
    claim.refresh_from_db()
    assert claim.ready_at is not None and claim.approved_at is not None
    assert timedelta(0) <= claim.ready_at - claim.approved_at - timedelta(hours=24) < timedelta(minutes=1)


def test_no_name_or_number_stands_in_the_database(yuki: User) -> None:
    row = on_file(yuki)
    assert row.attributes == ATTRIBUTES
    stored = Identity.objects.filter(pk=row.pk).values().get()
    assert not any(value in str(stored) for value in ATTRIBUTES.values() if value != "passport")
    assert row.number_digest and "TK1234567" not in row.number_digest
