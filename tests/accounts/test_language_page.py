"""Language and time zone of an account: one page, for pages and letters."""

from __future__ import annotations

from zoneinfo import available_timezones

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.forms.language import ZONES
from accounts.outbox.recipients import notification_addresses
from tests.accounts.hands import app_of, person, sign_in

pytestmark = pytest.mark.django_db
PAGE = reverse("account_language")


@pytest.fixture
def hanako(client: Client):  # type: ignore[no-untyped-def]
    user = person()
    app_of(user)
    sign_in(client, user)
    return user


def test_letters_and_pages_follow_the_choice(client: Client, hanako) -> None:  # type: ignore[no-untyped-def]
    answer = client.post(PAGE, {"language": "ja", "timezone": "Europe/Berlin"})
    assert answer["Location"] == PAGE
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "ja"
    hanako.refresh_from_db()
    assert {(one.language, one.timezone) for one in notification_addresses(hanako)} == {("ja", "Europe/Berlin")}
    page = client.get(PAGE)
    assert '<html lang="ja"' in page.text and '<option value="Europe/Berlin" selected>' in page.text


@pytest.mark.parametrize("wrong", [{"language": "xx"}, {"timezone": "Mars/Base"}, {"timezone": "../etc"}])
def test_what_is_not_offered_is_not_taken(wrong: dict[str, str], client: Client, hanako) -> None:  # type: ignore[no-untyped-def]
    answer = client.post(PAGE, {"language": "en", "timezone": "Asia/Tokyo", **wrong})
    assert answer.status_code == 200 and answer.context["form"].errors
    hanako.refresh_from_db()
    assert (hanako.language, hanako.timezone) == ("en", "Asia/Tokyo")


def test_an_unlisted_zone_of_ones_own_is_kept_among_the_choices(client: Client, hanako) -> None:  # type: ignore[no-untyped-def]
    type(hanako).objects.filter(pk=hanako.pk).update(timezone="Asia/Kathmandu")
    assert '<option value="Asia/Kathmandu" selected>' in client.get(PAGE).text
    assert client.post(PAGE, {"language": "en", "timezone": "Asia/Kathmandu"}).status_code == 302


def test_a_stranger_is_led_to_the_sign_in() -> None:
    assert Client().get(PAGE)["Location"].startswith(reverse("sign_in"))


def test_every_zone_offered_exists() -> None:
    assert set(ZONES) <= available_timezones()
