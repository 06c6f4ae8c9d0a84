"""`after`: stories played deed by deed, as the search for thieves will play them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from policy.deeds import (
    AddAddress,
    AddNumber,
    AddPayout,
    BindAuthenticator,
    CancelCase,
    ChangeNumber,
    ChangePassword,
    Claim,
    Complete,
    Deed,
    EndSessions,
    NotMe,
    OpenCase,
    Outcome,
    Rebind,
    RemoveAuthenticator,
    RemoveNumber,
    ReplaceCodes,
    ResetPassword,
    ShowProof,
    SignIn,
    Wait,
    Withdraw,
    after,
    may,
    step_up_kind,
)
from policy.facts import Facts, Kind, Means
from policy.proofs import counts
from tests.policy.people import DAY, HOUR, NOW, E, K, M, P, S, T, account, means, proof

SIGN_IN = SignIn((proof(K), proof(T)))


def play(facts: Facts, *deeds: Deed) -> Facts:
    """Each deed must be allowed, or open a case."""
    for deed in deeds:
        verdict = may(deed, facts)
        assert verdict.allowed or isinstance(deed, OpenCase), f"{deed}: {verdict}"
        facts = after(deed, facts)
    return facts


def confirm(deed: Deed, kind: Kind, facts: Facts, name: str = "") -> ShowProof:
    return ShowProof(proof(kind, name, at=facts.now), for_deed=step_up_kind(deed))


def changed(facts: Facts, deed: Deed, kind: Kind = T) -> Facts:
    return play(facts, confirm(deed, kind, facts), deed)


def later(facts: Facts, span: timedelta) -> Facts:
    return play(facts, Wait(facts.now + span))


def by_id(facts: Facts, name: str) -> Means | None:
    return next((one for one in facts.means if one.id == name), None)


def hanako() -> Facts:
    return account(K, T, S, E, M)


@pytest.mark.parametrize("deed", [AddAddress(), BindAuthenticator(P), Withdraw(), Rebind(), Complete(frozenset({T}))])
def test_what_is_not_allowed_changes_nothing(deed: Deed) -> None:
    assert after(deed, hanako()) == hanako()


def test_hanako_signs_in_and_changes_her_dead_number() -> None:
    facts = changed(play(hanako(), SIGN_IN), ChangeNumber("sms", "sms:new"))
    old, new = by_id(facts, "sms"), by_id(facts, "sms:new")
    assert old is not None and old.suspended
    assert new is not None and not counts(new, facts)
    assert may(SignIn((proof(K), proof(M, "sms:new"))), facts).allowed
    assert not may(SignIn((proof(K), proof(M))), facts).allowed
    assert may(Withdraw(), facts).hold == NOW + DAY
    done = later(facts, 72 * HOUR)
    assert by_id(done, "sms") is None
    assert (new := by_id(done, "sms:new")) is not None and counts(new, done)
    assert may(Withdraw(), play(done, SIGN_IN)).outcome is Outcome.STEP_UP


def test_hanako_comes_back_with_mail_and_app_after_72_hours() -> None:
    facts = play(hanako(), Claim(), ShowProof(proof(E)), ShowProof(proof(T)), OpenCase(frozenset({"sms"})))
    assert facts.case is not None and facts.case.state == "on_hold"
    assert may(Rebind(), facts).hold == NOW + 72 * HOUR
    ready = later(facts, 72 * HOUR)
    assert ready.case is not None and ready.case.state == "ready"
    back = play(ready, Rebind(), Complete(frozenset({K, T, S, M})))
    assert back.session is None
    old = by_id(back, "sms")
    assert old is not None and old.suspended
    signed = play(back, SignIn((proof(K, "password:1"), proof(T, "totp:1"))))
    assert may(Withdraw(), signed).hold == back.now + 72 * HOUR
    assert by_id(later(signed, 72 * HOUR), "sms") is None


def test_a_case_that_nobody_finishes_dies() -> None:
    facts = play(hanako(), ShowProof(proof(E)), ShowProof(proof(T)), OpenCase())
    dead = later(later(facts, 72 * HOUR), 7 * DAY)
    assert dead.case is not None and dead.case.state == "expired"
    assert dead.shown == ()


def test_a_case_may_be_ready_and_over_in_one_long_wait() -> None:
    facts = play(hanako(), ShowProof(proof(S)), ShowProof(proof(K)), OpenCase())
    assert facts.case is not None and facts.case.state == "ready"
    assert (case := later(facts, 7 * DAY).case) is not None and case.state == "expired"


def test_not_me_takes_back_what_mallory_did_with_a_phished_code() -> None:
    """A live phishing proxy: password and one code for the sign-in, another for the step-up."""
    facts = play(hanako(), SIGN_IN)
    facts = changed(facts, ChangeNumber("sms", "sms:mallory"))
    facts = changed(facts, AddAddress("email:mallory"))
    facts = changed(facts, BindAuthenticator(T, "totp:mallory"))
    facts = changed(facts, ChangePassword("password:mallory"))
    facts = changed(facts, AddPayout("payout:mallory"))
    told = play(later(facts, 12 * HOUR), NotMe(NOW))
    assert {m.id: (m.suspended, m.final_at) for m in told.means} == {m.id: (False, None) for m in hanako().means}
    assert told.session is None
    assert told.number_changed_at is None
    assert all(change.undone for change in told.changes)


def test_mallory_on_the_unlocked_phone_has_nothing_final_before_72_hours() -> None:
    facts = play(hanako(), SIGN_IN)
    for deed in (BindAuthenticator(P, "passkey:mallory"), AddNumber("sms:mallory"), ReplaceCodes("codes:mallory")):
        facts = changed(facts, deed)
    almost = later(facts, 72 * HOUR - timedelta(seconds=1))
    for name in ("passkey:mallory", "sms:mallory", "codes:mallory"):
        own = by_id(almost, name)
        assert own is not None and not counts(own, almost)


def test_an_old_code_set_counts_until_the_new_one_is_final() -> None:
    facts = changed(play(hanako(), SIGN_IN), ReplaceCodes("codes:new"), S)
    old, new = by_id(facts, "saved_code"), by_id(facts, "codes:new")
    assert old is not None and counts(old, facts)
    assert new is not None and not counts(new, facts)
    done = later(facts, 24 * HOUR)
    assert by_id(done, "saved_code") is None
    assert (new := by_id(done, "codes:new")) is not None and counts(new, done)


def test_a_removed_app_comes_back_with_not_me() -> None:
    facts = play(account(K, T, S, E, means(T, "totp:second")), SIGN_IN)
    facts = changed(facts, RemoveAuthenticator("totp:second"))
    assert (gone := by_id(facts, "totp:second")) is not None and gone.suspended
    assert (back := by_id(play(facts, NotMe(NOW)), "totp:second")) is not None and not back.suspended


def test_removing_a_number_makes_money_rest_too() -> None:
    facts = changed(play(hanako(), SIGN_IN), RemoveNumber("sms"))
    assert facts.number_changed_at == NOW


def test_a_reset_settles_after_72_hours_and_a_sign_in_with_a_factor() -> None:
    facts = play(hanako(), ResetPassword("email", "password:reset"))
    assert facts.session is None and facts.password_unsettled
    with_app = SignIn((proof(K, "password:reset"), proof(T)))
    assert may(with_app, facts).has("reset_counts_as_mail")
    assert not may(SignIn((proof(K, "password:reset"), proof(M))), facts).allowed
    unused = later(facts, 80 * HOUR)
    assert unused.password_unsettled  # nobody has signed in with it
    used = play(facts, with_app)
    assert used.session is not None and used.session.on_reset_password
    assert later(used, 71 * HOUR).password_unsettled
    settled = later(used, 72 * HOUR)
    assert not settled.password_unsettled
    assert [m.reset for m in settled.means if m.kind is K] == [False]


def test_a_second_reset_starts_the_72_hours_anew() -> None:
    """mallory's reset must not settle on the sign-in hanako made with hers."""
    facts = play(hanako(), ResetPassword("email", "password:hers"), SignIn((proof(K, "password:hers"), proof(T))))
    stolen = play(later(facts, 71 * HOUR), ResetPassword("email", "password:his"))
    assert later(stolen, 2 * HOUR).password_unsettled
    assert later(stolen, 80 * HOUR).password_unsettled


