"""Seeing and ending sessions, seeing and forgetting browsers, and staying signed in."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import browser_cookie, clock
from accounts.models import KnownBrowser, SecurityEvent, Session, User
from policy.rules import RULES
from tests.accounts.hands import app_of, person, sign_in

pytestmark = pytest.mark.django_db
PAGE, STAY = reverse("sessions"), reverse("session_stay")
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
)


@pytest.fixture
def hanako() -> User:
    user = person("hanako")
    app_of(user)
    return user


@pytest.fixture
def elsewhere(hanako: User) -> Client:
    browser = Client()
    sign_in(browser, hanako)
    return browser


@pytest.fixture
def here(client: Client, hanako: User, elsewhere: Client) -> Client:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    sign_in(client, hanako)
    return client


def browser_of(user: User, *, days: int = 40, **fields: object) -> KnownBrowser:
    now = clock.now()
    return KnownBrowser.objects.create(
        user=user,
        **{
            "digest": browser_cookie.digest(browser_cookie.fresh()),
            "name": "Firefox, Linux",
            "network": "192.0.2.0/24",
            "first_seen": now - timedelta(days=days),
            "last_used": now,
            "expires_at": now + RULES.known_browser_life,
            **fields,
        },
    )


def door(client: Client) -> str:
    """The address that ends this client's session."""
    return reverse("session_end", args=[client.session["public_id"]])


class TestSessions:
    def test_the_list_shows_this_browser_first_and_offers_to_end_the_others(self, here, elsewhere):
        page = here.get(PAGE)
        assert [row["here"] for row in page.context["rows"]] == [True, False]
        assert door(elsewhere) in page.text
        assert door(here) not in page.text

    def test_it_says_browser_network_and_times(self, client, hanako):
        sign_in(client, hanako)
        row = Session.objects.get()
        Session.objects.filter(pk=row.pk).update(agent="Firefox, Linux", network="192.0.2.0/24")
        text = client.get(PAGE, headers={"accept-language": "en"}).text
        for words in ("Firefox, Linux", "Network 192.0.2.0/24", "Signed in at", "Last seen at", "nowhere else"):
            assert words in text

    def test_one_session_is_ended(self, here, elsewhere, hanako):
        here.post(door(elsewhere))
        assert elsewhere.get(PAGE).status_code == 302
        assert "That session is ended." in here.get(PAGE).text
        assert SecurityEvent.objects.filter(user=hanako, type="session.ended").exists()

    def test_one_that_is_gone_or_this_one_is_not_found(self, here, elsewhere):
        gone = door(elsewhere)
        here.post(gone)
        assert here.post(gone).status_code == 404
        assert here.post(door(here)).status_code == 404
        assert here.get(PAGE).status_code == 200

    def test_all_others_are_ended_also_by_epoch(self, here, elsewhere, hanako):
        before = hanako.session_epoch
        here.post(PAGE, {"others": "1"})
        assert elsewhere.get(PAGE).status_code == 302
        assert here.get(PAGE).status_code == 200
        hanako.refresh_from_db()
        assert hanako.session_epoch == before + 1

    def test_somebody_elses_session_does_not_exist(self, here, elsewhere):
        mallory = Client()
        sign_in(mallory, person("mallory"))
        assert mallory.post(door(elsewhere)).status_code == 404
        assert elsewhere.get(PAGE).status_code == 200

    def test_a_get_ends_nothing(self, here, elsewhere):
        here.get(PAGE, {"others": "1"})
        assert here.get(door(elsewhere)).status_code == 405
        assert elsewhere.get(PAGE).status_code == 200


