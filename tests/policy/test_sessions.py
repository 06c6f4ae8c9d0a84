"""R2, R3, R6–R8, R19: what a signed-in session may do, with what proof, and when it is final."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import chain, combinations

import pytest

from policy.deeds import (
    STEP_UP_KINDS,
    AddAddress,
    AddNumber,
    AddPayout,
    BindAuthenticator,
    ChangeNumber,
    ChangePassword,
    CloseAccount,
    Deed,
    EndSessions,
    FileIdentity,
    Outcome,
    RemoveAddress,
    RemoveAuthenticator,
    RemoveNumber,
    ReplaceCodes,
    ResetPassword,
    SignIn,
    Withdraw,
    in_set_up,
    may,
    session_proofs,
    set_up_finished,
    step_up_kind,
)
from policy.facts import NEVER, Change, Facts, Kind, Session
from policy.rules import RULES
from tests.policy.people import DAY, HOUR, NOW, E, I, K, M, P, S, T, account, means, proof, signed_in, stepped_up

CHANGES: tuple[Deed, ...] = (
    BindAuthenticator(T),
    BindAuthenticator(P),
    ReplaceCodes(),
    FileIdentity(),
    AddNumber(),
    ChangeNumber("sms"),
    RemoveNumber("sms"),
    AddAddress(),
    RemoveAddress("email"),
    RemoveAuthenticator("totp"),
    ChangePassword(),
    AddPayout(),
    CloseAccount(),
)
NAMES = [step_up_kind(deed) for deed in CHANGES]


def hanako(**changed: object) -> Facts:
    """Signed in an hour ago with password and app."""
    return signed_in(account(K, T, S, E, M, **changed), K, T)


def wanted(*letters: str) -> tuple[frozenset[Kind], ...]:
    return tuple(frozenset(map(Kind, one)) for one in letters)


# Signing in


@pytest.mark.parametrize("kinds", list(chain.from_iterable(combinations("KTPSEM", n) for n in range(7))))
def test_signing_in_takes_a_passkey_or_the_password_and_one_factor(kinds: tuple[str, ...]) -> None:
    shown = tuple(proof(Kind(letter)) for letter in kinds)
    allowed = "P" in kinds or ("K" in kinds and bool({"T", "S", "M"} & set(kinds)))
    verdict = may(SignIn(shown), account(K, T, P, S, E, M))
    assert verdict.allowed is allowed
    assert allowed or verdict.outcome is Outcome.MORE_PROOF


def test_mail_is_no_second_factor() -> None:
    verdict = may(SignIn((proof(K), proof(E))), account(K, E, T))
    assert verdict.outcome is Outcome.MORE_PROOF
    assert verdict.missing == wanted("T")


def test_a_reset_password_signs_in_with_the_app_or_a_saved_code_but_not_with_sms() -> None:
    """Stops whoever holds the phone, mailbox and line in one, from walking in with what the phone shows (R3)."""
    facts = account(K, T, S, M)
    reset = proof(K, reset=True)
    assert may(SignIn((reset, proof(T))), facts).allowed
    assert may(SignIn((reset, proof(S))), facts).allowed
    refused = may(SignIn((reset, proof(M))), facts)
    assert refused.outcome is Outcome.MORE_PROOF
    assert refused.missing == wanted("T", "S")
    assert refused.has("reset_not_with_sms")


@pytest.mark.parametrize("changed", [{"suspended": True}, {"lost": True}, {"disabled": True}, {"confirmed_at": None}])
def test_a_factor_that_was_taken_out_signs_nobody_in(changed: dict[str, object]) -> None:
    verdict = may(SignIn((proof(K), proof(T))), account(K, means(T, **changed)))
    assert verdict.outcome is Outcome.MORE_PROOF
    assert verdict.has("no_factor_left")


def test_what_is_on_probation_signs_in() -> None:
    assert may(SignIn((proof(K), proof(T))), account(K, means(T, final_at=NEVER))).allowed


def test_an_old_number_still_signs_its_owner_in_but_a_virtual_one_does_not() -> None:
    shown = (proof(K), proof(M))
    assert may(SignIn(shown), account(K, means(M, confirmed_at=NOW - 400 * DAY))).allowed
    assert not may(SignIn(shown), account(K, means(M, weak=True))).allowed


def test_the_password_alone_opens_only_a_set_up_session_of_an_account_that_never_had_a_factor() -> None:
    """Stops the removal of all factors from becoming a way in (pitfalls P24, P25)."""
    assert may(SignIn((proof(K),)), account(K, E, ever_had_factor=False)).has("set_up_only")
    assert not may(SignIn((proof(K),)), account(K, E, ever_had_factor=True)).allowed
    assert not may(SignIn((proof(K),)), account(K, E, T, ever_had_factor=False)).allowed


# Step-up (R2)


@pytest.mark.parametrize("deed", CHANGES, ids=NAMES)
def test_nothing_changes_without_a_session(deed: Deed) -> None:
    verdict = may(deed, replace(hanako(), session=None))
    assert (verdict.outcome, verdict.reasons[0].code) == (Outcome.REFUSED, "sign_in_first")


@pytest.mark.parametrize("deed", [*CHANGES, Withdraw()], ids=[*NAMES, "withdraw"])
def test_the_sign_in_itself_is_never_a_step_up(deed: Deed) -> None:
    just_now = signed_in(account(K, T, S, E, M), K, T, ago=timedelta())
    assert may(deed, just_now).outcome is Outcome.STEP_UP


@pytest.mark.parametrize("kind", [T, P, S])
@pytest.mark.parametrize("deed", [*CHANGES, Withdraw()], ids=[*NAMES, "withdraw"])
def test_app_passkey_and_saved_code_step_up_for_every_change(deed: Deed, kind: Kind) -> None:
    facts = signed_in(account(K, T, P, S, E, M), K, T)
    assert may(deed, stepped_up(facts, deed, kind)).allowed


@pytest.mark.parametrize("deed", [*CHANGES, Withdraw()], ids=[*NAMES, "withdraw"])
def test_mail_and_password_never_step_up_by_themselves(deed: Deed) -> None:
    assert not may(deed, stepped_up(hanako(), deed, E)).allowed
    assert not may(deed, stepped_up(hanako(), deed, K)).allowed


@pytest.mark.parametrize("deed", [BindAuthenticator(T), AddAddress(), AddPayout(), Withdraw(), ChangePassword()])
def test_sms_at_a_counting_number_steps_up(deed: Deed) -> None:
    assert may(deed, stepped_up(hanako(), deed, M)).allowed
    for dead in (means(M, confirmed_at=NOW - 181 * DAY), means(M, final_at=NOW + HOUR), means(M, weak=True)):
        facts = signed_in(account(K, T, S, E, dead), K, T)
        assert may(deed, stepped_up(facts, deed, M)).outcome is Outcome.STEP_UP


@pytest.mark.parametrize("minutes", [0, 10])
def test_a_step_up_is_fresh_for_ten_minutes(minutes: int) -> None:
    deed = AddAddress()
    fresh = stepped_up(hanako(), deed, T, ago=timedelta(minutes=minutes))
    stale = stepped_up(hanako(), deed, T, ago=timedelta(minutes=10, seconds=1))
    future = stepped_up(hanako(), deed, T, ago=timedelta(seconds=-1))
    assert may(deed, fresh).allowed
    assert may(deed, stale).outcome is may(deed, future).outcome is Outcome.STEP_UP


@pytest.mark.parametrize("deed", [*CHANGES, Withdraw()], ids=[*NAMES, "withdraw"])
def test_a_step_up_serves_only_its_own_kind_of_deed(deed: Deed) -> None:
    facts = hanako()
    for other in STEP_UP_KINDS - {step_up_kind(deed)}:
        facts = stepped_up(facts, other, T, S)
    assert may(deed, facts).outcome is Outcome.STEP_UP


@pytest.mark.parametrize("deed", CHANGES, ids=NAMES)
def test_what_is_on_probation_steps_nothing_up(deed: Deed) -> None:
    """Stops mallory from binding an app of his own and confirming the next change with it (R7)."""
    facts = signed_in(account(K, T, S, E, M, means(T, "totp:mallory", final_at=NOW + HOUR)), K, T)
    assert may(deed, stepped_up(facts, deed, T, name="totp:mallory")).outcome is Outcome.STEP_UP


def test_it_asks_only_for_what_the_person_has_ready() -> None:
    verdict = may(AddAddress(), signed_in(account(K, T, means(S, suspended=True), means(M, lost=True)), K, T))
    assert verdict.missing == wanted("T")
    nothing = may(AddAddress(), signed_in(account(K, means(T, final_at=NOW + HOUR)), K, T))
    assert (nothing.outcome, nothing.reasons[0].code) == (Outcome.REFUSED, "no_step_up_left")


def test_a_session_that_is_too_old_must_sign_in_again() -> None:
    facts = stepped_up(signed_in(account(K, T), K, T, ago=12 * HOUR), AddAddress(), T)
    assert may(AddAddress(), facts).has("sign_in_first")
    assert may(EndSessions(), hanako()).allowed


# The number (product §1 row 6)


def test_the_number_is_changed_by_app_passkey_or_saved_code() -> None:
    verdict = may(ChangeNumber("sms"), signed_in(account(K, T, P, S, E, M), K, T))
    assert verdict.missing == wanted("T", "P", "S", "KE")


def test_the_number_is_never_changed_by_a_code_sent_to_a_number() -> None:
    facts = signed_in(account(K, T, S, E, M, means(M, "sms:second")), K, T)
    for number in ("sms", "sms:second"):
        assert not may(ChangeNumber("sms"), stepped_up(facts, ChangeNumber("sms"), M, name=number)).allowed
    assert not may(RemoveNumber("sms"), stepped_up(facts, RemoveNumber("sms"), M)).allowed
    assert may(RemoveNumber("sms"), stepped_up(facts, RemoveNumber("sms"), M, name="sms:second")).allowed


def test_a_mail_code_changes_the_number_only_beside_the_password() -> None:
    deed = ChangeNumber("sms")
    half = may(deed, stepped_up(hanako(), deed, E))
    assert half.outcome is Outcome.STEP_UP
    assert frozenset({K}) in half.missing
    both = may(deed, stepped_up(hanako(), deed, E, K))
    assert both.allowed
    assert both.final_after == RULES.final_else  # one phone holds app, mail and password


@pytest.mark.parametrize("broken", ["reset", "lapsed"])
def test_a_reset_password_or_a_lapsed_mailbox_does_not_change_the_number(broken: str) -> None:
    password = means(K, reset=broken == "reset")
    mail = means(E, confirmed_at=NOW - (181 if broken == "lapsed" else 1) * DAY)
    facts = stepped_up(signed_in(account(password, T, mail, M), K, T), ChangeNumber("sms"), E, K)
    assert may(ChangeNumber("sms"), facts).outcome is Outcome.STEP_UP


@pytest.mark.parametrize("deed", [AddNumber(), ChangeNumber("sms"), RemoveNumber("sms")])
def test_after_a_change_of_number_money_rests_a_day(deed: Deed) -> None:
    verdict = may(deed, stepped_up(hanako(), deed, T))
    assert verdict.hold == NOW + DAY
    assert verdict.has("money_rests_number")


# Finality (R6)


def test_identity_filed_in_a_session_is_on_probation_for_thirty_days_whatever_was_shown() -> None:
    for shown in (T, S):
        assert may(FileIdentity(), stepped_up(hanako(), FileIdentity(), shown)).final_after == RULES.identity_probation


@pytest.mark.parametrize("deed", [deed for deed in CHANGES if deed != FileIdentity()], ids=step_up_kind)
def test_a_change_is_final_after_a_day_with_two_custodies_and_after_three_without(deed: Deed) -> None:
    one = may(deed, stepped_up(hanako(), deed, T))
    two = may(deed, stepped_up(hanako(), deed, S))
    if isinstance(deed, FileIdentity):  # R7: papers from a session, long whatever was shown
        assert one.final_after == two.final_after == 30 * DAY
        return
    assert (one.final_after, two.final_after) == (72 * HOUR, 24 * HOUR)
    assert one.has("final_one_custody") and two.has("final_two_custodies")


@pytest.mark.parametrize("deed", CHANGES, ids=NAMES)
def test_nothing_is_final_sooner_than_a_day(deed: Deed) -> None:
    facts = signed_in(account(K, T, means(P, device="laptop", synced=False), S, E, M), K, T, P, S)
    assert may(deed, stepped_up(facts, deed, T, P, S)).final_after >= 24 * HOUR


def test_the_sign_ins_proofs_count_towards_two_custodies() -> None:
    facts = signed_in(account(K, T, S, E), K, S)
    assert may(AddAddress(), stepped_up(facts, AddAddress(), T)).final_after == 24 * HOUR


def test_a_sign_in_by_something_since_reported_lost_no_longer_counts() -> None:
    facts = signed_in(account(K, T, means(S, lost=True), E), K, S)
    assert may(AddAddress(), stepped_up(facts, AddAddress(), T)).final_after == 72 * HOUR


def test_what_is_on_probation_is_no_custody() -> None:
    """mallory, on the unlocked phone, must not reach the short finality with a code sheet he has just made."""
    facts = signed_in(account(K, T, means(S, final_at=NOW + HOUR), E), K, S)
    stepped = stepped_up(facts, AddAddress(), T)
    assert {p.kind for p in session_proofs(AddAddress(), stepped)} == {K, T}
    assert may(AddAddress(), stepped).final_after == 72 * HOUR


def test_a_reset_password_is_no_second_custody() -> None:
    facts = account(K, means(P, device="laptop", synced=False), T, E)
    session = Session(NOW - HOUR, (proof(K, reset=True), proof(T)), on_reset_password=True)
    stepped = stepped_up(replace(facts, session=session), ChangePassword(), T)
    verdict = may(ChangePassword(), stepped)
    assert verdict.final_after == 72 * HOUR
    assert verdict.has("reset_counts_as_mail")


# Nothing that people need is taken away


def test_the_last_of_its_use_stays() -> None:
    facts = signed_in(account(K, T, S, means(M, lost=True)), K, T)
    assert may(RemoveAuthenticator("totp"), facts).has("last_factor")
    assert may(RemoveAuthenticator("saved_code"), facts).has("codes_are_replaced")
    assert may(RemoveAddress("email:told"), facts).has("last_address")


def test_a_factor_on_probation_does_not_let_the_last_one_go() -> None:
    facts = signed_in(account(K, T, S, means(P, final_at=NOW + HOUR)), K, T)
    assert may(RemoveAuthenticator("totp"), stepped_up(facts, RemoveAuthenticator("x"), T)).has("last_factor")


def test_what_is_not_there_or_of_another_kind_is_not_removed() -> None:
    facts = hanako()
    assert may(RemoveNumber("sms:9"), facts).has("unknown_means")
    assert may(RemoveNumber("email"), facts).has("unknown_means")
    assert may(RemoveAuthenticator("sms"), facts).has("unknown_means")
    ending = account(K, T, S, means(M, suspended=True))
    assert may(ChangeNumber("sms"), signed_in(ending, K, T)).has("already_ending")


def test_only_apps_passkeys_and_codes_are_bound_as_authenticators() -> None:
    for kind in (K, E, M, I):
        assert may(BindAuthenticator(kind), hanako()).has("not_bindable")


# Set-up (R19)


def newcomer(*bound: Kind, sign_up: bool = True, **changed: object) -> Facts:
    facts = account(K, E, *bound, ever_had_factor=False, **changed)
    return signed_in(facts, K, ago=timedelta(), set_up=True, sign_up=sign_up)


@pytest.mark.parametrize("deed", [BindAuthenticator(T), BindAuthenticator(P), BindAuthenticator(S), AddNumber()])
def test_the_sign_up_session_binds_at_once(deed: Deed) -> None:
    verdict = may(deed, newcomer())
    assert verdict.allowed and verdict.final_after == timedelta()


@pytest.mark.parametrize("sign_up", [True, False])
@pytest.mark.parametrize(
    "deed",
    [
        ReplaceCodes(),
        AddAddress(),
        ChangePassword(),
        AddPayout(),
        Withdraw(),
        RemoveAddress("email"),
        ChangeNumber("sms"),
    ],
)
def test_a_set_up_session_binds_and_nothing_else(deed: Deed, sign_up: bool) -> None:
    facts = newcomer(M, sign_up=sign_up)
    assert may(deed, stepped_up(facts, deed, M, S, T)).has("set_up_binds_only")


def test_a_set_up_session_that_is_not_the_sign_up_asks_password_and_mail() -> None:
    deed = BindAuthenticator(T)
    asked = may(deed, newcomer(sign_up=False))
    assert (asked.outcome, asked.missing) == (Outcome.STEP_UP, wanted("E"))
    given = may(deed, stepped_up(newcomer(sign_up=False), deed, E))
    assert given.allowed
    assert given.final_after == 72 * HOUR  # R7: what it binds is on probation


def test_a_mailbox_alone_sets_up_nothing() -> None:
    """Stops a thief of the mailbox from resetting the password of an account without a factor and binding his own."""
    facts = newcomer(sign_up=False)
    session = Session(NOW, (proof(K, reset=True), proof(E)), set_up=True, on_reset_password=True)
    assert may(BindAuthenticator(T), replace(facts, session=session)).has("set_up_needs_password")


def test_set_up_is_over_once_a_factor_counts() -> None:
    late = stepped_up(newcomer(T, sign_up=False), BindAuthenticator(P), E)
    assert may(BindAuthenticator(P), late).has("set_up_over")


def test_set_up_goes_on_while_what_it_bound_is_on_probation() -> None:
    facts = newcomer(sign_up=False)
    bound = replace(facts, means=(*facts.means, means(T, final_at=NEVER)), ever_had_factor=True)
    assert may(BindAuthenticator(S), stepped_up(bound, BindAuthenticator(S), E)).allowed


@pytest.mark.parametrize(
    ("bound", "finished"),
    [
        ((T,), False),
        ((S,), False),
        ((T, S), True),
        ((M, S), True),
        ((T, I), True),
        ((T, means(S, downloaded=True)), False),
        ((means(P, device="laptop", synced=False), means(S, downloaded=True)), False),
        ((T, means(S, confirmed_at=None)), False),
    ],
)
def test_set_up_is_finished_with_two_custodies_one_of_them_on_paper(bound: tuple[Kind, ...], finished: bool) -> None:
    facts = newcomer(*bound)
    assert set_up_finished(facts) is finished
    assert in_set_up(facts) is not finished


def test_after_set_up_the_sign_up_session_steps_up_like_any_other() -> None:
    facts = newcomer(T, S)
    assert may(BindAuthenticator(P), facts).outcome is Outcome.STEP_UP
    assert may(BindAuthenticator(P), stepped_up(facts, BindAuthenticator(P), T)).final_after >= 24 * HOUR


# Resetting the password (R3)


def test_a_link_resets_the_password_unless_its_address_is_on_probation() -> None:
    """Stops mallory from adding his own address in a stolen session and resetting the password through it (R7)."""
    facts = account(K, E, T, means(E, "email:mallory", final_at=NOW + HOUR))
    assert may(ResetPassword("email"), facts).has("reset_counts_as_mail")
    assert may(ResetPassword("email:mallory"), facts).has("on_probation")
    assert may(ResetPassword("email:gone"), facts).has("unknown_means")
    assert may(ResetPassword(), facts).allowed


# Money (R8)


def ready_to_withdraw(**changed: object) -> Facts:
    return stepped_up(hanako(**changed), Withdraw(), T)


def test_money_moves_with_a_step_up() -> None:
    assert may(Withdraw(), ready_to_withdraw()).allowed


def test_money_rests_a_day_after_a_number_change() -> None:
    verdict = may(Withdraw(), ready_to_withdraw(number_changed_at=NOW - 23 * HOUR))
    assert (verdict.outcome, verdict.hold) == (Outcome.WAIT, NOW + HOUR)
    assert verdict.has("rests_after_number")
    assert may(Withdraw(), ready_to_withdraw(number_changed_at=NOW - 24 * HOUR)).allowed


def recovered(ago: timedelta, final_in: timedelta | None) -> dict[str, object]:
    final = NEVER if final_in is None else NOW + final_in
    change = Change("change:1", "recovery", NOW - ago, final, two_custodies=True, by_recovery=True)
    return {"recovered_at": NOW - ago, "changes": (change,)}


def test_money_rests_after_a_recovery_until_it_is_final_and_at_least_two_days() -> None:
    assert may(Withdraw(), ready_to_withdraw(**recovered(HOUR, 23 * HOUR))).hold == NOW + 47 * HOUR
    assert may(Withdraw(), ready_to_withdraw(**recovered(50 * HOUR, 22 * HOUR))).hold == NOW + 22 * HOUR
    assert may(Withdraw(), ready_to_withdraw(**recovered(48 * HOUR, -HOUR))).allowed


def test_money_rests_while_a_notice_of_the_recovery_is_not_out() -> None:
    verdict = may(Withdraw(), ready_to_withdraw(**recovered(100 * HOUR, None)))
    assert (verdict.outcome, verdict.hold) == (Outcome.WAIT, NEVER)
    assert verdict.has("rests_after_recovery_once_told")


def test_a_new_payout_address_is_final_before_it_is_used() -> None:
    verdict = may(Withdraw(payout_final_at=NOW + HOUR), ready_to_withdraw())
    assert (verdict.outcome, verdict.hold) == (Outcome.WAIT, NOW + HOUR)
    assert may(Withdraw(payout_final_at=NEVER), ready_to_withdraw()).has("payout_not_final_once_told")
    assert may(Withdraw(payout_final_at=NOW), ready_to_withdraw()).allowed


def test_the_longest_rest_decides_and_all_are_told() -> None:
    facts = ready_to_withdraw(**recovered(HOUR, 23 * HOUR), number_changed_at=NOW - HOUR)
    verdict = may(Withdraw(payout_final_at=NOW + 71 * HOUR), facts)
    assert verdict.hold == NOW + 71 * HOUR
    codes = [reason.code for reason in verdict.reasons]
    assert codes == ["payout_not_final", "rests_after_recovery", "rests_after_number"]


def test_a_session_on_a_reset_password_moves_no_money() -> None:
    facts = ready_to_withdraw()
    assert facts.session is not None
    reset = replace(facts, session=replace(facts.session, on_reset_password=True))
    assert may(Withdraw(), reset).has("reset_moves_no_money")


@pytest.mark.parametrize("deed", CHANGES, ids=NAMES)
def test_the_twenty_first_change_of_a_day_waits_and_undone_ones_leave_room(deed: Deed) -> None:
    """Stops whoever is in from burying one change under a hundred letters."""
    many = tuple(
        Change(str(n), "payout", NOW - n * HOUR, NEVER, two_custodies=False) for n in range(RULES.changes_per_day)
    )
    full = stepped_up(hanako(changes=many), deed, T)
    verdict = may(deed, full)
    assert (verdict.outcome, verdict.has("changes_today")) == (Outcome.REFUSED, True)
    later = replace(full, now=NOW + 13 * HOUR)
    assert not may(deed, later).has("changes_today")
    taken_back = (*many[1:], replace(many[0], undone=True))
    assert may(deed, replace(full, changes=taken_back)).allowed
