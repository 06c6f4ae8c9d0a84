"""Judging what a session asks for: sign-in, changes, money (product §3, R2, R3, R6–R8, R19)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from policy import acts, risk, vetoes
from policy.clocks import runs
from policy.closing import closed, closing
from policy.custody import counts_as, custody_of_means, find, places_holding_all, set_by_mail
from policy.facts import Facts, Kind, Means, Proof, Session
from policy.proofs import FACTORS, STEP_UP, bar, counting, counts, final_after, lapsed_mail, standing, unusable
from policy.rules import NONE, RULES, Rules
from policy.verdict import Outcome, Reason, Verdict, dated, in_days, in_hours, in_minutes, refused

STEP_UP_SETS = tuple(frozenset({kind}) for kind in (Kind.TOTP, Kind.PASSKEY, Kind.SAVED_CODE, Kind.SMS))
#: Product §1 row 6: app, passkey or saved code; a mail code only beside one of them or the password. Never SMS.
_NUMBER_SETS = (*STEP_UP_SETS[:3], frozenset({Kind.PASSWORD, Kind.EMAIL}))


def sign_in_first() -> Verdict:
    return refused("R2", "sign_in_first")


# Signing in (product §3, R3, R19)


def sign_in(deed: acts.SignIn, facts: Facts, rules: Rules) -> Verdict:
    """Password and one factor, or a passkey with user verification (NIST SP 800-63B-4 §2.2; mail is no factor)."""
    if closed(facts):
        return refused("R6", "account_closed")
    facts = vetoes.unnamed(facts)
    usable, reasons = [], []
    for proof in deed.proofs:
        means = find(facts, proof.means_id)
        if means is None or means.kind is not proof.kind:
            why: Reason | None = Reason("R2", "unknown_means")
        elif _replaced_by_mail(proof, facts):
            why = Reason("R3", "password_was_reset")
        else:
            why = unusable(means, facts)
        if why:
            reasons.append(why)
        else:
            usable.append(proof)
    kinds = {proof.kind for proof in usable}
    reset = any(p.kind is Kind.PASSWORD and counts_as(p, facts) is Kind.EMAIL for p in usable)
    if Kind.PASSKEY in kinds:
        return Verdict(Outcome.ALLOWED)
    if Kind.PASSWORD not in kinds:
        return Verdict(
            Outcome.MORE_PROOF, (frozenset({Kind.PASSWORD}),), reasons=(*reasons, Reason("R4", "password_first"))
        )
    beside = kinds & {Kind.TOTP, Kind.SAVED_CODE} or (kinds & {Kind.SMS} if not reset else set())
    if beside:
        return Verdict(Outcome.ALLOWED, reasons=_about_reset(reset, rules))
    if not facts.ever_had_factor and not any(m.kind in STEP_UP and not unusable(m, facts) for m in facts.means):
        return Verdict(Outcome.ALLOWED, reasons=(Reason("R19", "set_up_only"), *_about_reset(reset, rules)))
    if Kind.SMS in kinds:
        reasons.append(Reason("R3", "reset_not_with_sms"))
    wanted = STEP_UP - {Kind.SMS} if reset else STEP_UP
    have = {means.kind for means in facts.means if not unusable(means, facts)} & wanted
    reasons.append(Reason("R4", "factor_needed" if have else "no_factor_left"))
    return Verdict(
        Outcome.MORE_PROOF, tuple(frozenset({kind}) for kind in Kind if kind in have), reasons=tuple(reasons)
    )


def _replaced_by_mail(proof: Proof, facts: Facts) -> bool:
    """R3: a password from before an unsettled reset still proves in recovery, but signs nobody in."""
    reset = any(means.reset for means in facts.means)
    return reset and proof.kind is Kind.PASSWORD and counts_as(proof, facts) is Kind.PASSWORD


def _about_reset(reset: bool, rules: Rules) -> tuple[Reason, ...]:
    return (Reason("R3", "reset_counts_as_mail", in_hours(rules.reset_settles_after)),) if reset else ()


# Signed-in changes (R2, R6–R8, R19)


def session_lives(facts: Facts, rules: Rules) -> bool:
    if facts.session is None or closed(facts):
        return False
    return facts.now - facts.session.signed_in_at < rules.session_absolute


def set_up_finished(facts: Facts) -> bool:
    """R19: two custodies, one of them saved codes kept on paper and typed back (or papers), beside a factor."""
    bound = [means for means in facts.means if not unusable(means, facts)]
    kept = [m for m in bound if m.kind is Kind.IDENTITY or (m.kind is Kind.SAVED_CODE and not m.downloaded)]
    factors = [means for means in bound if means.kind in FACTORS]
    pairs = ((a, b) for a in kept for b in factors)
    return any(not places_holding_all((custody_of_means(a), custody_of_means(b))) for a, b in pairs)


def fresh_step_ups(deed: acts.Deed, facts: Facts, rules: Rules = RULES) -> tuple[Proof, ...]:
    """R2: the step-ups of this session that stand for this kind of deed: counting means, given within the last minutes.

    A mail code or password among them is never a step-up; it can only stand beside one, or for a number (row 6).
    """
    if facts.session is None:
        return ()
    facts = vetoes.unnamed(facts)
    given: list[Proof] = []
    for step in facts.session.step_ups if facts.session else ():
        means = find(facts, step.means_id)
        fresh = step.deed == acts.step_up_kind(deed) and NONE <= facts.now - step.at <= rules.step_up_fresh
        if not fresh or means is None or means.kind is not step.kind or means.suspended or bar(means, facts, rules):
            continue
        if set_by_mail(means, facts) or lapsed_mail(means, facts, rules):
            continue
        given.append(Proof(step.kind, step.means_id, step.at))
    return tuple(given)


def session_proofs(deed: acts.Deed, facts: Facts, rules: Rules = RULES) -> tuple[Proof, ...]:
    """R6: what this session has shown that stands: the sign-in's proofs and the step-ups for this deed."""
    if facts.session is None:
        return ()
    return (*standing(facts.session.proofs, vetoes.unnamed(facts), rules), *fresh_step_ups(deed, facts, rules))


