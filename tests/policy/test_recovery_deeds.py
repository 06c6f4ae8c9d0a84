"""R9, R10, R12, R16: claims, cases, rebinding, completion, cancelling and "not me"."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from policy.deeds import (
    Approve,
    CancelCase,
    Claim,
    Complete,
    NotMe,
    OpenCase,
    Outcome,
    Rebind,
    ShowProof,
    Wait,
    after,
    may,
    undone_by_not_me,
)
from policy.facts import NEVER, Case, Change, Facts, Kind
from tests.policy.people import (
    DAY,
    HOUR,
    NOW,
    E,
    K,
    M,
    S,
    T,
    account,
    proof,
    showing,
    signed_in,
    stepped_up,
)

BOUND = frozenset({T, M, S})


def waiting(*shown: Kind, ago: timedelta, state: str = "on_hold", **changed: object) -> Facts:
    """A case opened so long ago, its first notice handed over at once."""
    case = replace(Case(state=state, opened_at=NOW - ago, notice_at=NOW - ago), **changed)  # type: ignore[arg-type]
    return replace(showing(account(K, T, S, E, M), *shown), case=case)


# Claims


def test_five_claims_a_day_send_codes_and_a_sixth_sends_none() -> None:
    assert may(Claim(), account(K, claims_today=4)).allowed
    assert may(Claim(), account(K, claims_today=5)).has("claims_today")


def test_the_limit_of_claims_refuses_no_saved_code() -> None:
    """Stops a nuisance from using up the owner's claims and so keeping him out (R12)."""
    flooded = account(K, S, claims_today=500)
    assert may(ShowProof(proof(S)), flooded).allowed
    assert may(OpenCase(), showing(flooded, S, K)).allowed


# One case at a time


def test_two_custodies_end_a_waiting_case_without() -> None:
    stronger = may(OpenCase(), showing(account(K, T, S, E, open_case=True), S, K))
    assert stronger.allowed and stronger.has("ends_weaker_case")


def test_a_weaker_set_does_not_touch_the_case_that_runs() -> None:
    weaker = showing(account(K, T, S, E, open_case=True, open_case_two_custodies=True), E, T)
    assert may(OpenCase(), weaker).has("another_case_open")


@pytest.mark.parametrize(("shown", "two"), [((E, T), False), ((S, K), True)])
def test_equal_sets_go_to_two_people_and_freeze_money(shown: tuple[Kind, ...], two: bool) -> None:
    """Stops whoever is quicker from winning with what both have (R12)."""
    facts = showing(account(K, T, S, E, open_case=True, open_case_two_custodies=two), *shown)
    verdict = may(OpenCase(), facts)
    assert (verdict.outcome, verdict.reviewers) == (Outcome.REVIEW, 2)
    assert verdict.has("equal_sets")
    held = after(OpenCase(), facts)
    assert held.freeze is not None and held.case is not None and held.case.state == "in_review"
    assert may(Rebind(), held).outcome is Outcome.REVIEW
    one = after(Approve("grace"), held)
    assert not may(Approve("grace"), one).allowed
    assert may(Rebind(), one).outcome is Outcome.REVIEW
    both = after(Approve("heidi"), one)
    assert may(Rebind(), both).outcome is (Outcome.ALLOWED if two else Outcome.WAIT)


def test_an_open_case_hides_nothing_from_who_has_not_shown_enough() -> None:
    facts = account(K, T, S, E)
    shown = showing(facts, E)
    assert may(OpenCase(), shown) == may(OpenCase(), replace(shown, open_case=True))


# Rebinding and completing


def test_rebinding_opens_when_the_wait_has_run() -> None:
    early = may(Rebind(), waiting(E, T, ago=72 * HOUR - timedelta(seconds=1)))
    assert (early.outcome, early.hold) == (Outcome.WAIT, NOW + timedelta(seconds=1))
    assert may(Rebind(), waiting(E, T, ago=72 * HOUR)).allowed


def test_before_its_first_notice_is_out_no_wait_runs() -> None:
    verdict = may(Rebind(), waiting(E, T, ago=100 * HOUR, notice_at=None))
    assert (verdict.outcome, verdict.hold) == (Outcome.WAIT, NEVER)
    assert verdict.has("wait_until_once_told")


def test_a_road_of_two_custodies_rebinds_at_once() -> None:
    assert may(Rebind(), waiting(S, K, ago=timedelta(), state="proving")).allowed


def test_a_further_proof_ends_the_wait() -> None:
    assert may(Rebind(), waiting(E, T, ago=HOUR)).outcome is Outcome.WAIT
    assert may(Rebind(), waiting(E, T, S, ago=HOUR)).allowed


def test_a_proof_whose_means_was_lost_meanwhile_carries_the_case_no_more() -> None:
    facts = waiting(E, T, ago=80 * HOUR)
    lost = tuple(replace(one, lost=True) if one.kind is T else one for one in facts.means)
    assert may(Rebind(), replace(facts, means=lost)).outcome is Outcome.MORE_PROOF


@pytest.mark.parametrize("state", ["completed", "denied", "cancelled", "expired"])
def test_a_case_that_is_over_rebinds_nothing(state: str) -> None:
    facts = waiting(S, K, ago=HOUR, state=state)
    assert may(Rebind(), facts).has("case_closed")
    assert may(Complete(BOUND), facts).has("case_closed")
    assert may(CancelCase(), facts).has("case_closed")
    assert may(Rebind(), replace(facts, case=None)).has("case_closed")


