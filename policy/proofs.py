"""R2–R5: what counts, what is sufficient, and how long a recovery waits."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import combinations

from policy import risk, vetoes
from policy.clocks import runs
from policy.custody import counts_as, custody, find, places_holding_all, two_custodies
from policy.facts import NEVER, Facts, Kind, Means, Proof
from policy.rules import NONE, RULES, Rules
from policy.verdict import Reason, dated, in_days, in_hours

ISSUED = frozenset({Kind.EMAIL, Kind.SMS})
BOUND = frozenset({Kind.PASSWORD, Kind.TOTP, Kind.PASSKEY})
CODES = ISSUED | {Kind.SAVED_CODE, Kind.CONTACTS}
FACTORS = frozenset({Kind.TOTP, Kind.PASSKEY, Kind.SMS})  # what signs in, day by day, beside or instead of the password
STEP_UP = FACTORS | {Kind.SAVED_CODE}

#: A code, what stands beside it, and one proof that lies elsewhere: no sufficient subset of four waits less than one of
#: three (tested against the search over all subsets).
_LARGEST_SUBSET = 3


# R2: what counts


def named_lost(means: Means, facts: Facts) -> bool:
    lost = facts.case.lost if facts.case else frozenset()
    return means.id in lost or means.kind.value in lost


def unusable(means: Means, facts: Facts) -> Reason | None:
    """Why this means may not even sign in; None when it may. Probation and age do not stop a sign-in (R7)."""
    if means.weak:
        return Reason("R2", "weak_number")
    if means.confirmed_at is None and means.kind is not Kind.PASSWORD:
        return Reason("R2", "not_confirmed")
    if means.disabled:
        return Reason("R18", "disabled")
    if means.lost or named_lost(means, facts):
        return Reason("R2", "reported_lost")
    if means.suspended:
        return Reason("R6", "replaced_or_removed")
    if means.stolen_at is not None and (means.confirmed_at or means.stolen_at) <= means.stolen_at:
        return Reason("R17", "sim_theft")
    return None


def bar(means: Means, facts: Facts, rules: Rules = RULES) -> Reason | None:
    """R2, R7: why this means gives no proof, no step-up, no custody, gets no code and has no say; None when it counts.

    Stops a thief who has just added a means of his own from proving anything with it, and the next holder of a
    recycled number from proving with a number its owner stopped confirming (R2, R7; NIST SP 800-63B-4 §4.2.1.2).
    """
    if means.kind in (Kind.PASSWORD, Kind.IDENTITY) and means.suspended:
        means = replace(means, suspended=False)  # R6: it still counts against what replaced it, until that is final
    if reason := unusable(means, facts):
        return reason
    if runs(means.final_at, facts):
        return dated("R7", "on_probation", NEVER if facts.freeze else means.final_at)
    confirmed = means.confirmed_at or facts.now
    if means.kind is Kind.SMS and facts.now - confirmed > rules.number_confirmed_within:
        return Reason("R2", "number_lapsed", in_days(rules.number_confirmed_within))
    return None


def counts(means: Means, facts: Facts, rules: Rules = RULES) -> bool:
    """R2: may this means give a proof, a step-up, a custody, get a code, have a say?"""
    return bar(means, facts, rules) is None


def counting(facts: Facts, rules: Rules = RULES) -> tuple[Means, ...]:
    return tuple(means for means in facts.means if counts(means, facts, rules))


def proof_bar(proof: Proof, facts: Facts, rules: Rules = RULES) -> Reason | None:
    """Why a proof shown does not count now; None when it does. It counts only while its means stands (R13)."""
    means = find(facts, proof.means_id)
    if means is None or means.kind is not proof.kind:
        return Reason("R2", "unknown_means")
    if proof.kind is Kind.IDENTITY and not _approved(proof, facts):
        return Reason("R1", "papers_not_approved")
    return bar(means, facts, rules)


def _approved(papers: Proof, facts: Facts) -> bool:
    """Were these very papers before the agents? What is shown after their word has no part in it (R15)."""
    case = facts.case
    return case is not None and case.approved and (case.approved_at is None or papers.at <= case.approved_at)


def against(proofs: Iterable[Proof], facts: Facts, rules: Rules = RULES) -> tuple[Proof, ...]:
    """R6: the proofs that count against a change or case: what it suspended or named lost still speaks.

    Stops a thief from silencing the owner by replacing, removing or naming what the owner would object with.
    """
    speaks = tuple(replace(means, suspended=False) for means in facts.means)
    return standing(proofs, replace(vetoes.unnamed(facts), means=speaks), rules)


def standing(proofs: Iterable[Proof], facts: Facts, rules: Rules = RULES) -> tuple[Proof, ...]:
    """The proofs that count, each means once."""
    kept: dict[tuple[str, bool], Proof] = {}
    for proof in proofs:
        if proof_bar(proof, facts, rules) is None:
            kept.setdefault((proof.means_id, proof.reset), proof)
    return tuple(kept.values())


def lapsed_mail(means: Means, facts: Facts, rules: Rules = RULES) -> bool:
    """R2: a mail address not confirmed for long still counts, but makes the wait long: mailboxes are recycled too."""
    if means.kind is not Kind.EMAIL or means.confirmed_at is None:
        return False
    return facts.now - means.confirmed_at > rules.mail_confirmed_within


def settled(facts: Facts, rules: Rules = RULES) -> bool:
    """R3: has the password set by mail become an ordinary one? 72 h without "not me", and a sign-in beside a factor."""
    if not facts.password_unsettled:
        return True
    old_enough = facts.reset_at is not None and facts.now - facts.reset_at >= rules.reset_settles_after
    return old_enough and facts.reset_signed_in


# R4: what is sufficient


def sufficient(kinds: Collection[Kind], *, video: bool = False, faster_road: bool = False) -> bool:
    """R4: do these kinds of proof carry a recovery (NIST SP 800-63B-4 §4.2.2.2)? A reset password is E (R3).

    `video`: the papers came with the video. `faster_road`: another road is open, so papers alone are not taken.
    Stops one stolen thing, above all one mailbox, from being enough.
    """
    have = frozenset(kinds)
    classes = (Kind.SAVED_CODE in have) + bool(have & ISSUED) + (Kind.CONTACTS in have)
    if classes >= 2 or (classes and have & BOUND):
        return True
    if Kind.IDENTITY in have and video:
        return len(have) > 1 or not faster_road
    return False


# R5: how long


@dataclass(frozen=True, slots=True)
class Best:
    """The sufficient subset that waits least, how long, and from when on (None = its notice is not out yet)."""

    proofs: tuple[Proof, ...]
    wait: timedelta
    reasons: tuple[Reason, ...]
    other_address: bool  # a counting address that gave none of these proofs can be told
    agents: int = 0  # how many people have to agree to them first (R15)

    @property
    def by_people(self) -> bool:
        return self.agents > 0


def _kinds(proofs: Iterable[Proof], facts: Facts) -> frozenset[Kind]:
    return frozenset(counts_as(proof, facts) for proof in proofs)


def _with_video(proofs: Iterable[Proof], facts: Facts) -> bool:
    found = (find(facts, proof.means_id) for proof in proofs if proof.kind is Kind.IDENTITY)
    return any(means is not None and means.with_video for means in found)


def carries(proofs: Collection[Proof], facts: Facts) -> bool:
    return sufficient(_kinds(proofs, facts), video=_with_video(proofs, facts))


def other_addresses(proofs: Iterable[Proof], facts: Facts, rules: Rules = RULES) -> frozenset[str]:
    """R5: the counting addresses that gave none of these proofs and can hear of the case, by id.

    Asked of the proofs a road needs, not of all that were shown: who shows more never waits longer.
    """
    gave: set[str] = set()
    for proof in proofs:
        gave.add(proof.means_id)
        if proof.kind is Kind.PASSWORD and counts_as(proof, facts) is Kind.EMAIL:
            gave |= {proof.via} if proof.via else {m.id for m in facts.means if m.kind is Kind.EMAIL}
    return frozenset(m.id for m in counting(facts, rules) if m.kind in ISSUED and m.id not in gave)


def _came_by_lapsed_mail(proof: Proof, facts: Facts, rules: Rules) -> bool:
    if counts_as(proof, facts) is not Kind.EMAIL:
        return False
    by = proof.means_id if proof.kind is Kind.EMAIL else proof.via
    return any(
        lapsed_mail(means, facts, rules)
        for means in facts.means
        if (means.id == by if by else means.kind is Kind.EMAIL)
    )


def agents_needed(proofs: Collection[Proof], facts: Facts, rules: Rules = RULES) -> int:
    """R15, R17: how many agents must agree before these proofs carry. Two for papers alone and for raised risk.

    Stops one rogue agent, and a thief who tries a vetoed set again.
    """
    kinds = _kinds(proofs, facts)
    names = facts.risks | risk.of_road(proofs, facts, rules)
    contested = facts.case is not None and facts.case.contested
    if kinds == {Kind.IDENTITY} or contested or risk.two_risks(names) or vetoes.barred(proofs, facts, rules):
        return 2
    return int(Kind.IDENTITY in kinds)


def _agreed(facts: Facts) -> int:
    return len(facts.case.agents) if facts.case and facts.case.approved else 0


def wait_of(proofs: Collection[Proof], facts: Facts, rules: Rules = RULES) -> Best:
    """R5: the total wait of exactly these proofs, taken as sufficient.

    Stops a stolen unlocked phone, which yields E, K, T and M at once, from finishing before its owner is back.
    """
    kinds = _kinds(proofs, facts)
    one_place = places_holding_all(custody(proof, facts) for proof in proofs)
    if kinds == {Kind.IDENTITY}:
        wait, why = rules.wait_identity_video, Reason("R5", "papers_alone", in_days(rules.wait_identity_video))
    elif one_place:
        code = "one_place_phone" if "phone" in one_place else "one_place"
        wait, why = rules.wait_one_place, Reason("R5", code, in_hours(rules.wait_one_place))
    elif kinds & {Kind.CONTACTS, Kind.IDENTITY}:
        wait, why = rules.wait_people, Reason("R5", "people_or_papers", in_hours(rules.wait_people))
    else:
        wait, why = rules.wait_two_custodies, Reason("R5", "two_custodies")
    reasons = [why]
    wait = _stretched(wait, proofs, facts, rules, reasons)
    if any(_came_by_lapsed_mail(proof, facts, rules) for proof in proofs) and wait < rules.lapsed_mail_wait:
        wait = rules.lapsed_mail_wait
        reasons.append(Reason("R2", "mail_lapsed", in_days(wait)))
    other = bool(other_addresses(proofs, facts, rules))
    if not other and wait < rules.wait_without_other_address:
        wait = rules.wait_without_other_address
        reasons.append(Reason("R5", "no_other_address", in_hours(wait)))
    return Best(tuple(proofs), wait, tuple(reasons), other, agents_needed(proofs, facts, rules))


def _stretched(
    wait: timedelta, proofs: Collection[Proof], facts: Facts, rules: Rules, reasons: list[Reason]
) -> timedelta:
    """R11, R15, R17: what makes these proofs wait a week, each with its reason. None of it ever shortens."""
    risks = risk.of_road(proofs, facts, rules)
    if risks and wait < rules.risk_wait:
        wait = rules.risk_wait
        reasons += [*risk.reasons(risks), Reason("R17", "risk_wait", in_days(wait))]
    if vetoes.stretched(proofs, facts) and wait < rules.veto_stretches_to:
        wait = rules.veto_stretches_to
        reasons.append(Reason("R11", "veto_stretched", in_days(wait)))
    by_contacts = any(proof.kind is Kind.CONTACTS for proof in proofs)
    if by_contacts and facts.case and facts.case.alarmed and wait < rules.contact_alarm_stretches_to:
        wait = rules.contact_alarm_stretches_to
        reasons.append(Reason("R15", "contact_alarm", in_days(wait)))
    return wait


def best(proofs: Iterable[Proof], facts: Facts, rules: Rules = RULES) -> Best | None:
    """R5: the sufficient subset of the standing proofs that waits least; None when nothing shown suffices yet.

    A set that people must agree to first suffices once they have. The search over all subsets is what makes "more
    proof never lengthens" true by construction.
    """
    shown = standing(proofs, facts, rules)
    agreed = _agreed(facts)
    every = (wait_of(subset, facts, rules) for subset in _subsets(shown) if carries(subset, facts))
    found = (one for one in every if one.agents <= agreed)
    return min(found, key=lambda one: (one.wait, one.by_people, len(one.proofs)), default=None)


def _subsets(proofs: tuple[Proof, ...]) -> Iterator[tuple[Proof, ...]]:
    for size in range(1, min(len(proofs), _LARGEST_SUBSET) + 1):
        yield from combinations(proofs, size)


def wait_ends_at(one: Best, facts: Facts) -> datetime:
    """R5: when the wait ends. It counts from the first notice accepted for an address that gave no proof.

    NEVER while that notice is still on its way. A wait of nothing needs no notice first: R6 still holds back
    finality until every notice is out.
    """
    case = facts.case
    if case is None:
        return facts.now + one.wait
    if one.wait == NONE or not (one.other_address and case.has_other_address):
        begun = case.opened_at
    elif case.notice_at is None or case.notice_at >= NEVER:
        return NEVER
    else:
        begun = case.notice_at
    if one.agents and case.approved_at is not None:
        begun = max(begun, case.approved_at)  # R15: the review comes first, the wait then runs whole
    return begun + one.wait


def missing(facts: Facts, rules: Rules = RULES) -> tuple[frozenset[Kind], ...]:
    """The smallest sets of further kinds that would suffice, quickest first.

    Before the first standing proof they are told from the rules alone, so that a stranger learns nothing about
    the account; after it, from what the account really has (NIST SP 800-63B-4 §4.2.1.2).
    """
    shown = standing(facts.shown, facts, rules)
    if not shown:
        usual = (Kind.SAVED_CODE, Kind.EMAIL, Kind.SMS, Kind.PASSWORD, Kind.TOTP, Kind.PASSKEY)
        pairs = (frozenset(pair) for pair in combinations(usual, 2))
        return tuple(pair for pair in pairs if sufficient(pair))
    used = {proof.means_id for proof in shown}
    more = [means for means in counting(facts, rules) if means.id not in used and means.kind is not Kind.IDENTITY]
    found: dict[frozenset[Kind], timedelta] = {}
    for size in (1, 2):
        for extra in combinations(more, size):
            kinds = frozenset(means.kind for means in extra)
            if len(kinds) < size or any(one < kinds for one in found):
                continue
            added = tuple(Proof(means.kind, means.id, facts.now, reset=means.reset) for means in extra)
            if one := best(shown + added, facts, rules):
                found[kinds] = min(one.wait, found.get(kinds, one.wait))
    return tuple(sorted(found, key=lambda kinds: (len(kinds), found[kinds], sorted(kinds))))


def why_not_enough(facts: Facts, rules: Rules = RULES) -> tuple[Reason, ...]:
    """The reasons of R4's "never" and R3, for what has been shown so far."""
    barred = tuple(reason for proof in facts.shown if (reason := proof_bar(proof, facts, rules)))
    shown = standing(facts.shown, facts, rules)
    kinds = _kinds(shown, facts)
    by_mail = any(p.kind is Kind.PASSWORD and counts_as(p, facts) is Kind.EMAIL for p in shown)
    reset = (Reason("R3", "reset_counts_as_mail", in_hours(rules.reset_settles_after)),) if by_mail else ()
    if not kinds:
        why = Reason("R4", "nothing_shown")
    elif kinds == {Kind.EMAIL}:
        why = Reason("R4", "mail_alone")
    elif kinds == {Kind.SMS}:
        why = Reason("R4", "sms_alone")
    elif kinds == ISSUED:
        why = Reason("R4", "two_issued_count_once")
    elif kinds <= BOUND and (Kind.PASSKEY in kinds or kinds == {Kind.PASSWORD, Kind.TOTP}):
        why = Reason("R4", "sign_in_instead")
    elif kinds <= BOUND:
        why = Reason("R4", "code_needed_beside")
    else:
        why = Reason("R4", "one_more_needed")
    return (why, *reset, *barred)


# R6: how soon what was done is final


def final_after(proofs: Collection[Proof], facts: Facts, rules: Rules = RULES) -> tuple[timedelta, Reason]:
    """R6: finality of what is bound, removed or replaced on these proofs, counted from its notices."""
    if two_custodies(proofs, facts):
        return rules.final_two_custodies, Reason("R6", "final_two_custodies", in_hours(rules.final_two_custodies))
    return rules.final_else, Reason("R6", "final_one_custody", in_hours(rules.final_else))
