"""One answer of a passkey, several hands at one instant: it opens one door, once (WebAuthn §7.2; pitfalls P1, P31)."""

from __future__ import annotations

from functools import partial

import pytest
from django.test import Client

from accounts.errors import Refused, Why
from accounts.models import LimitCounter, Passkey, UsedChallenge, User
from accounts.services import passkeys
from accounts.services.sign_in import Passed
from policy.facts import Session
from tests.accounts.hands import CTX, app_of, facts_of, person
from tests.accounts.passkeys.conftest import enter
from tests.passkeys import Key, passkey_of
from tests.races.meeting import Together

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
TRIES = 100


@pytest.mark.parametrize("counts", [True, False], ids=["counting", "never counting"])
def test_an_answer_given_twice_signs_in_once(together: Together, counts: bool) -> None:
    """A passkey that never counts, as most synced ones, has nothing but the challenge to be told apart by."""
    key = Key(counts=counts)
    passkey_of(person(), key)
    for _ in range(TRIES):
        LimitCounter.objects.all().delete()
        given = key.answer(passkeys.asked("sign_in", "browser:a"))
        hand = partial(passkeys.sign_in, given, scope="browser:a", ctx=CTX)
        outcomes = together(hand, hand, hand)
        assert sum(isinstance(one, Passed) for one in outcomes) == 1
        assert {one.why for one in outcomes if isinstance(one, Refused)} == {Why.SPENT}
    assert UsedChallenge.objects.count() == TRIES
    assert Passkey.objects.get().disabled_at is None, "a replay is no copy"


def test_one_question_answered_by_two_passkeys_at_once_opens_one_door(together: Together) -> None:
    """Each holds its own row's lock, so only the challenge itself can tell."""
    user, keys = person(), [Key(), Key()]
    for key in keys:
        passkey_of(user, key)
    for _ in range(TRIES):
        LimitCounter.objects.all().delete()
        question = passkeys.asked("sign_in", "browser:a")
        hands = [partial(passkeys.sign_in, key.answer(question), scope="browser:a", ctx=CTX) for key in keys]
        assert sum(isinstance(one, Passed) for one in together(*hands)) == 1


def test_a_passkey_posted_twice_is_added_once(together: Together) -> None:
    user = person()
    app_of(user)
    session = _session(user)
    for each in range(8):
        given = Key().make(passkeys.asked_to_add(user, "add:a"))
        hand = partial(passkeys.add, user, given, "", scope="add:a", session=session, keep=None, ctx=CTX)
        outcomes = together(hand, hand)
        assert sum(isinstance(one, Passkey) for one in outcomes) == 1
        assert Passkey.objects.count() == each + 1


def _session(user: User) -> Session:
    browser = Client()
    enter(browser, user)
    return facts_of(browser)
