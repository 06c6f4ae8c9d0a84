"""Step-up: fresh, for one kind of deed, by means that count; and what a session knows of itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client, RequestFactory

from accounts import assurance, clock
from accounts.models import Challenge, Change, PasswordReset, SecurityEvent, Session, Totp
from accounts.services.verify import Verified
from policy.facts import Kind
from policy.rules import RULES
from tests.accounts.sign_in.conftest import CODES, PASSWORD, newest_code, sign_in

pytestmark = pytest.mark.django_db
PAGE = "/account/step-up/?for=withdraw&next=/account/withdrawal/"


@pytest.fixture
def inside(browser: Client, hanako) -> Client:
    sign_in(browser, hanako)
    return browser


def give(browser: Client, code: str, way: str = "totp", page: str = PAGE):
    return browser.post(page, {"code": code, "way": way})


def test_a_fresh_code_leads_back_under_a_new_key(inside, hanako):
    before = inside.session.session_key
    response = give(inside, hanako.code())
    assert response["Location"] == "/account/withdrawal/"
    assert inside.session.session_key != before
    assert [one["deed"] for one in inside.session["step_ups"]] == ["withdraw"]
    assert SecurityEvent.objects.filter(type="step_up.succeeded").exists()


def test_the_page_names_the_deed(inside):
    assert "Before you withdraw" in inside.get(PAGE).content.decode()


def test_an_unknown_deed_is_no_page(inside):
    assert inside.get("/account/step-up/?for=everything").status_code == 404


def test_the_code_of_the_sign_in_does_not_serve_again(browser, hanako):
    from tests.accounts.sign_in.conftest import give_code, give_password

    code = hanako.code()
    give_password(browser)
    give_code(browser, code)
    assert "used before" in give(browser, code).content.decode()


def test_it_never_offers_or_sends_mail(inside, hanako):
    page = inside.get(PAGE).content.decode()
    assert "address:" not in page
    inside.post(PAGE, {"challenge": hanako.user.addresss.first().means_id})
    assert not Challenge.objects.exists()


def test_an_sms_is_sent_by_its_button_only(inside, hanako):
    inside.get(PAGE)
    assert not Challenge.objects.exists()
    inside.post(PAGE, {"challenge": hanako.phone.means_id})
    assert give(inside, newest_code(), "sms").status_code == 302


def test_changing_the_number_is_never_confirmed_by_a_number(inside, hanako):
    page = "/account/step-up/?for=change_number&next=/account/"
    assert hanako.phone.means_id not in inside.get(page).content.decode()
    inside.post(page, {"challenge": hanako.phone.means_id})
    assert not Challenge.objects.exists()


def test_a_saved_code_confirms_whatever_way_was_chosen(inside):
    assert give(inside, CODES[1]).status_code == 302


def test_what_is_on_probation_confirms_nothing(inside, hanako):
    change = Change.objects.create(user=hanako.user, what="totp.added", made_at=clock.now())
    Totp.objects.update(added_by=change)
    give(inside, hanako.code())
    assert not inside.session["step_ups"]


def test_a_number_not_confirmed_for_long_confirms_nothing(inside, hanako):
    hanako.phone.confirmed_at = clock.now() - RULES.number_confirmed_within - timedelta(days=1)
    hanako.phone.save()
    assert hanako.phone.means_id not in inside.get(PAGE).content.decode()


def test_it_says_so_when_nothing_can_confirm(inside, hanako):
    hanako.phone.delete()
    hanako.sheet.delete()
    Totp.objects.all().delete()
    page = inside.get(PAGE)
    assert page.status_code == 200
    assert 'name="code"' not in page.content.decode()


def test_it_never_leads_to_another_site(inside, hanako):
    response = give(inside, hanako.code(), page="/account/step-up/?for=withdraw&next=//evil.example/")
    assert response["Location"] == "/account/"


class TestDecorator:
    @pytest.fixture
    def ask(self, inside, hanako):
        @assurance.step_up_required("withdraw")
        def view(request):
            return HttpResponse("done")

        def ask():
            request = RequestFactory().get("/account/withdrawal/?a=1")
            request.session, request.user = inside.session, hanako.user
            return view(request)

        return ask

    def test_without_a_step_up_it_leads_to_the_page(self, ask):
        url = "/account/step-up/?for=withdraw&next=%2Faccount%2Fwithdrawal%2F%3Fa%3D1"
        assert ask()["Location"] == url

    def test_a_fresh_one_opens_and_a_stale_one_does_not(self, ask, inside, hanako):
        give(inside, hanako.code())
        assert ask().content == b"done"
        with time_machine.travel(clock.now() + RULES.step_up_fresh + timedelta(seconds=1)):
            assert ask().status_code == 302

    def test_one_for_another_deed_does_not_open(self, ask, inside, hanako):
        give(inside, hanako.code(), page="/account/step-up/?for=add_payout")
        assert ask().status_code == 302

    def test_a_deed_that_does_not_exist_is_a_mistake_of_ours(self):
        with pytest.raises(ValueError, match="everything"):
            assurance.step_up_required("everything")


class TestSession:
    def test_it_knows_what_the_sign_in_showed(self, inside):
        request = RequestFactory().get("/")
        request.session = inside.session
        known = assurance.session_facts(request)
        assert [proof.kind for proof in known.proofs] == [Kind.PASSWORD, Kind.TOTP]
        assert not (known.set_up or known.on_reset_password)

    def test_it_ends_after_half_an_hour_of_quiet_and_says_so(self, inside):
        with time_machine.travel(clock.now() + RULES.session_idle + timedelta(seconds=1)):
            response = inside.get("/account/security/")
            assert response["Location"] == "/sign-in/?ended=idle&next=%2Faccount%2Fsecurity%2F"
            assert "signed out" in inside.get(response["Location"]).content.decode()
        assert not Session.objects.exists()

    def test_it_ends_after_twelve_hours_however_busy(self, inside):
        start = clock.now()
        with time_machine.travel(start) as time:
            for minutes in range(20, 12 * 60, 20):
                time.move_to(start + timedelta(minutes=minutes))
                assert inside.get(PAGE).status_code == 200
            time.move_to(start + timedelta(hours=12, seconds=2))
            assert "ended=age" in inside.get(PAGE)["Location"]

    def test_reading_pages_writes_the_session_at_most_once_a_minute(self, inside):
        row = Session.objects.get().last_seen_at
        inside.get(PAGE)
        assert Session.objects.get().last_seen_at == row
        with time_machine.travel(clock.now() + timedelta(seconds=61)):
            inside.get(PAGE)
        assert Session.objects.get().last_seen_at > row

    def test_raising_the_epoch_ends_it_and_refresh_keeps_it(self, inside, hanako):
        from accounts.services import changes

        changes.end_sessions(hanako.user, keep=inside.session.session_key)
        assert inside.get("/account/").status_code == 302

    def test_refresh_keeps_the_one_it_is_given(self, inside, hanako):
        from accounts.services import changes

        request = RequestFactory().get("/")
        request.session = inside.session
        changes.end_sessions(hanako.user, keep=request.session.session_key)
        request.user = hanako.user
        assurance.refresh(request, hanako.user)
        request.session.save()
        inside.cookies["session"] = request.session.session_key
        assert inside.get(PAGE).status_code == 200

    def test_the_sign_up_session_opens_up_when_set_up_is_done_and_no_other_does(self, hanako):
        for sign_up in (True, False):
            request = RequestFactory().get("/")
            request.session = Client().session
            assurance.sign_in(request, hanako.user, [Verified(Kind.PASSWORD, "password")], set_up=True, sign_up=sign_up)
            assert assurance.end_set_up(request) is sign_up
            assert assurance.in_set_up(request) is not sign_up


NUMBER = "/account/step-up/?for=change_number&next=/account/phone/change/"


def by_password_and_mail(browser: Client, hanako, password: str = PASSWORD):
    """Each half of it: the password, then the code at her address."""
    first = browser.post(NUMBER, {"way": "password", "password": password})
    address = hanako.user.addresss.first()
    browser.post(NUMBER, {"challenge": address.means_id})
    return first


def test_the_password_and_a_mail_code_together_confirm_a_change_of_number(inside, hanako):
    """Product §1 row 6: whoever has no app and no paper at hand."""
    page = inside.get(NUMBER).content.decode()
    assert "Use the password and a mail code" in page
    assert 'name="password"' in inside.post(NUMBER, {"challenge": "password"}).content.decode()
    first = by_password_and_mail(inside, hanako)
    assert first["Location"] == "/account/step-up/?for=change_number&next=%2Faccount%2Fphone%2Fchange%2F"
    assert Challenge.objects.get().to == hanako.user.email
    done = give(inside, newest_code(), "email", NUMBER)
    assert done["Location"] == "/account/phone/change/"
    assert inside.get("/account/phone/change/").status_code == 200


def test_neither_half_confirms_alone(inside, hanako):
    inside.post(NUMBER, {"challenge": hanako.user.addresss.first().means_id})
    assert not Challenge.objects.exists(), "no mail before the password"
    inside.post(NUMBER, {"way": "password", "password": PASSWORD})
    assert inside.get("/account/phone/change/")["Location"].startswith("/account/step-up/")


def test_a_wrong_password_is_said_and_sends_nothing(inside, hanako):
    page = by_password_and_mail(inside, hanako, "not this one")
    assert "This is not your password" in page.content.decode()
    assert not Challenge.objects.exists()


def test_password_and_mail_serve_no_other_deed(inside, hanako):
    assert "Use the password and a mail code" not in inside.get(PAGE).content.decode()
    inside.post(PAGE, {"way": "password", "password": PASSWORD})
    assert not inside.session["step_ups"]


def test_a_password_set_by_mail_is_not_offered_beside_a_mail_code(inside, hanako):
    """Both came out of one mailbox (R3)."""
    now = clock.now()
    PasswordReset.objects.create(user=hanako.user, previous_hash="!", made_at=now)
    assert "Use the password and a mail code" not in inside.get(NUMBER).content.decode()


def test_without_app_and_paper_the_password_is_asked_for_at_once(inside, hanako):
    hanako.sheet.delete()
    Totp.objects.all().delete()
    assert 'name="password"' in inside.get(NUMBER).content.decode()
