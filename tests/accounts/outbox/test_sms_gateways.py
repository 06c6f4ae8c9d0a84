"""Real HTTP on the other side: what providers say decides, what they got is read with somebody else's eyes."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured

from accounts import clock
from accounts.gateways import failover, sms_gateway, web
from accounts.models import GatewayCircuit, OutboxMessage, User
from accounts.services import delivery
from tests.accounts.outbox.conftest import code_for, letter_with
from tests.accounts.outbox.providers import FakeGeneric, FakeTwilio, listening

pytestmark = pytest.mark.usefixtures("bells")
NUMBER = "+819012345678"


@pytest.fixture
def twilio(settings: Any) -> Iterator[FakeTwilio]:
    with listening(FakeTwilio()) as fake:
        settings.SMS_URL, settings.BASE_URL = fake.url, "https://account.example.jp"
        yield fake


@pytest.fixture
def generic(settings: Any) -> Iterator[FakeGeneric]:
    with listening(FakeGeneric()) as fake:
        settings.SMS_URL, settings.BASE_URL = fake.url, "https://account.example.jp"
        yield fake


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "TIMEOUT", 0.4)


def text_for(user: User, **fields: Any) -> OutboxMessage:
    return letter_with(code_for(user, "sign_in", "sms", to=NUMBER), **fields)


def fresh(row: OutboxMessage) -> OutboxMessage:
    return OutboxMessage.objects.get(pk=row.pk)


# --- what goes out ---------------------------------------------------------------------------------------------------
def test_twilio_gets_the_documented_request(hanako: User, twilio: FakeTwilio) -> None:
    row = text_for(hanako)
    assert delivery.deliver(row.pk) == "sent"
    [request] = twilio.got
    assert request.path == "/2010-04-01/Accounts/AC0123/Messages.json"
    assert request.basic == "AC0123:to/ken"
    hook = f"https://account.example.jp/hooks/sms/127.0.0.1-{twilio.port}/"
    assert request.form == {"To": NUMBER, "From": "+15005550006", "Body": twilio.texts[0], "StatusCallback": hook}
    kept = fresh(row)
    assert (kept.gateway, kept.delivery_state) == (f"127.0.0.1-{twilio.port}", "queued")
    assert kept.provider_id == f"SM{1:032x}"


def test_a_messaging_service_stands_in_for_a_sender(hanako: User, twilio: FakeTwilio, settings: Any) -> None:
    settings.SMS_URL = twilio.url.replace("from=+15005550006", "service=MG77")
    assert delivery.deliver(text_for(hanako).pk) == "sent"
    assert twilio.got[0].form["MessagingServiceSid"] == "MG77"
    assert "From" not in twilio.got[0].form


def test_the_generic_contract(hanako: User, generic: FakeGeneric) -> None:
    row = text_for(hanako)
    assert delivery.deliver(row.pk) == "sent"
    [request] = generic.got
    assert (request.path, request.basic) == ("/send?route=jp", "shop:s3cret")
    assert request.headers["Content-Type"] == "application/json"
    hook = f"https://account.example.jp/hooks/sms/127.0.0.1-{generic.port}/"
    assert request.json == {"to": NUMBER, "text": generic.texts[0], "id": row.pk.hex, "callback": hook}
    assert fresh(row).provider_id == "msg-1"


def test_a_lone_secret_goes_as_a_bearer_token(hanako: User, generic: FakeGeneric, settings: Any) -> None:
    settings.SMS_URL = f"http://t%2Fk@127.0.0.1:{generic.port}/send"
    delivery.deliver(text_for(hanako).pk)
    assert generic.got[0].headers["Authorization"] == "Bearer t/k"


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'{"id": null}'])
def test_an_answer_without_an_id_is_known_by_ours(body: bytes, hanako: User, generic: FakeGeneric) -> None:
    generic.answers = [(200, body)]
    row = text_for(hanako)
    assert delivery.deliver(row.pk) == "sent"
    assert fresh(row).provider_id == row.pk.hex


def test_a_code_with_leading_zeros_survives_the_way(hanako: User, twilio: FakeTwilio) -> None:
    """Pitfall P12: in the stock voice call 012345 became 12345."""
    tried = (code_for(hanako, "sign_in", "sms", to=NUMBER, scope="zeros", nonce=str(number)) for number in range(999))
    row = next(one for one in tried if one.code.startswith("0"))
    assert delivery.deliver(letter_with(row).pk) == "sent"
    assert twilio.texts[0].endswith(f"#{row.code}") and len(row.code) == 6


# --- what comes back -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("code", [21211, 21408, 21610, 21614])
def test_what_twilio_says_of_the_number_is_final(code: int, hanako: User, twilio: FakeTwilio) -> None:
    twilio.answers = [(400, {"code": code, "message": f"The 'To' number {NUMBER} is wrong", "status": 400})]
    row = text_for(hanako)
    assert delivery.deliver(row.pk) == "refused"
    assert fresh(row).error == f"127.0.0.1-{twilio.port} answer 400 {code}", "the prose, with the number, is not kept"


OURS = {
    "wrong token": (401, {"code": 20003}),
    "no such sender": (400, {"code": 21606}),
    "too fast": (429, {"code": 20429}),
    "down": (503, b"<html>busy</html>"),
    "a redirect": (307, b""),
    "not the API": (200, b"<html>hello"),
}


@pytest.mark.parametrize("said", OURS)
def test_what_is_not_the_numbers_fault_is_tried_again(said: str, hanako: User, twilio: FakeTwilio) -> None:
    twilio.answers = [OURS[said]]
    row = text_for(hanako)
    assert delivery.deliver(row.pk) == "queued"
    assert fresh(row).error and not fresh(row).sent_at
    assert len(twilio.got) == 1, "nobody was followed elsewhere"
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        assert delivery.deliver(row.pk) == "sent"
    assert twilio.texts[0] == twilio.texts[1], "the same code"


def test_taken_and_dropped_at_once_is_not_sent(hanako: User, twilio: FakeTwilio) -> None:
    twilio.answers = [(201, {"sid": "SM1", "status": "failed", "error_code": 21610})]
    assert delivery.deliver(text_for(hanako).pk) == "refused"


STATUSES = {400: "refused", 422: "refused", 401: "queued", 408: "queued", 429: "queued", 500: "queued"}


@pytest.mark.parametrize(("status", "word"), STATUSES.items())
def test_statuses_of_the_generic_contract(status: int, word: str, hanako: User, generic: FakeGeneric) -> None:
    generic.answers = [(status, {"error": NUMBER})]
    row = text_for(hanako)
    assert delivery.deliver(row.pk) == word
    assert fresh(row).error == f"127.0.0.1-{generic.port} answer {status}"


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("what", ["hang up", "silence"])
def test_no_answer_is_a_try_and_costs_no_more_than_the_timeout(what: str, hanako: User, generic: FakeGeneric) -> None:
    generic.answers = [what]
    row = text_for(hanako)
    assert delivery.deliver(row.pk) == "queued"
    assert "answer: " in fresh(row).error


@pytest.mark.usefixtures("impatient")
def test_an_answer_that_never_ends_counts_by_its_status(hanako: User, generic: FakeGeneric) -> None:
    generic.answers = [(202, "drip")]
    begun = clock.now()
    assert delivery.deliver(text_for(hanako).pk) == "sent"
    assert clock.now() - begun < timedelta(seconds=3)


def test_no_secret_and_no_number_stands_in_a_row_or_a_log(
    hanako: User, twilio: FakeTwilio, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    twilio.answers = ["hang up", (500, {"message": NUMBER}), (401, b"to/ken")]
    row = text_for(hanako)
    for _ in range(3):
        OutboxMessage.objects.update(next_try_at=clock.now(), status="queued")
        delivery.deliver(row.pk)
        assert not any(word in fresh(row).error for word in ("to/ken", NUMBER, "AC0123"))
    ours = " ".join(str(vars(record)) for record in caplog.records if record.name.startswith("modoru"))
    assert ours and not any(word in ours for word in ("to/ken", "to%2Fken", NUMBER))
    assert "to/ken" not in repr(sms_gateway())


# --- one after the other ---------------------------------------------------------------------------------------------
@pytest.fixture
def two(settings: Any) -> Iterator[tuple[FakeTwilio, FakeGeneric]]:
    with listening(FakeTwilio()) as first, listening(FakeGeneric()) as second:
        settings.SMS_URL = f"{first.url}\n  {second.url}"
        yield first, second


def test_the_second_provider_takes_over_at_once(hanako: User, two: tuple[FakeTwilio, FakeGeneric]) -> None:
    first, second = two
    first.answers = [(503, b"")]
    row = text_for(hanako)
    assert delivery.deliver(row.pk) == "sent"
    assert (len(first.got), len(second.got)) == (1, 1)
    assert first.texts == second.texts
    assert fresh(row).gateway == f"127.0.0.1-{second.port}" and fresh(row).error == ""


def test_a_first_provider_that_dies_in_mid_run_costs_no_letter(hanako: User, settings: Any) -> None:
    first, second = FakeTwilio(), FakeGeneric()
    with listening(second):
        with listening(first):
            settings.SMS_URL = f"{first.url} {second.url}"
            assert delivery.deliver(text_for(hanako).pk) == "sent"
        assert delivery.deliver(text_for(hanako).pk) == "sent"
        assert (len(first.got), len(second.got)) == (1, 1), "each letter once"
        with listening(first):
            assert delivery.deliver(text_for(hanako).pk) == "sent"
    assert (len(first.got), len(second.got)) == (2, 1), "back to the first choice"


def test_a_final_no_is_not_asked_of_the_second(hanako: User, two: tuple[FakeTwilio, FakeGeneric]) -> None:
    first, second = two
    first.answers = [(400, {"code": 21614})]
    assert delivery.deliver(text_for(hanako).pk) == "refused"
    assert second.got == []


@pytest.mark.usefixtures("impatient")
def test_in_doubt_the_same_code_goes_by_the_second_too(hanako: User, two: tuple[FakeTwilio, FakeGeneric]) -> None:
    """The first may have it and did not answer: twice is better than never, and both say the same (P53)."""
    first, second = two
    first.answers = ["silence"]
    row = text_for(hanako)
    assert delivery.deliver(row.pk) == "sent"
    assert first.texts == second.texts
    assert delivery.sweep() == 0


def test_a_provider_that_keeps_failing_rests_and_comes_back(
    hanako: User, two: tuple[FakeTwilio, FakeGeneric], caplog: pytest.LogCaptureFixture
) -> None:
    first, second = two
    first.answers = [(503, b"")] * failover.FAILURES
    for _ in range(failover.FAILURES + 2):
        assert delivery.deliver(text_for(hanako).pk) == "sent"
    assert len(first.got) == failover.FAILURES, "then codes no longer wait for it"
    assert len(second.got) == failover.FAILURES + 2
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR] == [
        "sms provider rests"
    ]
    with time_machine.travel(clock.now() + failover.REST + timedelta(seconds=1)):
        assert delivery.deliver(text_for(hanako).pk) == "sent"
    assert len(first.got) == failover.FAILURES + 1
    assert GatewayCircuit.objects.get().failures == 0


def test_when_all_rest_a_code_is_tried_all_the_same(hanako: User, twilio: FakeTwilio) -> None:
    name = f"127.0.0.1-{twilio.port}"
    GatewayCircuit.objects.create(name=name, failures=9, rests_until=clock.now() + timedelta(minutes=1))
    assert delivery.deliver(text_for(hanako).pk) == "sent"


def test_when_every_provider_fails_the_letter_waits(hanako: User, two: tuple[FakeTwilio, FakeGeneric]) -> None:
    for one in two:
        one.answers = [(500, b"")]
    row = text_for(hanako)
    assert delivery.deliver(row.pk) == "queued"
    assert fresh(row).error == "; ".join(f"127.0.0.1-{one.port} answer 500" for one in two)


# --- SMS_URL ---------------------------------------------------------------------------------------------------------
GOOD = {
    "https://sms.example.jp/send": ["sms.example.jp"],
    "https://u:s@sms.example.jp:8443/send?x=1": ["sms.example.jp-8443"],
    "twilio://AC1:t@?from=+15005550006": ["twilio"],
    "twilio://AC1:t@api.twilio.com?from=Modoru": ["api.twilio.com"],
    "twilio://AC1:t@api.twilio.com?service=MG1  twilio://AC2:t@api.twilio.com?service=MG2": [
        "api.twilio.com",
        "api.twilio.com-2",
    ],
    "http://u:s@[::1]:8000/x": ["--1-8000"],
}
BAD = (
    "",
    " ",
    "preview: https://sms.example.jp/send",
    "http://sms.example.jp/send",
    "https:///send",
    "https://sms.example.jp:port/send",
    "twilio://AC1:t@api.twilio.com",
    "twilio://AC1@api.twilio.com?from=+15005550006",
    "twilio://AC1:t@api.twilio.com?from=+15005550006&service=MG1",
    "twilio://AC1:t@api.twilio.com?from=+15005550006&tls=0",
    "twilio://AC1:t@api.twilio.com?from=+15005550006&form=1",
    "twilio://AC1/../AC2:t@api.twilio.com?service=MG1",
    "https://sms.example.jp/send pigeon://roof",
)


@pytest.mark.parametrize("url", GOOD)
def test_good_addresses_are_read(url: str, settings: Any) -> None:
    settings.SMS_URL = url
    gateway = sms_gateway()
    assert isinstance(gateway, failover.Failover)
    assert [one.name for one in gateway.providers] == GOOD[url]


@pytest.mark.parametrize("url", BAD)
def test_nonsense_is_refused_in_one_line_without_the_secret(url: str, settings: Any) -> None:
    settings.SMS_URL = url
    with pytest.raises(ImproperlyConfigured, match="SMS_URL must be") as refused:
        sms_gateway()
    assert "\n" not in str(refused.value) and ":t@" not in str(refused.value)