def change(
    deed: acts.Deed, facts: Facts, rules: Rules, *, sets: tuple[frozenset[Kind], ...] = STEP_UP_SETS, not_by: str = ""
) -> Verdict:
    """A change asked for in a session: step-up first (R2), then finality by what the session has shown (R6).

    Stops a stolen session cookie from changing anything (NIST SP 800-63B-4 §4.1.2.1; ASVS 7.5.1).
    """
    if not session_lives(facts, rules) or facts.session is None:
        return sign_in_first()
    if in_set_up(facts):
        return refused("R19", "set_up_binds_only")
    if stop := stopped(deed, facts):
        return stop
    if verdict := _too_many(facts, rules) or step_up(deed, facts, rules, sets, not_by):
        return verdict
    if isinstance(deed, acts.ChangeNumber) and risk.raised(facts) and not facts.papers_approved:
        return Verdict(Outcome.REVIEW, reviewers=1, reasons=(Reason("R17", "papers_for_number"),))
    after, reason = final_after(session_proofs(deed, facts, rules), facts, rules)
    reasons = [reason]
    hold = None
    if isinstance(deed, acts.AddNumber | acts.ChangeNumber | acts.RemoveNumber):
        hold = facts.now + rules.money_after_number_change
        reasons.append(Reason("R8", "money_rests_number", in_hours(rules.money_after_number_change)))
    if facts.session.on_reset_password and isinstance(deed, acts.ChangePassword):
        reasons += _about_reset(True, rules)
    return Verdict(Outcome.ALLOWED, final_after=after, hold=hold, reasons=tuple(reasons))


def _too_many(facts: Facts, rules: Rules) -> Verdict | None:
    """R18: every change is told to every address. Stops whoever is in from burying one change under many letters.

    What a "not me" took back counts no more, so the owner goes on at once.
    """
    recent = [c for c in facts.changes if not c.undone and facts.now - c.made_at < timedelta(days=1)]
    if len(recent) < rules.changes_per_day:
        return None
    ends = min(change.made_at for change in recent) + timedelta(days=1)
    return Verdict(Outcome.REFUSED, reasons=(Reason("R18", "changes_today", (("until", ends.isoformat()),)),))


def stopped(deed: acts.Deed, facts: Facts) -> Verdict | None:
    """R14, R20: does the freeze, and after it the settings lock, stop this change? Never the removal of what is new."""
    ended = deed.means_id if isinstance(deed, _REMOVALS) else ""
    means = find(facts, ended) if ended else None
    if means is not None and runs(means.final_at, facts):
        return None
    if facts.freeze is not None:
        return refused("R14", "frozen")
    if facts.lock is not None and facts.lock.until > facts.now:
        why = dated("R14", "locked", facts.lock.until)
        return Verdict(Outcome.REFUSED, hold=facts.lock.until, reasons=(why,))
    return None


_REMOVALS = (acts.RemoveAuthenticator, acts.RemoveNumber, acts.RemoveAddress)


