"""Seeing and ending sessions."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import SecurityEvent, Session
from tests.accounts.hands import app_of, person, sign_in

pytestmark = pytest.mark.django_db
PAGE = reverse("sessions")


@pytest.fixture
def hanako():
    user = person("hanako")
    app_of(user)
    return user


@pytest.fixture
def elsewhere(hanako) -> Client:
    browser = Client()
    sign_in(browser, hanako)
    return browser


@pytest.fixture
def here(client: Client, hanako, elsewhere) -> Client:
    sign_in(client, hanako)
    return client


def test_the_list_shows_this_browser_first_and_offers_to_end_the_others(here: Client) -> None:
    rows = here.get(PAGE).context["rows"]
    assert [row["here"] for row in rows] == [True, False]
    assert here.get(PAGE).text.count('name="session"') == 1


def test_one_session_is_ended(here: Client, elsewhere: Client, hanako) -> None:
    there = Session.objects.get(session_key=elsewhere.cookies["session"].value)
    here.post(PAGE, {"session": there.public_id})
    assert elsewhere.get(PAGE).status_code == 302
    assert here.get(PAGE).status_code == 200
    assert SecurityEvent.objects.filter(user=hanako, type="session.ended").exists()


def test_all_others_are_ended_also_by_epoch(here: Client, elsewhere: Client, hanako) -> None:
    before = hanako.session_epoch
    here.post(PAGE, {"others": "1"})
    assert elsewhere.get(PAGE).status_code == 302
    assert here.get(PAGE).status_code == 200
    hanako.refresh_from_db()
    assert hanako.session_epoch == before + 1


def test_somebody_elses_session_does_not_exist(here: Client, elsewhere: Client) -> None:
    mallory = Client()
    sign_in(mallory, person("mallory"))
    there = Session.objects.get(session_key=elsewhere.cookies["session"].value)
    for value in (there.public_id, ""):
        mallory.post(PAGE, {"session": value})
    assert elsewhere.get(PAGE).status_code == 200
    assert mallory.get(PAGE).status_code == 200


def test_a_get_ends_nothing(here: Client, elsewhere: Client) -> None:
    here.get(PAGE, {"others": "1"})
    assert elsewhere.get(PAGE).status_code == 200
