"""The roads pages show are what `may` says, never a second table."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.deeds import OpenCase, SignIn, may
from policy.facts import Case, Facts, Kind, Proof
from policy.reasons import REASONS
from policy.roads import SITUATIONS, Road, general_roads, roads
from policy.rules import RULES
from tests.policy.people import AGENTS, DAY, HOUR, NOW, C, E, I, K, M, P, S, T, account, means


def ids(found: tuple[Road, ...]) -> list[str]:
    return [road.id for road in found]


def lost(facts: Facts, *names: str) -> Facts:
    return replace(facts, case=Case(state="proving", opened_at=NOW, lost=frozenset(names)))


def test_hanako_with_a_dead_number_sees_her_roads_quickest_first() -> None:
    """Mail, app and a printed sheet, one mailbox only, and the password forgotten or not."""
    facts = lost(Facts(now=NOW, means=(means(K), means(T), means(S), means(E), means(M))), "sms")
    found = {road.id: road.wait / HOUR for road in roads(facts)}
    # The mailbox that gives a proof is the only address left to be told, so sheet and mail wait as well.
    assert list(found.items()) == [("sign-in-kt", 0), ("sign-in-ks", 0), ("st", 0), ("se", 72), ("ek", 72), ("et", 72)]


def test_taro_with_password_and_one_mail_waits_72_hours() -> None:
    facts = lost(Facts(now=NOW, means=(means(K), means(E), means(M))), "sms")
    (road,) = roads(facts)
    assert (road.id, road.wait, road.needs_old_number, road.who) == ("ek", 72 * HOUR, False, "self")


def test_yuki_with_nothing_but_papers_is_led_to_people() -> None:
    facts = lost(account(K, E, M, means(I, with_video=True)), "password", "email", "email:told", "sms")
    (road,) = roads(facts)
    assert (road.id, road.who, road.wait) == ("i", "people", 7 * DAY)


def test_papers_alone_are_offered_only_where_nothing_is_faster() -> None:
    facts = account(K, E, means(I, with_video=True))
    assert "i" not in ids(roads(facts))
    only_mail = account(E, means(I, with_video=True))
    assert ids(roads(only_mail)) == ["ie"]


def test_sign_in_comes_first_and_rests_money_only_where_the_number_must_change() -> None:
    alive = roads(account(K, T, S, E, M))
    assert ids(alive)[:3] == ["sign-in-kt", "sign-in-ks", "sign-in-km"]
    assert {road.money for road in alive if road.sign_in} == {RULES.wait_two_custodies}
    dead = roads(lost(account(K, T, S, E, M), "sms"))
    assert {road.money for road in dead if road.sign_in} == {24 * HOUR}
    assert not any(M in road.proofs for road in dead)


def test_only_roads_by_the_registered_number_need_it() -> None:
    alive = roads(account(K, T, S, E, M))
    assert [road.needs_old_number for road in alive] == [M in road.proofs for road in alive]
    second = roads(lost(account(K, T, E, M, means(M, "sms:second")), "sms"))
    assert any(M in road.proofs for road in second)
    assert not any(road.needs_old_number for road in second)


def test_a_passkey_is_a_road_by_itself() -> None:
    found = roads(account(K, P, T, E))
    assert ids(found)[0] == "sign-in-p"
    assert not any(P in road.proofs and len(road.proofs) > 1 for road in found)


def test_the_better_of_two_mailboxes_makes_the_road() -> None:
    fresh, old = means(E), means(E, "email:old", confirmed_at=NOW - 200 * DAY)
    (road,) = [r for r in roads(Facts(now=NOW, means=(means(S), old, fresh))) if r.id == "se"]
    assert road.wait < 7 * DAY


def test_a_reset_password_is_no_road_of_its_own() -> None:
    facts = account(K, E, password_unsettled=True)
    assert roads(facts) == ()


def test_what_is_not_at_hand_is_not_offered_but_still_hears() -> None:
    facts = account(K, T, S, E, M)
    assert ids(roads(facts, held=[S, T])) == ["st"]
    assert roads(facts, held=[S, T])[0].wait == RULES.wait_two_custodies


ANY_MEANS = st.builds(
    means,
    st.sampled_from(list(Kind)),
    downloaded=st.booleans(),
    with_video=st.booleans(),
    confirmed_at=st.sampled_from([NOW - DAY, NOW - 181 * DAY]),
    final_at=st.sampled_from([None, None, NOW + HOUR]),
)


@given(st.lists(ANY_MEANS, max_size=6, unique_by=lambda one: one.id))
def test_every_road_is_what_may_says_of_its_proofs(bound: list[object]) -> None:
    facts = account(*bound)  # type: ignore[arg-type]
    for road in roads(facts):
        ways = [tuple(Proof(kind, m.id, NOW) for kind in road.proofs for m in facts.means if m.kind is kind)]
        approved = lost(replace(facts, shown=ways[0]))
        assert approved.case is not None
        approved = replace(approved, case=replace(approved.case, approved=True, agents=AGENTS))
        if road.sign_in:
            assert may(SignIn(ways[0]), facts).allowed
        else:
            verdict = may(OpenCase(), approved)
            assert verdict.sufficient and verdict.wait <= road.wait


@given(st.lists(ANY_MEANS, max_size=6, unique_by=lambda one: one.id), st.randoms())
def test_no_road_needs_a_lost_thing(bound: list[object], chance: object) -> None:
    facts = account(*bound)  # type: ignore[arg-type]
    gone = {one.kind for one in facts.means if chance.random() < 0.5}  # type: ignore[attr-defined]
    for road in roads(lost(facts, *(kind.value for kind in gone))):
        assert not gone & set(road.proofs)


@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_stranger_is_shown_ordered_roads_with_known_reasons(situation: str) -> None:
    found = general_roads(situation)
    assert found
    assert [road.sign_in for road in found] == sorted((road.sign_in for road in found), reverse=True)
    waits = [road.wait for road in found if not road.sign_in]
    assert waits == sorted(waits)
    assert len(set(ids(found))) == len(found)
    assert {reason.code for road in found for reason in road.reasons} <= set(REASONS)


def test_only_where_the_number_works_a_road_needs_it() -> None:
    for situation in SITUATIONS:
        assert any(road.needs_old_number for road in general_roads(situation)) == (situation == "code_missing")


def test_a_stolen_sim_shows_no_road_by_sms() -> None:
    assert not any(M in road.proofs for road in general_roads("stolen_sim"))


def test_with_nothing_left_only_people_help() -> None:
    assert [(road.id, road.who, road.wait) for road in general_roads("nothing_left")] == [("i", "people", 7 * DAY)]
    assert general_roads("nothing_left", offered=frozenset({K, T, S, E, M})) == ()


def test_a_visitor_narrows_the_roads_by_what_is_at_hand() -> None:
    assert ids(general_roads("new_number", held=[E, T])) == ["et"]
    assert ids(general_roads("new_number", held=[E])) == ["ie"]


def test_what_the_portal_does_not_offer_yet_is_not_shown() -> None:
    everything = general_roads("new_number", held=Kind)
    assert not any(C in road.proofs for road in everything)
    assert any(C in road.proofs for road in general_roads("new_number", held=Kind, offered=frozenset(Kind)))


def test_a_passkey_is_a_road_by_itself_for_everybody() -> None:
    assert ids(general_roads("new_number", held=[P, E]))[0] == "sign-in-p"
    assert not any(P in road.proofs for road in general_roads("lost_phone"))


def test_a_changed_rule_changes_the_roads() -> None:
    longer = replace(RULES, wait_one_place=96 * HOUR)
    (road,) = general_roads("new_number", longer, held=[E, T])
    assert road.wait == 96 * HOUR


def test_a_general_answer_says_when_it_may_take_longer() -> None:
    (road,) = general_roads("new_number", held=[S, E])
    codes = {reason.code for reason in road.reasons}
    assert road.wait < HOUR and {"longer_if_only_address", "codes_on_paper"} <= codes
