"""R3–R5 against tables written down from the product's text: every set of proofs, every flag that changes a custody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import chain, combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.deeds import OpenCase, Outcome, may
from policy.facts import NEVER, Case, Facts, Kind, Means, Proof
from policy.proofs import Best, best, carries, standing, sufficient, wait_ends_at, wait_of
from tests.policy.people import AGENTS, DAY, HOUR, NOW, C, E, I, K, M, P, S, T, account, means, proof, showing

# The tables of R4 and R5 by letter. R stands for a password set by mail (R3), p for a passkey that is not synced.
AT_ONCE = "SE SM SK ST SP Sp SR Ep Mp Rp"
PEOPLE = "CS CE CM CR CK CT CP Cp IK IT IP Ip IS IE IM IR IC"
PAPERS_BESIDE = "EKI ETI EPI MKI MTI MPI RTI RPI SEI SMI SKI STI SPI SRI"  # enough without them, in a second place with
ONE_PLACE = "EK ET EP MK MT MP RT RP"
PAPERS_ALONE = "I"
# A code sheet in the mailbox and on the phone is no second place.
DOWNLOADED_AFTER_ALL = ("SE", "SM", "SK", "ST", "SP", "SR")
NEEDS_VIDEO = ("IK", "IT", "IP", "Ip", "IS", "IE", "IM", "IR", "IC", "I")


def subsets(letters: str) -> Iterator[tuple[str, ...]]:
    return chain.from_iterable(combinations(letters, size) for size in range(len(letters) + 1))


def oracle(letters: Iterable[str], addresses: set[str], *, video: bool, downloaded: bool, lapsed: bool) -> int | None:
    """Hours of wait by the text alone; None when it is not sufficient. `addresses`: all the account has, by letter."""
    have = set(letters)
    found = []
    for hours, sets in ((0, AT_ONCE), (24, PEOPLE), (24, PAPERS_BESIDE), (72, ONE_PLACE), (168, PAPERS_ALONE)):
        for one in sets.split():
            if not set(one) <= have or (one in NEEDS_VIDEO and not video):
                continue
            wait = 72 if downloaded and one in DOWNLOADED_AFTER_ALL else hours
            if lapsed and set(one) & {"E", "R"}:
                wait = max(wait, 168)
            gave = set(one) | ({"E", "told", "old"} if "R" in one else set())
            if not addresses - gave:
                wait = max(wait, 72)
            found.append(wait)
    return min(found, default=None)


def hours(one: Best | None) -> float | None:
    return None if one is None else one.wait / HOUR


@pytest.mark.parametrize(("video", "downloaded", "lapsed"), list(product((False, True), repeat=3)))
@pytest.mark.parametrize("told", [True, False], ids=["another address", "no other address"])
def test_every_set_of_proofs_waits_as_the_table_says(video: bool, downloaded: bool, lapsed: bool, told: bool) -> None:
    for passkey, password in product("Pp", "KR"):
        letters = f"{password}T{passkey}SEMCI"
        for shown in subsets(letters):
            facts = somebody(shown, video=video, downloaded=downloaded, lapsed=lapsed, told=told)
            addresses = {{"email": "E", "sms": "M"}.get(m.id, m.id) for m in facts.means if m.kind in (E, M)}
            expected = oracle(shown, addresses, video=video, downloaded=downloaded, lapsed=lapsed)
            assert hours(best(facts.shown, facts)) == expected, f"{''.join(shown)}: {facts}"


def somebody(shown: Iterable[str], *, video: bool, downloaded: bool, lapsed: bool, told: bool) -> Facts:
    """An account that has just what is shown, and perhaps an address that hears of it."""
    bound, proofs = [], []
    for letter in shown:
        kind = Kind({"R": "K", "p": "P"}.get(letter, letter))
        confirmed = NOW - (181 if lapsed and kind is E else 30) * DAY
        one = Means(
            kind.name.lower(),
            kind,
            confirmed,
            downloaded=downloaded,
            with_video=video,
            reset=letter == "R",
            synced=letter != "p",
            device="laptop" if letter == "p" else "",
        )
        bound.append(one)
        proofs.append(Proof(kind, one.id, NOW, reset=letter == "R"))
    if told:
        bound.append(means(E, "told", confirmed_at=NOW - (181 if lapsed else 30) * DAY))
    elif "R" in shown and "E" not in shown and lapsed:  # the reset came by some address
        bound.append(means(E, "old", confirmed_at=NOW - 181 * DAY))
    case = Case(state="proving", opened_at=NOW, approved=True, agents=AGENTS)
    return Facts(now=NOW, means=tuple(bound), shown=tuple(proofs), case=case)


def test_r4_holds_for_every_set_of_kinds() -> None:
    pairs = ("SE", "SM", "SC", "EC", "MC", *(code + bound for code in "SEMC" for bound in "KTP"))
    enough = [set(map(Kind, pair)) for pair in pairs]
    for letters in subsets("KTPSEMCI"):
        kinds = frozenset(map(Kind, letters))
        by_codes = any(pair <= kinds for pair in enough)
        assert sufficient(kinds) == by_codes, letters
        assert sufficient(kinds, video=True) == (by_codes or I in kinds), letters
        assert sufficient(kinds, video=True, faster_road=True) == (by_codes or (I in kinds and len(kinds) > 1)), letters


@pytest.mark.parametrize("never", [(E,), (M,), (E, M), (K,), (T,), (P,), (S,), (C,), (K, T), (K, T, P)])
def test_it_never_opens_a_case_for(never: tuple[Kind, ...]) -> None:
    facts = showing(account(K, T, P, S, E, M, C), *never)
    assert may(OpenCase(), facts).outcome is Outcome.MORE_PROOF


def test_two_mailboxes_are_one_method() -> None:
    facts = account(E, M)
    assert best((proof(E), proof(E, "email:told"), proof(M)), facts) is None


@pytest.mark.parametrize(
    ("shown", "wait"),
    [
        ((S, K), 0),
        ((S, T), 0),
        ((S, E), 0),
        ((C, K), 24),
        ((E, T), 72),
        ((E, K), 72),
        ((M, K), 72),
    ],
)
def test_the_waits_the_product_promises(shown: tuple[Kind, ...], wait: int) -> None:
    verdict = may(OpenCase(), showing(account(*shown), *shown))
    assert verdict.wait == wait * HOUR
    assert verdict.outcome is (Outcome.WAIT if wait else Outcome.ALLOWED)


def test_papers_with_the_password_wait_a_day_after_people_approved_them() -> None:
    facts = showing(account(K, means(I, with_video=True)), K, I)
    before = may(OpenCase(), facts)
    assert (before.outcome, before.reviewers, before.wait) == (Outcome.REVIEW, 1, 24 * HOUR)
    approved = may(OpenCase(), in_case(facts, approved=True, agents=AGENTS))
    assert (approved.outcome, approved.wait) == (Outcome.WAIT, 24 * HOUR)


def test_papers_with_the_video_alone_take_two_people_and_seven_days() -> None:
    facts = showing(account(means(I, with_video=True)), I)
    before = may(OpenCase(), facts)
    assert (before.outcome, before.reviewers, before.wait) == (Outcome.REVIEW, 2, 7 * DAY)
    assert may(OpenCase(), in_case(facts, approved=True, agents=AGENTS)).wait == 7 * DAY


def test_papers_without_the_video_are_not_enough() -> None:
    assert may(OpenCase(), in_case(showing(account(I), I), approved=True, agents=AGENTS)).outcome is Outcome.MORE_PROOF


def test_codes_once_downloaded_lie_where_the_mail_lies() -> None:
    sheet = means(S, downloaded=True)
    assert may(OpenCase(), showing(account(sheet, E), S, E)).wait == 72 * HOUR
    assert may(OpenCase(), showing(account(sheet, K), S, K)).wait == 72 * HOUR


def test_a_lapsed_address_counts_after_seven_days() -> None:
    verdict = may(OpenCase(), showing(account(S, means(E, confirmed_at=NOW - 181 * DAY)), S, E))
    assert verdict.wait == 7 * DAY
    assert verdict.has("mail_lapsed")


def test_without_another_address_it_waits_at_least_72_hours() -> None:
    facts = Facts(now=NOW, means=(means(S), means(E)), shown=(proof(S), proof(E)))
    verdict = may(OpenCase(), facts)
    assert verdict.wait == 72 * HOUR
    assert verdict.has("no_other_address")


def test_an_address_on_probation_is_no_other_address() -> None:
    """Stops a thief in a session from adding the address that is to be told."""
    mallory = means(E, "email:mallory", final_at=NOW + HOUR)
    facts = Facts(now=NOW, means=(means(S), means(E), mallory), shown=(proof(S), proof(E)))
    assert may(OpenCase(), facts).wait == 72 * HOUR


def test_a_number_named_lost_gives_no_proof_and_hears_nothing() -> None:
    facts = Facts(now=NOW, means=(means(S), means(M)), shown=(proof(S), proof(M)))
    assert may(OpenCase(lost=frozenset({"sms"})), facts).outcome is Outcome.MORE_PROOF
    by_mail = Facts(now=NOW, means=(means(S), means(E), means(M)), shown=(proof(S), proof(E)))
    assert may(OpenCase(), by_mail).wait == timedelta()
    assert may(OpenCase(lost=frozenset({"sms"})), by_mail).wait == 72 * HOUR


def test_showing_the_mailbox_too_does_not_take_away_the_address_that_is_told() -> None:
    facts = Facts(now=NOW, means=(means(S), means(K), means(E)), shown=(proof(S), proof(K), proof(E)))
    assert may(OpenCase(), facts).wait == timedelta()


# R3


def test_a_password_set_by_mail_is_worth_a_mail_code() -> None:
    facts = account(K, E, M, T, S)
    reset = proof(K, reset=True)
    assert best((reset, proof(E)), facts) is None
    assert best((reset, proof(M)), facts) is None
    assert hours(best((reset, proof(T)), facts)) == 72
    without_number = account(K, E, T, S)
    assert (
        hours(best((reset, proof(S)), without_number)) == 72
    )  # any address may have brought it: none is left to be told
    assert hours(best((proof(K, reset=True, via="email"), proof(S)), facts)) == 0


def test_the_password_from_before_the_reset_still_counts() -> None:
    new = means(K, "password:reset", reset=True)
    facts = account(K, new, S, password_unsettled=True)
    assert hours(best((proof(K), proof(S)), facts)) == 0


# R5: from when the wait counts


def in_case(facts: Facts, **changed: object) -> Facts:
    case = replace(Case(state="on_hold", opened_at=NOW), **changed)  # type: ignore[arg-type]
    return replace(facts, case=case)


def end_of_wait(facts: Facts) -> object:
    one = best(facts.shown, facts)
    assert one is not None
    return wait_ends_at(one, facts)


def test_the_wait_counts_from_the_first_notice_at_an_address_that_gave_no_proof() -> None:
    facts = showing(account(E, T), E, T)
    assert end_of_wait(in_case(facts, notice_at=None)) == NEVER
    assert end_of_wait(in_case(facts, notice_at=NOW + HOUR)) == NOW + 73 * HOUR


def test_where_no_such_address_is_the_wait_counts_from_the_opening() -> None:
    facts = Facts(now=NOW, means=(means(E), means(T)), shown=(proof(E), proof(T)))
    assert end_of_wait(in_case(facts)) == NOW + 72 * HOUR
    gathered = in_case(showing(account(E, T), E, T), has_other_address=False)
    assert end_of_wait(gathered) == NOW + 72 * HOUR


def test_a_road_without_wait_needs_no_notice_first() -> None:
    assert end_of_wait(in_case(showing(account(S, K), S, K))) == NOW


# More proof never lengthens; the search loses nothing

KINDS = st.sampled_from(list(Kind))


@st.composite
def accounts(draw: st.DrawFn) -> Facts:
    """Any account: several means of a kind, each in any condition, all of them shown."""
    bound = []
    for number, kind in enumerate(draw(st.lists(KINDS, min_size=1, max_size=7))):
        bound.append(
            Means(
                f"{kind.name.lower()}:{number}",
                kind,
                NOW - draw(st.sampled_from([1, 30, 181])) * DAY,
                final_at=draw(st.sampled_from([None, None, None, NOW + HOUR, NEVER])),
                downloaded=draw(st.booleans()),
                synced=draw(st.booleans()),
                device=draw(st.sampled_from(["", "laptop", "phone"])),
                with_video=draw(st.booleans()),
            )
        )
    shown = tuple(Proof(m.kind, m.id, NOW, reset=m.kind is K and draw(st.booleans())) for m in bound)
    case = Case(state="proving", opened_at=NOW, approved=draw(st.booleans()), agents=AGENTS)
    return Facts(now=NOW, means=tuple(bound), shown=shown, case=case)


@given(accounts())
def test_more_proof_never_lengthens(facts: Facts) -> None:
    for size in range(len(facts.shown)):
        fewer = best(facts.shown[:size], facts)
        more = best(facts.shown[: size + 1], facts)
        assert fewer is None or (more is not None and more.wait <= fewer.wait)


@given(accounts())
def test_the_best_subset_is_the_best_of_all_subsets(facts: Facts) -> None:
    shown = standing(facts.shown, facts)
    every = chain.from_iterable(combinations(shown, size) for size in range(1, len(shown) + 1))
    waits = [wait_of(one, facts).wait for one in every if carries(one, facts)]
    one = best(facts.shown, facts)
    assert (one.wait if one else None) == min(waits, default=None)


@given(accounts())
def test_mail_and_sms_alone_never_suffice(facts: Facts) -> None:
    issued = tuple(p for p in facts.shown if p.kind in (E, M) or (p.kind is K and p.reset))
    assert best(issued, facts) is None


@given(accounts())
def test_what_is_on_probation_opens_nothing(facts: Facts) -> None:
    added = {m.id for m in facts.means if m.final_at is not None}
    one = best(facts.shown, facts)
    assert one is None or not added & {p.means_id for p in one.proofs}


# What is missing


def test_a_stranger_learns_from_what_is_missing_nothing_about_the_account() -> None:
    rich, poor = account(K, T, P, S, E, M, C), account(K)
    assert may(OpenCase(), rich).missing == may(OpenCase(), poor).missing != ()


def test_after_the_first_proof_only_what_the_account_has_is_asked_for() -> None:
    verdict = may(OpenCase(), showing(account(K, S, E), E))
    assert verdict.missing == (frozenset({S}), frozenset({K}))  # the quicker one first
    assert verdict.has("mail_alone")


@given(accounts())
def test_what_is_said_to_be_missing_would_do(facts: Facts) -> None:
    for size in range(1, len(facts.shown)):
        asked = replace(facts, shown=facts.shown[:size])
        verdict = may(OpenCase(), asked)
        if verdict.outcome is not Outcome.MORE_PROOF or not standing(asked.shown, asked):
            continue
        for kinds in verdict.missing:
            others = (m for m in facts.means if m.kind in kinds and m.final_at is None)
            added = (Proof(m.kind, m.id, NOW, reset=m.reset) for m in others)
            assert may(OpenCase(), replace(asked, shown=(*asked.shown, *added))).sufficient


@pytest.mark.parametrize(
    ("shown", "code"),
    [
        ((), "nothing_shown"),
        ((E,), "mail_alone"),
        ((M,), "sms_alone"),
        ((E, M), "two_issued_count_once"),
        ((K, T), "sign_in_instead"),
        ((P,), "sign_in_instead"),
        ((K,), "code_needed_beside"),
        ((S,), "one_more_needed"),
    ],
)
def test_it_says_why_it_is_not_enough(shown: tuple[Kind, ...], code: str) -> None:
    assert may(OpenCase(), showing(account(K, T, P, S, E, M), *shown)).has(code)
