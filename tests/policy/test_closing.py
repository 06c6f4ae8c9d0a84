"""R6: closing an account, taking a copy of it, and what each leaves to a thief and to the owner."""

from __future__ import annotations

from dataclasses import replace

from policy.deeds import (
    AddPayout,
    CloseAccount,
    Export,
    KeepOpen,
    NotMe,
    OpenCase,
    Outcome,
    ShowProof,
    SignIn,
    Wait,
    Withdraw,
    after,
    closed,
    closing,
    may,
    step_up_kind,
)
from policy.facts import NEVER, Change, Facts
from policy.rules import RULES
from tests.policy.people import HOUR, NOW, E, K, S, T, account, proof, showing, signed_in, stepped_up

CLOSE = CloseAccount()


def hanako() -> Facts:
    return signed_in(account(K, T, S, E), K, T)


def asked_to_close(*kinds: object) -> Facts:
    """Her account, its closing just asked for with these step-ups."""
    facts = stepped_up(hanako(), CLOSE, *kinds)  # type: ignore[arg-type]
    assert may(CLOSE, facts).allowed
    return after(CLOSE, facts)


def test_closing_asks_a_fresh_proof_for_itself() -> None:
    """Stops a stolen session cookie, or a code coaxed out for something else, from closing the account (R2)."""
    assert may(CLOSE, hanako()).outcome is Outcome.STEP_UP
    assert may(CLOSE, stepped_up(hanako(), "export", T)).outcome is Outcome.STEP_UP
    assert may(CLOSE, stepped_up(hanako(), CLOSE, T, ago=RULES.step_up_fresh + HOUR / 3600)).outcome is Outcome.STEP_UP
    assert may(CLOSE, replace(hanako(), session=None)).has("sign_in_first")


def test_it_waits_a_day_with_two_custodies_and_three_with_one() -> None:
    assert may(CLOSE, stepped_up(hanako(), CLOSE, S)).final_after == RULES.final_two_custodies
    assert may(CLOSE, stepped_up(hanako(), CLOSE, T)).final_after == RULES.final_else


def test_until_it_is_final_the_account_works_and_only_money_rests() -> None:
    facts = asked_to_close(S)
    assert closing(facts) and not closed(facts)
    assert may(Withdraw(), stepped_up(facts, Withdraw(), T)).has("closing_moves_no_money")
    assert may(AddPayout(), stepped_up(facts, AddPayout(), T)).allowed
    assert may(SignIn((proof(K), proof(T))), facts).allowed
    assert may(CLOSE, stepped_up(facts, CLOSE, S)).has("already_closing")


def test_a_closing_whose_notices_are_not_out_is_not_final() -> None:
    change = Change("change:1", "account.closing", NOW - 90 * HOUR, NEVER, two_custodies=True, closes=True)
    facts = replace(hanako(), changes=(change,))
    assert closing(facts) and not closed(facts)


def test_once_final_nobody_signs_in_acts_or_comes_back() -> None:
    facts = replace(asked_to_close(S), now=NOW + 24 * HOUR)
    assert closed(facts)
    assert may(SignIn((proof(K), proof(T))), facts).has("account_closed")
    assert may(Withdraw(), stepped_up(facts, Withdraw(), T)).has("sign_in_first")
    assert may(OpenCase(), showing(facts, K, S)).has("account_closed")
    swept = after(Wait(NOW + 24 * HOUR), asked_to_close(S))
    assert swept.means == () and swept.session is None


def test_the_owner_keeps_it_open_without_a_step_up() -> None:
    facts = after(KeepOpen(), asked_to_close(T))
    assert closing(facts) is None
    assert may(Withdraw(), stepped_up(facts, Withdraw(), T)).allowed
    assert may(KeepOpen(), facts).has("not_closing")
    assert may(KeepOpen(), replace(asked_to_close(T), session=None)).has("sign_in_first")


def test_not_me_keeps_it_open() -> None:
    facts = after(NotMe(NOW), asked_to_close(T))
    assert closing(facts) is None


def test_who_comes_back_with_enough_proof_keeps_it_open() -> None:
    """Stops a thief of the phone from closing the account while its owner waits for a recovery."""
    facts = showing(asked_to_close(T), S, K)
    assert may(OpenCase(), facts).sufficient
    assert closing(after(OpenCase(), facts)) is None


def test_a_copy_asks_a_fresh_proof_and_changes_nothing() -> None:
    assert may(Export(), hanako()).outcome is Outcome.STEP_UP
    facts = stepped_up(hanako(), Export(), T)
    assert may(Export(), facts).allowed
    assert after(Export(), facts) == facts
    assert may(Export(), replace(hanako(), session=None)).has("sign_in_first")
    assert after(ShowProof(proof(T), for_deed=step_up_kind(Export())), hanako()).session is not None
