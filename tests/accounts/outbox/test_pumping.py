"""Somebody rents numbers and lets us text them (P14): what holds when no one number, account or network stands out."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.conf import settings as configured
from django.test import Client
from django.urls import reverse

from accounts import clock, events, throttling
from accounts.context import ActorContext
from accounts.errors import Refused, Why
from accounts.models import Challenge, OutboxMessage, SecurityEvent, User
from accounts.outbox.letters import render
from accounts.refusals import refusal_text
from accounts.services import challenges, delivery
from accounts.throttling import DAY, HOUR, MINUTE, Limit
from tests.accounts.outbox.conftest import CTX, code_for, letter_with
from tests.accounts.outbox.providers import FakeGeneric, listening
from tests.house.doors import enter
from tests.recovery import people

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bells")]
START = "2026-11-24 05:00:05+00:00"
NEVER_TEXTED = {
    "a country off the list": "+447400123456",
    "a satellite phone": "+8816123456789",
    "a fixed line": "+81312345678",
    "an internet line": "+815012345678",
    "toll-free": "+81120123456",
}
_networks = itertools.count()


@pytest.fixture
def standing_still() -> Iterator[Any]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def ask(number: str, *, stranger: bool = False) -> Challenge | Refused:
    """A code for another account, from another network each time: only the number is seen."""
    here = next(_networks)
    ctx = ActorContext("anonymous", network=f"10.{here // 256}.{here % 256}.0/24")
    return challenges.issue("recovery", f"pump:{here}", "sms", number, ctx=ctx, stranger=stranger)


def numbers(begin: str = "+8190", step: int = 100_000) -> Iterator[str]:
    """Mobile numbers, each of another range unless told."""
    width = 13 - len(begin)
    return (f"{begin}{10 ** (width - 1) + index * step:0{width}d}" for index in itertools.count())


def brake(monkeypatch: pytest.MonkeyPatch, name: str, *limits: Limit) -> None:
    monkeypatch.setitem(throttling.LIMITS, name, limits)


# --- who is texted at all --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("line", NEVER_TEXTED)
def test_the_form_refuses_the_number(line: str) -> None:
    client = Client()
    enter(client, people.person(), stepped_up=True)
    for name, args in (("phone_change", []), ("authenticators_add", ["sms"])):
        assert client.post(reverse(name, args=args), {"phone": NEVER_TEXTED[line]}).status_code == 200
    assert not Challenge.objects.exists() and not OutboxMessage.objects.exists()


@pytest.mark.parametrize("line", NEVER_TEXTED)
def test_the_service_refuses_the_number(line: str) -> None:
    refused = ask(NEVER_TEXTED[line])
    assert isinstance(refused, Refused) and (refused.why, refused.detail) == (Why.UNFIT, "no_sms")
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize("line", NEVER_TEXTED)
def test_the_transport_refuses_the_number(line: str, hanako: User, settings: Any) -> None:
    with listening(FakeGeneric()) as fake:
        settings.SMS_URL = fake.url
        row = letter_with(code_for(hanako, "sign_in", "sms"), to=NEVER_TEXTED[line])
        assert delivery.deliver(row.pk) == "refused"
        assert OutboxMessage.objects.get(pk=row.pk).error == "number" and fake.got == []


def test_a_number_bound_before_its_country_left_the_list_gets_nothing(settings: Any) -> None:
    assert isinstance(ask("+819012345678"), Challenge)
    settings.SMS_COUNTRIES = ["KR"]
    refused = ask("+819012345678")
    assert isinstance(refused, Refused)
    assert "No code can go to this number." in refusal_text(refused) or "送れません" in refusal_text(refused)


# --- the brakes ------------------------------------------------------------------------------------------------------
def test_the_brakes_are_what_the_operator_set() -> None:
    assert throttling.LIMITS["sms.global"] == (
        Limit(configured.SMS_PER_MINUTE, MINUTE),
        Limit(configured.SMS_PER_HOUR, HOUR),
    )
    assert throttling.LIMITS["sms.range"] == (Limit(configured.SMS_PER_RANGE, 10 * MINUTE),)
    for name in ("sms.global", "sms.range"):
        halves = throttling.LIMITS[f"{name}_stranger"]
        assert [one.count for one in halves] == [-(-one.count // 2) for one in throttling.LIMITS[name]]


def test_the_brake_holds_everything_and_heals_by_itself(standing_still: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    brake(monkeypatch, "sms.global", Limit(3, MINUTE), Limit(100, HOUR))
    each = numbers()
    assert all(isinstance(ask(next(each)), Challenge) for _ in range(3))
    refused = ask(next(each))
    assert isinstance(refused, Refused) and refused.detail == "sms_paused"
    assert refused.until == clock.now().replace(second=0) + MINUTE
    assert OutboxMessage.objects.count() == 3
    standing_still.shift(MINUTE)
    assert isinstance(ask(next(each)), Challenge)


def test_numbers_that_begin_alike_are_held_and_others_go_on(
    standing_still: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    brake(monkeypatch, "sms.range", Limit(3, 10 * MINUTE))
    rented = numbers("+8190123", 1)
    assert all(isinstance(ask(next(rented)), Challenge) for _ in range(3))
    refused = ask(next(rented))
    assert isinstance(refused, Refused) and refused.detail == "sms_paused"
    assert isinstance(ask("+819012412345"), Challenge), "one digit further is another range"
    standing_still.shift(10 * MINUTE)
    assert isinstance(ask(next(rented)), Challenge)


def test_strangers_use_up_only_half_of_it(standing_still: Any) -> None:
    each = numbers()
    half = -(-configured.SMS_PER_MINUTE // 2)
    assert all(isinstance(ask(next(each), stranger=True), Challenge) for _ in range(half))
    refused = ask(next(each), stranger=True)
    assert isinstance(refused, Refused) and refused.detail == "sms_paused"
    assert isinstance(ask(next(each)), Challenge), "owners go on"


def test_operators_are_told_once_an_hour(
    standing_still: Any, monkeypatch: pytest.MonkeyPatch, settings: Any, caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    brake(monkeypatch, "sms.global", Limit(1, MINUTE))
    settings.OPERATOR_MAIL = ["night@example.jp", "day@example.jp"]
    each = numbers()
    for _hour in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            for _ in range(5):
                ask(next(each))
                ask(next(each))
                standing_still.shift(5 * MINUTE)
        standing_still.shift(HOUR - 25 * MINUTE)
    paused = SecurityEvent.objects.filter(type="sms.sending.paused")
    assert [(one.user, one.data) for one in paused] == [(None, {"limit": "sms.global"})] * 2
    letters = OutboxMessage.objects.filter(kind="operators/sms_paused")
    assert sorted(letters.values_list("to", flat=True)) == sorted(settings.OPERATOR_MAIL * 2)
    told = [record for record in caplog.records if record.name == "modoru.security"]
    assert [(one.levelno, one.getMessage()) for one in told] == [(logging.ERROR, "excess_rate_limit_exceeded:-")] * 2
    assert "+8190" not in caplog.text


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_letter_to_operators_reads_well(
    language: str, standing_still: Any, settings: Any, monkeypatch: Any
) -> None:
    brake(monkeypatch, "sms.global", Limit(1, DAY))
    settings.OPERATOR_MAIL = ["night@example.jp"]
    each = numbers()
    ask(next(each)), ask(next(each))
    row = OutboxMessage.objects.get(kind="operators/sms_paused")
    row.language = language
    letter = render(row)
    assert "sms.global" in letter.text and "SMS_PER_HOUR" in letter.html
    assert ("止めて" if language == "ja" else "paused") in letter.subject
    assert ("いま" not in letter.text) if language == "en" else ("pause" not in letter.text)


def test_without_an_operators_address_the_pause_is_still_in_history_and_log(
    standing_still: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    brake(monkeypatch, "sms.global", Limit(1, MINUTE))
    each = numbers()
    ask(next(each)), ask(next(each))
    assert SecurityEvent.objects.filter(type="sms.sending.paused").count() == 1
    assert not OutboxMessage.objects.filter(channel="mail").exists()


def test_a_persons_own_limit_is_no_alarm(standing_still: Any) -> None:
    for _minute in range(5):
        ask("+819012345678")
        standing_still.shift(MINUTE)
    assert isinstance(refused := ask("+819012345678"), Refused) and refused.detail == "sent_too_often"
    assert not SecurityEvent.objects.filter(type="sms.sending.paused").exists()


def test_notices_stand_outside_of_the_brakes(
    standing_still: Any, monkeypatch: pytest.MonkeyPatch, hanako: User
) -> None:
    """R9: an owner is told of a change whatever a pumper does."""
    brake(monkeypatch, "sms.global", Limit(1, DAY))
    each = numbers()
    ask(next(each)), ask(next(each))
    events.record("totp.added", hanako, CTX, means="totp:1")
    assert OutboxMessage.objects.filter(user=hanako, channel="sms", kind="notices/totp_added").count() == 1


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_page_says_that_sms_rests_and_offers_another_way(
    language: str, standing_still: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    brake(monkeypatch, "sms.global", Limit(1, HOUR))
    ask("+819099998888")
    user = people.person(phones=(people.SECOND,))
    client = Client(headers={"accept-language": language})
    step = {"login_view-current_step": "auth", "auth-email": user.email, "auth-password": people.PASSWORD}
    client.post(reverse("sign_in"), step)
    pressed = {"login_view-current_step": "token", "challenge": user.phones.get().means_id}
    page = client.post(reverse("sign_in"), pressed).text
    assert ("No codes leave by SMS until" if language == "en" else "SMSでのコード送信を止めています") in page
    assert "15:00" in page, "when it goes on"
    assert 'value="totp"' in page
    assert not Challenge.objects.filter(user=user).exists()
    assert 'name="token-code"' not in page, "nothing was sent that could be typed"


def test_a_claim_says_nothing_of_it() -> None:
    """The brake is no oracle: a stranger's page is the same while it holds (ASVS 6.3.8)."""
    people.person(phones=(people.OLD, people.SECOND))
    claimant = people.Claimant()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(throttling.LIMITS, "sms.global", (Limit(1, DAY),))
        ask("+819099998888")
        claimant.ask("sms", people.SECOND)
    assert not Challenge.objects.filter(to=people.SECOND).exists()
    page = claimant.client.get(f"{claimant.url}prove/sms/?sent=1").text
    assert "we are sending a code there" in page and "No codes leave by SMS" not in page
