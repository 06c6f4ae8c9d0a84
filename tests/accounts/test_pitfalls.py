"""Known pitfalls of sign-in and recovery portals that no other test of a room covers (docs/threat-model.md)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.contrib.admin import site as stock
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts import clock, crypto
from accounts.authenticators.base import Verified
from accounts.models import Challenge, LimitCounter, OutboxMessage, Phone, SavedCodeSet, Totp, User
from accounts.services import delivery
from accounts.which_password import PASSWORD as MEANS_OF_PASSWORD
from policy.facts import Kind
from support.site import site
from tests.accounts.hands import PASSWORD, app_of, code_of, person
from tests.accounts.hands import sign_in as open_session
from tests.house.test_laws import APPS, breaches
from tests.recovery.people import OLD, Claimant
from tests.recovery.people import app_code as hanakos_code
from tests.recovery.people import person as prepared_person
from tests.servers import ROOT, free_port

pytestmark = pytest.mark.django_db
HERE = reverse("sign_in")


# --- P12: voice calls ------------------------------------------------------------------------------------------------
def test_no_address_leads_to_a_view_of_the_stock_parts() -> None:
    """Its voice callback answers anybody and drops leading zeros; its set-up and disable views ask no fresh proof."""
    foreign = {name.split(".")[0] for name in views(get_resolver().url_patterns)}
    assert foreign <= {"accounts", "recovery", "support", "config", "django"}


def test_a_code_that_begins_with_zero_is_six_digits_and_opens() -> None:
    phone = number_of(person())
    browser = past_password()
    press(browser, phone.means_id)
    row = Challenge.objects.get()
    while not row.code.startswith("0"):
        row.nonce = crypto.nonce()
    row.save()
    assert len(row.code) == 6
    give(browser, row.code.lstrip("0"))
    assert not signed_in(browser)
    give(browser, row.code)
    assert signed_in(browser)


# --- P13: limits as a weapon -----------------------------------------------------------------------------------------
def test_mallorys_claims_close_neither_the_owners_sign_in_nor_her_app() -> None:
    hanako = prepared_person()
    for _ in range(4):
        mallory = Claimant()
        for _ in range(8):
            mallory.prove("totp", "000000")
            mallory.prove("password", "not hers at all")
    row = Totp.objects.get()
    assert (row.failures_in_row, row.disabled_at) == (0, None)
    browser = past_password("hanako no nagai kotoba")
    give(browser, hanakos_code())
    assert signed_in(browser)
    assert hanako.sessions.exists()


# --- P16: the remember-browser cookie --------------------------------------------------------------------------------
@pytest.mark.parametrize("value", ["garbage", "a:b:c", "::::", "1xYz:%00:0"])
def test_a_cookie_of_the_stock_part_neither_breaks_nor_opens_anything(value: str) -> None:
    app = app_of(person())
    browser = Client()
    browser.cookies["remember-cookie_1"] = value
    assert browser.get(HERE).status_code == 200
    past_password(browser=browser)
    assert not signed_in(browser)
    app.refresh_from_db()
    assert app.failures_in_row == 0


# --- P17: lock-outs --------------------------------------------------------------------------------------------------
def test_wrong_passwords_slow_one_account_for_minutes_and_no_other() -> None:
    app, other = app_of(person()), app_of(person("taro"))
    window = clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    with time_machine.travel(window, tick=False):
        for _ in range(12):
            past_password("wrong again and again")
            past_password(PASSWORD, email="")
        assert past_password().get(HERE).text.count("token-code") == 0
        browser = past_password(email="taro@example.jp")
        give(browser, code_of(other))
        assert signed_in(browser)
    with time_machine.travel(window + timedelta(minutes=5), tick=False):
        browser = past_password()
        give(browser, code_of(app))
        assert signed_in(browser)


# --- P25: codes alone ------------------------------------------------------------------------------------------------
def test_a_person_left_with_a_sheet_alone_is_still_asked_for_it() -> None:
    hanako = person(ever_had_factor=True)
    long_ago = clock.now() - timedelta(days=90)
    SavedCodeSet.objects.create(user=hanako, bound_at=long_ago, confirmed_at=long_ago)
    browser = past_password()
    assert "token-code" in browser.get(HERE).text
    assert not signed_in(browser)


# --- P26: two sheets -------------------------------------------------------------------------------------------------
def test_two_sheets_side_by_side_break_no_page(client: Client) -> None:
    hanako = person()
    app = app_of(hanako)
    long_ago = clock.now() - timedelta(days=90)
    for _ in range(2):
        SavedCodeSet.objects.create(user=hanako, bound_at=long_ago, confirmed_at=long_ago)
    open_session(client, hanako, Verified(Kind.PASSWORD, MEANS_OF_PASSWORD), Verified(Kind.TOTP, app.means_id))
    for name in ("recovery_codes", "authenticators", "security"):
        assert client.get(reverse(name)).status_code == 200


# --- P29: a gateway that fails ---------------------------------------------------------------------------------------
def test_a_refusing_gateway_breaks_no_page_and_loses_no_code(settings) -> None:  # type: ignore[no-untyped-def]
    settings.EMAIL_URL, settings.SMS_URL = f"smtp://127.0.0.1:{free_port()}?tls=none", ""
    hanako = person()
    app, phone = app_of(hanako), number_of(hanako)
    browser = past_password()
    assert press(browser, phone.means_id).status_code == 200
    letter = OutboxMessage.objects.get(channel="sms")
    assert delivery.deliver(letter.pk) == "queued"
    page = browser.get(HERE)
    assert page.status_code == 200
    assert 'value="totp"' in page.text  # another way stands beside it
    letter.refresh_from_db()
    assert (letter.attempts, letter.next_try_at > clock.now()) == (1, True)
    press(browser, "totp")
    give(browser, code_of(app))
    assert signed_in(browser)


def test_a_mail_server_that_is_down_is_no_error_page_either(settings) -> None:  # type: ignore[no-untyped-def]
    settings.EMAIL_URL = f"smtp://127.0.0.1:{free_port()}?tls=none"
    hanako = person()
    browser = past_password()
    assert press(browser, hanako.addresss.get().means_id).status_code == 200
    assert delivery.deliver(OutboxMessage.objects.get(kind="codes/sign_in").pk) == "queued"
    assert browser.get(HERE).status_code == 200


# --- P30: which device -----------------------------------------------------------------------------------------------
def test_the_code_of_the_number_chosen_is_taken_whatever_else_is_bound() -> None:
    hanako = person()
    app_of(hanako)
    number_of(hanako)
    second = number_of(hanako, "+818011112222")
    browser = past_password()
    press(browser, second.means_id)
    row = Challenge.objects.get()
    assert (row.to, row.means_id) == ("+818011112222", second.means_id)
    give(browser, row.code)
    assert signed_in(browser)


# --- P11, P33: an admin ----------------------------------------------------------------------------------------------
def test_no_admin_of_devices_exists_and_the_setting_that_hides_secrets_is_on() -> None:
    """Pitfall P11. The one site there is shows none of it: tests/support/test_agents_doors.py."""
    assert settings.OTP_ADMIN_HIDE_SENSITIVE_DATA is True
    assert "django.contrib.admin" not in settings.INSTALLED_APPS, "the stock site would look for everything by itself"
    assert {model._meta.app_label for model in site._registry} == {"support", "recovery"}
    assert stock._registry == {}


def test_a_password_alone_opens_no_page_of_staff_not_even_to_a_superuser() -> None:
    """Pitfall P33: an admin that a password alone opens."""
    root = person("root")
    User.objects.filter(pk=root.pk).update(is_staff=True, is_superuser=True)
    browser = Client()
    open_session(browser, root)
    assert browser.get(reverse("account")).status_code == 200
    for path in ("/admin/", "/admin/login/", "/agents/login/", "/staff/"):
        assert browser.get(path).status_code == 404, path
    assert browser.get("/agents/").status_code == 403


# --- P35: async ------------------------------------------------------------------------------------------------------
def test_pages_are_served_by_wsgi_and_nothing_of_ours_is_async() -> None:
    assert "gunicorn config.wsgi" in (ROOT / "Procfile").read_text(encoding="utf-8")
    assert breaches(r"\basync def\b|\bawait\b", (), *APPS) == []


# --- P36: one number on many accounts --------------------------------------------------------------------------------
def test_a_number_shared_by_two_accounts_opens_only_the_one_that_asked() -> None:
    phone, other = number_of(person()), number_of(person("taro"))
    browser, his = past_password(), past_password(email="taro@example.jp")
    press(browser, phone.means_id)
    code = Challenge.objects.get().code
    give(his, code)
    assert not signed_in(his)
    press(browser, other.means_id)  # somebody else's number, though it is the same line
    assert Challenge.objects.count() == 1
    give(browser, code)
    assert signed_in(browser)


# --- P37: what counts as a guess -------------------------------------------------------------------------------------
@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦x", "０１２３４"])
def test_what_cannot_be_a_code_is_no_guess(typed: str) -> None:
    app_of(person())
    browser = past_password()
    LimitCounter.objects.all().delete()
    give(browser, typed)
    assert not LimitCounter.objects.filter(count__gt=0).exists()
    assert Totp.objects.get().failures_in_row == 0


# --- P39: what a stranger is shown -----------------------------------------------------------------------------------
def test_before_a_proof_a_claim_shows_no_channel_of_the_account() -> None:
    prepared_person(mails=2)
    by_mail, by_number, nobody = Claimant(), Claimant(email="", phone=OLD), Claimant(email="nobody@example.jp")
    private = ("hanako@example.jp", "hanako+1@example.org", OLD, OLD[-4:], "Pixel")
    for each, typed in ((by_mail, "hanako@example.jp"), (by_number, OLD), (nobody, "nobody@example.jp")):
        pages = [each.client.get(f"{each.url}prove/{method}/") for method in ("email", "sms", "totp", "saved-code")]
        assert [page.status_code for page in pages] == [200] * 4
        text = each.page() + "".join(page.text for page in pages)
        assert [word for word in private if word in text and word not in typed] == []


def views(patterns: list[URLPattern | URLResolver]) -> list[str]:
    """The module of every view that an address leads to."""
    found = []
    for one in patterns:
        found += views(one.url_patterns) if isinstance(one, URLResolver) else [one.callback.__module__]
    return found


# --- hands -----------------------------------------------------------------------------------------------------------
def past_password(
    password: str = PASSWORD, *, email: str = "hanako@example.jp", browser: Client | None = None
) -> Client:
    browser = browser or Client()
    browser.post(HERE, {"login_view-current_step": "auth", "auth-email": email, "auth-password": password})
    return browser


def press(browser: Client, choice: str):  # type: ignore[no-untyped-def]
    return browser.post(HERE, {"login_view-current_step": "token", "challenge": choice})


def give(browser: Client, code: str) -> None:
    browser.post(HERE, {"login_view-current_step": "token", "token-code": code})


def signed_in(browser: Client) -> bool:
    return browser.get(reverse("account")).status_code == 200


def number_of(user: User, number: str = "+819012345678") -> Phone:
    User.objects.filter(pk=user.pk).update(ever_had_factor=True)
    long_ago = clock.now() - timedelta(days=90)
    return Phone.objects.create(user=user, number=number, bound_at=long_ago, confirmed_at=long_ago)