def test_only_a_sign_in_with_the_reset_password_settles_it() -> None:
    facts = play(account(K, T, P, S, E, M), ResetPassword("email", "password:reset"), SignIn((proof(P),)))
    assert later(facts, 80 * HOUR).password_unsettled


def test_the_password_from_before_a_reset_signs_nobody_in() -> None:
    facts = play(hanako(), ResetPassword("email", "password:reset"))
    verdict = may(SIGN_IN, facts)
    assert not verdict.allowed and verdict.has("password_was_reset")


def test_until_it_settles_the_password_from_before_proves_and_the_new_one_does_not() -> None:
    facts = play(hanako(), ResetPassword("email", "password:reset"))
    shown = play(facts, ShowProof(proof(E)), ShowProof(proof(K, "password:reset")))
    assert may(OpenCase(), shown).outcome is Outcome.MORE_PROOF
    assert may(OpenCase(), play(shown, ShowProof(proof(K)))).outcome is Outcome.WAIT


def test_a_password_changed_in_a_reset_session_counts_as_the_reset_does() -> None:
    facts = play(hanako(), ResetPassword("email", "password:reset"), SignIn((proof(K, "password:reset"), proof(T))))
    facts = changed(facts, ChangePassword("password:third"), S)
    assert (third := by_id(facts, "password:third")) is not None and third.reset
    again = play(facts, SignIn((proof(K, "password:third"), proof(T))))
    assert again.session is not None and again.session.on_reset_password


