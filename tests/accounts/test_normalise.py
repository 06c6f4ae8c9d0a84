"""What people type, made comparable (pitfall P37)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import crypto, normalise


@pytest.mark.parametrize(
    "typed", ["１２３ ４５６", "123-456", "123 456 ", "12​3.4\u30fc56", "\u200e123456\ufeff", "１２３－４５６"]
)
def test_it_reads_a_code_in_every_width_and_grouping(typed: str) -> None:
    assert normalise.code(typed) == "123456"


def test_it_keeps_leading_zeros() -> None:
    assert normalise.code("０12345") == "012345"


def test_it_reads_a_saved_code_in_small_letters_with_the_letters_people_mistake() -> None:
    assert normalise.saved_code("abcd-efgh oil0 1jkm ｎｐｑｒ") == "ABCDEFGH01101JKMNPQR"


@given(st.text(alphabet=crypto.CROCKFORD, min_size=20, max_size=20), st.sampled_from([" ", "-", "　", "－", "‐", ""]))
def test_a_code_survives_every_grouping(code: str, between: str) -> None:
    typed = between.join(code[at : at + 5] for at in range(0, 20, 5)).lower()
    assert normalise.saved_code(typed) == code


@pytest.mark.parametrize("name", ["髙﨑 𠮷子", "محمد علي", "Zoë Ångström", "e\u0301ric", "👩‍🚀 Ada", "ｶﾅ"])
def test_a_name_stays_as_its_owner_writes_it(name: str) -> None:
    assert normalise.person_name(f"  {name} ") == name


def test_a_name_of_64_code_points_fits_whatever_the_script() -> None:
    assert normalise.person_name("𠮷" * 64) == "𠮷" * 64


def test_a_name_cannot_write_a_mail_header() -> None:
    assert normalise.person_name("Eve\r\nBcc: all@example.jp\x00") == "EveBcc: all@example.jp"
