"""R1, R2, R7: which means may give a proof, and where a thief would find it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policy.custody import custody_of_means, two_custodies
from policy.deeds import ShowProof, may
from policy.facts import NEVER, Case, Kind, Means
from policy.proofs import bar, counts, standing
from policy.rules import RULES
from tests.policy.people import AGENTS, DAY, HOUR, NOW, C, E, I, K, M, P, S, T, account, means, proof


@pytest.mark.parametrize(
    ("one", "places"),
    [
        (means(K), {"head", "phone"}),
        (means(T), {"phone"}),
        (means(P, device="laptop"), {"device:laptop", "phone"}),
        (means(P, device="laptop", synced=False), {"device:laptop"}),
        (means(P, device="phone", synced=False), {"phone"}),
        (means(P), {"device:passkey", "phone"}),
        (means(S), {"drawer"}),
        (means(S, downloaded=True), {"drawer", "mailbox", "phone"}),
        (means(E), {"mailbox", "phone"}),
        (means(M), {"line", "phone"}),
        (means(C), {"people"}),
        (means(I), {"papers"}),
    ],
)
def test_each_proof_lies_where_the_table_says(one: Means, places: set[str]) -> None:
    assert custody_of_means(one) == places


@pytest.mark.parametrize(
    ("shown", "two"),
    [
        ((), False),
        ((K,), False),
        ((K, T), False),
        ((E, M, K, T), False),
        ((K, S), True),
        ((T, S), True),
        ((E, S), True),
        ((C, K), True),
        ((I, K), True),
    ],
)
def test_two_custodies_means_no_one_place_holds_everything_shown(shown: tuple[Kind, ...], two: bool) -> None:
    assert two_custodies(tuple(map(proof, shown)), account(K, T, S, E, M, C, I)) is two


def test_a_passkey_of_the_laptop_and_the_app_on_the_phone_are_two() -> None:
    facts = account(means(P, device="laptop", synced=False), T)
    assert two_custodies((proof(P), proof(T)), facts)


def test_a_proof_by_something_that_is_not_the_accounts_is_no_second_custody() -> None:
    """mallory's own app beside a stolen password must not look like two thefts."""
    assert not two_custodies((proof(K), proof(S, "saved_code:mallory")), account(K, S))


def test_a_reset_password_lies_in_the_mailbox() -> None:
    facts = account(means(P, device="laptop", synced=False), K, E)
    assert not two_custodies((proof(K, reset=True), proof(E)), facts)
    assert two_custodies((proof(K, reset=True), proof(P)), facts)


@pytest.mark.parametrize(
    ("one", "code"),
    [
        (means(T, confirmed_at=None), "not_confirmed"),
        (means(T, suspended=True), "replaced_or_removed"),
        (means(T, lost=True), "reported_lost"),
        (means(T, disabled=True), "disabled"),
        (means(M, weak=True), "weak_number"),
        (means(M, weak=True, confirmed_at=None), "weak_number"),
        (means(M, confirmed_at=NOW - 180 * DAY - HOUR), "number_lapsed"),
        (means(T, final_at=NOW + HOUR), "on_probation"),
        (means(T, final_at=NEVER), "on_probation_once_told"),
    ],
)
def test_it_does_not_count_when(one: Means, code: str) -> None:
    facts = account(one)
    reason = bar(one, facts)
    assert reason is not None and reason.code == code
    assert standing((proof(one.kind),), facts) == ()
    assert may(ShowProof(proof(one.kind)), facts).reasons == (reason,)


@pytest.mark.parametrize(
    "one",
    [
        means(K, confirmed_at=None),
        means(T, final_at=NOW),
        means(M, confirmed_at=NOW - 180 * DAY),
        means(E, confirmed_at=NOW - 400 * DAY),
        means(T, confirmed_at=NOW - 4000 * DAY),
    ],
)
def test_it_counts_when(one: Means) -> None:
    assert counts(one, account(one))


def test_how_long_a_number_counts_is_a_setting() -> None:
    one = means(M, confirmed_at=NOW - 31 * DAY)
    assert counts(one, account(one))
    assert not counts(one, account(one), replace(RULES, number_confirmed_within=30 * DAY))


@pytest.mark.parametrize("lost", ["totp", "T"])
def test_what_the_claimant_named_lost_proves_nothing_in_that_case(lost: str) -> None:
    facts = account(T, case=Case(state="proving", opened_at=NOW, lost=frozenset({lost})))
    assert not counts(facts.means[0], facts)


def test_papers_count_only_inside_an_approved_case() -> None:
    facts = account(I)
    assert standing((proof(I),), facts) == ()
    waiting = Case(state="in_review", opened_at=NOW)
    assert standing((proof(I),), replace(facts, case=waiting)) == ()
    assert standing((proof(I),), replace(facts, case=replace(waiting, approved=True, agents=AGENTS))) != ()


def test_showing_the_same_means_twice_is_one_proof() -> None:
    assert len(standing((proof(E), proof(E)), account(E))) == 1