def step_up(
    deed: acts.Deed, facts: Facts, rules: Rules, sets: Iterable[frozenset[Kind]], not_by: str
) -> Verdict | None:
    """None when a fresh step-up stands; else what would do, from the means that count."""
    facts = vetoes.unnamed(facts)
    given = {proof.kind for proof in fresh_step_ups(deed, facts, rules) if proof.means_id != not_by}
    usable = {
        means.kind
        for means in counting(facts, rules)
        if means.id != not_by and not set_by_mail(means, facts) and not lapsed_mail(means, facts, rules)
    }
    if any(needed <= given for needed in sets):
        return None
    alternatives = tuple(needed - given for needed in sets if needed <= usable)
    if not alternatives:
        return refused("R2", "no_step_up_left")
    code = "step_up_for_number" if isinstance(deed, acts.ChangeNumber) else "step_up_needed"
    return Verdict(Outcome.STEP_UP, alternatives, reasons=(Reason("R2", code, in_minutes(rules.step_up_fresh)),))


def in_set_up(facts: Facts) -> bool:
    """R19: is this still a set-up session? The sign-up session stops being one once two custodies are there."""
    session = facts.session
    if session is None or not (session.set_up or session.sign_up):
        return False
    return not (session.sign_up and set_up_finished(facts))


def bind(deed: acts.BindAuthenticator | acts.AddNumber, facts: Facts, rules: Rules) -> Verdict:
    if not session_lives(facts, rules) or facts.session is None:
        return sign_in_first()
    if isinstance(deed, acts.BindAuthenticator) and deed.kind not in (Kind.TOTP, Kind.PASSKEY, Kind.SAVED_CODE):
        return refused("R2", "not_bindable")
    if not in_set_up(facts):
        return change(deed, facts, rules)
    if stop := stopped(deed, facts):
        return stop
    if facts.session.sign_up:
        return Verdict(Outcome.ALLOWED, reasons=(Reason("R7", "sign_up_exempt"),))
    if any(means.kind in STEP_UP for means in counting(facts, rules)):
        return refused("R19", "set_up_over")
    if verdict := _too_many(facts, rules):
        return verdict
    return _bind_in_late_set_up(facts.session, facts, rules)


def _bind_in_late_set_up(session: Session, facts: Facts, rules: Rules) -> Verdict:
    """R19: a set-up session that is not the sign-up session asks K and E, and what it binds is on probation (R7).

    Stops whoever only guessed or phished the password of an account without a factor.
    """
    steps = tuple(Proof(step.kind, step.means_id, step.at) for step in session.step_ups)
    shown = standing((*session.proofs, *steps), facts, rules)
    kinds = {counts_as(proof, facts) for proof in shown}
    if Kind.PASSWORD not in kinds:
        return refused("R19", "set_up_needs_password")
    if Kind.EMAIL not in kinds:
        return Verdict(Outcome.STEP_UP, (frozenset({Kind.EMAIL}),), reasons=(Reason("R19", "set_up_asks_mail"),))
    after, reason = final_after(shown, facts, rules)
    return Verdict(Outcome.ALLOWED, final_after=after, reasons=(reason, Reason("R19", "set_up_only")))


def file_identity(deed: acts.FileIdentity, facts: Facts, rules: Rules) -> Verdict:
    """R7: papers sent from a session are on probation for long once people have taken them.

    Stops a thief in a session from filing his own papers and recovering the account with them later.
    """
    verdict = change(deed, facts, rules)
    if not verdict.allowed:
        return verdict
    probation = rules.identity_probation
    why = Reason("R7", "identity_probation", in_days(probation))
    return replace(verdict, final_after=probation, reasons=(why,))


def end_means(
    deed: acts.RemoveAuthenticator | acts.RemoveNumber | acts.RemoveAddress | acts.ChangeNumber,
    facts: Facts,
    rules: Rules,
) -> Verdict:
    """Take something away or replace it: not the last of its use, and a number never by a code sent to itself."""
    ended = deed.old_id if isinstance(deed, acts.ChangeNumber) else deed.means_id
    means = find(facts, ended)
    if means is None or means.kind not in _ENDS[type(deed)]:
        return refused("R2", "unknown_means")
    if means.suspended:
        return refused("R6", "already_ending")
    if not isinstance(deed, acts.ChangeNumber) and (last := _last_of_its_use(means, facts, rules)):
        return Verdict(Outcome.REFUSED, reasons=(last,))
    sets = _NUMBER_SETS if isinstance(deed, acts.ChangeNumber) else STEP_UP_SETS
    return change(deed, facts, rules, sets=sets, not_by=ended if means.kind is Kind.SMS else "")


_ENDS = {
    acts.RemoveAuthenticator: {Kind.TOTP, Kind.PASSKEY, Kind.SAVED_CODE, Kind.IDENTITY},
    acts.RemoveNumber: {Kind.SMS},
    acts.ChangeNumber: {Kind.SMS},
    acts.RemoveAddress: {Kind.EMAIL},
}


