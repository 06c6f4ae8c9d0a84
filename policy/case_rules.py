"""Judging the way back: claims, cases, rebinding, and "this was not me" (R4, R5, R10, R12, R16)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from policy import acts, risk, vetoes
from policy.clocks import runs
from policy.closing import closed
from policy.custody import custody, custody_of_means, find, set_by_mail, two_custodies
from policy.facts import Case, Change, Facts, Kind, Proof
from policy.proofs import (
    FACTORS,
    against,
    best,
    counting,
    final_after,
    missing,
    proof_bar,
    standing,
    wait_ends_at,
    why_not_enough,
)
from policy.rules import RULES, Rules
from policy.session_rules import STEP_UP_SETS, session_lives, sign_in_first, step_up
from policy.verdict import Outcome, Reason, Verdict, dated, in_days, in_hours, refused

OPEN_STATES = frozenset({"opened", "proving", "in_review", "on_hold", "ready"})


def with_lost(facts: Facts, lost: frozenset[str]) -> Facts:
    """The same account, with these things named lost by the claimant."""
    case = facts.case or Case(state="opened", opened_at=facts.now)
    return replace(facts, case=replace(case, lost=case.lost | lost)) if lost else facts


def if_approved(facts: Facts) -> Facts:
    """The same account, had two agents agreed to what was shown."""
    case = facts.case or Case(state="in_review", opened_at=facts.now)
    agents = frozenset({"one agent", "another agent"})
    return replace(facts, case=replace(case, approved=True, approved_at=None, agents=agents))


def contested(facts: Facts) -> Facts:
    """The same claim, beside another case with an equal set (R12)."""
    case = facts.case or Case(state="proving", opened_at=facts.now)
    return replace(facts, case=replace(case, contested=True))


# Recovery (R4, R5, R12, R16)


def claim(facts: Facts, rules: Rules) -> Verdict:
    if facts.claims_today >= rules.claims_per_day:
        return refused("R12", "claims_today", ("count", str(rules.claims_per_day)))
    return Verdict(Outcome.ALLOWED)


def show_proof(deed: acts.ShowProof, facts: Facts, rules: Rules) -> Verdict:
    if deed.for_deed and not session_lives(facts, rules):
        return sign_in_first()
    if deed.for_deed and deed.for_deed not in acts.STEP_UP_KINDS:
        return refused("R2", "unknown_means")
    why = proof_bar(deed.proof, vetoes.unnamed(facts) if deed.for_deed else facts, rules)
    return Verdict(Outcome.REFUSED, reasons=(why,)) if why else Verdict(Outcome.ALLOWED)


def open_case(deed: acts.OpenCase, facts: Facts, rules: Rules) -> Verdict:
    """R4, R5, R12: is what was shown sufficient, and how long will it wait?"""
    if closed(facts):
        return refused("R6", "account_closed")
    facts = with_lost(facts, deed.lost)
    verdict = _judge_shown(facts, rules)
    if verdict.outcome in (Outcome.MORE_PROOF, Outcome.REFUSED) or not facts.open_case:
        return verdict
    two = two_custodies(standing(facts.shown, facts, rules), facts)
    if two and not facts.open_case_two_custodies:
        return replace(verdict, reasons=(*verdict.reasons, Reason("R12", "ends_weaker_case")))
    if two is not facts.open_case_two_custodies:
        return refused("R12", "another_case_open")
    # Stops whoever is quicker from winning with what both have: money rests and people ask both sides.
    reasons = (Reason("R12", "equal_sets"), *verdict.reasons)
    return Verdict(Outcome.REVIEW, wait=verdict.wait, reviewers=2, reasons=reasons)


def _judge_shown(facts: Facts, rules: Rules) -> Verdict:
    one = best(facts.shown, facts, rules)
    if one is not None:
        return Verdict(Outcome.WAIT if one.wait else Outcome.ALLOWED, wait=one.wait, reasons=one.reasons)
    approved = best(facts.shown, if_approved(facts), rules)
    if approved is not None:
        reasons = (*_why_people(approved.proofs, facts, rules), *approved.reasons)
        return Verdict(Outcome.REVIEW, wait=approved.wait, reviewers=approved.agents, reasons=reasons)
    return Verdict(Outcome.MORE_PROOF, missing(facts, rules), reasons=why_not_enough(facts, rules))


def _why_people(proofs: tuple[Proof, ...], facts: Facts, rules: Rules) -> tuple[Reason, ...]:
    if any(proof.kind is Kind.IDENTITY for proof in proofs):
        return (Reason("R15", "people_look_first"),)
    if vetoes.barred(proofs, facts, rules):
        return (Reason("R17", "barred_set"),)
    return (Reason("R17", "two_risks"), *risk.reasons(facts.risks | risk.of_road(proofs, facts, rules)))


def _case_verdict(facts: Facts, rules: Rules) -> tuple[Verdict, datetime | None]:
    """Does the case still carry, and has its wait run? ALLOWED only when both; with the end of the wait."""
    case = facts.case
    if case is None or case.state not in OPEN_STATES:
        return refused("R12", "case_closed"), None
    one = best(facts.shown, facts, rules)
    if case.state == "in_review" and (one is None or not case.approved):
        reviewers = one.agents if one else _judge_shown(facts, rules).reviewers
        return Verdict(Outcome.REVIEW, reviewers=reviewers, reasons=(Reason("R15", "people_look_first"),)), None
    if one is None:
        return _judge_shown(facts, rules), None
    ends = wait_ends_at(one, facts)
    if ends > facts.now:
        why = dated("R5", "wait_until", ends)
        return Verdict(Outcome.WAIT, wait=one.wait, hold=ends, reasons=(why, *one.reasons)), ends
    if facts.now >= (case.ready_at or ends) + rules.ready_life:
        return refused("R12", "ready_over", *in_days(rules.ready_life)), ends
    return Verdict(Outcome.ALLOWED, reasons=one.reasons), ends


def rebind(deed: acts.Rebind, facts: Facts, rules: Rules) -> Verdict:
    """R12, R16: bind anew when the wait has run. A mailed resume link alone only shows the case.

    Stops a thief of the mailbox from finishing a case its owner began (NIST SP 800-63A-4 §4.1.12).
    """
    verdict, _ = _case_verdict(facts, rules)
    if not verdict.allowed:
        return verdict
    if deed.by_resume_link and not any(_not_through_mailbox(p, facts) for p in standing(deed.fresh, facts, rules)):
        usable = [m for m in counting(facts, rules) if m.kind is not Kind.IDENTITY]
        kinds = {m.kind for m in usable if "mailbox" not in custody_of_means(m, by_mail=set_by_mail(m, facts))}
        asked = tuple(frozenset({kind}) for kind in Kind if kind in kinds)
        return Verdict(Outcome.STEP_UP, asked, reasons=(Reason("R12", "resume_link_only_shows"),))
    after, reason = final_after(standing(facts.shown, facts, rules), facts, rules)
    return Verdict(Outcome.ALLOWED, final_after=after, reasons=(*verdict.reasons, reason))


def _not_through_mailbox(proof: Proof, facts: Facts) -> bool:
    return "mailbox" not in custody(proof, facts)


def complete(deed: acts.Complete, facts: Facts, rules: Rules) -> Verdict:
    """R16: done when a factor and a new code set are bound. Money then rests until all of it is final (R8)."""
    verdict, _ = _case_verdict(facts, rules)
    if not verdict.allowed:
        return verdict
    if not deed.bound & FACTORS:
        return Verdict(
            Outcome.MORE_PROOF,
            tuple(frozenset({kind}) for kind in (Kind.TOTP, Kind.SMS)),
            reasons=(Reason("R16", "bind_factor_first"),),
        )
    if Kind.SAVED_CODE not in deed.bound:
        return Verdict(
            Outcome.MORE_PROOF, (frozenset({Kind.SAVED_CODE}),), reasons=(Reason("R16", "make_codes_first"),)
        )
    after, reason = final_after(standing(facts.shown, facts, rules), facts, rules)
    money = max(after, rules.money_after_recovery)
    rest = Reason("R8", "money_rests_recovery", in_hours(money))
    return Verdict(Outcome.ALLOWED, final_after=after, hold=facts.now + money, reasons=(reason, rest))


def cancel(deed: acts.CancelCase, facts: Facts, rules: Rules) -> Verdict:
    """Whoever holds the case may drop it; from a session it takes step-up, so a stolen cookie stops no owner (R11)."""
    if facts.case is None or facts.case.state not in OPEN_STATES:
        return refused("R12", "case_closed")
    if deed.by == "claimant":
        return Verdict(Outcome.ALLOWED)
    if not session_lives(facts, rules):
        return sign_in_first()
    return step_up(deed, facts, rules, STEP_UP_SETS, "") or Verdict(Outcome.ALLOWED)


# People (R15)


def needed(facts: Facts, rules: Rules = RULES) -> int:
    """How many agents have to agree to this case: as many as the quickest set of proofs asks, had they agreed."""
    one = best(facts.shown, if_approved(facts), rules)
    return one.agents if one else 0


def approve(deed: acts.Approve, facts: Facts, rules: Rules) -> Verdict:
    """An agent agrees to what was shown, once; shortens nothing, and takes no side alone.

    Stops one rogue agent from standing for two, and any agent from standing for a proof that was not shown.
    """
    case = facts.case
    if case is None or case.state != "in_review":
        return refused("R15", "not_in_review")
    if deed.agent in case.agents:
        return refused("R15", "another_agent")
    if not needed(facts, rules):
        return refused("R15", "nothing_to_approve")
    return Verdict(Outcome.ALLOWED)


def raise_alarm(deed: acts.RaiseAlarm, facts: Facts, rules: Rules) -> Verdict:
    """A contact's alarm counts in cases that use contacts, once in 30 days each: it must not keep an owner out."""
    case = facts.case
    if case is None or case.state not in OPEN_STATES or not any(p.kind is Kind.CONTACTS for p in facts.shown):
        return refused("R15", "alarm_not_here")
    recent = rules.contact_alarm_once_in
    if any(one.contact == deed.contact and facts.now - one.at < recent for one in facts.alarms):
        return refused("R15", "alarm_once", *in_days(recent))
    return Verdict(
        Outcome.ALLOWED, reasons=(Reason("R15", "contact_alarm", in_days(rules.contact_alarm_stretches_to)),)
    )


