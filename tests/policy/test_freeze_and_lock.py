"""R14, R16, R20: a freeze stops money, additions and clocks, and nothing that protects; a lock is one's own choice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from policy.deeds import (
    AddPayout,
    CancelCase,
    ChangePassword,
    CloseAccount,
    Complete,
    Deed,
    EndFreeze,
    EndSessions,
    FreezeAccount,
    KeepOpen,
    LockSettings,
    NotMe,
    OpenCase,
    OpenLock,
    Outcome,
    Rebind,
    RemoveNumber,
    ReportLoss,
    SignIn,
    Wait,
    Withdraw,
    after,
    may,
)
from policy.facts import Facts, Freeze, FreezeEnd, Kind, Lock
from policy.proofs import counts
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
from tests.policy.test_sessions import CHANGES
from tests.policy.test_vetoes import later, opened

REMOVALS = ("RemoveNumber", "RemoveAddress", "RemoveAuthenticator")


def hanako(**changed: object) -> Facts:
    return account(K, T, S, E, M, **changed)


def frozen(facts: Facts | None = None, kind: Kind = K) -> Facts:
    return after(FreezeAccount(proof(kind)), facts or hanako())


def ready_for(deed: Deed, facts: Facts, *kinds: Kind) -> Facts:
    return stepped_up(signed_in(facts, K, T, ago=timedelta()), deed, *(kinds or (T, S)))


# Who freezes


@pytest.mark.parametrize("kind", [K, T, P, S, E, M, C])
def test_any_one_proof_freezes(kind: Kind) -> None:
    facts = after(FreezeAccount(proof(kind)), account(K, T, P, S, E, M, C))
    assert facts.freeze is not None and facts.freeze.by == {kind.value}


def test_a_link_a_stop_code_and_a_session_freeze_too() -> None:
    assert (by := after(FreezeAccount(address_id="sms"), hanako()).freeze) is not None and by.by == {"sms"}
    assert (by := after(FreezeAccount(), signed_in(hanako(), K, T)).freeze) is not None and by.by == {"K"}
    assert may(FreezeAccount(), hanako()).has("freeze_needs_proof")


def test_what_does_not_count_freezes_nothing() -> None:
    new = means(E, "email:new", final_at=NOW + HOUR)
    facts = account(K, new)
    assert may(FreezeAccount(address_id="email:new"), facts).has("no_say_yet")
    assert may(FreezeAccount(proof(E, "email:new")), facts).has("freeze_needs_proof")


# What it stops


@pytest.mark.parametrize("deed", [*CHANGES, CloseAccount()], ids=lambda deed: type(deed).__name__)
def test_it_stops_every_change(deed: Deed) -> None:
    assert may(deed, ready_for(deed, hanako())).allowed or isinstance(deed, Withdraw)
    assert may(deed, ready_for(deed, frozen())).has("frozen")


def test_it_stops_money() -> None:
    assert may(Withdraw(), ready_for(Withdraw(), hanako())).allowed
    assert may(Withdraw(), ready_for(Withdraw(), frozen())).has("frozen")


def test_it_never_stops_what_protects() -> None:
    facts = frozen(later(opened(hanako(), E, T), 0 * HOUR))
    assert may(SignIn((proof(K), proof(T))), facts).allowed
    assert may(ReportLoss("phone", proof=proof(S)), facts).allowed
    assert may(EndSessions(), signed_in(facts, K, T)).allowed
    assert may(NotMe(NOW, "email:told"), facts).allowed
    assert may(Rebind(), later(facts, 72 * HOUR)).allowed
    assert may(Complete(frozenset({T, S})), later(facts, 72 * HOUR)).allowed
    assert may(OpenCase(), showing(frozen(), S, K)).allowed
    assert may(CancelCase(), facts).allowed


@pytest.mark.parametrize("new", [True, False])
def test_what_is_on_probation_may_still_be_removed(new: bool) -> None:
    other = means(M, "sms:new", final_at=NOW + DAY if new else None)
    deed = RemoveNumber("sms:new")
    facts = ready_for(deed, frozen(replace(hanako(), means=(*hanako().means, other))), T)
    assert may(deed, facts).allowed is new


def test_it_stops_the_clocks_and_they_go_on_where_they_were() -> None:
    deed = AddPayout()
    added = after(deed, ready_for(deed, hanako(), T))  # 72 h: password and app lie on one phone
    new = replace(added, means=(*added.means, means(M, "sms:new", final_at=NOW + 72 * HOUR)), session=None)
    halted = after(FreezeAccount(proof(K)), later(new, 70 * HOUR))
    still = later(halted, 20 * DAY)
    assert not counts(still.means[-1], still)
    ended = after(EndFreeze((proof(S, at=still.now), proof(K, at=still.now))), still)
    assert ended.freeze is None
    assert [c.final_at - ended.now for c in ended.changes] == [2 * HOUR]
    assert not counts(ended.means[-1], ended) and counts(later(ended, 2 * HOUR).means[-1], later(ended, 2 * HOUR))


def test_a_recovery_under_a_freeze_gets_its_whole_probation_after_it() -> None:
    facts = later(opened(frozen(), E, T), 72 * HOUR)
    done = after(Complete(frozenset({T, S})), facts)
    assert done.freeze is not None  # one custody: the freeze outlives it (R16)
    ended = after(EndFreeze((proof(S, at=done.now), proof(K, at=done.now))), later(done, 10 * DAY))
    assert ended.freeze is None
    assert ended.changes[-1].final_at == done.now + 10 * DAY + RULES.final_else


def test_a_recovery_of_two_custodies_ends_the_freeze() -> None:
    done = after(Complete(frozenset({T, S})), opened(frozen(), S, K))
    assert done.freeze is None


def test_a_closing_stands_still_under_a_freeze() -> None:
    closing = after(CloseAccount(), ready_for(CloseAccount(), hanako()))
    still = later(frozen(closing), 30 * DAY)
    assert still.means and may(SignIn((proof(K), proof(T))), still).allowed
    assert may(KeepOpen(), signed_in(still, K, T)).allowed


# How it ends


def test_two_custodies_end_it_at_once_and_one_does_not() -> None:
    assert may(EndFreeze((proof(S), proof(K))), frozen()).allowed
    for kinds in ((K,), (S,), (K, T), (E, M, T, K)):
        assert may(EndFreeze(tuple(map(proof, kinds))), frozen()).has("freeze_ends_by")


def test_proofs_from_before_it_do_not_end_it() -> None:
    facts = later(frozen(), HOUR)
    assert not may(EndFreeze((proof(S, at=NOW - HOUR), proof(K))), facts).allowed


def test_after_a_veto_one_of_the_proofs_is_new() -> None:
    """Stops the thief of sheet and password from ending with them the freeze that threw him out (R11)."""
    stopped = after(NotMe(NOW, "email:told"), opened(hanako(), S, K))
    assert not may(EndFreeze((proof(S), proof(K))), stopped).allowed
    assert may(EndFreeze((proof(S), proof(E))), stopped).allowed


def test_a_sign_in_ends_it_after_72_hours() -> None:
    facts = signed_in(later(frozen(), HOUR), K, T, ago=timedelta())
    verdict = may(EndFreeze(), facts)
    assert (verdict.outcome, verdict.hold) == (Outcome.WAIT, facts.now + 72 * HOUR)
    ending = after(EndFreeze(), facts)
    assert may(EndFreeze(), ending).hold == facts.now + 72 * HOUR
    assert later(ending, 72 * HOUR - timedelta(seconds=1)).freeze is not None
    done = later(ending, 72 * HOUR)
    assert done.freeze is None and done.freeze_ends == (FreezeEnd("K", facts.now + 72 * HOUR),)


def test_a_sign_in_from_before_it_does_not_end_it() -> None:
    """Stops a stolen session cookie from waiting the owner's freeze out."""
    facts = signed_in(frozen(), K, T, ago=HOUR)
    assert may(EndFreeze(), facts).outcome is Outcome.MORE_PROOF


