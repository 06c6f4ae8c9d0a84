"""From the address to a finished set-up."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import clock, throttling
from accounts.errors import Refused, Why
from accounts.models import (
    Address,
    AddressRequest,
    Challenge,
    Change,
    OutboxMessage,
    Phone,
    SavedCodeSet,
    Session,
    Totp,
    User,
)
from accounts.services import sign_up
from accounts.services.verify import Verified
from policy.facts import Kind
from tests.accounts.authenticators.test_saved_codes import shown
from tests.accounts.hands import CTX, PASSWORD, code_of, person, sign_in

pytestmark = pytest.mark.django_db
NEW = "newcomer@example.jp"
START, CODE, PASSWORD_PAGE, SET_UP = (
    reverse(name) for name in ("sign_up", "sign_up_code", "sign_up_password", "set_up")
)


def begin(client: Client, email: str = NEW) -> AddressRequest:
    assert client.post(START, {"email": email}, HTTP_ACCEPT_LANGUAGE="en")["Location"] == CODE
    row = AddressRequest.objects.latest("created_at")
    sign_up.resolve(str(row.pk))
    return row


def confirmed(client: Client, email: str = NEW) -> AddressRequest:
    row = begin(client, email)
    client.post(CODE, {"code": Challenge.objects.latest("created_at").code})
    return row


def joined(client: Client, **fields: str) -> User:
    confirmed(client)
    client.post(PASSWORD_PAGE, {"name": "", "password": PASSWORD, **fields})
    return User.objects.get(email_key=NEW)


def add_app(client: Client) -> Totp:
    where = reverse("authenticators_add", args=["totp"])
    client.post(where, {"begin": "1"})
    row = Totp.objects.pending().get()
    assert client.post(where, {"code": code_of(row)})["Location"] == SET_UP
    return row


def test_a_visit_leaves_no_row(client: Client) -> None:
    client.get(START)
    assert not Session.objects.exists()


def test_a_stranger_becomes_a_person_with_two_custodies(client: Client) -> None:
    user = joined(client, name="山田 髙子")
    address = Address.objects.get(user=user)
    assert (user.name, address.email, address.confirmed_at is not None) == ("山田 髙子", NEW, True)
    assert client.get(reverse("authenticators"))["Location"] == SET_UP
    app = add_app(client)
    assert client.get(reverse("authenticators"))["Location"] == SET_UP
    codes, token = shown(client.post(reverse("recovery_codes_new")))
    client.post(reverse("recovery_codes_confirm"), {"sheet": token, "code": codes[4]})
    app.refresh_from_db()
    assert app.added_by is None and SavedCodeSet.objects.get().added_by is None  # exempt from probation (R7)
    assert not Change.objects.exists()
    assert client.get(reverse("authenticators")).status_code == 200
    user.refresh_from_db()
    assert user.ever_had_factor


def test_codes_saved_as_a_file_finish_no_set_up(client: Client) -> None:
    """R19: kept on paper. A file lies with the phone, so it is no second place (R1)."""
    joined(client)
    add_app(client)
    codes, token = shown(client.post(reverse("recovery_codes_new")))
    client.post(reverse("recovery_codes_download"), {"sheet": token})
    client.post(reverse("recovery_codes_confirm"), {"sheet": token, "code": codes[0]})
    assert client.get(reverse("authenticators"))["Location"] == SET_UP
    assert "saved as a file" in client.get(SET_UP).text
    codes, token = shown(client.post(reverse("recovery_codes_new")))
    client.post(reverse("recovery_codes_confirm"), {"sheet": token, "code": codes[0]})
    assert client.get(reverse("authenticators")).status_code == 200


def test_sms_serves_as_the_factor_with_its_risk_said_and_another_way_beside_it(client: Client) -> None:
    """SP 800-63B-4 §3.1.3.3."""
    joined(client)
    where = reverse("authenticators_add", args=["sms"])
    page = client.get(where).text
    assert "weakest" in page and reverse("authenticators_add", args=["totp"]) in page
    assert not Challenge.objects.filter(channel="sms").exists()
    answer = client.post(where, {"phone": "０９０－１２３４－５６７８"})
    client.post(answer["Location"], {"code": Challenge.objects.get(channel="sms").code})
    assert Phone.objects.standing().get().number == "+819012345678"
    assert "SMS" in client.get(SET_UP).text


@pytest.mark.parametrize(
    ("typed", "words"), [("03-1234-5678", "fixed line"), ("050-1234-5678", "virtual"), ("hello", "mobile number")]
)
def test_a_number_that_gets_no_codes_is_refused_with_the_reason(client: Client, typed: str, words: str) -> None:
    joined(client)
    page = client.post(reverse("authenticators_add", args=["sms"]), {"phone": typed})
    assert words in page.text.lower()
    assert not Challenge.objects.filter(channel="sms").exists()


def test_known_and_unknown_addresses_get_the_same_answers(client: Client) -> None:
    person("hanako")
    pages = []
    for email in ("hanako@example.jp", "nobody@example.jp"):
        browser = Client(HTTP_ACCEPT_LANGUAGE="en")
        with time_machine.travel("2026-11-22 03:00:00Z", tick=False):
            answer = browser.post(START, {"email": email})
            row = AddressRequest.objects.get(key=email)
            sign_up.resolve(str(row.pk))
            shown_page = browser.get(CODE)
            wrong = browser.post(CODE, {"code": "000000"})
        seen = [neutral(page, email) for page in (shown_page, wrong)]
        pages.append([(answer.status_code, answer["Location"]), *seen])
    assert pages[0] == pages[1]


def neutral(page, email: str) -> tuple[int, str]:
    token = page.context["csrf_token"]
    return page.status_code, page.text.replace(email, "ADDRESS").replace(str(token), "TOKEN")


def test_a_known_address_is_told_by_mail_alone_and_no_code_exists(client: Client) -> None:
    person("hanako")
    begin(client, "HANAKO@example.jp")
    letter = OutboxMessage.objects.get()
    assert (letter.kind, letter.to) == ("sign_up/known", "hanako@example.jp"), "never to a look-alike that was typed"
    assert not Challenge.objects.exists()


def test_the_worker_looks_once_per_asking(client: Client) -> None:
    row = begin(client)
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        sign_up.resolve(str(row.pk))
    assert OutboxMessage.objects.count() == 1


def test_the_pages_never_read_the_user_table(client: Client) -> None:
    """What a stranger types must reach the worker alone (ASVS 6.3.8)."""
    with CaptureQueriesContext(connection) as captured:
        client.post(START, {"email": NEW})
        client.post(CODE, {"code": "000000"})
        client.post(reverse("sign_up_again"))
    asked = " ".join(query["sql"] for query in captured)
    assert '"accounts_user"' not in asked and '"accounts_address"' not in asked


def test_the_code_takes_full_width_digits_and_works_once(client: Client) -> None:
    row = begin(client)
    code = Challenge.objects.get().code.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert client.post(CODE, {"code": f" {code[:3]}-{code[3:]}"})["Location"] == PASSWORD_PAGE
    other = Client()
    begin(other, "other@example.jp")
    assert other.post(CODE, {"code": code}).status_code == 200  # a code of one request opens no other
    row.refresh_from_db()
    assert row.confirmed_at


def test_five_wrong_codes_end_the_code(client: Client) -> None:
    row = begin(client)
    right = Challenge.objects.get().code
    for _again in range(5):
        client.post(CODE, {"code": "000000" if right != "000000" else "111111"})
    client.post(CODE, {"code": right})
    row.refresh_from_db()
    assert row.confirmed_at is None


def test_the_mail_can_be_sent_again_after_a_minute_and_the_older_code_dies(client: Client) -> None:
    row = begin(client)
    first = Challenge.objects.get().code
    refused = sign_up.ask_again(str(row.pk), ctx=CTX)
    assert isinstance(refused, Refused)
    assert refused.until == row.created_at + timedelta(seconds=60)
    assert "can go on at" in client.post(reverse("sign_up_again"), HTTP_ACCEPT_LANGUAGE="en").text
    with time_machine.travel(clock.now() + timedelta(seconds=61)):
        assert client.post(reverse("sign_up_again"))["Location"] == CODE
        sign_up.resolve(str(row.pk))
        assert Challenge.objects.count() == 2
        refused = sign_up.check_code(str(row.pk), first, ctx=CTX)
    assert isinstance(refused, Refused)
    assert refused.why in (Why.SUPERSEDED, Why.WRONG)


def test_an_old_code_is_refused(client: Client) -> None:
    row = begin(client)
    code = Challenge.objects.get().code
    with time_machine.travel(clock.now() + timedelta(minutes=31)):
        refused = sign_up.check_code(str(row.pk), code, ctx=CTX)
    assert isinstance(refused, Refused)
    assert refused.why is Why.EXPIRED


def test_no_password_without_a_confirmed_address(client: Client) -> None:
    begin(client)
    assert client.get(PASSWORD_PAGE)["Location"] == START
    assert client.post(PASSWORD_PAGE, {"password": PASSWORD})["Location"] == START
    assert not User.objects.exists()


@pytest.mark.parametrize("password", ["short", "fourteen chars", "newcomer newcomer", "aaaaaaaaaaaaaaaaaaaa"])
def test_a_weak_password_is_refused_with_the_reason(client: Client, password: str) -> None:
    confirmed(client)
    page = client.post(PASSWORD_PAGE, {"password": password, "name": "Nobu"})
    assert page.status_code == 200
    assert page.context["form"].errors["password"]
    assert "Nobu" in page.text and password not in page.text
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "password", ["🐢 walks 🏠 and sleeps well", "パスワードは長い文がいちばんです", "   spaces count at both ends   "]
)
def test_every_character_counts_in_a_password(client: Client, password: str) -> None:
    confirmed(client)
    client.post(PASSWORD_PAGE, {"password": password})
    assert User.objects.get().check_password(password)


@pytest.mark.parametrize("name", ["", "𠮷" * 64, "محمد بن سلمان", "Zoe\u0301 👩‍🚀", "<script>alert(1)</script>"])
def test_a_name_is_kept_as_typed(client: Client, name: str) -> None:
    assert joined(client, name=name).name == name


def test_without_a_script_both_passwords_must_agree(client: Client) -> None:
    confirmed(client)
    page = client.post(PASSWORD_PAGE, {"password": PASSWORD, "password_again": PASSWORD + "!"})
    assert page.context["form"].errors["password_again"]
    client.post(PASSWORD_PAGE, {"password": PASSWORD, "password_again": PASSWORD})
    assert User.objects.exists()


def test_of_two_browsers_with_the_same_address_one_gets_the_account(client: Client) -> None:
    other = Client()
    confirmed(client)
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        confirmed(other)
        other.post(PASSWORD_PAGE, {"password": PASSWORD})
        late = client.post(PASSWORD_PAGE, {"password": PASSWORD + " mine"})
    assert late.status_code == 200
    assert User.objects.count() == 1
    assert User.objects.get().check_password(PASSWORD)


def test_a_set_up_session_opens_nothing_else(client: Client) -> None:
    joined(client)
    for name in ("account", "withdrawal", "sessions", "activity", "authenticators", "addresses", "phone_change"):
        assert client.get(reverse(name))["Location"] == SET_UP


def test_the_session_key_changes_with_the_account(client: Client) -> None:
    begin(client)
    before = client.cookies["session"].value
    client.post(CODE, {"code": Challenge.objects.latest("created_at").code})
    between = client.cookies["session"].value
    client.post(PASSWORD_PAGE, {"password": PASSWORD})
    assert len({before, between, client.cookies["session"].value}) == 3


def test_a_later_set_up_binds_on_probation_and_ends_in_a_new_sign_in(client: Client) -> None:
    """R19: not the sign-up session itself. What it binds falls under R7, and it never becomes a full session."""
    hanako = person("hanako")
    address = Address.objects.get(user=hanako)
    sign_in(client, hanako, Verified(Kind.PASSWORD, "password"), Verified(Kind.EMAIL, address.means_id), set_up=True)
    app = add_app(client)
    codes, token = shown(client.post(reverse("recovery_codes_new")))
    client.post(reverse("recovery_codes_confirm"), {"sheet": token, "code": codes[0]})
    app.refresh_from_db()
    assert app.added_by and app.added_by.wait == timedelta(hours=72)
    assert SavedCodeSet.objects.get().added_by
    assert client.get(reverse("account"))["Location"] == SET_UP
    assert reverse("sign_out") in client.get(SET_UP).text


def test_a_later_set_up_without_the_mail_code_binds_nothing(client: Client) -> None:
    sign_in(client, person("hanako"), set_up=True)
    answer = client.post(reverse("authenticators_add", args=["totp"]), {"begin": "1"})
    assert answer["Location"] == SET_UP
    assert not Totp.objects.exists()


def test_the_service_makes_no_account_of_an_unconfirmed_address(client: Client) -> None:
    row = begin(client)
    refused = sign_up.create(str(row.pk), name="", password=PASSWORD, ctx=CTX)
    assert isinstance(refused, Refused)
    assert not User.objects.exists()


def test_one_network_asks_for_so_many_accounts_an_hour_and_no_more(client: Client) -> None:
    """Stops a flood of mails to strangers' addresses."""
    [limit] = throttling.LIMITS["request.network"]
    for number in range(limit.count):
        assert client.post(START, {"email": f"newcomer{number}@example.jp"}).status_code == 302
    refused = client.post(START, {"email": "one-more@example.jp"})
    assert "Retry-After" in refused
    assert not AddressRequest.objects.filter(email="one-more@example.jp").exists()