# "Not me" (R10, R11)


def undone_by_not_me(facts: Facts, rules: Rules = RULES) -> tuple[Change, ...]:
    """R10: the changes a "not me" takes back now: the last 72 h, a recovery and what followed it for 7 days.

    What is not final yet is always within reach, however late its notice went out (R6).
    """
    recovered = facts.recovered_at
    after_recovery = recovered is not None and facts.now - recovered <= rules.not_me_undoes_recovery

    def reached(change: Change) -> bool:
        age = facts.now - change.made_at
        since_recovery = after_recovery and recovered is not None and change.made_at >= recovered
        window = rules.not_me_undoes_recovery if change.by_recovery or since_recovery else rules.not_me_undoes
        return age <= window or runs(change.final_at, facts)

    return tuple(change for change in facts.changes if not change.undone and reached(change))


def only_stretches(deed: acts.NotMe, facts: Facts, rules: Rules = RULES) -> bool:
    """R11: is this a veto of little weight, with no proof beside it that lies elsewhere than its address?"""
    if not deed.by:
        return False
    recoveries = tuple(change for change in undone_by_not_me(facts, rules) if change.by_recovery)
    if not vetoes.light(deed.by, facts, recoveries):
        return False
    beside = (find(facts, proof.means_id) for proof in against(deed.proofs, facts, rules))
    return not any(means is not None and vetoes.elsewhere(deed.by, means, facts) for means in beside)


