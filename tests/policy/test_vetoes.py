"""R10, R11: a "not me" undoes, bars and freezes; from an address in the case it only stretches; two custodies go on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import pytest

from policy.deeds import (
    AddAddress,
    BindAuthenticator,
    CancelCase,
    ChangeNumber,
    Complete,
    Deed,
    NotMe,
    OpenCase,
    Outcome,
    Rebind,
    ReportLoss,
    ShowProof,
    SignIn,
    Wait,
    Withdraw,
    after,
    may,
    step_up_kind,
)
from policy.facts import Facts, Kind, Means, Proof, Veto
from policy.proofs import best, counts
from policy.vetoes import barred
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
    proof,
    showing,
    signed_in,
    stepped_up,
)

BOUND = frozenset({K, T, S})


def opened(facts: Facts, *shown: Kind | Proof, lost: frozenset[str] = frozenset()) -> Facts:
    return after(OpenCase(lost), showing(facts, *shown))


def later(facts: Facts, span: timedelta) -> Facts:
    return after(Wait(facts.now + span), facts)


def afresh(facts: Facts, *kinds: Kind) -> Facts:
    return replace(facts, shown=tuple(proof(kind, at=facts.now) for kind in kinds))


def hanako(*more: Kind | Means) -> Facts:
    return account(K, T, S, E, M, *more)


# A veto of full weight


def test_a_veto_ends_the_case_bars_its_set_and_freezes() -> None:
    facts = later(opened(hanako(), E, K), 12 * HOUR)
    stopped = after(NotMe(NOW, "email:told"), facts)
    assert stopped.case is not None and stopped.case.state == "cancelled" and stopped.shown == ()
    assert stopped.vetoes == (Veto(NOW + 12 * HOUR, frozenset({E, K})),)
    assert stopped.freeze is not None and stopped.freeze.by == {"email:told"}


def test_the_barred_set_goes_to_two_people_for_thirty_days() -> None:
    stopped = after(NotMe(NOW, "email:told"), opened(hanako(), E, K))
    again = may(OpenCase(), afresh(stopped, E, K))
    assert (again.outcome, again.reviewers) == (Outcome.REVIEW, 2)
    assert again.has("barred_set")
    assert may(OpenCase(), afresh(later(stopped, 30 * DAY), E, K)).outcome is Outcome.WAIT


def test_another_mailbox_is_no_other_method() -> None:
    stopped = after(NotMe(NOW, "sms"), opened(hanako(), E, K))
    other = replace(stopped, shown=(proof(E, "email:told"), proof(K)))
    assert may(OpenCase(), other).has("barred_set")


def test_two_custodies_overrule_a_veto_with_a_method_it_did_not_see() -> None:
    stopped = after(NotMe(NOW, "email:told"), opened(hanako(), S, K))
    assert may(OpenCase(), afresh(stopped, S, K)).outcome is Outcome.REVIEW
    assert may(OpenCase(), afresh(later(stopped, HOUR), S, E)).allowed


def test_what_was_shown_before_the_veto_does_not_overrule_it() -> None:
    """Stops a thief from holding proofs back: the claim with the old mail code is worth nothing after the veto."""
    stopped = after(NotMe(NOW, "email:told"), opened(hanako(), E, K))
    old = replace(later(stopped, HOUR), shown=(proof(E), proof(S, at=NOW + HOUR)))
    assert may(OpenCase(), old).outcome is Outcome.REVIEW


@pytest.mark.parametrize("size", [1, 2, 3])
def test_every_part_of_a_vetoed_set_is_barred(size: int) -> None:
    facts = replace(hanako(P, C), vetoes=(Veto(NOW - DAY, frozenset({E, K, S})),))
    for kinds in combinations((K, T, S, E, M, P, C), size):
        assert barred(tuple(map(proof, kinds)), facts) == (set(kinds) <= {E, K, S})


def test_a_veto_of_a_session_act_bars_what_that_act_had_shown() -> None:
    """Stops who signed in with password and sheet, and was thrown out, from coming back by recovery with the same."""
    facts = stepped_up(signed_in(hanako(), K, S), AddAddress(), S)
    thrown_out = after(NotMe(NOW, "email:told"), after(AddAddress("email:mallory"), facts))
    assert may(OpenCase(), afresh(thrown_out, S, K)).has("barred_set")


def test_what_a_loss_report_suspended_stays_out_after_a_not_me() -> None:
    facts = after(ReportLoss("phone", proof=proof(S)), hanako())
    assert [m.id for m in after(NotMe(NOW, "email:told"), facts).means if m.lost] == ["totp", "sms"]


# A veto of little weight


@pytest.mark.parametrize(
    ("by", "shown", "lost"),
    [
        ("sms", (E, T), {"sms"}),
        ("sms", (E, T), {"M"}),
        ("email", (E, T), set()),
        ("sms", (M, T), set()),
    ],
)
def test_an_address_named_lost_or_shown_in_the_case_only_stretches_it(
    by: str, shown: tuple[Kind, ...], lost: set[str]
) -> None:
    facts = opened(hanako(), *shown, lost=frozenset(lost))
    verdict = may(NotMe(NOW, by), facts)
    assert verdict.allowed and verdict.has("veto_only_stretches")
    stretched = after(NotMe(NOW, by), facts)
    assert stretched.case is not None and stretched.case.state == "on_hold"
    assert may(Rebind(), later(stretched, 72 * HOUR)).hold == NOW + 7 * DAY
    assert may(Rebind(), later(stretched, 7 * DAY)).allowed
    assert stretched.vetoes == ()


def test_a_second_veto_from_there_stretches_no_further() -> None:
    facts = after(NotMe(NOW, "email"), opened(hanako(), E, T))
    for _ in range(6):
        facts = later(after(NotMe(NOW, "email"), facts), DAY)
    assert may(Rebind(), later(facts, DAY)).allowed


def test_a_road_without_wait_that_is_stretched_waits_after_all() -> None:
    facts = after(NotMe(NOW, "email"), opened(hanako(), S, E))
    assert may(Rebind(), facts).hold == NOW + 7 * DAY


def test_the_page_asks_for_a_proof_from_elsewhere_and_it_ends_the_case() -> None:
    facts = opened(hanako(C), E, K)
    assert set(may(NotMe(NOW, "email"), facts).missing) == {frozenset({S}), frozenset({C})}
    shared = NotMe(NOW, "email", (proof(T), proof(K)))
    assert may(shared, facts).has("veto_only_stretches")
    beside = NotMe(NOW, "email", (proof(S),))
    assert may(beside, facts).has("case_ends")
    stopped = after(beside, facts)
    assert stopped.case is not None and stopped.case.state == "cancelled"


def test_naming_the_owners_proof_lost_does_not_silence_it() -> None:
    """mallory names everything lost, the code sheet too; the sheet still speaks against him (R13)."""
    everything = frozenset({"email:told", "sms", "saved_code", "totp"})
    facts = opened(hanako(), E, K, lost=everything)
    assert may(NotMe(NOW, "email:told"), facts).has("veto_only_stretches")
    assert may(NotMe(NOW, "email:told", (proof(S),)), facts).has("case_ends")


def test_two_custodies_shown_after_it_end_the_stretch() -> None:
    facts = later(after(NotMe(NOW, "email"), opened(hanako(), E, T)), HOUR)
    more = after(ShowProof(proof(S, at=facts.now)), facts)
    assert may(Rebind(), more).outcome is Outcome.WAIT
    afresh_too = after(ShowProof(proof(T, "totp", at=facts.now)), replace(more, shown=more.shown[-1:]))
    assert may(Rebind(), afresh_too).allowed


def test_after_a_recovery_the_lost_number_takes_nothing_back() -> None:
    """The thief of the SIM gets the stop code of the very recovery that throws him out."""
    done = after(Complete(BOUND), opened(hanako(), S, K, lost=frozenset({"sms"})))
    assert done.changes[-1].weak == {"sms"}
    stopped = after(NotMe(NOW, "sms"), later(done, HOUR))
    assert not stopped.changes[-1].undone
    assert stopped.changes[-1].final_at == NOW + 7 * DAY
    assert after(NotMe(NOW, "email:told"), later(done, HOUR)).changes[-1].undone


def test_an_address_named_lost_is_gone_once_the_recovery_is_final() -> None:
    done = after(Complete(BOUND), opened(hanako(), S, K, lost=frozenset({"email"})))
    assert not any(m.id == "email" and counts(m, done) for m in done.means)
    assert "email" not in {m.id for m in later(done, 8 * DAY).means}


def test_an_address_just_added_has_no_say() -> None:
    """Stops a thief from undoing what the owner does against him by the address he has just put there (R7)."""
    facts = stepped_up(signed_in(hanako(), K, T), AddAddress(), T)
    added = after(AddAddress("email:mallory"), facts)
    assert may(NotMe(NOW, "email:mallory"), added).has("no_say_yet")
    assert after(NotMe(NOW, "email:mallory"), added) == added


# Later, and from a session


def test_a_late_not_me_freezes_and_opens_a_review() -> None:
    facts = later(hanako(), 5 * DAY)
    verdict = may(NotMe(NOW, "email:told"), facts)
    assert verdict.has("review_opens") and verdict.reviewers == 1
    assert not may(NotMe(NOW + 4 * DAY, "email:told"), facts).has("review_opens")
    frozen = after(NotMe(NOW, "email:told"), facts)
    assert frozen.freeze is not None
    assert not may(Withdraw(), stepped_up(signed_in(frozen, K, T), Withdraw(), T)).allowed


def test_is_this_case_yours() -> None:
    facts = opened(hanako(), E, K)
    session = stepped_up(signed_in(facts, K, T), CancelCase(), S)
    no = after(CancelCase(by="session", not_mine=True), session)
    assert no.vetoes == (Veto(NOW, frozenset({E, K})),)
    assert may(CancelCase(by="session", not_mine=True), signed_in(facts, K, T)).outcome is Outcome.STEP_UP
    mine = after(CancelCase(by="session"), session)
    assert mine.vetoes == () and mine.case is not None and mine.case.state == "cancelled"


def test_harmless_acts_restart_no_clock() -> None:
    facts = opened(hanako(), E, T)
    harmless: tuple[Deed, ...] = (
        ShowProof(proof(K)),
        SignIn((proof(K), proof(T))),
        ShowProof(proof(T), for_deed=step_up_kind(ChangeNumber("sms"))),
        OpenCase(),
    )
    at = later(facts, 40 * HOUR)
    for deed in harmless:
        at = after(deed, at)
    assert may(Rebind(), at).hold == NOW + 72 * HOUR


def test_naming_a_thing_lost_suspends_nothing_before_completion() -> None:
    facts = opened(hanako(), E, K, lost=frozenset({"totp"}))
    assert may(SignIn((proof(K), proof(T))), facts).allowed
    deed = BindAuthenticator(P)
    assert may(deed, stepped_up(signed_in(facts, K, T), deed, T)).allowed
    one = best(facts.shown, facts)
    assert one is not None and may(ShowProof(proof(T)), facts).has("reported_lost")
