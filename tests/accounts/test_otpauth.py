"""The otpauth address, read by rules that are not ours (conventions §1.7)."""

from __future__ import annotations

import base64
import re
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from accounts import otpauth

SEED = bytes(range(20))


def read(address: str) -> tuple[str, dict[str, str]]:
    parts = urlsplit(address)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    return unquote(parts.path.lstrip("/")), {name: values[0] for name, values in parse_qs(parts.query).items()}


@pytest.mark.parametrize(("issuer", "account"), [("Modoru", "hanako@example.jp"), ("My Bank: A+B", "a:b+c@example.jp")])
def test_the_address_says_issuer_twice_and_equal_and_nothing_else_breaks_it(issuer: str, account: str) -> None:
    address = otpauth.uri(SEED, account, issuer)
    label, params = read(address)
    named, _, who = label.partition(":")
    assert named == params["issuer"]
    assert ":" not in who and ":" not in named
    assert "+" not in address and "=" not in params["secret"]
    assert (params["algorithm"], params["digits"], params["period"]) == ("SHA1", "6", "30")
    assert urlsplit(address).query.startswith("secret=")


def test_the_secret_is_the_seed() -> None:
    _, params = read(otpauth.uri(SEED, "hanako@example.jp"))
    secret = params["secret"]
    assert base64.b32decode(secret + "=" * (-len(secret) % 8)) == SEED


def test_the_drawing_has_a_path_and_no_style() -> None:
    drawn = str(otpauth.qr_svg(otpauth.uri(SEED, "hanako@example.jp")))
    assert drawn.startswith("<svg ") and "<path " in drawn
    assert not re.search(r"style=|<style|data:|href|class=", drawn)