def test_whoever_froze_may_not_do_so_again_for_thirty_days() -> None:
    """Stops a thief of one thing from freezing an account without end."""
    ended = after(EndFreeze((proof(S), proof(K))), frozen(kind=E))
    assert may(FreezeAccount(proof(E)), ended).has("not_frozen_again")
    assert may(FreezeAccount(proof(K)), ended).allowed
    assert after(NotMe(ended.now, "E"), ended).freeze is None
    assert may(FreezeAccount(proof(E)), later(ended, 30 * DAY)).allowed


def test_the_same_source_does_not_stop_its_ending_and_another_one_does() -> None:
    ending = after(EndFreeze(), signed_in(frozen(), K, T, ago=timedelta()))
    assert may(FreezeAccount(proof(K)), ending).has("frozen_already")
    other = after(FreezeAccount(address_id="email:told"), ending)
    assert other.freeze is not None and other.freeze.ends_at is None
    assert other.freeze.by == {"K", "email:told"}


def test_an_unfrozen_account_has_nothing_to_end() -> None:
    assert may(EndFreeze(), signed_in(hanako(), K, T)).has("not_frozen")


# The settings lock


def locked(days: int = 7, facts: Facts | None = None) -> Facts:
    deed = LockSettings(days)
    return replace(after(deed, ready_for(deed, facts or hanako(), T)), session=None)


