"""Case references: readable, forgiving, and self-checking."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.crypto import CROCKFORD
from recovery import references


def test_it_reads_back_what_people_make_of_a_reference() -> None:
    reference = next(r for r in iter(references.new, "") if "0" in r and "1" in r)
    plain = reference.replace("-", "")
    wide = "".join(chr(ord(char) + 0xFEE0) for char in plain)
    for typed in (
        reference,
        reference.lower(),
        plain[2:],
        f" {plain} ",
        wide,
        plain[:2] + plain[2:].replace("0", "o").replace("1", "l"),
    ):
        assert references.parse(typed) == reference


@pytest.mark.parametrize(
    "typed", ["", "MD", "MD-1234", "MD-****-****", "XX-7K3M-9QX2", "MD-7K3M-9QX2-7", "MD-7K3U-9QX2"]
)
def test_it_knows_what_is_no_reference(typed: str) -> None:
    assert references.parse(typed) is None


@given(st.integers(0, 7), st.integers(1, 31))
def test_it_notices_every_single_wrong_character(place: int, off: int) -> None:
    body = references.new().replace("-", "")[2:]
    wrong = CROCKFORD[(CROCKFORD.index(body[place]) + off) % 32]
    assert references.parse(body[:place] + wrong + body[place + 1 :]) is None


@given(st.integers(0, 6))
def test_it_notices_two_neighbours_swapped(place: int) -> None:
    body = references.new().replace("-", "")[2:]
    if body[place] != body[place + 1]:
        assert references.parse(body[:place] + body[place + 1] + body[place] + body[place + 2 :]) is None
