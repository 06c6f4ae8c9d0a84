"""Telephone numbers: what people type → E.164, line type, and whether a code can go there (pitfall P36)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import phonenumbers
from django.conf import settings
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType, ValidationResult

from accounts.errors import Refused, Why
from accounts.models import LineType

_LINE_TYPES = {
    PhoneNumberType.MOBILE: LineType.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: LineType.MOBILE,  # North America does not tell them apart
    PhoneNumberType.VOIP: LineType.VOIP,
}


@dataclass(frozen=True, slots=True)
class Number:
    """A usable number: E.164 for keeping, `national` for showing. VoIP is kept as a weak contact, never as a proof."""

    e164: str
    line_type: LineType
    national: str


def parse(text: str) -> Number | Refused:
    """The number people mean by 090-1234-5678, ０９０１２３４５６７８, +81 (0)90 1234 5678; or why it gets no code.

    SHAPE: not a number (`detail`: "too_short", "too_long" or nothing). UNFIT: "country" outside SMS_COUNTRIES,
    "fixed_line", or "line_type" for premium, toll-free and machine numbers.
    Attack stopped: toll fraud by numbers far away (P14).
    """
    try:
        number = phonenumbers.parse(unicodedata.normalize("NFKC", text), settings.PHONENUMBER_DEFAULT_REGION)
    except NumberParseException:
        return Refused(Why.SHAPE)
    if not phonenumbers.is_valid_number(number):
        return Refused(Why.SHAPE, detail=_length_fault(number))
    if phonenumbers.region_code_for_number(number) not in settings.SMS_COUNTRIES:
        return Refused(Why.UNFIT, detail="country")
    kind = phonenumbers.number_type(number)
    if kind == PhoneNumberType.FIXED_LINE:
        return Refused(Why.UNFIT, detail="fixed_line")
    if kind not in _LINE_TYPES:
        return Refused(Why.UNFIT, detail="line_type")
    shown = PhoneNumberFormat.NATIONAL if number.country_code == 81 else PhoneNumberFormat.INTERNATIONAL
    return Number(
        e164=phonenumbers.format_number(number, PhoneNumberFormat.E164),
        line_type=_LINE_TYPES[kind],
        national=phonenumbers.format_number(number, shown),
    )


def may_text(e164: str) -> bool:
    """May a text go to this number: a mobile line in an allowed country? Asked of every text, whatever wrote its row.

    Attack stopped: toll fraud by numbers that got past a form, or whose country was taken off the list since (P14).
    """
    return isinstance(number := parse(e164), Number) and number.line_type == LineType.MOBILE


def _length_fault(number: phonenumbers.PhoneNumber) -> str:
    fault = phonenumbers.is_possible_number_with_reason(number)
    return {ValidationResult.TOO_SHORT: "too_short", ValidationResult.TOO_LONG: "too_long"}.get(fault, "")