@pytest.mark.parametrize(("days", "right"), [(0, False), (1, True), (30, True), (31, False)])
def test_the_settings_are_locked_for_one_to_thirty_days(days: int, right: bool) -> None:
    deed = LockSettings(days)
    assert may(deed, ready_for(deed, hanako(), T)).allowed is right


def test_locking_takes_a_step_up() -> None:
    assert may(LockSettings(7), signed_in(hanako(), K, T)).outcome is Outcome.STEP_UP
    assert may(LockSettings(7), hanako()).has("sign_in_first")


@pytest.mark.parametrize("deed", CHANGES, ids=lambda deed: type(deed).__name__)
def test_a_lock_stops_every_change_until_its_time(deed: Deed) -> None:
    facts = locked()
    assert may(deed, ready_for(deed, facts)).has("locked")
    over = later(facts, 7 * DAY)
    assert over.lock is None
    fresh = ready_for(deed, over, T, S)
    steps = tuple(replace(step, at=over.now) for step in fresh.session.step_ups) if fresh.session else ()
    assert fresh.session is not None
    assert may(deed, replace(fresh, session=replace(fresh.session, step_ups=steps))).allowed


def test_a_lock_never_stops_what_protects_nor_money() -> None:
    facts = locked()
    assert may(Withdraw(), ready_for(Withdraw(), facts, T)).allowed
    assert may(NotMe(NOW, "email:told"), facts).allowed
    assert may(ReportLoss("phone", proof=proof(K)), facts).allowed
    assert may(FreezeAccount(proof(K)), facts).allowed
    assert may(Complete(frozenset({T, S})), opened(facts, S, K)).allowed


def test_no_lock_within_72_hours_of_a_change_or_reset() -> None:
    """Stops a thief from locking the owner out of what he has just changed."""
    deed = ChangePassword()
    changed = after(deed, ready_for(deed, hanako(), T))
    lock = LockSettings(7)
    assert may(lock, ready_for(lock, changed, T)).has("lock_not_yet")
    assert may(lock, ready_for(lock, hanako(password_unsettled=True, reset_at=NOW), T)).has("lock_not_yet")
    quiet = later(replace(changed, session=None), 72 * HOUR)
    ready = replace(ready_for(lock, quiet, T))
    assert ready.session is not None
    steps = tuple(replace(step, at=quiet.now) for step in ready.session.step_ups)
    proofs = (proof(K, "password:1"), proof(T))
    assert may(lock, replace(ready, session=replace(ready.session, step_ups=steps, proofs=proofs))).allowed


def test_a_saved_code_opens_the_lock_early() -> None:
    assert after(OpenLock(proof(S)), locked()).lock is None
    for kind in (K, T, E, M):
        assert may(OpenLock(proof(kind)), locked()).has("lock_opens_by_code")
    assert may(OpenLock(proof(S)), hanako()).has("not_locked")


def test_a_longer_lock_is_not_made_shorter() -> None:
    facts = locked(30)
    assert facts.lock is not None
    shorter = locked(1, facts)
    assert shorter.lock is not None and shorter.lock.until == facts.lock.until


def test_freeze_comes_before_lock() -> None:
    both = replace(hanako(), freeze=Freeze(NOW), lock=Lock(NOW, NOW + DAY))
    verdict = may(AddPayout(), ready_for(AddPayout(), both))
    assert [reason.code for reason in verdict.reasons] == ["frozen"]
    assert may(Wait(NOW + HOUR), both).allowed
