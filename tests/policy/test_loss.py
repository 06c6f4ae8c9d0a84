"""R13: a loss report takes one place out; it is here again by a proof from elsewhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policy.custody import custody_of_means
from policy.deeds import (
    AddNumber,
    BindAuthenticator,
    Complete,
    Outcome,
    Rebind,
    ReportFound,
    ReportLoss,
    ShowProof,
    SignIn,
    Wait,
    after,
    may,
)
from policy.facts import Kind
from policy.rules import RULES
from tests.policy.people import (
    DAY,
    HOUR,
    NOW,
    C,
    E,
    K,
    M,
    P,
    S,
    T,
    account,
    means,
    proof,
    showing,
    signed_in,
    stepped_up,
)
from tests.policy.test_vetoes import later, opened

LAPTOP = means(P, device="laptop", synced=False)


@pytest.mark.parametrize("kind", [K, T, S, E, M])
def test_any_one_proof_takes_the_phone_out(kind: Kind) -> None:
    facts = account(K, T, S, E, M, LAPTOP)
    done = after(ReportLoss("phone", proof=proof(kind)), facts)
    assert {m.id for m in done.means if m.lost} == {"totp", "sms"}


def test_a_session_reports_without_a_further_proof_and_lives_on() -> None:
    done = after(ReportLoss("phone"), signed_in(account(K, T, S, E, M), K, T))
    assert {m.id for m in done.means if m.lost} == {"totp", "sms"} and done.session is not None


def test_nothing_is_reported_without_a_proof_that_stands() -> None:
    facts = account(K, T, S, E, means(M, confirmed_at=NOW - 181 * DAY))
    assert may(ReportLoss("phone"), facts).has("loss_needs_proof")
    assert may(ReportLoss("phone", proof=proof(M)), facts).has("loss_needs_proof")


@pytest.mark.parametrize("place", ["drawer", "head", "mailbox", "people", "papers"])
def test_saved_codes_and_what_is_no_thing_are_never_reported_lost(place: str) -> None:
    assert may(ReportLoss(place, proof=proof(K)), account(K, T, P, S, E, M, C)).has("unknown_means")


def test_codes_downloaded_to_the_phone_stay_too() -> None:
    done = after(ReportLoss("phone", proof=proof(K)), account(K, T, means(S, downloaded=True)))
    assert not any(m.lost for m in done.means if m.kind is S)


def test_only_one_thing_of_a_place_may_be_reported() -> None:
    done = after(ReportLoss("phone", only="totp", proof=proof(K)), account(K, T, S, E, M))
    assert [m.id for m in done.means if m.lost] == ["totp"]


def test_one_place_a_day() -> None:
    """Stops a thief with one proof from closing every place of the owner in a minute."""
    facts = after(ReportLoss("phone", proof=proof(K)), account(K, T, S, E, LAPTOP))
    other = ReportLoss("device:laptop", proof=proof(K))
    assert may(other, facts).has("loss_one_place")
    assert may(other, later(facts, 24 * HOUR)).allowed


def test_a_loss_report_takes_a_proof_out_of_a_waiting_case() -> None:
    facts = later(opened(account(K, T, S, E, M), E, T), 80 * HOUR)
    assert may(Rebind(), facts).allowed
    lost = after(ReportLoss("phone", proof=proof(S)), facts)
    assert may(Rebind(), lost).outcome is Outcome.MORE_PROOF
    assert may(Complete(frozenset({T, S})), lost).outcome is Outcome.MORE_PROOF


def test_it_undoes_what_the_lost_thing_helped_to_add_within_72_hours() -> None:
    facts = stepped_up(signed_in(account(K, T, S, E, M), K, T), AddNumber(), T)
    added = after(AddNumber("sms:mallory"), facts)
    report = ReportLoss("phone", only="totp", proof=proof(S))
    assert "sms:mallory" not in {m.id for m in after(report, added).means}
    assert "sms:mallory" in {m.id for m in after(report, later(added, RULES.loss_undoes + HOUR)).means}


def test_it_leaves_what_others_added() -> None:
    facts = stepped_up(signed_in(account(K, T, S, E, M), K, S), AddNumber(), S)
    added = after(AddNumber("sms:new"), facts)
    assert "sms:new" in {m.id for m in after(ReportLoss("phone", only="totp", proof=proof(S)), added).means}


def test_who_signed_in_with_the_lost_thing_is_out() -> None:
    facts = signed_in(account(K, T, S, E, M), K, T)
    assert after(ReportLoss("phone", proof=proof(S)), facts).session is None
    by_sheet = signed_in(account(K, T, S, E, M), K, S)
    assert after(ReportLoss("phone", proof=proof(K)), by_sheet).session is not None


def test_it_is_here_again_only_by_a_proof_from_another_place() -> None:
    every = account(K, T, P, S, E, M, C)
    facts = after(ReportLoss("phone", proof=proof(K)), every)
    phone = {m.id: custody_of_means(m) for m in facts.means}
    for one in facts.means:
        shown = ReportFound("totp", proof(one.kind, one.id))
        expected = not one.lost and not phone[one.id] & phone["totp"]
        assert may(shown, facts).allowed == expected or one.kind is Kind.IDENTITY, one
    assert may(ReportFound("totp", proof(K)), facts).missing == (frozenset({S}), frozenset({C}))
    back = after(ReportFound("totp", proof(S)), facts)
    assert may(SignIn((proof(K), proof(T))), back).allowed


def test_what_is_not_lost_is_not_found() -> None:
    assert may(ReportFound("totp", proof(S)), account(K, T, S)).has("unknown_means")


def test_a_loss_report_passes_freeze_and_lock() -> None:
    from policy.facts import Freeze, Lock

    facts = replace(account(K, T, S, E, M), freeze=Freeze(NOW), lock=Lock(NOW, NOW + 30 * DAY))
    assert may(ReportLoss("phone", proof=proof(K)), facts).allowed
    assert may(Wait(NOW + HOUR), facts).allowed


def test_a_lost_passkey_of_the_phone_does_not_step_up() -> None:
    deed = BindAuthenticator(T)
    facts = stepped_up(signed_in(account(K, P, S, E), P), deed, P)
    assert may(deed, facts).allowed
    lost = after(ReportLoss("phone"), facts)
    assert not may(deed, lost).allowed
    assert not may(ShowProof(proof(P)), showing(lost, P)).allowed