def test_a_changed_password_signs_in_at_once_and_proves_only_when_it_is_final() -> None:
    """mallory on the unlocked phone changes it; until the change is final hanako's own still proves (R6, R7)."""
    facts = changed(play(hanako(), SIGN_IN), ChangePassword("password:mallory"))
    assert may(SignIn((proof(K, "password:mallory"), proof(T))), facts).allowed
    assert may(SIGN_IN, facts).has("replaced_or_removed")
    assert may(ShowProof(proof(K, "password:mallory")), facts).has("on_probation")
    with_mail = play(facts, ShowProof(proof(E)), ShowProof(proof(K)))
    assert may(OpenCase(), with_mail).outcome is Outcome.WAIT
    done = later(facts, 72 * HOUR)
    assert may(ShowProof(proof(K)), done).has("unknown_means")
    assert may(ShowProof(proof(K, "password:mallory")), done).allowed


def test_the_replaced_password_is_no_step_up() -> None:
    """A code by mail with it would change the number (product §1 row 6)."""
    facts = changed(play(hanako(), SIGN_IN), ChangePassword("password:new"))
    deed = ChangeNumber("sms", "sms:new")
    facts = play(facts, confirm(deed, E, facts), confirm(deed, K, facts))
    assert may(deed, facts).outcome is Outcome.STEP_UP


def test_not_me_takes_a_reset_back() -> None:
    facts = play(hanako(), ResetPassword("email", "password:reset"), NotMe(NOW))
    assert not facts.password_unsettled
    assert [m.id for m in facts.means if m.kind is K] == ["password"]


def test_a_newcomer_reaches_two_custodies_and_then_needs_step_up() -> None:
    facts = play(account(K, E, ever_had_factor=False), SignIn((proof(K),)))
    assert facts.session is not None and facts.session.set_up
    facts = replace(facts, session=replace(facts.session, sign_up=True))
    done = play(facts, BindAuthenticator(T, "totp"), AddNumber("sms"), BindAuthenticator(S, "saved_code"))
    assert done.ever_had_factor and done.number_changed_at is None and done.changes[0].final_at == NOW
    assert all(counts(one, done) for one in done.means)
    assert may(BindAuthenticator(P), done).outcome is Outcome.STEP_UP


def test_a_stolen_session_dies_with_its_day() -> None:
    facts = play(hanako(), SIGN_IN)
    assert later(facts, 11 * HOUR).session is not None
    assert later(facts, 12 * HOUR).session is None
    assert play(facts, EndSessions()).session is None


def test_cancelling_ends_the_case_and_forgets_what_was_shown() -> None:
    facts = play(hanako(), ShowProof(proof(E)), ShowProof(proof(T)), OpenCase(), CancelCase())
    assert facts.case is not None and facts.case.state == "cancelled"
    assert facts.shown == ()


def test_claims_are_counted_by_the_day() -> None:
    facts = play(hanako(), *[Claim()] * 5)
    assert not may(Claim(), facts).allowed
    assert may(Claim(), later(facts, DAY)).allowed


def test_facts_stay_as_they_were() -> None:
    facts = play(hanako(), SIGN_IN)
    before = replace(facts)
    changed(facts, AddAddress())
    assert facts == before and hash(facts) == hash(before)
