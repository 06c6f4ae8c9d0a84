"""Moving the app, losing things: each page shows the one step that fits what the account has."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts import clock, events
from accounts.models import Change, Phone, SavedCode, SavedCodeSet, SecurityEvent, User
from tests.accounts.hands import CTX, app_of, code_of, person, sign_in

pytestmark = pytest.mark.django_db
PAGES = ("moving", "moving_new_phone", "moving_lost", "moving_gone", "moving_clock")
FILLED = re.compile(r'<(?:button|a) class="button"[^>]*>')


@pytest.fixture
def hanako() -> User:
    return person("hanako")


@pytest.fixture
def at_home(client: Client, hanako: User) -> Client:
    sign_in(client, hanako)
    return client


def number_of(user: User) -> Phone:
    now = clock.now()
    return Phone.objects.create(user=user, number="+819012345678", bound_at=now, confirmed_at=now)


def sheet_of(user: User) -> SavedCodeSet:
    now = clock.now()
    sheet = SavedCodeSet.objects.create(user=user, bound_at=now, confirmed_at=now)
    SavedCode.objects.create(sheet=sheet, locator="ABCD", hash="!")
    return sheet


def filled(client: Client, name: str) -> str:
    """The one filled button of a page, whole tag."""
    found = FILLED.findall(re.sub(r"(?s)^.*<main|</main>.*$", "", client.get(reverse(name)).text))
    assert len(found) <= 1, found
    return found[0] if found else ""


@pytest.mark.parametrize("has", ["nothing", "an app", "two apps and a number", "a sheet"])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_has_at_most_one_filled_button(at_home: Client, hanako: User, name: str, has: str) -> None:
    if "app" in has:
        app_of(hanako)
    if "two" in has:
        app_of(hanako, "Tablet")
        number_of(hanako)
    if "sheet" in has:
        sheet_of(hanako)
    assert bool(filled(at_home, name)) is (name != "moving")


def test_the_pages_are_linked_from_where_people_look(at_home: Client, hanako: User) -> None:
    app = app_of(hanako)
    for page in (reverse("authenticators"), reverse("security"), reverse("help")):
        assert f'href="{reverse("moving")}"' in at_home.get(page).text
    assert f'href="{reverse("moving_new_phone")}"' in at_home.get(reverse("authenticator", args=[app.pk])).text
    for name in PAGES[1:]:
        assert f'href="{reverse(name)}"' in at_home.get(reverse("moving")).text


def test_the_code_page_leads_to_the_answer_for_people_who_are_not_in_yet(hanako: User) -> None:
    app_of(hanako)
    step = {"login_view-current_step": "auth", "auth-email": hanako.email}
    page = Client().post(reverse("sign_in"), {**step, "auth-password": "correct horse battery staple"}).text
    assert f'href="{reverse("help")}#app-code"' in page
    answer = Client().get(reverse("help")).text
    assert 'id="app-code"' in answer
    assert answer.count(f'href="{reverse("recovery")}?situation=lost_phone"') >= 3


def test_a_new_phone_is_noted_with_its_copy_and_changes_nothing_else(at_home: Client, hanako: User) -> None:
    app = app_of(hanako)
    assert at_home.post(reverse("moving_new_phone"), {"app": app.pk, "copied": "on"})["Location"] == reverse("moving")
    app.refresh_from_db()
    assert app.backed_up_on is not None
    assert SecurityEvent.objects.get(type="device.replaced", user=hanako).data["means"] == app.means_id
    assert not Change.objects.exists()
    assert "Copy noted on" in at_home.get(reverse("moving")).text


def test_without_the_tick_no_copy_is_noted(at_home: Client, hanako: User) -> None:
    app = app_of(hanako)
    at_home.post(reverse("moving_new_phone"), {"app": app.pk})
    app.refresh_from_db()
    assert app.backed_up_on is None


def test_somebody_elses_app_is_not_moved(at_home: Client, hanako: User) -> None:
    app_of(hanako)
    strange = app_of(person("taro"))
    page = at_home.post(reverse("moving_new_phone"), {"app": strange.pk, "copied": "on"})
    assert page.status_code == 200
    strange.refresh_from_db()
    assert strange.backed_up_on is None
    assert not SecurityEvent.objects.filter(type="device.replaced").exists()


def test_of_two_apps_the_person_says_which(at_home: Client, hanako: User) -> None:
    app_of(hanako, "Pixel 8")
    app_of(hanako, "Tablet")
    assert "Choose the app." in at_home.post(reverse("moving_new_phone"), {}).text


def test_a_lost_phone_is_stopped_at_once_and_then_another_way_in_is_the_next_step(
    at_home: Client, hanako: User
) -> None:
    app, number = app_of(hanako), number_of(hanako)
    sheet_of(hanako)
    elsewhere = Client()
    sign_in(elsewhere, hanako)
    assert "Choose what is gone." in at_home.post(reverse("moving_lost"), {}).text
    answer = at_home.post(reverse("moving_lost"), {"things": [app.means_id, number.means_id]})
    assert answer["Location"] == reverse("moving_lost")
    app.refresh_from_db()
    number.refresh_from_db()
    assert app.lost_at
    assert number.lost_at
    assert reverse("authenticators_add", args=["totp"]) in filled(at_home, "moving_lost")
    assert "Saved recovery codes" in at_home.get(reverse("moving_lost")).text
    assert elsewhere.get(reverse("account")).status_code == 302


def test_with_nothing_left_to_confirm_with_the_next_step_is_recovery(at_home: Client, hanako: User) -> None:
    app = app_of(hanako)
    at_home.post(reverse("moving_lost"), {"things": [app.means_id]})
    assert reverse("recovery") in filled(at_home, "moving_lost")
    assert reverse("recovery") in filled(at_home, "moving_gone")


def test_somebody_elses_thing_cannot_be_reported_lost(at_home: Client, hanako: User) -> None:
    app_of(hanako)
    strange = app_of(person("taro"))
    at_home.post(reverse("moving_lost"), {"things": [strange.means_id]})
    strange.refresh_from_db()
    assert strange.lost_at is None


def test_when_the_app_is_gone_what_still_answers_binds_it_anew(at_home: Client, hanako: User) -> None:
    number_of(hanako)
    assert reverse("authenticators_add", args=["totp"]) in filled(at_home, "moving_gone")
    assert "•••-••••-5678" in at_home.get(reverse("moving_gone")).text


def test_the_clock_page_shows_the_machines_time_wherever_the_portal_has_travelled(
    at_home: Client, hanako: User, settings: Any, tmp_path: Path
) -> None:
    settings.DEBUG, settings.CLOCK_FILE = True, tmp_path / "clock"
    with time_machine.travel("2026-11-25 05:20:07+00:00", tick=False):
        clock.travel(timedelta(hours=5))
        sign_in(at_home, hanako)
        assert "14:20:07 (Tokyo time)" in at_home.get(reverse("moving_clock")).text
    at_home.cookies["language"] = "ja"
    assert "（日本時間）" in at_home.get(reverse("moving_clock")).text


def test_the_clock_page_knows_the_last_code_of_another_time(at_home: Client, hanako: User) -> None:
    app = app_of(hanako)
    assert "It is the clock." not in at_home.get(reverse("moving_clock")).text
    events.record("code.refused", hanako, CTX, why="wrong")
    assert "It is the clock." not in at_home.get(reverse("moving_clock")).text
    page = at_home.post(f"{reverse('step_up')}?for=bind_authenticator", {"way": "totp", "code": code_of(app, 5)})
    assert "The clock of your phone is off" in page.text
    assert "It is the clock." in at_home.get(reverse("moving_clock")).text