def _last_of_its_use(means: Means, facts: Facts, rules: Rules) -> Reason | None:
    """Nobody is left without a factor, without codes, or without an address that can be told (R9, R19; pitfall P25)."""
    if not counts(means, facts, rules):
        return None
    others = {other.kind for other in counting(facts, rules) if other.id != means.id}
    if means.kind in FACTORS and not others & FACTORS:
        return Reason("R19", "last_factor")
    if means.kind is Kind.SAVED_CODE and Kind.SAVED_CODE not in others:
        return Reason("R19", "codes_are_replaced")
    if means.kind is Kind.EMAIL and Kind.EMAIL not in others:
        return Reason("R9", "last_address")
    return None


def reset_password(deed: acts.ResetPassword, facts: Facts, rules: Rules) -> Verdict:
    """R3: the link alone sets a password worth a code by mail. Factors stay, nobody is signed in (ASVS 6.4.3)."""
    if deed.address_id:
        means = find(facts, deed.address_id)
        if means is None or means.kind is not Kind.EMAIL:
            return refused("R2", "unknown_means")
        if why := bar(means, facts, rules):
            return Verdict(Outcome.REFUSED, reasons=(why,))
    return Verdict(Outcome.ALLOWED, reasons=_about_reset(True, rules))


# Money (R8)


def rests(facts: Facts, rules: Rules = RULES) -> tuple[tuple[datetime, Reason], ...]:
    """R8: everything that makes money rest now, with its end; the longest first."""
    found: list[tuple[datetime, Reason]] = []
    if facts.number_changed_at is not None:
        ends = facts.number_changed_at + rules.money_after_number_change
        found.append((ends, dated("R8", "rests_after_number", ends)))
    if facts.recovered_at is not None:
        by_recovery = (change.final_at for change in facts.changes if change.by_recovery and not change.undone)
        ends = max(facts.recovered_at + rules.money_after_recovery, *by_recovery, facts.recovered_at)
        found.append((ends, dated("R8", "rests_after_recovery", ends)))
    return tuple(sorted((rest for rest in found if rest[0] > facts.now), key=lambda rest: rest[0], reverse=True))


def withdraw(deed: acts.Withdraw, facts: Facts, rules: Rules) -> Verdict:
    """R8: money rests, then step-up. A session on a reset password moves none: it is worth a mailbox (R3)."""
    if not session_lives(facts, rules) or facts.session is None:
        return sign_in_first()
    if in_set_up(facts):
        return refused("R19", "set_up_binds_only")
    if facts.session.on_reset_password:
        return refused("R8", "reset_moves_no_money")
    if closing(facts):
        return refused("R6", "closing_moves_no_money")
    if facts.freeze is not None:
        return refused("R14", "frozen")
    resting = list(rests(facts, rules))
    if deed.payout_final_at is not None and deed.payout_final_at > facts.now:
        why = dated("R8", "payout_not_final", deed.payout_final_at)
        resting.append((deed.payout_final_at, why))
    if resting:
        resting.sort(key=lambda rest: rest[0], reverse=True)
        return Verdict(Outcome.WAIT, hold=resting[0][0], reasons=tuple(reason for _, reason in resting))
    return step_up(deed, facts, rules, STEP_UP_SETS, "") or Verdict(Outcome.ALLOWED)


# Taking a copy, closing


def export(deed: acts.Export, facts: Facts, rules: Rules) -> Verdict:
    """R2: a copy of everything is worth a step-up: it names every address a thief would go for next."""
    if not session_lives(facts, rules):
        return sign_in_first()
    if in_set_up(facts):
        return refused("R19", "set_up_binds_only")
    return step_up(deed, facts, rules, STEP_UP_SETS, "") or Verdict(Outcome.ALLOWED)


def close_account(deed: acts.CloseAccount, facts: Facts, rules: Rules) -> Verdict:
    """R6: closing waits as every change does, so that an owner who hears of it can still stop a thief's."""
    if session_lives(facts, rules) and closing(facts):
        return refused("R6", "already_closing")
    if session_lives(facts, rules) and facts.open_case:
        return refused("R12", "another_case_open")
    verdict = change(deed, facts, rules)
    if not verdict.allowed:
        return verdict
    return replace(verdict, reasons=(*verdict.reasons, Reason("R6", "closing_moves_no_money")))


def keep_open(facts: Facts, rules: Rules) -> Verdict:
    """No step-up: a stolen cookie that keeps an account open takes nothing, and the owner may close it again."""
    if not session_lives(facts, rules):
        return sign_in_first()
    return Verdict(Outcome.ALLOWED) if closing(facts) else refused("R6", "not_closing")