def test_ready_lasts_seven_days() -> None:
    assert may(Rebind(), waiting(S, K, ago=7 * DAY - HOUR, state="ready")).allowed
    assert may(Rebind(), waiting(S, K, ago=7 * DAY, state="ready")).has("ready_over")
    assert may(Rebind(), waiting(E, T, ago=9 * DAY, state="ready", ready_at=NOW - 6 * DAY)).allowed


def test_a_mailed_resume_link_only_shows() -> None:
    """A thief of the mailbox who reads the link must not finish what the owner began (R12)."""
    facts = waiting(E, T, ago=80 * HOUR, state="ready")
    verdict = may(Rebind(by_resume_link=True), facts)
    assert verdict.outcome is Outcome.STEP_UP
    assert frozenset({E}) not in verdict.missing
    assert {frozenset({T}), frozenset({S}), frozenset({K})} <= set(verdict.missing)
    for through_mail in (proof(E), proof(K, reset=True)):
        assert not may(Rebind(by_resume_link=True, fresh=(through_mail,)), facts).allowed
    assert may(Rebind(by_resume_link=True, fresh=(proof(T),)), facts).allowed


def test_codes_once_downloaded_do_not_help_a_resume_link() -> None:
    facts = waiting(E, T, ago=80 * HOUR, state="ready")
    sheet = tuple(replace(one, downloaded=True) if one.kind is S else one for one in facts.means)
    assert not may(Rebind(by_resume_link=True, fresh=(proof(S),)), replace(facts, means=sheet)).allowed


def test_completion_takes_a_factor_and_a_new_code_set() -> None:
    facts = waiting(S, K, ago=HOUR, state="ready")
    assert may(Complete(frozenset()), facts).has("bind_factor_first")
    assert may(Complete(frozenset({K, S})), facts).has("bind_factor_first")
    assert may(Complete(frozenset({T})), facts).has("make_codes_first")
    assert may(Complete(BOUND), facts).allowed
    assert may(Complete(BOUND), waiting(E, T, ago=HOUR)).outcome is Outcome.WAIT


def test_after_completion_money_rests_until_all_is_final_and_at_least_two_days() -> None:
    two = may(Complete(BOUND), waiting(S, K, ago=HOUR, state="ready"))
    one = may(Complete(BOUND), waiting(E, T, ago=80 * HOUR, state="ready"))
    assert (two.final_after, two.hold) == (24 * HOUR, NOW + 48 * HOUR)
    assert (one.final_after, one.hold) == (72 * HOUR, NOW + 72 * HOUR)


# Stopping


def test_the_claimant_drops_a_case_and_a_session_needs_step_up_for_it() -> None:
    facts = signed_in(waiting(E, T, ago=HOUR), K, T)
    assert may(CancelCase(), facts).allowed
    assert may(CancelCase(by="session"), facts).outcome is Outcome.STEP_UP
    assert may(CancelCase(by="session"), stepped_up(facts, CancelCase(), S)).allowed
    assert may(CancelCase(by="session"), replace(facts, session=None)).has("sign_in_first")


def change(name: str, ago: timedelta, **changed: object) -> Change:
    one = Change(name, "add_number", NOW - ago, NOW - ago + 72 * HOUR, two_custodies=False)
    return replace(one, **changed)  # type: ignore[arg-type]


def test_a_not_me_link_works_for_ten_days() -> None:
    assert may(NotMe(NOW - 10 * DAY), account(K)).allowed
    assert may(NotMe(NOW - 10 * DAY - timedelta(seconds=1)), account(K)).has("link_over")


def test_not_me_says_what_it_will_do() -> None:
    facts = waiting(E, T, ago=HOUR)
    codes = [r.code for r in may(NotMe(NOW), replace(facts, changes=(change("a", HOUR),))).reasons]
    assert codes == ["sessions_end", "changes_undone", "case_ends"]
    assert [r.code for r in may(NotMe(NOW), account(K)).reasons] == ["sessions_end"]


def undone(*changes: Change, **changed: object) -> list[str]:
    return [one.id for one in undone_by_not_me(account(K, changes=changes, **changed))]


def test_not_me_reaches_72_hours_back() -> None:
    inside, outside = change("inside", 72 * HOUR), change("outside", 72 * HOUR + HOUR, final_at=NOW - HOUR)
    assert undone(inside, outside, change("gone", HOUR, undone=True)) == ["inside"]


def test_not_me_reaches_what_is_not_final_however_old() -> None:
    assert undone(change("late notice", 200 * HOUR, final_at=NEVER)) == ["late notice"]


def test_after_a_recovery_not_me_reaches_seven_days_back() -> None:
    recovery = change("recovery", 6 * DAY, by_recovery=True, final_at=NOW - 3 * DAY)
    since = change("since", 5 * DAY, final_at=NOW - 2 * DAY)
    before = change("before", 8 * DAY, final_at=NOW - 5 * DAY)
    assert undone(before, recovery, since, recovered_at=NOW - 6 * DAY) == ["recovery", "since"]
    old = replace(recovery, made_at=NOW - 8 * DAY)
    assert undone(old, since, recovered_at=NOW - 8 * DAY) == []


def test_time_does_not_run_backwards() -> None:
    assert may(Wait(NOW), account(K)).allowed
    assert not may(Wait(NOW - HOUR), account(K)).allowed
