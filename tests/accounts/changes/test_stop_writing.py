""" "Not my account: stop writing to me" (R9): for the holder of a number that is not theirs to speak for."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts import selectors
from accounts.models import Change, Link, OutboxMessage, Phone, SecurityEvent, Session, User
from accounts.outbox.recipients import notification_addresses
from policy.facts import Kind
from tests.accounts.changes.conftest import confirm, newest_code, not_me_link, send_all, told
from tests.accounts.changes.test_not_me import NEW, OLD, changed, url

pytestmark = pytest.mark.django_db
__all__ = ["changed"]  # the fixture: hanako's number was changed, and the old one got a stop code
OFFER, NOTICE = "Not my account: stop writing to me", "notices/phone_stopped"


def stop(user: User, to: str = OLD, browser: Client | None = None) -> str:
    """Type the stop code, then press the button; the page that follows."""
    browser = browser or Client()
    shown = browser.post(reverse("not_me"), {"code": not_me_link(user, to).stop_code}, follow=True)
    assert OFFER in shown.text
    return browser.post(shown.redirect_chain[-1][0], {"not_mine": "1"}).text


def test_it_stops_that_number_only_and_tells_all_others(changed: Change, hanako: User) -> None:
    assert "We write to you no more" in stop(hanako)
    row = Phone.objects.get(number=OLD)
    assert row.stopped_at is not None
    assert told(hanako, NOTICE) == {hanako.email, "hanako@second.example", NEW}
    assert OLD not in {one.to for one in notification_addresses(hanako)}
    event = SecurityEvent.objects.get(user=hanako, type="phone.stopped")
    assert event.data["means"] == row.means_id and OLD not in str(event.data)


def test_it_vetoes_nothing(changed: Change, hanako: User) -> None:
    """Attack stopped: whoever gets a recycled number, or steals the line, ending sessions and undoing changes."""
    sessions = set(Session.objects.filter(user=hanako).values_list("pk", flat=True))
    stop(hanako)
    changed.refresh_from_db()
    assert (changed.undone_at, changed.what) == (None, "phone.changed")
    assert set(Session.objects.filter(user=hanako).values_list("pk", flat=True)) == sessions
    assert not SecurityEvent.objects.filter(user=hanako, type="not_me.used").exists()


def test_a_number_whose_holder_said_so_proves_nothing(hanako: User, at_home: Client) -> None:
    confirm(at_home, hanako, "add_number")
    at_home.post(f"{reverse('phone_change')}?replace=none", {"phone": "080-8765-4321"})
    at_home.post(reverse("phone_change_code"), {"code": newest_code("+818087654321")})
    stop(hanako)
    numbers = {one.id: one.weak for one in selectors.means(hanako) if one.kind is Kind.SMS}
    assert numbers[Phone.objects.get(number=OLD).means_id] is True
    assert OLD not in {one.to for one in selectors.usable_methods(selectors.holdings(hanako))}


def test_looking_changes_nothing_and_pressing_twice_tells_once(changed: Change, hanako: User) -> None:
    for _ in range(2):
        assert OFFER in Client().get(url(hanako, OLD)).text
    assert Phone.objects.get(number=OLD).stopped_at is None
    link = url(hanako, OLD)
    pages = [Client().post(link, {"not_mine": "1"}).text for _ in range(2)]
    assert all("We write to you no more" in page for page in pages)
    assert OutboxMessage.objects.filter(kind=NOTICE, to=hanako.email).count() == 1
    assert OFFER not in Client().get(link).text


def test_the_stop_code_can_still_say_not_me(changed: Change, hanako: User) -> None:
    """Somebody pressed the wrong one of the two buttons: hanako's say is not gone with it."""
    stop(hanako)
    assert "It is stopped" in Client().post(url(hanako, OLD)).text
    changed.refresh_from_db()
    assert changed.undone_at is not None


def test_a_mailed_link_offers_no_such_thing_and_does_none(changed: Change, hanako: User) -> None:
    link = url(hanako)
    assert OFFER not in Client().get(link).text
    assert Client().post(link, {"not_mine": "1"})["Location"] == link
    assert not Phone.objects.exclude(stopped_at=None).exists()
    changed.refresh_from_db()
    assert changed.undone_at is None


def test_it_stops_nobody_elses_number(changed: Change, hanako: User, mallory: User) -> None:
    shared = Phone.objects.create(user=mallory, number=OLD, bound_at=changed.made_at, confirmed_at=changed.made_at)
    stop(hanako)
    shared.refresh_from_db()
    assert shared.stopped_at is None


def test_its_owner_brings_it_back_as_a_new_number(at_home: Client, hanako: User) -> None:
    """R7: whoever holds the line said it is not hers, so a code alone does not make it count again at once."""
    confirm(at_home, hanako, "change_password")
    at_home.post(
        reverse("password_change"),
        {"current_password": "correct horse battery staple", "password": "ano hi no umi no iro"},
    )
    stop(hanako)
    page = at_home.get(reverse("security")).text
    assert "Stopped by its holder" in page and f"{reverse('phone_change')}?replace=none" in page
    confirm(at_home, hanako, "add_number")
    at_home.post(f"{reverse('phone_change')}?replace=none", {"phone": OLD})
    at_home.post(reverse("phone_change_code"), {"code": newest_code(OLD)})
    row = Phone.objects.get(number=OLD)
    assert row.stopped_at is None and row.added_by is not None and row.added_by.what == "phone.added"
    assert OLD in {one.to for one in notification_addresses(hanako)}
    send_all(hanako)
    assert Link.objects.filter(kind="not_me", to=OLD, subject=f"change:{row.added_by.pk}").count() == 0
