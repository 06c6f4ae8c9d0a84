"""Signing in: two steps, every trap of the engine closed."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.hashers import check_password
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import clock
from accounts.authenticators.password import dummy_hash
from accounts.models import Challenge, OutboxMessage, PasswordReset, SecurityEvent, Session, Totp, User
from accounts.services import sign_in as service
from policy.facts import Kind
from tests.accounts.sign_in.conftest import (
    CODES,
    CTX,
    PASSWORD,
    give_code,
    give_password,
    newest_code,
    press,
    sign_in,
    signed_in,
)

pytestmark = pytest.mark.django_db


def queries(captured) -> list[str]:
    control = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")
    return [one["sql"] for one in captured.captured_queries if not one["sql"].startswith(control)]


def test_password_and_app_code_open_a_session(browser, hanako):
    page = give_password(browser)
    assert page.status_code == 200
    assert 'name="token-code"' in page.content.decode()
    assert not signed_in(browser)
    response = give_code(browser, hanako.code())
    assert response.status_code == 302
    assert response["Location"] == "/account/"
    assert signed_in(browser)


def test_the_right_password_alone_opens_nothing(browser, hanako):
    give_password(browser)
    assert browser.get("/account/").status_code == 302
    assert not signed_in(browser)


def test_the_same_code_does_not_sign_in_twice(browser, hanako):
    code = hanako.code()
    give_password(browser)
    give_code(browser, code)
    other = Client(headers={"accept-language": "en"})
    give_password(other)
    page = give_code(other, code)
    assert page.status_code == 200
    assert "used before" in page.content.decode()
    assert not signed_in(other)


def test_full_width_digits_and_spaces_are_read(browser, hanako):
    code = hanako.code().translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    give_password(browser)
    assert give_code(browser, f"{code[:3]} {code[3:]}").status_code == 302


def test_something_that_is_no_code_costs_no_try(browser, hanako):
    give_password(browser)
    for _ in range(service.TRIES + 1):
        give_code(browser, "12345")
    assert give_code(browser, hanako.code()).status_code == 302


def test_a_code_of_another_clock_gets_a_hint(browser, hanako):
    give_password(browser)
    assert "clock" in give_code(browser, hanako.code(-8)).content.decode()


def test_a_saved_code_signs_in_once_whatever_way_was_chosen(browser, hanako):
    give_password(browser)
    assert give_code(browser, CODES[0].lower()).status_code == 302
    other = Client(headers={"accept-language": "en"})
    give_password(other)
    assert give_code(other, CODES[0]).status_code == 200
    assert not signed_in(other)
    assert SecurityEvent.objects.filter(type="codes.used").count() == 1


class TestSms:
    def test_it_is_sent_by_its_button_and_by_nothing_else(self, browser, hanako):
        give_password(browser)
        browser.get("/sign-in/")
        give_code(browser, "000000")
        assert not Challenge.objects.exists()
        page = press(browser, hanako.phone.means_id)
        assert Challenge.objects.get().to == hanako.phone.number
        assert OutboxMessage.objects.filter(channel="sms", kind="codes/sign_in").count() == 1
        assert "5678" in page.content.decode()
        assert give_code(browser, newest_code()).status_code == 302

    def test_a_second_press_within_a_minute_sends_nothing_and_says_when(self, browser, hanako):
        give_password(browser)
        for _ in range(10):
            page = press(browser, hanako.phone.means_id)
        assert Challenge.objects.count() == 1
        assert "You can ask for another at" in page.content.decode()

    def test_a_newer_code_kills_the_older(self, browser, hanako):
        give_password(browser)
        press(browser, hanako.phone.means_id)
        old = newest_code()
        with time_machine.travel(clock.now() + timedelta(seconds=61)):
            press(browser, hanako.phone.means_id)
            assert "newer code" in give_code(browser, old).content.decode()
            assert give_code(browser, newest_code()).status_code == 302

    def test_its_code_does_not_serve_another_sign_in(self, browser, hanako):
        give_password(browser)
        press(browser, hanako.phone.means_id)
        other = Client(headers={"accept-language": "en"})
        give_password(other)
        press(other, "totp")
        assert give_code(other, Challenge.objects.first().code).status_code == 200
        assert not signed_in(other)

    def test_it_dies_after_ten_minutes(self, browser, hanako):
        give_password(browser)
        with time_machine.travel(clock.now() + timedelta(minutes=1)) as clock_:
            press(browser, hanako.phone.means_id)
            code = newest_code()
            clock_.shift(timedelta(minutes=8, seconds=50))
            give_password(browser)  # the pending sign-in is as old as the password
            assert "right" in give_code(browser, code).content.decode()

    def test_a_strangers_number_gets_nothing(self, browser, hanako, make_person):
        taro = make_person("taro@example.jp", phone="+819099999999")
        give_password(browser)
        press(browser, taro.phone.means_id)
        assert not Challenge.objects.exists()

    def test_a_virtual_number_is_not_offered(self, browser, hanako):
        hanako.phone.line_type = "voip"
        hanako.phone.save()
        page = give_password(browser)
        assert hanako.phone.means_id not in page.content.decode()


class TestTheEnginesTraps:
    def test_done_refuses_the_password_alone_where_a_factor_is_bound(self, hanako):
        refused = service.finish(hanako.user, [service.Verified(Kind.PASSWORD, "password")], ctx=CTX)
        assert not refused
        assert refused.verdict.missing

    def test_posting_the_token_step_without_a_password_leads_back(self, browser, hanako):
        page = give_code(browser, hanako.code())
        assert 'name="auth-email"' in page.content.decode()
        assert not signed_in(browser)

    def test_a_step_that_does_not_exist_is_refused(self, browser, hanako):
        give_password(browser)
        assert browser.post("/sign-in/", {"login_view-current_step": "backup"}).status_code == 400
        assert browser.post("/sign-in/", {}).status_code == 400

    def test_changing_the_person_midway_needs_the_other_ones_code(self, browser, hanako, taro):
        give_password(browser, "hanako@example.jp")
        give_password(browser, "taro@example.jp")
        give_code(browser, taro.code())
        assert browser.session["_auth_user_id"] == str(taro.user.pk)

    def test_a_stray_get_does_not_lose_the_pending_sign_in(self, browser, hanako):
        give_password(browser)
        assert 'name="token-code"' in browser.get("/sign-in/").content.decode()
        assert give_code(browser, hanako.code()).status_code == 302

    def test_the_session_never_holds_the_password_or_a_code(self, browser, hanako):
        give_password(browser)
        give_code(browser, "000000")
        held = str(dict(browser.session.items()))
        assert PASSWORD not in held
        assert "000000" not in held

    def test_an_unconfirmed_app_does_not_complete_a_sign_in(self, browser, make_person):
        hanako = make_person(phone="+819012345678")
        Totp.objects.update(confirmed_at=None)
        give_password(browser)
        press(browser, "totp")
        give_code(browser, hanako.code())
        assert not signed_in(browser)

    def test_an_account_whose_factors_are_gone_is_led_to_recovery(self, browser, hanako):
        Totp.objects.update(lost_at=clock.now())
        hanako.phone.delete()
        hanako.sheet.delete()
        page = give_password(browser).content.decode()
        assert 'href="/recovery/"' in page
        assert "Nothing you have can sign in now" in page
        press(browser, hanako.user.addresss.first().means_id)
        assert not Challenge.objects.exists()
        assert browser.get("/account/").status_code == 302
        assert not signed_in(browser)

    def test_signing_in_as_another_person_while_signed_in_changes_the_session(self, browser, hanako, taro):
        sign_in(browser, hanako)
        key = browser.session.session_key
        sign_in(browser, taro)
        assert browser.session["_auth_user_id"] == str(taro.user.pk)
        assert browser.session.session_key != key


class TestAccountWithoutAFactor:
    @pytest.fixture
    def bare(self, make_person):
        return make_person(app=False)

    def test_it_asks_for_a_code_by_mail_and_then_only_sets_up(self, browser, bare):
        page = give_password(browser).content.decode()
        assert "by mail" in page
        assert not Challenge.objects.exists()
        press(browser, bare.user.addresss.first().means_id)
        response = give_code(browser, newest_code())
        assert response["Location"] == "/account/set-up/"
        assert browser.session["set_up"]
        assert browser.get("/account/")["Location"] == "/account/set-up/"

    def test_the_password_alone_opens_no_set_up_session(self, bare):
        assert not service.finish(bare.user, [service.Verified(Kind.PASSWORD, "password")], ctx=CTX)

    def test_mail_is_never_offered_where_a_factor_was_bound(self, browser, hanako):
        page = give_password(browser).content.decode()
        assert "address:" not in page
        press(browser, hanako.user.addresss.first().means_id)
        assert not Challenge.objects.exists()


class TestUnknownAddress:
    def test_it_answers_with_the_same_page(self, hanako):
        pages = []
        for email in ("hanako@example.jp", "nobody@example.jp"):
            page = give_password(Client(headers={"accept-language": "en"}), email, "wrong")
            text = page.content.decode().replace(email, "EMAIL")
            token = page.context["csrf_token"]
            pages.append((page.status_code, text.replace(str(token), "TOKEN")))
        assert len(pages[0][1]) == len(pages[1][1])

    def test_it_costs_the_same_queries(self, hanako):
        give_password(Client(), "warm@example.jp", "wrong")
        counts = []
        for email in ("hanako@example.jp", "nobody@example.jp"):
            with CaptureQueriesContext(
                connection,
            ) as captured:
                give_password(Client(), email, "wrong")
            counts.append(queries(captured))
        assert len(counts[0]) == len(counts[1])
        assert sum("accounts_user" in sql for sql in counts[1]) == 1

    def test_it_hashes_as_often(self, hanako, monkeypatch):
        from accounts import hashers

        seen = []
        verify = hashers.PortalArgon2Hasher.verify
        monkeypatch.setattr(hashers.PortalArgon2Hasher, "verify", lambda *a: seen.append(1) or verify(*a))
        give_password(Client(), "hanako@example.jp", "wrong")
        known, seen[:] = len(seen), []
        give_password(Client(), "nobody@example.jp", "wrong")
        assert known == len(seen) == 1

    def test_nothing_is_in_the_session(self, browser, hanako):
        give_password(browser, "nobody@example.jp", "wrong")
        give_password(browser, "hanako@example.jp", "wrong")
        assert not Session.objects.exists()


class TestLimits:
    def test_too_many_wrong_codes_end_the_pending_sign_in_and_tell_the_owner(self, browser, hanako):
        give_password(browser)
        for _ in range(service.TRIES):
            page = give_code(browser, "000000")
        assert 'name="auth-email"' in page.content.decode()
        assert "wrong too often" in page.content.decode()
        kinds = set(SecurityEvent.objects.filter(user=hanako.user).values_list("type", flat=True))
        assert {"session.second_factor.failed", "session.sign_in.throttled"} <= kinds
        assert OutboxMessage.objects.filter(kind="notices/sign_in_throttled").exists()

    def test_the_right_code_waits_too_but_a_saved_code_still_signs_in(self, browser, hanako):
        give_password(browser)
        for _ in range(service.TRIES):
            give_code(browser, "000000")
        give_password(browser)
        page = give_code(browser, hanako.code())
        assert "too many tries" in page.content.decode()
        assert page["Retry-After"]
        assert give_code(browser, CODES[0]).status_code == 302

    def test_the_second_factor_is_not_charged_before_the_right_password(self, browser, hanako):
        for _ in range(20):
            give_code(Client(), "000000")
        give_password(browser)
        assert give_code(browser, hanako.code()).status_code == 302

    def test_wrong_passwords_are_slowed_down(self, hanako):
        for _ in range(10):
            give_password(Client(), password="wrong")
        page = give_password(Client())
        assert page.status_code == 429
        assert page["Retry-After"]

    def test_a_hundred_wrong_codes_in_a_row_disable_the_app(self, browser, hanako):
        Totp.objects.update(failures_in_row=99)
        give_password(browser)
        give_code(browser, "000000")
        assert Totp.objects.get().disabled_at
        assert SecurityEvent.objects.filter(type="authenticator.disabled").exists()
        give_code(browser, hanako.code())
        assert not signed_in(browser)

    def test_a_right_code_starts_the_count_anew(self, browser, hanako):
        Totp.objects.update(failures_in_row=98)
        sign_in(browser, hanako)
        assert Totp.objects.get().failures_in_row == 0


class TestResetPassword:
    @pytest.fixture
    def reset(self, hanako):
        return PasswordReset.objects.create(user=hanako.user, previous_hash=hanako.user.password, made_at=clock.now())

    def test_it_signs_in_with_the_app_and_notes_it(self, browser, hanako, reset):
        sign_in(browser, hanako)
        reset.refresh_from_db()
        assert reset.signed_in_at
        assert browser.session["on_reset_password"]

    def test_it_does_not_sign_in_with_an_sms(self, browser, hanako, reset):
        page = give_password(browser)
        assert hanako.phone.means_id not in page.content.decode()
        press(browser, hanako.phone.means_id)
        assert not Challenge.objects.exists()
        proofs = [service.Verified(Kind.PASSWORD, "password:reset", True), service.Verified(Kind.SMS, "phone:1")]
        assert not service.finish(hanako.user, proofs, ctx=CTX)


class TestPendingSignIn:
    def test_it_lives_ten_minutes(self, browser, hanako):
        give_password(browser)
        with time_machine.travel(clock.now() + timedelta(minutes=10, seconds=1)):
            page = give_code(browser, hanako.code())
            assert "time for the code is over" in page.content.decode()
        assert not signed_in(browser)

    def test_it_dies_when_the_password_is_changed_meanwhile(self, browser, hanako):
        give_password(browser)
        hanako.user.set_password("another long password")
        hanako.user.save()
        give_code(browser, hanako.code())
        assert not signed_in(browser)

    def test_the_session_key_changes_at_each_rise(self, browser, hanako):
        give_password(browser)
        before = browser.session.session_key
        give_code(browser, hanako.code())
        assert browser.session.session_key != before

    def test_one_can_begin_again(self, browser, hanako):
        give_password(browser)
        browser.post("/sign-in/", {"again": "1"})
        assert 'name="auth-email"' in browser.get("/sign-in/").content.decode()


class TestAfterwards:
    def test_it_goes_on_to_a_page_inside(self, browser, hanako):
        assert sign_in(browser, hanako, next="/account/security/")["Location"] == "/account/security/"

    def test_it_never_goes_on_to_another_site(self, browser, hanako):
        assert sign_in(browser, hanako, next="https://evil.example/")["Location"] == "/account/"

    def test_the_persons_language_goes_into_the_cookie(self, browser, hanako):
        assert sign_in(browser, hanako).cookies["language"].value == "en"

    def test_the_session_row_knows_its_owner_and_browser(self, browser, hanako):
        sign_in(browser, hanako)
        row = Session.objects.get()
        assert (row.user_id, row.agent) == (hanako.user.pk, "Firefox, Linux")

    def test_another_confirmed_address_signs_in_too(self, browser, hanako):
        from accounts.models import Address

        now = clock.now()
        Address.objects.create(
            user=hanako.user, email="H@Example.org", key="h@example.org", bound_at=now, confirmed_at=now
        )
        give_password(browser, "Ｈ@Example.org ")
        assert give_code(browser, hanako.code()).status_code == 302

    def test_a_hash_of_another_cost_is_renewed(self, browser, hanako, settings):
        settings.ARGON2_MEMORY_KIB = 128
        sign_in(browser, hanako)
        hanako.user.refresh_from_db()
        assert "m=128" in User.objects.get(pk=hanako.user.pk).password

    def test_raising_the_cost_ends_no_session_and_another_password_does(self, browser, hanako, settings):
        elsewhere = Client()
        sign_in(elsewhere, hanako)
        settings.ARGON2_MEMORY_KIB = 128
        Totp.objects.update(last_step=-1)  # the same half minute, and the same code
        sign_in(browser, hanako)
        user = User.objects.get(pk=hanako.user.pk)
        assert "m=128" in user.password
        assert user.check_password(PASSWORD)
        assert [one.get("/account/").status_code for one in (elsewhere, browser)] == [200, 200]
        user.set_password("another one altogether")
        user.save()
        assert [one.get("/account/").status_code for one in (elsewhere, browser)] == [302, 302]

    def test_a_wrong_password_renews_nothing(self, browser, hanako, settings):
        settings.ARGON2_MEMORY_KIB = 128
        give_password(browser, password="wrong")
        assert "m=64" in User.objects.get(pk=hanako.user.pk).password

    def test_a_hash_from_before_costs_a_wrong_password_as_much_as_nobodys(self, hanako, settings):
        settings.ARGON2_MEMORY_KIB = 48 * 1024
        nobody = dummy_hash()

        def quickest(encoded):
            times = []
            for _ in range(5):
                begun = time.perf_counter()
                assert not check_password("wrong", encoded)
                times.append(time.perf_counter() - begun)
            return min(times)

        assert quickest(hanako.user.password) > quickest(nobody) / 2


class TestBudget:
    def test_an_anonymous_get_reads_and_writes_nothing(self, browser, django_assert_num_queries):
        with django_assert_num_queries(0):
            page = browser.get("/sign-in/")
        assert "session" not in page.cookies
        assert page.status_code == 200

    def test_the_second_post_needs_at_most_twenty_queries(self, browser, hanako):
        give_password(browser)
        code = hanako.code()
        with CaptureQueriesContext(connection) as captured:
            assert give_code(browser, code).status_code == 302
        assert len(queries(captured)) <= 20, "\n".join(queries(captured))


def test_signing_out_is_a_post_and_clears_the_browser(browser, hanako):
    sign_in(browser, hanako)
    assert browser.get("/sign-out/").status_code == 405
    response = browser.post("/sign-out/")
    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert not signed_in(browser)
    assert not Session.objects.filter(user=hanako.user).exists()
    assert SecurityEvent.objects.filter(type="session.signed_out", user=hanako.user).exists()


def test_travelling_moves_waits_and_never_the_codes_of_an_app(browser, hanako, settings, tmp_path):
    settings.DEBUG, settings.CLOCK_FILE = True, tmp_path / "clock"
    clock.travel(timedelta(hours=72))
    assert sign_in(browser, hanako).status_code == 302
    assert datetime.fromisoformat(browser.session["created_at"]) > datetime.now(UTC) + timedelta(hours=71)
