"""Known browsers: noted, told, kept half of each limit; never a factor, never a way around one (P13, P16; R18)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as conf
from django.db import connection
from django.http import HttpRequest
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import browser_cookie, clock, context, history, throttling
from accounts.models import Address, Challenge, KnownBrowser, LimitCounter, OutboxMessage, SecurityEvent
from accounts.services import browsers, housekeeping
from policy.rules import RULES
from tests.accounts.sign_in.conftest import (
    CODES,
    CTX,
    give_code,
    give_password,
    newest_code,
    press,
    sign_in,
    signed_in,
)
from tests.accounts.sign_in.test_sign_in import queries
from tests.house.test_alike import VALUES

pytestmark = pytest.mark.django_db
COOKIE = conf.BROWSER_COOKIE_NAME
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Firefox/130.0"
HALF = throttling.LIMITS["password.stranger"][0].count
WHOLE = throttling.LIMITS["password.account"][0].count
CODES_HALF = throttling.LIMITS["sign_in.stranger"][0].count


def new_browser(**cookies: str) -> Client:
    client = Client(headers={"accept-language": "en", "user-agent": FIREFOX})
    for name, value in cookies.items():
        client.cookies[name] = value
    return client


def shown(client: Client) -> str:
    return client.cookies[COOKIE].value


def again(client: Client) -> Client:
    """The same browser, signed out: it kept nothing but its cookie."""
    return new_browser(**{COOKIE: shown(client)})


def age(days: int) -> None:
    """Every known browser was first seen so many days ago."""
    KnownBrowser.objects.update(first_seen=clock.now() - timedelta(days=days))


@pytest.fixture
def own(hanako) -> Client:
    """The browser that hanako has used for more than a month."""
    client = new_browser()
    sign_in(client, hanako)
    age(40)
    return again(client)


@pytest.fixture(autouse=True)
def _within_one_window():
    """Limits count in fixed windows: the middle of one, so that no test crosses its edge."""
    with time_machine.travel("2026-11-24 01:01:00+00:00", tick=True):
        yield


class TestNoting:
    def test_a_complete_sign_in_leaves_a_row_and_a_cookie_that_are_not_the_same_text(self, hanako):
        browser = new_browser()
        answer = sign_in(browser, hanako)
        row = KnownBrowser.objects.get()
        assert (row.user, row.name, row.network) == (hanako.user, "Firefox, Linux", "127.0.0.0/24")
        assert row.expires_at - row.first_seen == RULES.known_browser_life
        assert row.digest == browser_cookie.digest(shown(browser))
        assert shown(browser) not in str(KnownBrowser.objects.values())
        cookie = answer.cookies[COOKIE]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
        assert cookie["max-age"] == 180 * 24 * 3600
        assert len(shown(browser)) == 32, "192 bits"

    def test_over_https_the_cookie_is_bound_to_this_host(self):
        text = (conf.BASE_DIR / "config" / "settings.py").read_text(encoding="utf-8")
        assert 'BROWSER_COOKIE_NAME = "__Host-browser" if SECURE else "browser"' in text

    def test_the_password_alone_leaves_none(self, hanako):
        browser = new_browser()
        give_password(browser)
        give_code(browser, "000000")
        assert not KnownBrowser.objects.exists()
        assert COOKIE not in browser.cookies

    def test_a_set_up_session_leaves_none_because_its_sign_in_is_half(self, make_person):
        bare = make_person("bare@example.jp", app=False)
        browser = new_browser()
        give_password(browser, bare.user.email)
        press(browser, bare.user.addresss.get().means_id)
        assert give_code(browser, newest_code())["Location"] == "/account/set-up/"
        assert not KnownBrowser.objects.exists()

    def test_coming_back_is_noted_at_most_once_a_day_and_lengthens_its_life(self, own, hanako):
        with time_machine.travel(clock.now() + timedelta(hours=23)):
            assert COOKIE not in sign_in(own, hanako).cookies
        with time_machine.travel(clock.now() + timedelta(days=2)):
            back = again(own)
            assert sign_in(back, hanako).cookies[COOKIE].value == shown(own)
            row = KnownBrowser.objects.get()
            assert row.last_used > clock.now() - timedelta(minutes=1)
            assert row.expires_at > clock.now() + timedelta(days=179)

    def test_two_people_in_one_browser_each_have_their_own_token(self, own, hanako, taro):
        sign_in(own, taro)
        assert len(shown(own).split(".")) == 2
        assert {row.user for row in KnownBrowser.objects.all()} == {hanako.user, taro.user}
        assert browsers.known(taro.user, ctx_of(own))
        assert browsers.known(hanako.user, ctx_of(own))

    def test_a_token_left_behind_on_purpose_is_not_the_next_persons(self, hanako, taro):
        """Attack stopped: mallory signs in on a shared computer, copies its cookie, and waits for hanako."""
        shared = new_browser()
        sign_in(shared, taro)
        copied = new_browser(**{COOKIE: shown(shared)})
        sign_in(again(shared), hanako)
        assert not browsers.known(hanako.user, ctx_of(copied))

    def test_the_cookie_holds_no_more_than_five_and_the_account_no_more_than_twenty(self, hanako, monkeypatch):
        monkeypatch.setattr(browsers, "MOST", 3)
        browser = new_browser(**{COOKIE: ".".join(browser_cookie.fresh() for _ in range(7))})
        sign_in(browser, hanako)
        assert len(shown(browser).split(".")) == browser_cookie.MOST
        for _ in range(4):
            sign_in(new_browser(), hanako)
        assert len(browsers.listed(hanako.user)) == 3

    def test_it_is_forgotten_after_its_life_and_deleted(self, own, hanako):
        with time_machine.travel(clock.now() + RULES.known_browser_life + timedelta(minutes=1)):
            assert not browsers.known(hanako.user, ctx_of(own))
            housekeeping.purge()
        assert not KnownBrowser.objects.exists()


class TestNeverAFactor:
    def test_both_steps_are_asked_for_as_ever(self, own, hanako):
        page = give_password(own)
        assert 'name="token-code"' in page.text
        assert own.get("/account/").status_code == 302
        give_code(own, "000000")
        assert not signed_in(own)
        give_code(own, hanako.code())
        assert signed_in(own)

    def test_the_step_up_is_asked_for_as_ever(self, own, hanako):
        sign_in(own, hanako)
        assert "/account/step-up/" in own.get("/account/password/")["Location"]
        assert "browser" not in str(dict(own.session.items())).lower().replace("firefox", "")


class TestCookiesOfNoUse:
    """P16: the stock cookie answers 500 when malformed, and a forged one raises the owner's failure count."""

    @pytest.mark.parametrize(
        "value",
        [
            "",
            ".",
            "x",
            "a" * 32,
            "." * 900,
            "a" * 4000,
            "é" * 32,
            "' OR 1=1 --",
            "1:2:3",
            "\x00" * 32,
            ".".join(["b" * 32] * 40),
        ],
        ids=["empty", "dot", "short", "forged", "dots", "long", "accents", "sql", "stock", "zeros", "many"],
    )
    def test_it_breaks_nothing_counts_nothing_and_opens_nothing(self, value, hanako):
        browser = new_browser()
        browser.cookies[COOKIE] = value
        assert browser.get("/sign-in/").status_code == 200
        assert give_password(browser).status_code == 200
        assert not signed_in(browser)
        assert set(LimitCounter.objects.values_list("count", flat=True)) == {0}, (
            "the right password gave its charge back"
        )
        hanako.app.refresh_from_db()
        assert hanako.app.failures_in_row == 0
        assert give_code(browser, hanako.code()).status_code == 302

    def test_taros_own_is_a_strangers_at_hanakos_account(self, hanako, taro):
        his = new_browser()
        sign_in(his, taro)
        age(40)
        assert not browsers.counts(hanako.user, ctx_of(his))
        for _ in range(HALF):
            give_password(again(his), password="wrong")
        assert give_password(again(his)).status_code == 429

    def test_a_page_shown_to_anybody_reads_nothing_of_it(self, own, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert COOKIE not in own.get("/sign-in/").cookies


class TestHalfOfEachLimit:
    def test_guesses_from_elsewhere_leave_half_of_the_passwords_tries(self, own, hanako):
        for _ in range(HALF):
            assert give_password(new_browser(), password="wrong").status_code == 200
        assert give_password(new_browser()).status_code == 429
        for _ in range(WHOLE - HALF - 1):
            assert give_password(own, password="wrong").status_code == 200
        assert give_password(own).status_code == 200

    def test_two_networks_that_guess_all_day_do_not_close_the_owners_sign_in(self, own, hanako):
        """The attack for which half is kept: before, it closed password sign-in until the next day."""
        morning = clock.now()
        for minute in range(0, 24 * 60, 45):
            with time_machine.travel(morning.replace(hour=0, minute=0) + timedelta(minutes=minute), tick=False):
                for network in ("203.0.113.9", "198.51.100.9"):
                    give_password(Client(REMOTE_ADDR=network), password="wrong")
        with time_machine.travel(morning.replace(hour=23, minute=59), tick=False):
            assert give_password(new_browser()).status_code == 429, "a browser not known has to wait"
            assert sign_in(own, hanako).status_code == 302

    def test_a_neighbour_in_the_same_network_does_not_close_it_either(self, own, hanako):
        for number in range(throttling.LIMITS["password.network"][0].count):
            give_password(new_browser(), f"nobody{number}@example.jp", "wrong")
        assert give_password(new_browser()).status_code == 429
        assert sign_in(own, hanako).status_code == 302

    def test_wrong_codes_from_elsewhere_leave_half_of_the_codes_tries(self, own, hanako):
        thief = new_browser()
        give_password(thief)
        for _ in range(CODES_HALF):
            assert "too many tries" not in give_code(thief, "000000").text
        assert "too many tries" in give_code(thief, hanako.code()).text
        assert sign_in(own, hanako).status_code == 302

    def test_codes_sent_from_elsewhere_leave_some_for_the_owner(self, own, hanako):
        number = hanako.phone.means_id
        for _ in range(throttling.LIMITS["sms.stranger"][0].count + 1):
            thief = new_browser()
            give_password(thief)
            press(thief, number)
        sent = Challenge.objects.filter(channel="sms").count()
        assert sent == throttling.LIMITS["sms.stranger"][0].count
        give_password(own)
        press(own, number)
        assert Challenge.objects.filter(channel="sms").count() == sent + 1

    @pytest.mark.parametrize(("days", "kept"), [(29, False), (30, True)])
    def test_it_counts_thirty_days_after_it_was_first_seen(self, days, kept, own, hanako):
        age(days)
        for _ in range(HALF):
            give_password(new_browser(), password="wrong")
        assert (give_password(own).status_code == 200) is kept

    def test_a_forgotten_one_is_a_stranger(self, own, hanako):
        browsers.forget_all(hanako.user, ctx=CTX)
        for _ in range(HALF):
            give_password(new_browser(), password="wrong")
        assert give_password(own).status_code == 429

    def test_a_saved_code_has_no_such_limit_anywhere(self, hanako):
        thief = new_browser()
        give_password(thief)
        for _ in range(CODES_HALF + 1):
            give_code(thief, "000000")
        assert give_code(thief, CODES[0]).status_code == 302


class TestItTellsNobodyWhoIsHere:
    def test_known_and_unknown_addresses_cost_the_same_statements_from_a_browser_known_to_another(self, taro, hanako):
        his = new_browser()
        sign_in(his, taro)
        age(40)
        his = again(his)
        give_password(his, "warm@example.jp", "wrong")
        asked = []
        for email in ("hanako@example.jp", "nobody@example.jp"):
            with CaptureQueriesContext(connection) as captured:
                give_password(his, email, "wrong")
            asked.append([VALUES.sub("?", sql) for sql in queries(captured)])
        assert asked[0] == asked[1]
        assert any("knownbrowser" in sql for sql in asked[1])

    @pytest.mark.parametrize("email", ["hanako@example.jp", "nobody@example.jp"])
    def test_an_address_is_slowed_after_as_many_tries_whether_it_is_known_or_not(self, email, hanako):
        answers = [give_password(new_browser(), email, "wrong").status_code for _ in range(HALF + 1)]
        assert answers == [200] * HALF + [429]

    def test_the_same_address_in_another_spelling_is_the_same(self, hanako):
        for name in ("hanako", "nobody"):
            for _ in range(HALF):
                give_password(new_browser(), f"{name}@example.jp", "wrong")
            assert give_password(new_browser(), f" {name.upper()}@Example.JP", "wrong").status_code == 429

    def test_a_limit_reached_at_one_address_is_not_felt_at_another_of_the_same_account(self, hanako):
        """Counted by account, it would tell that both addresses have one, and that it is the same."""
        now = clock.now()
        Address.objects.create(user=hanako.user, email="h@b.jp", key="h@b.jp", bound_at=now, confirmed_at=now)
        for _ in range(HALF + 1):
            give_password(new_browser(), "hanako@example.jp", "wrong")
        assert give_password(new_browser(), "h@b.jp", "wrong").status_code == 200


class TestTheAlert:
    def events(self, kind: str = "session.new_browser") -> int:
        return SecurityEvent.objects.filter(type=kind).count()

    def test_the_first_sign_in_ever_is_no_news(self, hanako):
        sign_in(new_browser(), hanako)
        assert (self.events(), self.events("session.sign_in.succeeded")) == (0, 1)

    def test_one_from_a_browser_not_seen_before_is_told_to_every_address_with_a_way_to_stop_it(self, own, hanako):
        now = clock.now()
        Address.objects.create(user=hanako.user, email="h@b.jp", key="h@b.jp", bound_at=now, confirmed_at=now)
        sign_in(new_browser(), hanako)
        letters = OutboxMessage.objects.filter(kind="notices/new_browser")
        assert {letter.to for letter in letters} == {"hanako@example.jp", "h@b.jp"}
        assert all("link" in letter.data for letter in letters)

    def test_the_same_browser_again_is_not_told(self, own, hanako):
        sign_in(own, hanako)
        assert self.events() == 0

    def test_after_a_reset_by_mail_dropped_them_all_the_next_sign_in_is_told(self, own, hanako):
        """Attack stopped: a thief of the mailbox whose reset would have silenced the alert."""
        KnownBrowser.objects.update(revoked_at=clock.now())
        sign_in(new_browser(), hanako)
        assert self.events() == 1

    def test_the_history_says_whether_the_browser_was_known(self, own, hanako):
        sign_in(own, hanako)
        sign_in(new_browser(), hanako)
        found = SecurityEvent.objects.filter(type="session.sign_in.succeeded").order_by("pk")
        assert [event.data["browser"] for event in found] == ["new", "known", "new"]
        told = [history.detail(event) for event in found]
        assert told[1] != told[0] == told[2]


def ctx_of(client: Client):
    """What the services are told of this browser."""
    request = HttpRequest()
    request.COOKIES = {COOKIE: shown(client)}
    return context.from_request(request)
