"""The overview and the security page: what rests, what is pending, what is bound, in few queries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts import clock
from accounts.models import Change, User
from tests.accounts.changes.conftest import confirm, newest_code, send_all

pytestmark = pytest.mark.django_db
PAGES = ("account", "security", "addresses", "withdrawal", "phone_change")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_takes_at_most_twelve_queries(
    at_home: Client, hanako: User, name: str, django_assert_max_num_queries: object
) -> None:
    confirm(at_home, hanako, "change_number")
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        assert at_home.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_strangers_to_sign_in(client: Client, db: None, name: str) -> None:
    assert client.get(reverse(name))["Location"].startswith(reverse("sign_in"))


def test_a_pending_change_is_a_path_with_its_end(at_home: Client, hanako: User) -> None:
    confirm(at_home, hanako, "change_number")
    at_home.post(reverse("phone_change"), {"phone": "090-8765-4321"})
    at_home.post(reverse("phone_change_code"), {"code": newest_code("+819087654321")})
    assert "Everyone is being told" in at_home.get(reverse("account")).text
    send_all(hanako)
    page = at_home.get(reverse("security")).text
    final = Change.objects.get().final_at
    assert final is not None
    assert "It can still be undone" in page and final.isoformat() in page
    assert "Withdrawals rest" in page and "Withdrawals open again on" in page


def test_the_next_best_step_is_the_one_that_is_missing(at_home: Client, hanako: User) -> None:
    assert "Few recovery codes are left" in at_home.get(reverse("account")).text
    hanako.savedcodesets.all().delete()
    assert "Keep recovery codes on paper" in at_home.get(reverse("account")).text


def test_a_lapsed_number_is_asked_about(at_home: Client, hanako: User) -> None:
    sheet = hanako.savedcodesets.get()
    for locator in ("AAAA", "BBBB", "CCCC", "DDDD"):
        sheet.codes.create(locator=locator, hash="!")
    assert "You can always come back" in at_home.get(reverse("account")).text
    hanako.phones.update(confirmed_at=clock.now() - timedelta(days=181))
    assert "Is this still your number?" in at_home.get(reverse("account")).text
