"""R6 and R7 from below: when a change settles, what completes it, what the facts say meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from accounts import clock, events, selectors
from accounts.models import Change, OutboxMessage, SavedCode, SavedCodeSet, Totp, User
from accounts.services import changes
from policy.deeds import Outcome, Verdict
from policy.facts import NEVER, Kind
from tests.accounts.hands import CTX, app_of

pytestmark = pytest.mark.django_db
DAY = Verdict(Outcome.ALLOWED, final_after=timedelta(hours=24))


def add_app(user: User) -> tuple[Totp, Change]:
    change = changes.begin(user, "totp.added", verdict=DAY, ctx=CTX)
    row = app_of(user, "new")
    Totp.objects.filter(pk=row.pk).update(added_by=change)
    events.record("totp.added", user, CTX, change=change)
    return row, change


def test_nothing_settles_while_one_letter_is_on_its_way(hanako: User) -> None:
    _, change = add_app(hanako)
    letters = list(change.letters.all())
    assert len(letters) == 3
    for letter in letters[:-1]:
        OutboxMessage.objects.filter(pk=letter.pk).update(status="sent", sent_at=clock.now())
        changes.settle(change.pk)
        change.refresh_from_db()
        assert change.final_at is None
    with time_machine.travel(clock.now() + timedelta(hours=3), tick=False):
        OutboxMessage.objects.filter(pk=letters[-1].pk).update(status="refused", refused_at=clock.now())
        changes.settle(change.pk)
        change.refresh_from_db()
        assert change.final_at == clock.now() + timedelta(hours=24)


def test_settling_again_moves_nothing(hanako: User) -> None:
    _, change = add_app(hanako)
    change.letters.update(status="sent", sent_at=clock.now())
    changes.settle(change.pk)
    change.refresh_from_db()
    first = change.final_at
    with time_machine.travel(clock.now() + timedelta(hours=3), tick=False):
        changes.settle(change.pk)
    change.refresh_from_db()
    assert change.final_at == first


def test_the_sweep_settles_what_the_bell_missed(hanako: User) -> None:
    _, change = add_app(hanako)
    change.letters.update(status="sent", sent_at=clock.now())
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=False):
        changes.complete_due(clock.now())
    change.refresh_from_db()
    assert change.final_at is not None


def test_on_probation_a_means_is_there_but_final_at_no_known_time(hanako: User) -> None:
    row, change = add_app(hanako)
    facts = {one.id: one for one in selectors.facts(hanako).means}
    assert facts[row.means_id].final_at == NEVER
    change.letters.update(status="sent", sent_at=clock.now())
    changes.settle(change.pk)
    change.refresh_from_db()
    facts = {one.id: one for one in selectors.facts(hanako).means}
    assert facts[row.means_id].final_at == change.final_at


def test_an_old_sheet_stays_valid_until_the_new_one_is_final(hanako: User) -> None:
    old = hanako.savedcodesets.get()
    change = changes.begin(hanako, "codes.replaced", verdict=DAY, ctx=CTX)
    new = SavedCodeSet.objects.create(user=hanako, bound_at=clock.now(), confirmed_at=clock.now(), added_by=change)
    SavedCode.objects.create(sheet=new, locator="EFGH", hash="!")
    SavedCodeSet.objects.filter(pk=old.pk).update(suspended_by=change)
    sheets = {one.id: one for one in selectors.means(hanako) if one.kind is Kind.SAVED_CODE}
    assert not sheets[old.means_id].suspended
    changes.settle(change.pk)
    with time_machine.travel(clock.now() + timedelta(hours=25), tick=False):
        sheets = {one.id: one for one in selectors.means(hanako) if one.kind is Kind.SAVED_CODE}
        assert list(sheets) == [new.means_id]


def test_a_sheet_without_codes_left_is_no_means(hanako: User) -> None:
    SavedCode.objects.update(used_at=clock.now())
    assert Kind.SAVED_CODE not in {one.kind for one in selectors.means(hanako)}


def test_the_sign_up_session_is_exempt(hanako: User) -> None:
    change = changes.begin(hanako, "totp.added", verdict=Verdict(Outcome.ALLOWED), ctx=CTX)
    assert change.is_final(clock.now())


def test_the_facts_take_at_most_eight_queries(hanako: User, django_assert_max_num_queries: object) -> None:
    add_app(hanako)
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        selectors.facts(hanako)


def test_methods_offered_are_those_that_may_sign_in_and_never_mail(hanako: User) -> None:
    kinds = [method.kind for method in selectors.usable_methods(selectors.holdings(hanako))]
    assert kinds == [Kind.TOTP, Kind.SMS, Kind.SAVED_CODE]
    hanako.phones.update(stopped_at=clock.now())
    hanako.totps.update(lost_at=clock.now())
    assert [method.kind for method in selectors.usable_methods(selectors.holdings(hanako))] == [Kind.SAVED_CODE]
