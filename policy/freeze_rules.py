"""Judging the freeze and the settings lock (R14; their order among the rules: R20)."""

from __future__ import annotations

from policy import acts, vetoes
from policy.clocks import runs
from policy.closing import closed
from policy.custody import counts_as, find, two_custodies
from policy.facts import Facts, Kind, Proof
from policy.proofs import standing
from policy.rules import RULES, Rules
from policy.session_rules import STEP_UP_SETS, in_set_up, session_lives, sign_in_first, step_up
from policy.verdict import Outcome, Reason, Verdict, dated, in_days, in_hours, refused


def source_of(deed: acts.FreezeAccount, facts: Facts, rules: Rules = RULES) -> str:
    """What a freeze is by: an address id, or the letter of a proof method; "" when nothing stands behind it."""
    if deed.address_id:
        return deed.address_id
    given = (deed.proof,) if deed.proof else facts.session.proofs if facts.session else ()
    kinds = {counts_as(proof, facts) for proof in standing(given, vetoes.unnamed(facts), rules)}
    return min(kinds).value if kinds else ""


def may_freeze(source: str, facts: Facts, rules: Rules = RULES) -> bool:
    """R14: whose freeze has ended may not freeze again for 30 days. Stops a freeze without end."""
    return not any(end.by == source and facts.now - end.at < rules.freeze_again_after for end in facts.freeze_ends)


def freeze(deed: acts.FreezeAccount, facts: Facts, rules: Rules) -> Verdict:
    """By any one proof, link or stop code: whoever sees a theft under way stops money first and explains later."""
    source = source_of(deed, facts, rules)
    if not source or closed(facts):
        return refused("R14", "freeze_needs_proof")
    address = find(facts, deed.address_id) if deed.address_id else None
    if address is not None and runs(address.final_at, facts):
        return refused("R7", "no_say_yet")
    if not may_freeze(source, facts, rules):
        return refused("R14", "not_frozen_again", *in_days(rules.freeze_again_after))
    if facts.freeze is not None and source in facts.freeze.by:
        return refused("R14", "frozen_already")
    return Verdict(Outcome.ALLOWED, reasons=(Reason("R14", "freeze_stops"),))


def end_freeze(deed: acts.EndFreeze, facts: Facts, rules: Rules) -> Verdict:
    """By two custodies shown since; or by a sign-in since, and 72 h in which everybody is told.

    Stops whoever caused the freeze from ending it with what he had used (R11).
    """
    if facts.freeze is None:
        return refused("R14", "not_frozen")
    if overrules_freeze(deed.proofs, facts, rules):
        return Verdict(Outcome.ALLOWED)
    since = facts.session is not None and facts.session.signed_in_at >= facts.freeze.at
    if not since or not session_lives(facts, rules) or in_set_up(facts):
        return Verdict(
            Outcome.MORE_PROOF,
            reasons=(Reason("R14", "freeze_ends_by", in_hours(rules.freeze_ends_after)),),
        )
    if facts.freeze.ends_at is not None:
        return Verdict(
            Outcome.REFUSED,
            hold=facts.freeze.ends_at,
            reasons=(dated("R14", "freeze_ends_at", facts.freeze.ends_at),),
        )
    ends = facts.now + rules.freeze_ends_after
    why = dated("R14", "freeze_ends_at", ends)
    return Verdict(Outcome.WAIT, wait=rules.freeze_ends_after, hold=ends, reasons=(why,))


def overrules_freeze(proofs: tuple[Proof, ...], facts: Facts, rules: Rules = RULES) -> bool:
    """R11, R14: two custodies, shown since the freeze; after a veto with a method the vetoed act did not use."""
    if facts.freeze is None:
        return False
    known = vetoes.unnamed(facts)
    shown = tuple(proof for proof in standing(proofs, known, rules) if proof.at >= facts.freeze.at)
    new = {counts_as(proof, known) for proof in shown} - facts.freeze.used
    return two_custodies(shown, known) and bool(new)


# The settings lock


def lock(deed: acts.LockSettings, facts: Facts, rules: Rules) -> Verdict:
    """By one's own choice, with a step-up; not soon after a change, so that nobody locks a theft in."""
    if not session_lives(facts, rules):
        return sign_in_first()
    if in_set_up(facts):
        return refused("R19", "set_up_binds_only")
    if not rules.lock_shortest.days <= deed.days <= rules.lock_longest.days:
        return refused("R14", "lock_days", *in_days(rules.lock_longest))
    quiet = rules.lock_not_after_change
    changed = any(not change.undone and facts.now - change.made_at < quiet for change in facts.changes)
    if changed or vetoes.open_changes(facts) or facts.password_unsettled:
        return refused("R14", "lock_not_yet", *in_hours(quiet))
    return step_up(deed, facts, rules, STEP_UP_SETS, "") or Verdict(Outcome.ALLOWED)


def open_lock(deed: acts.OpenLock, facts: Facts, rules: Rules) -> Verdict:
    if facts.lock is None or facts.lock.until <= facts.now:
        return refused("R14", "not_locked")
    stands = standing((deed.proof,), vetoes.unnamed(facts), rules)
    if not any(proof.kind is Kind.SAVED_CODE for proof in stands):
        return Verdict(
            Outcome.MORE_PROOF, (frozenset({Kind.SAVED_CODE}),), reasons=(Reason("R14", "lock_opens_by_code"),)
        )
    return Verdict(Outcome.ALLOWED)
