"""Passwords that are tried first, and why each is: common ones, patterns, and what is known of the person.

Compared is the whole password, spelled plainly, and never a part of it; what it is made of is free (SP 800-63B-4
§3.1.1.2; ASVS 6.2.4, 6.2.5, 6.2.11, 6.1.2). The lists are Django's own and ours (accounts/data/), read when the first
password is judged.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import cache
from pathlib import Path

from django.contrib.auth.password_validation import CommonPasswordValidator

OURS = Path(__file__).parent / "data" / "japanese_passwords.txt"


class Weakness(StrEnum):
    """Why a password is guessed early."""

    REPEATED = "repeated"
    SEQUENCE = "sequence"
    NUMBER = "number"  # a date, or a telephone number
    COMMON = "common"
    TWO_WORDS = "two_words"
    PERSONAL = "personal"


_FEWEST_DIFFERENT = 4
#: A shorter part that is said again and again is worth no more than itself.
_SHORTEST = 8
#: What stands before or after a common word and adds nothing: "sakura2026!".
_TRIVIAL_END = 4

_LEET = str.maketrans({"0": "o", "@": "a", "4": "a", "$": "s", "5": "s", "3": "e", "7": "t", "!": "i", "1": "i"})
_LEET_L = _LEET | {ord("1"): "l"}
#: The digits under the signs of the upper row, on American and on Japanese keyboards.
_SHIFTED = (str.maketrans("!@#$%^&*()", "1234567890"), str.maketrans("!\"#$%&'()", "123456789"))
_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}
#: One spelling for romaji that differ by system: fuji is huzi, shota is syota.
_ROMAJI = tuple(
    (re.compile(before), after)
    for before, after in (("sh(?=[aueo])", "sy"), ("shi", "si"), ("ch(?=[aueo])", "ty"), ("chi", "ti"))
    + (("tsu", "tu"), ("fu", "hu"), ("j(?=[aueo])", "zy"), ("ji", "zi"))
)
_PARTING = re.compile(r"[\W_]+")
_DATE = (
    r"(?:(?:19|20)\d\d(?:0?[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    r"|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)\d\d|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:19|20)\d\d"
    r"|(?:reiwa|heisei|shou?wa|taishou?|meiji|令和|平成|昭和|大正|明治|[rhstm])"
    r"\d{1,2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))"
)
_NUMBER = re.compile(rf"(?:{_DATE}){{1,2}}|0[5-9]0\d{{8}}")
_WALKS = (
    *("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz"),
    *("1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik", "9ol", "147258369", "3692581470", "159", "753"),
    *("1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "1a2b3c4d5e6f7g8h9i", "a1b2c3d4e5f6g7h8i9"),
    "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん",
    *("いろはにほへとちりぬるをわかよたれそつねならむ", "たていすかんなにらせ", "ちとしはきくまのりれけむ"),
    *("つさそひこみもねるめろ", "ぬふあうえおやゆよわほへ"),
)


def weakness(password: str, personal: Iterable[str] = ()) -> Weakness | None:
    """Why this password would be tried early; None when nothing speaks against it.

    `personal`: texts an attacker of this very account knows: its address and name, the service's name and host.
    Attack stopped: guessing online within the limits, by the lists that every attacker has.
    """
    text = _folded(password)
    bare = _bare(text)
    unit = _unit(bare)
    if len(set(text)) < _FEWEST_DIFFERENT or (unit != bare and len(unit) < _SHORTEST):
        return Weakness.REPEATED
    if any(_is_walk(_bare(text.translate(table))) for table in ({}, *_SHIFTED)):
        return Weakness.SEQUENCE
    if _NUMBER.fullmatch(re.sub("[年月日]", "", unit)):
        return Weakness.NUMBER
    if any(_is_made_of(text.translate(table), _words(personal)) for table in ({}, _LEET, _LEET_L)):
        return Weakness.PERSONAL
    return _of_lists(text) or (_of_lists(unit) if unit != bare else None)


@cache
def listed() -> frozenset[str]:
    """Every listed choice, in the spelling of `_plain`: about 22,000, read once."""
    ours = (line for line in OURS.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return frozenset(_plain(word) for word in (*CommonPasswordValidator().passwords, *ours) if word)


def _folded(text: str) -> str:
    """Full width, capitals and katakana are ways of typing the same."""
    return unicodedata.normalize("NFKC", text).casefold().translate(_HIRAGANA)


def _bare(text: str) -> str:
    """Without the signs that part it; where signs are more than a third of it, they are what it is made of."""
    bare = _PARTING.sub("", text)
    return bare if len(bare) * 3 >= len(text) * 2 else text


def _plain(text: str) -> str:
    """Without what parts it, and with one spelling of romaji."""
    bare = _bare(_folded(text))
    for before, after in _ROMAJI:
        bare = before.sub(after, bare)
    return bare


def _of_lists(text: str) -> Weakness | None:
    for core, rest in _cores(text):
        ends = len(rest[0]) + len(rest[1])
        if ends >= len(core) and (not all(_is_trivial(end) for end in rest) or (core.isascii() and len(core) < 3)):
            continue  # the word is the smaller part of it, or no word
        for table in ({}, _LEET, _LEET_L):
            plain = _plain(core.translate(table))
            if plain in listed():
                return Weakness.COMMON
            if _is_two_words(plain):
                return Weakness.TWO_WORDS
    return None


def _cores(text: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """The whole text, then without digits behind, without digits and signs behind, and without them on both sides."""
    core = _rstripped(text, digits_only=False)
    inner = _rstripped(core[::-1], digits_only=False)[::-1]
    behind = text[len(core) :]
    counted = _rstripped(text, digits_only=True)
    yield text, ("", "")
    yield counted, ("", text[len(counted) :])
    yield core, ("", behind)
    yield inner, (core[: len(core) - len(inner)], behind)


def _rstripped(text: str, *, digits_only: bool) -> str:
    end = len(text)
    while end and (text[end - 1].isdigit() if digits_only else not text[end - 1].isalpha()):
        end -= 1
    return text[:end]


def _is_trivial(end: str) -> bool:
    """A few signs, and digits that are few, a year, a date, a row or one and the same."""
    digits = re.sub(r"\D", "", end)
    usual = len(digits) <= _TRIVIAL_END or len(set(digits)) == 1 or _is_walk(digits) or _NUMBER.fullmatch(digits)
    signs = re.sub(r"\d", "", end)
    return bool(usual) and (len(signs) < _TRIVIAL_END or len(set(signs)) == 1)


def _is_two_words(text: str) -> bool:
    """Two listed words and nothing else: a few million tries. Three or more are nobody's first guess."""
    if not text.isalpha():
        return False
    least = _FEWEST_DIFFERENT if text.isascii() else 2
    known = listed()
    return any(text[:at] in known and text[at:] in known for at in range(least, len(text) - least + 1))


