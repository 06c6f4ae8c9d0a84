"""Numbers as people type them (pitfall P36)."""

from __future__ import annotations

import pytest

from accounts import numbers
from accounts.errors import Refused, Why
from accounts.models import LineType
from accounts.numbers import Number


@pytest.mark.parametrize(
    "typed",
    [
        "090-1234-5678",
        "０９０－１２３４－５６７８",
        "０９０ー１２３４ー５６７８",
        "+81 (0)90 1234 5678",
        "+81 90-1234-5678",
        "(090) 1234 5678",
        " 09012345678 ",
    ],
)
def test_it_reads_a_mobile_number_however_it_is_typed(typed: str) -> None:
    assert numbers.parse(typed) == Number("+819012345678", LineType.MOBILE, "090-1234-5678")


def test_it_keeps_a_voip_number_as_a_weak_contact() -> None:
    number = numbers.parse("050-1234-5678")
    assert isinstance(number, Number)
    assert number.line_type == LineType.VOIP


@pytest.mark.parametrize(
    ("typed", "detail"),
    [
        ("03-1234-5678", "fixed_line"),
        ("0120-123-456", "line_type"),
        ("+1 202 555 0123", "country"),
        ("+44 7400 123456", "country"),
    ],
)
def test_it_refuses_what_gets_no_sms_and_says_why(typed: str, detail: str) -> None:
    assert numbers.parse(typed) == Refused(Why.UNFIT, detail=detail)


@pytest.mark.parametrize("typed", ["", "hello", "090-1234-567", "110", "090-1234-56789", "\x00"])
def test_it_refuses_what_is_no_number(typed: str) -> None:
    refused = numbers.parse(typed)
    assert isinstance(refused, Refused)
    assert refused.why is Why.SHAPE


def test_it_allows_the_countries_of_the_settings(settings) -> None:
    settings.SMS_COUNTRIES = ["JP", "GB"]
    assert isinstance(numbers.parse("+44 7400 123456"), Number)
    assert numbers.parse("+1 202 555 0123") == Refused(Why.UNFIT, detail="country")
