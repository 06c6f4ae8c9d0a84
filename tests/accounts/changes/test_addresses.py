"""Mail addresses: added, removed, chosen to name the account."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts import clock, selectors
from accounts.models import Address, Change, User
from accounts.services import changes
from policy.proofs import counts
from tests.accounts.changes.conftest import confirm, newest_code, not_me_link, send_all, told

pytestmark = pytest.mark.django_db
LIST, ADD = reverse("addresses"), reverse("address_add")
NEW = "hanako@new.example"


def add(client: Client, user: User, email: str = NEW) -> Address:
    confirm(client, user, "add_address")
    answer = client.post(ADD, {"email": email})
    row = Address.objects.get(user=user, email=email)
    assert answer["Location"] == reverse("address_code", args=[row.pk])
    return row


def test_the_address_is_nobodys_before_its_code_comes_back(at_home: Client, hanako: User) -> None:
    """Pitfall P28: the stock part writes the address first."""
    row = add(at_home, hanako)
    hanako.refresh_from_db()
    assert row.confirmed_at is None and hanako.email == "hanako@example.jp"
    at_home.post(reverse("address_code", args=[row.pk]), {"code": "000000"})
    row.refresh_from_db()
    assert row.confirmed_at is None
    assert told(hanako, "notices/address_added") == set()


def test_a_new_address_is_told_to_all_and_counts_when_final(at_home: Client, hanako: User) -> None:
    row = add(at_home, hanako)
    assert at_home.post(reverse("address_code", args=[row.pk]), {"code": newest_code(NEW)})["Location"] == LIST
    assert {hanako.email, "hanako@second.example", "+819012345601"} <= told(hanako, "notices/address_added")
    send_all(hanako)
    change = Change.objects.get(what="address.added")
    assert change.wait == timedelta(hours=72)
    for hours, final in ((71, False), (73, True)):
        with time_machine.travel(clock.now() + timedelta(hours=hours), tick=False):
            facts = selectors.facts(hanako)
            assert counts({one.id: one for one in facts.means}[row.means_id], facts) is final


def test_an_address_of_another_account_is_refused_only_after_its_code(
    at_home: Client, hanako: User, mallory: User
) -> None:
    row = add(at_home, hanako, mallory.email)  # the page looks as for any other address
    answer = at_home.post(reverse("address_code", args=[row.pk]), {"code": newest_code(mallory.email)})
    assert "belongs to another account" in answer.text
    row.refresh_from_db()
    assert row.confirmed_at is None
    assert not Change.objects.exists()


def test_ones_own_address_is_refused_at_once(at_home: Client, hanako: User) -> None:
    confirm(at_home, hanako, "add_address")
    assert "on your account already" in at_home.post(ADD, {"email": "ＨＡＮＡＫＯ@example.jp"}).text or (
        "whole email address" in at_home.post(ADD, {"email": "ＨＡＮＡＫＯ@example.jp"}).text
    )
    assert "on your account already" in at_home.post(ADD, {"email": "HANAKO@Example.JP"}).text


def test_a_removed_address_rests_then_goes_and_keeps_hearing_for_thirty_days(at_home: Client, hanako: User) -> None:
    second = hanako.addresss.get(email="hanako@second.example")
    confirm(at_home, hanako, "remove_address")
    at_home.post(reverse("address_remove", args=[second.pk]))
    second.refresh_from_db()
    assert second.suspended_by is not None
    assert second not in Address.objects.usable()
    assert second.email in told(hanako, "notices/address_removed")
    send_all(hanako)
    with time_machine.travel(clock.now() + timedelta(hours=73), tick=False):
        changes.complete_due(clock.now())
        second.refresh_from_db()
        assert second.revoked_at == clock.now()
        assert second.email in {one.to for one in selectors.notification_addresses(hanako)}
    with time_machine.travel(clock.now() + timedelta(days=40), tick=False):
        assert second.email not in {one.to for one in selectors.notification_addresses(hanako)}


def test_the_address_that_names_the_account_is_not_removed(at_home: Client, hanako: User) -> None:
    confirm(at_home, hanako, "remove_address")
    first = hanako.addresss.get(email=hanako.email)
    assert "names your account" in at_home.post(reverse("address_remove", args=[first.pk]), follow=True).text
    first.refresh_from_db()
    assert first.suspended_by is None


def test_the_last_counting_address_is_not_removed(at_home: Client, hanako: User) -> None:
    second = hanako.addresss.get(email="hanako@second.example")
    hanako.addresss.exclude(pk=second.pk).update(lost_at=clock.now())
    confirm(at_home, hanako, "remove_address")
    assert "only address" in at_home.get(reverse("address_remove", args=[second.pk])).text


def test_only_a_final_address_may_name_the_account(at_home: Client, hanako: User) -> None:
    row = add(at_home, hanako)
    at_home.post(reverse("address_code", args=[row.pk]), {"code": newest_code(NEW)})
    at_home.post(reverse("address_primary", args=[row.pk]))
    hanako.refresh_from_db()
    assert hanako.email == "hanako@example.jp"
    second = hanako.addresss.get(email="hanako@second.example")
    at_home.post(reverse("address_primary", args=[second.pk]))
    hanako.refresh_from_db()
    assert (hanako.email, hanako.email_key) == (second.email, second.key)


def test_somebody_elses_address_does_not_exist(at_home: Client, mallory: User) -> None:
    theirs = mallory.addresss.get()
    for name in ("address_remove", "address_primary"):
        assert at_home.post(reverse(name, args=[theirs.pk])).status_code == 404


def test_who_names_the_account_is_a_change_that_is_told_everywhere_and_taken_back(
    at_home: Client, hanako: User
) -> None:
    second = hanako.addresss.get(email="hanako@second.example")
    confirm(at_home, hanako, "add_address")
    at_home.post(reverse("address_primary", args=[second.pk]))
    change = Change.objects.get(user=hanako, what="address.made_primary")
    assert change.letters.count() == 3, "both mailboxes and the number"
    Client().post(reverse("not_me_link", args=[not_me_link(hanako, "hanako@example.jp").token]))
    hanako.refresh_from_db()
    assert hanako.email == "hanako@example.jp"


def test_a_former_name_that_another_account_goes_by_now_is_not_taken_back(
    at_home: Client, hanako: User, mallory: User
) -> None:
    """A "not me" never fails for it: the address that names the account stays, all the rest is undone."""
    first, second = hanako.addresss.order_by("pk")
    confirm(at_home, hanako, "add_address")
    at_home.post(reverse("address_primary", args=[second.pk]))
    User.objects.filter(pk=mallory.pk).update(email=first.email, email_key=first.key)
    answer = Client().post(reverse("not_me_link", args=[not_me_link(hanako, second.email).token]))
    assert answer.status_code == 200
    hanako.refresh_from_db()
    assert hanako.email == second.email
    assert Change.objects.get(user=hanako).undone_at is not None