class TestKnownBrowsers:
    def test_they_are_listed_with_name_place_and_when_they_count(self, here, hanako):
        browser_of(hanako)
        browser_of(hanako, days=3, name="Safari, iOS", network="unknown")
        browser_of(hanako, name="Opera, Linux", revoked_at=clock.now())
        page = here.get(PAGE)
        rows = {row["agent"]: row for row in page.context["browsers"]}
        assert set(rows) == {"Firefox, Linux", "Safari, iOS"}
        assert (rows["Firefox, Linux"]["counts"], rows["Safari, iOS"]["counts"]) == (True, False)
        assert rows["Safari, iOS"]["place"] == ""
        assert "Tries are kept for it since" in page.text
        assert "Tries are kept for it from" in page.text

    def test_the_one_in_use_is_marked(self, here, hanako):
        token = browser_cookie.fresh()
        browser_of(hanako, digest=browser_cookie.digest(token))
        here.cookies["browser"] = token
        assert [row["here"] for row in here.get(PAGE).context["browsers"]] == [True]

    def test_none_is_said_in_words(self, here):
        assert "No browser is known" in here.get(PAGE).text

    def test_one_is_forgotten_and_the_other_stays(self, here, hanako):
        one, other = browser_of(hanako), browser_of(hanako)
        assert here.post(reverse("browser_forget", args=[one.pk]))["Location"] == PAGE
        assert [row["forget_url"] for row in here.get(PAGE).context["browsers"]] == [
            reverse("browser_forget", args=[other.pk])
        ]
        assert hanako.securityevent_set.get(type="browser.forgotten").data == {"count": 1}

    def test_forgetting_twice_says_the_same_and_records_it_once(self, here, hanako):
        url = reverse("browser_forget", args=[browser_of(hanako).pk])
        assert [here.post(url).status_code for _ in range(2)] == [302, 302]
        assert hanako.securityevent_set.filter(type="browser.forgotten").count() == 1

    def test_all_are_forgotten_and_nobody_is_signed_out(self, here, elsewhere, hanako):
        browser_of(hanako), browser_of(hanako)
        here.post(reverse("browsers_forget"))
        assert here.get(PAGE).context["browsers"] == []
        assert elsewhere.get(PAGE).status_code == 200

    def test_somebody_elses_is_not_found_and_stays(self, here, hanako):
        row = browser_of(person("taro"))
        browser_of(hanako)
        assert here.post(reverse("browser_forget", args=[row.pk])).status_code == 404
        here.post(reverse("browsers_forget"))
        row.refresh_from_db()
        assert row.revoked_at is None


class TestTheEnds:
    """WCAG 2.2.1: said before, moved by a button where it may be, with and without a script."""

    @pytest.fixture
    def morning(self):
        with time_machine.travel("2026-11-24 01:00:00+00:00", tick=False) as traveller:  # 10:00 in Tokyo
            yield traveller

    def test_the_page_says_until_when_it_stays_open(self, morning, here):
        page = here.get(PAGE)
        assert "If you do nothing here until 10:30" in page.text
        assert 'data-idle="1800" data-absolute="43200" data-at="10:30" data-before="120"' in page.text

    def test_a_page_read_a_little_later_says_the_time_that_the_server_keeps(self, morning, here):
        here.get(PAGE)
        morning.shift(timedelta(seconds=50))  # less than a minute: the last use is not written again
        assert "until 10:30" in here.get(PAGE).text

    def test_staying_moves_the_quiet_end_and_reading_the_answer_tells_when(self, morning, here):
        morning.shift(timedelta(minutes=29))
        answer = here.post(STAY).json()
        assert (answer["idle"], answer["at"]) == (1800, "10:59")
        assert "10:59" in answer["line"]
        morning.shift(timedelta(minutes=29))
        assert here.get(PAGE).status_code == 200

    def test_staying_within_the_first_minute_counts_too(self, morning, here):
        here.get(PAGE)
        morning.shift(timedelta(seconds=50))
        assert here.post(STAY).json()["idle"] == 1800

    def test_only_a_post_with_its_token_stays(self, morning, here):
        morning.shift(timedelta(minutes=29))
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = here.cookies.copy()
        assert strict.post(STAY).status_code == 403
        assert here.get(STAY).status_code == 405

    def test_after_the_quiet_end_staying_is_too_late(self, morning, here):
        morning.shift(RULES.session_idle)
        assert here.post(STAY)["Location"] == "/sign-in/?ended=idle"
        assert here.get(PAGE)["Location"].startswith("/sign-in/")

    def test_the_longest_life_is_told_and_not_moved(self, morning, here):
        for _ in range(24):
            morning.shift(timedelta(minutes=29))
            here.post(STAY)
        page = here.get(PAGE)
        assert "We sign you out at 22:00 for your safety. This time cannot be moved." in page.text
        assert here.post(STAY).json()["absolute"] == 24 * 60
        morning.shift(timedelta(minutes=24))
        assert "ended=age" in here.get(PAGE)["Location"]

    def test_who_comes_back_is_led_to_where_they_were(self, morning, here):
        morning.shift(RULES.session_idle)
        assert here.get("/account/phone/change/?replace=none")["Location"] == (
            "/sign-in/?ended=idle&next=%2Faccount%2Fphone%2Fchange%2F%3Freplace%3Dnone"
        )

    def test_the_hour_is_the_persons_own(self, morning, here, hanako):
        User.objects.filter(pk=hanako.pk).update(timezone="Europe/Lisbon")
        assert "until 01:30" in here.get(PAGE).text
        assert timezone.get_current_timezone_name() == "Asia/Tokyo"

    def test_who_is_not_signed_in_is_told_of_no_end(self):
        assert "data-session" not in Client().get("/help/").text
