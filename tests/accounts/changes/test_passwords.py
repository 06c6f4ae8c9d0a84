"""Passwords: what is taken, changing one, and the mailed reset with its consequences (R3)."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import clock, selectors
from accounts.context import system
from accounts.errors import Refused
from accounts.models import AddressRequest, Change, Link, OutboxMessage, PasswordReset, Session, User
from accounts.services import changes, passwords, requests, verify
from policy.facts import Kind
from tests.accounts.changes.conftest import confirm, proofs, told
from tests.accounts.hands import CTX, PASSWORD, sign_in

pytestmark = pytest.mark.django_db
CHANGE, FORGOT = reverse("password_change"), reverse("password_forgot")
NEW = "山の上から海を見ていた 🌊"


def ask(email: str) -> None:
    """Ask for a link, and let the worker look."""
    assert Client().post(FORGOT, {"email": email})["Location"] == reverse("password_forgot_sent")
    requests.resolve(str(AddressRequest.objects.order_by("-created_at")[0].pk))


def reset_link(user: User) -> Link:
    return Link.objects.filter(kind="password_reset", user=user).order_by("-created_at")[0]


def reset(user: User, new: str = NEW) -> Client:
    """The whole reset in a browser of its own."""
    ask(user.email)
    browser = Client()
    url = reverse("password_reset", args=[reset_link(user).token])
    assert browser.get(url)["Location"] == reverse("password_reset_form")
    assert browser.post(reverse("password_reset_form"), {"password": new})["Location"] == reverse("password_reset_done")
    user.refresh_from_db()
    return browser


@pytest.mark.parametrize(
    ("password", "with_factor", "taken"),
    [
        ("kawaii-7", True, True),
        ("kawai-7", True, False),  # 7 characters
        ("kawaii-7", False, False),  # without a factor 15
        ("umi to yama no 2", False, True),
        ("山" * 20, True, False),
        ("password123", True, False),
        ("hanako-modoru-2026", True, False),
        ("Example2026!", True, False),
        ("hanako no neko ga ochita", True, True),
        ("x" * 10 + "yzab" * 30, True, True),
    ],
)
def test_length_and_guessability_decide_and_no_composition_rule(password: str, with_factor: bool, taken: bool) -> None:
    found = passwords.problems(password, user=None, email="hanako@example.jp", with_factor=with_factor)
    assert (not found) is taken


def test_a_password_typed_on_another_keyboard_is_the_same_password(hanako: User) -> None:
    hanako.set_password(unicodedata.normalize("NFD", "がぎぐげごé passphrase"))
    assert hanako.check_password(unicodedata.normalize("NFC", "がぎぐげごé passphrase"))
    assert not hanako.check_password("かきくけこe passphrase")


def test_changing_it_asks_for_the_present_one_and_a_step_up(at_home: Client, hanako: User) -> None:
    assert at_home.get(CHANGE)["Location"].startswith(reverse("step_up"))
    confirm(at_home, hanako, "change_password")
    answer = at_home.post(CHANGE, {"current_password": "wrong", "password": NEW})
    assert "not your present password" in answer.text
    hanako.refresh_from_db()
    assert hanako.check_password(PASSWORD)


def test_a_changed_password_works_ends_other_sessions_and_is_told(at_home: Client, hanako: User) -> None:
    elsewhere = Client()
    sign_in(elsewhere, hanako)
    confirm(at_home, hanako, "change_password")
    assert at_home.post(CHANGE, {"current_password": PASSWORD, "password": NEW})["Location"] == reverse("security")
    hanako.refresh_from_db()
    assert hanako.check_password(NEW)
    assert at_home.get(reverse("security")).status_code == 200
    assert elsewhere.get(reverse("security")).status_code == 302
    assert hanako.email in told(hanako, "notices/password_changed")
    assert not selectors.facts(hanako).password_unsettled


def test_the_answer_is_the_same_for_known_and_unknown_addresses(hanako: User) -> None:
    answers = [Client().post(FORGOT, {"email": email}, follow=True) for email in (hanako.email, "nobody@example.jp")]
    assert answers[0].redirect_chain == answers[1].redirect_chain
    bytes_ = [re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", answer.content) for answer in answers]
    assert bytes_[0] == bytes_[1]


def test_the_page_reads_no_user_table(hanako: User) -> None:
    with CaptureQueriesContext(connection) as seen:
        Client().post(FORGOT, {"email": hanako.email})
    tables = ("accounts_user", 'accounts_address"')
    assert not [query["sql"] for query in seen if any(f'FROM "{table}' in query["sql"] for table in tables)]


def test_an_unknown_address_gets_nothing_and_a_known_one_gets_one_link(hanako: User) -> None:
    ask("nobody@example.jp")
    assert not OutboxMessage.objects.exists()
    ask(hanako.email.upper())
    letter = OutboxMessage.objects.get(kind="password/reset")
    assert letter.to == hanako.email
    assert reset_link(hanako).token not in str(letter.data)


def test_resolving_twice_sends_one_letter(hanako: User) -> None:
    ask(hanako.email)
    requests.resolve(str(AddressRequest.objects.get().pk))
    requests.sweep()
    assert OutboxMessage.objects.filter(kind="password/reset").count() == 1
    assert AddressRequest.objects.get().resolved_at is not None


def test_opening_the_link_changes_nothing_and_takes_the_token_out_of_the_address(hanako: User) -> None:
    ask(hanako.email)
    link = reset_link(hanako)
    url = reverse("password_reset", args=[link.token])
    for _ in range(3):
        Client().head(url)
        Client().get(url, follow=True)
    link.refresh_from_db()
    assert (link.used_at, link.superseded_at) == (None, None)


def test_the_reset_signs_nobody_in_and_leaves_factors_alone(hanako: User) -> None:
    """Pitfall P32."""
    browser = reset(hanako)
    assert browser.get(reverse("account")).status_code == 302
    assert hanako.totps.usable().count() == 1
    hanako.refresh_from_db()
    assert hanako.check_password(NEW)


def test_the_reset_ends_every_session_and_tells_everyone(at_home: Client, hanako: User) -> None:
    reset(hanako)
    assert not Session.objects.filter(user=hanako).exists()
    assert at_home.get(reverse("account")).status_code == 302
    assert {hanako.email, "hanako@second.example", "+819012345601"} <= told(hanako, "notices/password_reset")


def test_the_link_dies_when_used_replaced_expired_or_its_owner_is_gone(hanako: User) -> None:
    ask(hanako.email)
    first = reset_link(hanako)
    ask(hanako.email)
    second = reset_link(hanako)
    assert Client().get(reverse("password_reset", args=[first.token])).status_code == 410
    with time_machine.travel(clock.now() + timedelta(hours=1, seconds=1), tick=False):
        assert Client().get(reverse("password_reset", args=[second.token])).status_code == 410
    assert isinstance(passwords.reset(second.token, NEW, ctx=CTX), Change)
    assert isinstance(passwords.reset(second.token, "another good sentence", ctx=CTX), Refused)
    User.objects.filter(pk=hanako.pk).update(is_active=False)
    assert Client().get(reverse("password_reset", args=[second.token])).status_code == 410


def test_a_weak_new_password_costs_no_link(hanako: User) -> None:
    ask(hanako.email)
    browser = Client()
    browser.get(reverse("password_reset", args=[reset_link(hanako).token]))
    answer = browser.post(reverse("password_reset_form"), {"password": "1234567"})
    assert "at least 8 characters" in answer.text
    assert reset_link(hanako).used_at is None


def test_until_it_settles_the_reset_counts_as_mail_and_the_old_password_as_itself(hanako: User) -> None:
    """R3 with its clock: 72 h, and a sign-in beside the app."""
    reset(hanako)
    kinds = {one.id: one for one in selectors.means(hanako) if one.kind is Kind.PASSWORD}
    assert (kinds["password"].reset, kinds["password:reset"].reset) == (False, True)
    recovering = {"purpose": "recovery", "scope": "case:x", "ctx": CTX}
    assert verify.verify(hanako, "password", PASSWORD, **recovering) == verify.Verified(Kind.PASSWORD, "password")
    assert verify.verify(hanako, "password", NEW, **recovering) == verify.Verified(
        Kind.PASSWORD, "password:reset", reset=True
    )
    PasswordReset.objects.update(signed_in_at=clock.now())
    with time_machine.travel(clock.now() + timedelta(hours=71), tick=False):
        changes.complete_due(clock.now())
        assert selectors.facts(hanako).password_unsettled
    with time_machine.travel(clock.now() + timedelta(hours=73), tick=False):
        assert not selectors.facts(hanako).password_unsettled
        changes.complete_due(clock.now())
        assert PasswordReset.objects.get().settled_at == clock.now()


def test_without_such_a_sign_in_it_never_settles(hanako: User) -> None:
    reset(hanako)
    with time_machine.travel(clock.now() + timedelta(days=30), tick=False):
        changes.complete_due(clock.now())
        assert selectors.facts(hanako).password_unsettled


def test_a_second_reset_starts_its_own_clock(hanako: User) -> None:
    """Attack stopped: a thief of the mailbox riding on the owner's own reset of three days ago."""
    reset(hanako)
    PasswordReset.objects.update(signed_in_at=clock.now())
    with time_machine.travel(clock.now() + timedelta(hours=71), tick=False):
        reset(hanako, "ano hi no umi no iro")
    with time_machine.travel(clock.now() + timedelta(hours=80), tick=False):
        changes.complete_due(clock.now())
        assert selectors.facts(hanako).password_unsettled


def test_a_password_changed_in_a_session_on_a_reset_one_is_itself_unsettled(hanako: User) -> None:
    reset(hanako)
    client = Client()
    sign_in(client, hanako, verify.Verified(Kind.PASSWORD, "password:reset", reset=True), proofs(hanako)[1])
    confirm(client, hanako, "change_password")
    client.post(CHANGE, {"current_password": NEW, "password": "ano hi no umi no iro"})
    newest = PasswordReset.objects.order_by("-made_at")[0]
    assert (newest.by_mail, newest.settled_at) == (False, None)
    assert verify.verify(
        hanako, "password", PASSWORD, purpose="recovery", scope="case:x", ctx=system("test")
    ) == verify.Verified(Kind.PASSWORD, "password")


def test_one_network_asks_for_a_limited_number_of_links(hanako: User) -> None:
    browser = Client()
    with time_machine.travel(clock.now(), tick=False):
        answers = [browser.post(FORGOT, {"email": hanako.email}) for _ in range(61)]
    assert (answers[59].status_code, answers[60].status_code) == (302, 429)
    assert int(answers[60]["Retry-After"]) > 0
