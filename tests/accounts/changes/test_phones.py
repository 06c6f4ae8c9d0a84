"""Changing the number while signed in, from the first page to the end of the wait (product §1 row 6, R6–R10)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts import clock, selectors
from accounts.errors import Refused, Why
from accounts.models import Challenge, Change, Phone, Session, User
from accounts.services import changes, phones
from policy.facts import Kind
from policy.proofs import counts
from tests.accounts.changes.conftest import confirm, newest_code, send_all, told
from tests.accounts.hands import CTX, facts_of, sign_in

pytestmark = pytest.mark.django_db
START, CODE, DONE = reverse("phone_change"), reverse("phone_change_code"), reverse("phone_changed")
OLD, NEW = "+819012345601", "+819087654321"


def change_number(client: Client, user: User, *, paper: bool = False) -> Change:
    confirm(client, user, "change_number", paper=paper)
    assert client.post(START, {"phone": "090-8765-4321"})["Location"] == CODE
    assert client.post(CODE, {"code": newest_code(NEW)})["Location"] == DONE
    return Change.objects.get(user=user, what="phone.changed")


def test_without_a_step_up_the_page_leads_to_it_and_comes_back(at_home: Client) -> None:
    answer = at_home.get(START)
    assert answer["Location"] == f"{reverse('step_up')}?for=change_number&next=%2Faccount%2Fphone%2Fchange%2F"


def test_the_service_asks_for_the_step_up_by_itself(at_home: Client, hanako: User) -> None:
    old = hanako.phones.get()
    refused = phones.begin(hanako, NEW, replaces=old.pk, session=facts_of(at_home), ctx=CTX)
    assert isinstance(refused, Refused)
    assert refused.why is Why.STEP_UP


def test_nothing_is_ever_sent_to_the_old_number_but_the_notice(at_home: Client, hanako: User) -> None:
    change_number(at_home, hanako)
    assert not Challenge.objects.filter(to=OLD).exists()
    assert OLD in told(hanako, "notices/phone_changed")


def test_the_number_counts_for_nothing_before_its_code_comes_back(at_home: Client, hanako: User) -> None:
    confirm(at_home, hanako, "change_number")
    at_home.post(START, {"phone": "090-8765-4321"})
    at_home.post(CODE, {"code": "000000"})
    new = Phone.objects.get(number=NEW)
    assert new.confirmed_at is None
    assert hanako.phones.get(number=OLD).suspended_by is None
    assert new.means_id not in {means.id for means in selectors.means(hanako)}


def test_a_get_sends_no_code(at_home: Client, hanako: User) -> None:
    confirm(at_home, hanako, "change_number")
    at_home.get(START)
    at_home.get(CODE)
    assert not Challenge.objects.exists()


def test_the_change_told_everyone_rested_money_and_ended_other_sessions(at_home: Client, hanako: User) -> None:
    elsewhere = Client()
    sign_in(elsewhere, hanako)
    change = change_number(at_home, hanako)
    hanako.refresh_from_db()
    assert told(hanako, "notices/phone_changed") == {hanako.email, "hanako@second.example", OLD, NEW}
    assert hanako.number_changed_at is not None
    assert Session.objects.filter(user=hanako).count() == 1
    assert elsewhere.get(reverse("account")).status_code == 302
    page = at_home.get(DONE)
    assert page.status_code == 200
    assert change.final_at is None


def test_the_old_number_rests_at_once_and_is_gone_when_final(at_home: Client, hanako: User) -> None:
    """The whole road with its times: probation, finality counted from the notices, revocation by the sweep."""
    change = change_number(at_home, hanako)
    old, new = Phone.objects.get(number=OLD), Phone.objects.get(number=NEW)
    assert (old.suspended_by, new.added_by) == (change, change)
    assert not change.two_custodies  # password and app lie on one phone
    later = clock.now() + timedelta(hours=5)  # the gateway was away for five hours
    with time_machine.travel(later, tick=False):
        send_all(hanako)
        change.refresh_from_db()
        assert (change.notices_out_at, change.final_at) == (clock.now(), clock.now() + timedelta(hours=72))
    with time_machine.travel(later + timedelta(hours=71, minutes=59), tick=False):
        changes.complete_due(clock.now())
        facts = selectors.facts(hanako)
        means = {one.id: one for one in facts.means}
        assert means[old.means_id].suspended
        assert not counts(means[new.means_id], facts)
    with time_machine.travel(later + timedelta(hours=72), tick=False):
        facts = selectors.facts(hanako)  # right before the sweep, and after it
        assert old.means_id not in {one.id for one in facts.means}
        changes.complete_due(clock.now())
        old.refresh_from_db()
        assert old.revoked_at == clock.now()
        facts = selectors.facts(hanako)
        assert counts({one.id: one for one in facts.means}[new.means_id], facts)


def test_with_a_code_from_paper_it_is_final_after_a_day(at_home: Client, hanako: User) -> None:
    change = change_number(at_home, hanako, paper=True)
    assert (change.two_custodies, change.wait) == (True, timedelta(hours=24))


def test_a_stale_step_up_spends_no_code(at_home: Client, hanako: User) -> None:
    confirm(at_home, hanako, "change_number")
    at_home.post(START, {"phone": "090-8765-4321"})
    code = newest_code(NEW)
    with time_machine.travel(clock.now() + timedelta(minutes=10, seconds=1), tick=False):
        assert at_home.post(CODE, {"code": code})["Location"].startswith(reverse("step_up"))
    assert Challenge.objects.get(to=NEW).spent_at is None


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("03-1234-5678", "fixed line"),
        ("+1 212 555 0100", "Japanese mobile numbers only"),
        ("12345", "not a whole mobile number"),
        ("090-1234-5601", "on your account already"),
    ],
)
def test_a_number_that_gets_no_code_is_refused_with_the_reason(
    at_home: Client, hanako: User, typed: str, says: str
) -> None:
    confirm(at_home, hanako, "change_number")
    answer = at_home.post(START, {"phone": typed})
    assert says in answer.text
    assert not Challenge.objects.exists()


def test_a_virtual_number_is_kept_as_a_contact_and_proves_nothing(at_home: Client, hanako: User) -> None:
    confirm(at_home, hanako, "change_number")
    answer = at_home.post(START, {"phone": "050-1234-5678"})
    assert "virtual number" in answer.text and 'name="contact"' in answer.text
    again = at_home.post(START, {"phone": "050-1234-5678", "contact": "1"})
    assert again["Location"].startswith(reverse("step_up"))  # adding is another deed than replacing
    confirm(at_home, hanako, "add_number")
    assert at_home.post(f"{START}?replace=none", {"phone": "050-1234-5678", "contact": "1"})["Location"] == reverse(
        "security"
    )
    facts = selectors.facts(hanako)
    weak = next(means for means in facts.means if means.weak)
    assert weak.kind is Kind.SMS and not counts(weak, facts)
    assert hanako.phones.get(number=OLD).suspended_by is None


def test_adding_a_second_number_leaves_the_first_alone(at_home: Client, hanako: User) -> None:
    confirm(at_home, hanako, "add_number")
    at_home.post(f"{START}?replace=none", {"phone": "090-8765-4321"})
    at_home.post(CODE, {"code": newest_code(NEW)})
    assert hanako.phones.get(number=OLD).suspended_by is None
    assert Change.objects.get(user=hanako).what == "phone.added"


def test_a_lapsed_number_is_confirmed_again_without_a_change(at_home: Client, hanako: User) -> None:
    hanako.phones.update(confirmed_at=clock.now() - timedelta(days=200))
    confirm(at_home, hanako, "add_number")
    at_home.post(f"{START}?replace=none", {"phone": OLD})
    assert at_home.post(CODE, {"code": newest_code(OLD)})["Location"] == DONE
    assert "counts again" in at_home.get(DONE).text
    assert not Change.objects.exists()
    facts = selectors.facts(hanako)
    assert counts({one.id: one for one in facts.means}[hanako.phones.get().means_id], facts)


def test_anothers_number_cannot_be_replaced_or_removed(at_home: Client, hanako: User, mallory: User) -> None:
    theirs = Phone.objects.create(user=mallory, number=NEW, bound_at=clock.now(), confirmed_at=clock.now())
    assert at_home.get(f"{START}?replace={theirs.pk}").status_code == 404
    assert at_home.get(reverse("phone_remove", args=[theirs.pk])).status_code == 404


def test_removing_a_number_suspends_it_and_rests_money(at_home: Client, hanako: User) -> None:
    confirm(at_home, hanako, "remove_number")
    row = hanako.phones.get()
    at_home.post(reverse("phone_remove", args=[row.pk]))
    row.refresh_from_db()
    hanako.refresh_from_db()
    assert row.suspended_by is not None and row.suspended_by.what == "phone.removed"
    assert hanako.number_changed_at is not None


def test_when_no_more_codes_may_be_sent_the_page_says_so_and_pretends_nothing(at_home: Client, hanako: User) -> None:
    """Three codes an hour go to one number (pitfall P14)."""
    start = clock.now().replace(minute=10)  # inside one window of the limit
    for minute in (0, 2, 4):
        with time_machine.travel(start + timedelta(minutes=minute), tick=False):
            confirm(at_home, hanako, "change_number")
            assert at_home.post(START, {"phone": NEW})["Location"] == CODE
            assert at_home.post(START, {"phone": NEW})["Location"] == CODE  # pressed twice: one code
    with time_machine.travel(start + timedelta(minutes=6), tick=False):
        assert "Too many codes went there" in at_home.post(START, {"phone": NEW}).text
    assert Challenge.objects.filter(to=NEW).count() == 3


def test_sending_again_kills_the_older_code(at_home: Client, hanako: User) -> None:
    confirm(at_home, hanako, "change_number")
    at_home.post(START, {"phone": NEW})
    first = newest_code(NEW)
    at_home.post(CODE, {"again": "1"})
    assert Challenge.objects.count() == 1  # not twice within a minute
    with time_machine.travel(clock.now() + timedelta(seconds=61), tick=False):
        at_home.post(CODE, {"again": "1"})
        second = newest_code(NEW)
        assert "newer code" in at_home.post(CODE, {"code": first}).text
        assert at_home.post(CODE, {"code": second})["Location"] == DONE
