"""What a text costs and whether a browser finds the code in it, for every language and the configured host."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.checks import Error, Warning  # noqa: A004

from accounts import checks
from accounts.models import User
from accounts.outbox import letters, notices, segments
from accounts.outbox.letters import render
from accounts.services import links
from tests.accounts.outbox.conftest import code_for, letter_with, person

TEXTS = [(kind, language) for kind in segments.CODES for language in ("ja", "en")]


@pytest.fixture(autouse=True)
def _house(settings: Any) -> None:
    settings.PUBLIC_HOST, settings.SERVICE_NAME = "account.example.jp", "Modoru"


def one_time_code(message: str) -> tuple[str, str] | None:
    """ "Parse a one-time-code message", step by step (WICG sms-one-time-codes): host and code, or nothing."""
    line = message.split("\n")[-1]
    position = 0

    def collect(stop: str) -> str:
        nonlocal position
        begun = position
        while position < len(line) and line[position] not in stop:
            position += 1
        return line[begun:position]

    if not line.startswith("@"):
        return None
    position = 1
    host = collect(" \t")
    if not host or not line[position:].startswith(" #"):
        return None
    position += 2
    code = collect(" \t")
    if not code or "#" in host or "@" in host or ":" in host:
        return None
    return host, code  # what follows the code is not looked at


@pytest.mark.parametrize(("purpose", "language"), TEXTS)
def test_a_browser_finds_host_and_code_in_the_last_line(purpose: str, language: str, db: None) -> None:
    hanako = person("hanako", language)
    challenge = code_for(hanako, purpose, "sms", to="+819012345678")
    text = render(letter_with(challenge, language)).sms
    assert one_time_code(text) == ("account.example.jp", challenge.code)
    assert text.split("\n")[-1] == f"@account.example.jp #{challenge.code}"
    assert "http" not in text and "//" not in text
    used, room = segments.size(text)
    assert room == (70 if language == "ja" else 160)
    assert used <= room


NOT_FOUND = (
    "",
    "123456",
    "@host#123456",
    "@host  #123456",
    "@ #123456",
    "@host # ",
    "code\n@host #1\nbye",
    "x @host #1",
)


@pytest.mark.parametrize("message", NOT_FOUND)
def test_the_parser_of_this_test_is_strict(message: str) -> None:
    assert one_time_code(message) is None


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("a" * 160, (160, 160)),
        ("€" * 3, (6, 160)),
        ("[]{}", (8, 160)),
        ("コ" * 70, (70, 70)),
        ("a" * 69 + "コ", (70, 70)),
        ("𠮷", (2, 70)),
        ("`", (1, 70)),
    ],
)
def test_units_are_counted_as_carriers_count(text: str, size: tuple[int, int]) -> None:
    assert segments.size(text) == size


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_notice_that_goes_by_sms_has_a_short_text(language: str) -> None:
    for one in notices.NOTICES.values():
        if one.sms:
            text = letters.short_text(one.letter, language, {"stop_code": "X" * 12, "stop_page": "p"})
            assert text and ("X" * 12 in text), one.letter


def test_with_this_name_and_host_everything_fits() -> None:
    assert checks.texts_fit_one_segment(None) == []


def test_the_deployment_check_refuses_a_name_that_cuts_the_code_off(settings: Any) -> None:
    settings.SERVICE_NAME = "暗号資産取引所モドル東京本店"
    found = checks.texts_fit_one_segment(None)
    assert [type(one) for one in found] == [Error, Warning]
    assert "codes/sign_in (ja) takes 72 of 70" in found[0].msg


def test_the_deployment_check_refuses_a_host_that_is_too_long(settings: Any) -> None:
    settings.PUBLIC_HOST = "account.recovery.example.co.jp"
    assert checks.texts_fit_one_segment(None)[0].id == "accounts.E013"


def test_a_wrong_address_of_a_gateway_is_found_at_start(settings: Any) -> None:
    settings.SMS_URL = "https://sms.example.jp/send twilio://AC1:hush@api.twilio.com"
    [found] = checks.gateways_can_be_built(None)
    assert found.id == "accounts.E010" and found.msg.startswith("SMS_URL must be") and "hush" not in found.msg
    settings.SMS_URL = "https://sms.example.jp/send"
    assert checks.gateways_can_be_built(None) == []


@pytest.mark.parametrize(
    ("name", "value"), [("SMS_PER_MINUTE", 601), ("SMS_PER_RANGE", 601), ("OPERATOR_MAIL", ["nobody"])]
)
def test_brakes_that_contradict_one_another_are_found_at_start(name: str, value: object, settings: Any) -> None:
    assert checks.brakes_on_sms_make_sense(None) == []
    setattr(settings, name, value)
    assert len(checks.brakes_on_sms_make_sense(None)) == 1


def test_a_stop_code_is_as_long_as_the_check_believes(hanako: User) -> None:
    link = links.make("not_me", user=hanako, subject="test", to=hanako.email, life=segments.RULES.not_me_link_life)
    assert len(link.stop_code) == segments.STOP_CODE