def _unit(text: str) -> str:
    """What is repeated: "abc" of "abcabcab"; the whole text when nothing is."""
    for size in range(1, len(text) // 2 + 1):
        if text == (text[:size] * (len(text) // size + 1))[: len(text)]:
            return text[:size]
    return text


@cache
def _neighbours() -> dict[str, frozenset[int]]:
    """On which walks one character follows another, in either direction."""
    found: dict[str, set[int]] = {}
    for number, walk in enumerate((*_WALKS, *(walk[::-1] for walk in _WALKS))):
        for at in range(len(walk) - 1):
            found.setdefault(walk[at : at + 2], set()).add(number)
    return {pair: frozenset(walks) for pair, walks in found.items()}


def _is_walk(text: str) -> bool:
    """Nearly all of it runs along a keyboard, an alphabet, digits, or stays on one key."""
    at = left_over = 0
    while at < len(text):
        run = _run(text, at)
        left_over += 0 if run >= 3 else run
        at += run
    return len(text) >= 3 and left_over * 4 <= len(text)


def _run(text: str, start: int) -> int:
    same = start + 1
    while same < len(text) and text[same] == text[start]:
        same += 1
    if same - start > 1:
        return same - start
    known, walks, at = _neighbours(), None, start
    while at + 1 < len(text):
        here = known.get(text[at : at + 2], frozenset())
        walks = here if walks is None else walks & here
        if not walks:
            break
        at += 1
    return at - start + 1


def _words(texts: Iterable[str]) -> list[str]:
    """What the texts are made of, longest first; two Chinese characters are a name, two letters are nothing."""
    parts = {word for text in texts for word in _PARTING.split(_folded(text))}
    return sorted((word for word in parts if len(word) >= (3 if word.isascii() else 2)), key=len, reverse=True)


def _is_made_of(text: str, words: list[str]) -> bool:
    """Nothing but these words, digits and signs?"""
    rest = text
    for word in words:
        rest = rest.replace(word, "")
    return rest != text and len(re.sub(r"[\W\d_]+", "", rest)) < _FEWEST_DIFFERENT
