"""R15, R17, R20: people come before the wait and shorten nothing; risk has one effect each and never shortens."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy import risk
from policy.deeds import (
    Approve,
    ChangeNumber,
    Complete,
    OpenCase,
    Outcome,
    RaiseAlarm,
    Rebind,
    ShowProof,
    SignIn,
    after,
    may,
)
from policy.facts import Facts, Kind, Means, Veto
from policy.proofs import best, counts
from policy.roads import roads
from tests.policy.people import (
    DAY,
    HOUR,
    NOW,
    C,
    E,
    I,
    K,
    M,
    S,
    T,
    account,
    means,
    proof,
    showing,
    signed_in,
    stepped_up,
)
from tests.policy.test_sufficiency_and_waits import accounts
from tests.policy.test_vetoes import later, opened

PAPERS = means(I, with_video=True)


def agreed(facts: Facts, *agents: str) -> Facts:
    for agent in agents:
        facts = after(Approve(agent), facts)
    return facts


# Review (R15)


def test_the_wait_runs_whole_after_the_review() -> None:
    facts = opened(account(K, E, PAPERS), K, I)
    assert facts.case is not None and facts.case.state == "in_review"
    approved = agreed(later(facts, 5 * DAY), "grace")
    assert may(Rebind(), approved).hold == NOW + 5 * DAY + 24 * HOUR
    assert may(Rebind(), later(approved, 24 * HOUR)).allowed


def test_papers_alone_take_two_different_agents() -> None:
    facts = opened(account(K, E, PAPERS), I)
    one = agreed(facts, "grace", "grace")
    assert may(Approve("grace"), one).has("another_agent")
    assert may(Rebind(), later(one, 30 * DAY)).outcome is Outcome.REVIEW
    both = agreed(one, "heidi")
    assert may(Rebind(), both).hold == NOW + 7 * DAY


def test_what_one_agent_agreed_to_beside_a_proof_does_not_carry_papers_alone() -> None:
    """Stops one rogue agent: the password that stood beside the papers is replaced, and the papers stand alone."""
    facts = later(agreed(opened(account(K, E, PAPERS), K, I), "rogue"), 30 * DAY)
    gone = replace(facts, means=tuple(m for m in facts.means if m.kind is not K))
    assert not may(Rebind(), gone).allowed
    assert not may(Complete(frozenset({T, S})), gone).allowed


def test_papers_shown_after_the_agents_word_do_not_count() -> None:
    risky = account(K, E, PAPERS, risks=frozenset({"answers_mismatch", "sim_swap"}))
    approved = agreed(opened(risky, E, K), "grace", "heidi")
    after_it = after(ShowProof(proof(I, at=NOW + HOUR)), later(approved, HOUR))
    assert after_it == later(approved, HOUR)


def test_an_agent_accepts_nothing_that_was_not_shown() -> None:
    facts = later(opened(account(K, E, S), S, K), HOUR)
    assert may(Approve("rogue"), facts).has("not_in_review")
    empty = replace(facts, case=replace(facts.case, state="in_review"), shown=(proof(E),))  # type: ignore[type-var]
    assert may(Approve("rogue"), empty).has("nothing_to_approve")


def test_a_sign_in_returns_a_case_of_nothing_left_to_people() -> None:
    facts = opened(account(K, T, E, PAPERS), I)
    assert facts.case is not None
    facts = agreed(replace(facts, case=replace(facts.case, nothing_left=True)), "grace", "heidi")
    seen = after(SignIn((proof(K), proof(T))), facts)
    assert seen.case is not None and seen.case.state == "in_review" and not seen.case.agents
    assert may(Rebind(), later(seen, 30 * DAY)).outcome is Outcome.REVIEW
    again = agreed(later(seen, DAY), "grace", "heidi")
    assert may(Rebind(), again).hold == NOW + DAY + 7 * DAY


def test_a_sign_in_leaves_other_cases_alone() -> None:
    facts = opened(account(K, T, E), E, T)
    assert after(SignIn((proof(K), proof(T))), facts).case == facts.case


# A contact's alarm (R15)


def test_an_alarm_stretches_a_case_by_contacts_to_a_week() -> None:
    facts = opened(account(K, E, C), C, K)
    alarmed = after(RaiseAlarm("bob"), facts)
    assert may(Rebind(), alarmed).hold == NOW + 7 * DAY
    assert may(RaiseAlarm("bob"), alarmed).has("alarm_once")
    assert may(Rebind(), after(RaiseAlarm("carol"), later(alarmed, 6 * DAY))).hold == NOW + 7 * DAY


def test_an_alarm_counts_only_where_contacts_vouch() -> None:
    assert may(RaiseAlarm("bob"), opened(account(K, E, C), E, K)).has("alarm_not_here")
    both = after(RaiseAlarm("bob"), opened(account(K, S, E, C), C, K))
    assert may(Rebind(), after(ShowProof(proof(S)), both)).allowed  # a road without contacts is not stretched


def test_an_alarm_counts_again_after_thirty_days() -> None:
    facts = after(RaiseAlarm("bob"), opened(account(K, E, C), C, K))
    assert later(facts, 30 * DAY).alarms == ()


# Risk (R17)


@pytest.mark.parametrize(
    "risky",
    [
        means(M, sim_swapped=True),
        means(M, shared=True),
        means(M, changed_at=NOW - 29 * DAY),
        means(E, changed_at=NOW - 29 * DAY),
        means(C, changed_at=NOW - 29 * DAY),
    ],
    ids=["SIM swap", "shared number", "new number", "new address", "new contacts"],
)
def test_roads_by_a_means_at_risk_wait_a_week_and_others_do_not(risky: Means) -> None:
    facts = account(K, T, S, risky)
    assert may(OpenCase(), showing(facts, S, risky.kind)).wait == 7 * DAY
    assert may(OpenCase(), showing(facts, T, risky.kind)).wait == 7 * DAY
    assert may(OpenCase(), showing(facts, S, K, risky.kind)).allowed


def test_a_contact_that_has_stood_for_thirty_days_is_no_risk() -> None:
    assert may(OpenCase(), showing(account(S, means(M, changed_at=NOW - 30 * DAY)), S, M)).allowed


def test_a_stolen_sim_proves_nothing_until_the_number_is_confirmed_again() -> None:
    stolen = means(M, stolen_at=NOW - HOUR)
    facts = account(K, S, stolen)
    assert may(ShowProof(proof(M)), facts).has("sim_theft")
    assert not may(SignIn((proof(K), proof(M))), facts).allowed
    again = account(K, S, replace(stolen, confirmed_at=NOW))
    assert may(SignIn((proof(K), proof(M))), again).allowed and counts(again.means[-2], again)


def test_a_road_by_a_reset_password_carries_the_risk_of_its_address() -> None:
    new = means(E, changed_at=NOW - DAY)
    facts = account(K, S, new)
    reset = proof(K, reset=True, via="email")
    assert may(OpenCase(), showing(facts, S, reset)).wait == 7 * DAY


@pytest.mark.parametrize(
    ("names", "people"),
    [
        ((), False),
        (("new_country",), False),
        (("answers_mismatch",), False),
        (("answers_mismatch", "new_country"), False),
        (("answers_mismatch", "same_document"), True),
    ],
)
def test_two_risks_send_a_case_to_two_people_and_a_new_country_is_half_of_one(
    names: tuple[str, ...], people: bool
) -> None:
    facts = showing(account(K, S, E, risks=frozenset(names)), S, K)
    verdict = may(OpenCase(), facts)
    assert (verdict.outcome is Outcome.REVIEW) is people
    if people:
        assert verdict.reviewers == 2 and verdict.has("two_risks")


def test_a_risk_of_the_means_and_one_of_the_account_are_two() -> None:
    facts = account(K, S, means(M, sim_swapped=True), risks=frozenset({"answers_mismatch"}))
    assert may(OpenCase(), showing(facts, S, M)).has("two_risks")
    assert may(OpenCase(), showing(facts, S, K)).allowed


def test_the_same_fact_found_twice_is_one_risk() -> None:
    facts = account(K, S, means(M, sim_swapped=True), risks=frozenset({"sim_swap"}))
    assert may(OpenCase(), showing(facts, S, M)).outcome is Outcome.WAIT


@pytest.mark.parametrize("risky", ["sim_swap", "answers_mismatch"])
def test_under_risk_a_signed_in_number_change_waits_for_papers(risky: str) -> None:
    deed = ChangeNumber("sms", "sms:new")
    facts = stepped_up(signed_in(account(K, T, E, M, risks=frozenset({risky})), K, T), deed, T)
    verdict = may(deed, facts)
    assert verdict.outcome is Outcome.REVIEW and verdict.has("papers_for_number")
    assert after(deed, facts) == facts
    assert may(deed, replace(facts, papers_approved=True)).allowed


def test_half_a_risk_asks_for_no_papers_and_papers_replace_no_step_up() -> None:
    deed = ChangeNumber("sms", "sms:new")
    half = signed_in(account(K, T, E, M, risks=frozenset({"new_country"})), K, T)
    assert may(deed, stepped_up(half, deed, T)).allowed
    assert may(deed, replace(half, papers_approved=True)).outcome is Outcome.STEP_UP


def test_who_reports_a_theft_does_not_suffer_for_it() -> None:
    assert not risk.raised(account(K, T, means(M, stolen_at=NOW)))


def test_a_road_that_people_must_look_at_is_shown_as_theirs() -> None:
    facts = account(K, S, E, risks=frozenset({"answers_mismatch", "same_document"}))
    assert [(road.id, road.who) for road in roads(facts, held=[S, E])] == [("se", "people")]
    assert {road.who for road in roads(facts) if road.sign_in} == {"self"}


# More risk never shortens; more proof never lengthens, under any risk


RISKS = st.frozensets(st.sampled_from(sorted(risk.ACCOUNT_RISKS)))


def hurried(one: Facts) -> tuple[bool, object]:
    """How a case with all of this begins: without people first, then the wait; not at all counts as slowest."""
    verdict = may(OpenCase(), one)
    if verdict.sufficient:
        return (False, verdict.wait)
    return (True, verdict.wait) if verdict.outcome is Outcome.REVIEW else (True, 1000 * DAY)


@st.composite
def riskier(draw: st.DrawFn) -> tuple[Facts, Facts]:
    """An account, and the same with more risk: facts, means, vetoes."""
    calm = replace(draw(accounts()), risks=draw(RISKS))
    marked = []
    for one in calm.means:
        fault = draw(st.sampled_from(["", "", "sim_swapped", "shared", "changed_at", "stolen_at"]))
        at = {"changed_at": NOW - DAY, "stolen_at": NOW}
        value = at.get(fault, True)
        fits = fault in at or one.kind is M
        marked.append(replace(one, **{fault: value}) if fault and fits and one.kind in (E, M, C) else one)
    used = draw(st.frozensets(st.sampled_from(list(Kind))))
    vetoes = (*calm.vetoes, Veto(NOW - DAY, used)) if used else calm.vetoes
    return calm, replace(calm, means=tuple(marked), vetoes=vetoes, risks=calm.risks | draw(RISKS))


@given(riskier())
def test_more_risk_never_shortens(pair: tuple[Facts, Facts]) -> None:
    calm, risky = pair
    assert hurried(calm) <= hurried(risky)


@given(riskier())
def test_more_proof_never_lengthens_whatever_the_risk(pair: tuple[Facts, Facts]) -> None:
    _, facts = pair
    for size in range(len(facts.shown)):
        fewer = replace(facts, shown=facts.shown[:size])
        more = replace(facts, shown=facts.shown[: size + 1])
        assert hurried(more) <= hurried(fewer)


@given(riskier())
def test_no_larger_set_of_proofs_waits_less_than_the_best(pair: tuple[Facts, Facts]) -> None:
    """Three proofs are all that any rule can ask for: see `_LARGEST_SUBSET`."""
    from policy import proofs

    _, facts = pair
    found = best(facts.shown, facts)
    whole = proofs.standing(facts.shown, facts)
    wide = proofs.wait_of(whole, facts) if whole and proofs.carries(whole, facts) else None
    agreed = len(facts.case.agents) if facts.case and facts.case.approved else 0
    if wide is not None and wide.agents <= agreed:
        assert found is not None and found.wait <= wide.wait