def not_me(deed: acts.NotMe, facts: Facts, rules: Rules) -> Verdict:
    if facts.now > deed.made_at + rules.not_me_link_life:
        return refused("R9", "link_over", *in_days(rules.not_me_link_life))
    address = find(facts, deed.by)
    if address is not None and runs(address.final_at, facts):
        return refused("R7", "no_say_yet")  # stops a thief from undoing the owner's acts by an address just added
    reasons = [Reason("R10", "sessions_end")]
    open_case = facts.case is not None and facts.case.state in OPEN_STATES
    if only_stretches(deed, facts, rules):
        reasons.append(Reason("R11", "veto_only_stretches", in_days(rules.veto_stretches_to)))
        return Verdict(Outcome.ALLOWED, _beside(deed.by, facts, rules), reasons=tuple(reasons))
    if changes := undone_by_not_me(facts, rules):
        reasons.append(Reason("R10", "changes_undone", (("count", str(len(changes))),)))
    if open_case:
        reasons.append(Reason("R10", "case_ends"))
    late = not changes and not open_case and facts.now - deed.made_at > rules.not_me_undoes
    if late:  # too late to undo: people look, and nothing moves until they have
        reasons.append(Reason("R10", "review_opens"))
    return Verdict(Outcome.ALLOWED, reviewers=int(late), reasons=tuple(reasons))


def _beside(by: str, facts: Facts, rules: Rules) -> tuple[frozenset[Kind], ...]:
    """What would give this veto its full weight: one proof in no place with its address. The page asks for it."""
    mine = (Proof(means.kind, means.id, facts.now) for means in facts.means if vetoes.elsewhere(by, means, facts))
    kinds = {proof.kind for proof in against(mine, facts, rules)}
    return tuple(frozenset({kind}) for kind in Kind if kind in kinds)
