"""Links and stop codes: found without changing anything, used once, dead when used, replaced, expired or orphaned."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from accounts import clock
from accounts.errors import Refused, Why
from accounts.models import Link, User
from accounts.services import links
from tests.accounts.outbox.conftest import CTX, person


def make(user: User, kind: str = "not_me") -> Link:
    return links.make(kind, user=user, subject="event:1", to=user.email, life=timedelta(days=10))


def why(found: Link | Refused) -> Why | None:
    return found.why if isinstance(found, Refused) else None


def test_finding_a_link_changes_nothing(hanako: User) -> None:
    link = make(hanako)
    assert links.find("not_me", link.token) == links.find("not_me", link.token) == link


def test_a_link_is_used_once(hanako: User) -> None:
    link = make(hanako)
    assert links.use(link) is True
    assert links.use(link) is False
    assert why(links.find("not_me", link.token)) is Why.SPENT


def test_a_newer_reset_link_kills_the_older(hanako: User) -> None:
    older, newer = make(hanako, "password_reset"), make(hanako, "password_reset")
    assert why(links.find("password_reset", older.token)) is Why.SUPERSEDED
    assert links.use(older) is False
    assert links.find("password_reset", newer.token) == newer


def test_newer_notices_leave_older_links_alive(hanako: User) -> None:
    older = make(hanako)
    make(hanako)
    assert links.find("not_me", older.token) == older


def test_an_expired_link_is_dead(hanako: User) -> None:
    link = make(hanako)
    with time_machine.travel(link.expires_at + timedelta(seconds=1)):
        assert why(links.find("not_me", link.token)) is Why.EXPIRED
        assert links.use(link) is False


def test_a_link_dies_with_its_owner(hanako: User) -> None:
    link = make(hanako)
    User.objects.update(is_active=False)
    assert why(links.find("not_me", link.token)) is Why.WRONG
    token = make(person("taro", number="")).token
    User.objects.get(email="taro@example.jp").delete()
    assert why(links.find("not_me", token)) is Why.WRONG


def test_links_can_be_killed(hanako: User) -> None:
    link = make(hanako, "password_reset")
    assert links.kill(hanako, "password_reset") == 1
    assert why(links.find("password_reset", link.token)) is Why.SUPERSEDED


@pytest.mark.parametrize(
    "spoil", [lambda t: t[:-1], lambda t: t[:-1] + "!", lambda t: "x" + t, lambda t: "", str.upper]
)
def test_a_token_that_differs_in_one_sign_opens_nothing(spoil: object, hanako: User) -> None:
    assert why(links.find("not_me", spoil(make(hanako).token))) is Why.WRONG


def test_a_link_of_one_kind_is_none_of_another(hanako: User) -> None:
    assert why(links.find("password_reset", make(hanako).token)) is Why.WRONG


def test_a_stop_code_is_found_however_it_is_typed(hanako: User) -> None:
    link = make(hanako)
    code = link.stop_code
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in code)
    for typed in (code, code.lower(), f" {code[:4]}-{code[4:8]} {code[8:]} ", wide):
        assert links.find_stop_code(typed, CTX) == link


def test_a_wrong_stop_code_opens_nothing_and_guessing_ends(hanako: User) -> None:
    code = make(hanako).stop_code
    wrong = code[:-1] + ("A" if code[-1] != "A" else "B")
    answers = [why(links.find_stop_code(wrong, CTX)) for _ in range(25)]
    assert answers[0] is Why.WRONG and answers[-1] is Why.THROTTLED
    assert why(links.find_stop_code(code, CTX)) is Why.THROTTLED, "even the right one"


def test_what_is_no_stop_code_is_not_charged(hanako: User) -> None:
    assert {why(links.find_stop_code(typed, CTX)) for typed in ("", "123456", "stop", "U" * 12) for _ in range(10)} == {
        Why.SHAPE
    }
    assert isinstance(links.find_stop_code(make(hanako).stop_code, CTX), Link)


def test_links_long_dead_are_removed(hanako: User) -> None:
    link = make(hanako)
    assert links.purge(clock.now()) == 0
    assert links.purge(link.expires_at + timedelta(days=31)) == 1
