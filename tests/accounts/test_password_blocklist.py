"""What is refused as a password and why, and that nothing else is."""

from __future__ import annotations

import random
import string

import pytest
from django.conf import settings

from accounts import password_blocklist as blocklist
from accounts.forms.account import PasswordChangeForm, PasswordResetForm
from accounts.forms.sign_up import NewAccountForm
from accounts.password_blocklist import Weakness, listed, weakness
from accounts.services import passwords
from recovery.forms import NewPasswordForm

PERSONAL = ("Modoru", "account.example.jp", "hanako.yamada@example.jp", "山田 花子")
REFUSED: dict[Weakness, str] = {
    Weakness.REPEATED: "aaaaaaaaaaaaaaa abcabcabcabcabc l0v3l0v3 山田山田山田山田",
    Weakness.SEQUENCE: (
        "12345678 abcdefgh qwertyui asdfghjkl;:] 1qaz2wsx3edc !QAZ2wsx 1234qwerasdfzxcv 1q2w3e4r5t "
        "たていすかんなにらせ いろはにほへとちりぬる 147258369 8765432187654321"
    ),
    Weakness.NUMBER: (
        "19981123 1998-11-23 1998年11月23日 h101123 昭和63年12月25日 1998112320010405 09012345678 090-1234-5678"
    ),
    Weakness.COMMON: (
        "password123456789 P@ssw0rd2026!!!! ｐａｓｓｗｏｒｄ１２３ sakura2026!! サクラ20261124 "
        "さくら-1998 fujisan1998 huzisan1998 shouta0401 syouta0401 tanakahanako1985 nekodaisuki0505 "
        "daisuki4649 aishiteru1234567 1l0vey0u $akura2026 !!Sakura-2026!! passwordpassword "
        "sakura$akura monkey111111111 頑張れ日本2026 reiwa8nen!"
    ),
    Weakness.TWO_WORDS: "iloveyousakura momiji-kaminari! さくらふじさん2026",
    Weakness.PERSONAL: "hanako-modoru-2026 h4nak0yamada! Modoru2026!! 山田花子2026年!! Example2026!",
}


@pytest.mark.parametrize(("why", "password"), [(why, word) for why, words in REFUSED.items() for word in words.split()])
def test_it_is_refused_for_its_own_reason(why: Weakness, password: str) -> None:
    assert weakness(password, PERSONAL) is why


@pytest.mark.parametrize(
    "password",
    [
        "kitsune denwa ringo kumo",
        "hanako no neko ga ochita",
        "山の上から海を見ていた",
        "correct-horse-battery",
        "Tr0ub4dor&3",
        "739105528461",  # digits alone are no fault (ASVS 6.2.5)
        "sakura8273946152",  # the word is the smaller part
        "-4;0},4H]`'!",  # a single letter among signs is no word
        "984=5{+M&-&{",
        ";1hO't@2->%4",
        "x" * 10 + "yzab" * 30,
    ],
)
def test_what_is_merely_made_of_something_is_taken(password: str) -> None:
    assert weakness(password, PERSONAL) is None


def test_no_random_text_and_no_row_of_four_words_is_refused() -> None:
    """10,000 of each, made as people and password managers make them."""
    chance = random.Random(7)
    words = [word for word in listed() if word.isascii() and word.isalpha() and 3 <= len(word) <= 9]
    words = sorted(word for word in words if len(set(word)) > 2)
    signs = string.ascii_letters + string.digits + string.punctuation
    made = [chance.choice(" -.").join(chance.sample(words, 4)) for _ in range(10_000)]
    made += ["".join(chance.choices(signs, k=12)) for _ in range(10_000)]
    assert [text for text in made if weakness(text, PERSONAL)] == []


def test_our_list_is_sorted_says_where_it_is_from_and_is_read_beside_djangos() -> None:
    lines = blocklist.OURS.read_text(encoding="utf-8").splitlines()
    words = [line for line in lines if not line.startswith("#")]
    assert words == sorted(set(words))
    assert len(words) > 2_000
    assert f"{len(words):,} entries" in lines[0]
    assert "Provenance" in "\n".join(lines[:6])
    assert {"password", "sakura", "nekodaisuki", "さくら", "頑張れ日本"} <= listed()
    assert len(listed()) > 20_000


def test_a_long_password_is_taken_and_a_huge_one_refused_with_its_reason() -> None:
    def judged(password: str) -> list[str]:
        return passwords.problems(password, user=None, email="hanako@example.jp", with_factor=True)

    sentence = "".join(chr(ord("a") + number * number % 23) for number in range(2000))
    assert judged(sentence[:1024]) == []
    assert "1024" in judged(sentence[:1025])[0]
    assert "1024" in judged("山海川森空星" * 60)[0]


def test_the_name_typed_beside_it_is_personal_too() -> None:
    found = passwords.problems(
        "浦島太郎乙姫様2026", user=None, email="u@example.jp", name="浦島太郎 乙姫様", with_factor=True
    )
    assert found[0] == passwords.problems("Modoru-2026!", user=None, email="", with_factor=True)[0]
    assert not passwords.problems("浦島太郎乙姫様2026", user=None, email="u@example.jp", with_factor=True)


def test_what_a_manager_is_told_to_make_is_long_enough() -> None:
    for form, least in (
        (NewAccountForm(), settings.PASSWORD_MIN_ALONE),
        (NewPasswordForm(), settings.PASSWORD_MIN_WITH_FACTOR),
        (PasswordResetForm(least=15), 15),
        (PasswordChangeForm(least=8), 8),
    ):
        told = form.fields["password"].widget.attrs["passwordrules"]
        assert told == f"minlength: {least}; allowed: ascii-printable;"
