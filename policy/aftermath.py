"""What follows when an owner, or people, object: undoing, vetoes, freeze, loss, review (R10–R15). Part of `after`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from policy import acts
from policy.case_rules import OPEN_STATES, needed, only_stretches, undone_by_not_me
from policy.clocks import runs, thawed
from policy.custody import counts_as
from policy.facts import Case, Change, ContactAlarm, Facts, Freeze, FreezeEnd, Kind, Lock, Loss, Proof, Veto
from policy.freeze_rules import may_freeze, overrules_freeze, source_of
from policy.loss_rules import affected_by_loss, undone_by_loss
from policy.proofs import best, standing, wait_ends_at
from policy.rules import Rules
from policy.vetoes import used_kinds

_NUMBER_CHANGES = ("add_number", "change_number", "remove_number")


def case_closed(facts: Facts, state: str) -> Facts:
    """The case is over; what was shown and named in it is forgotten."""
    if facts.case is None or facts.case.state not in OPEN_STATES:
        return facts
    return replace(facts, case=Case(state=state, opened_at=facts.case.opened_at), shown=())


def undone(facts: Facts, changes: Collection[Change]) -> Facts:
    """What these changes added goes, what they suspended comes back; a thing reported lost stays lost (R10)."""
    gone = {name for change in changes for name in change.added}
    back = {name for change in changes for name in change.suspended}
    means = tuple(replace(m, suspended=False) if m.id in back else m for m in facts.means if m.id not in gone)
    every = tuple(replace(change, undone=True) if change in changes else change for change in facts.changes)
    kept = [change for change in every if not change.undone]
    unsettled = facts.password_unsettled and any(means.reset for means in means)
    return replace(
        facts,
        means=means,
        changes=every,
        number_changed_at=_latest(change.made_at for change in kept if change.what in _NUMBER_CHANGES),
        recovered_at=_latest(change.made_at for change in kept if change.by_recovery),
        password_unsettled=unsettled,
        reset_at=facts.reset_at if unsettled else None,
        reset_signed_in=facts.reset_signed_in and unsettled,
    )


def _latest(moments: Iterable[datetime]) -> datetime | None:
    return max(moments, default=None)


# "Not me" (R10, R11)


def not_me(deed: acts.NotMe, facts: Facts, rules: Rules) -> Facts:
    """R10, R11: undone, ended, barred and frozen; or, where the veto is of little weight, stretched and frozen."""
    used = _used_in_case(facts, rules)
    if only_stretches(deed, facts, rules):
        after = _stretched(facts, used, deed.by, rules)
        return _frozen(replace(after, session=None), deed.by, frozenset(), rules)
    reached = undone_by_not_me(facts, rules)
    sets = {used_kinds(change.by, facts) for change in reached} | {used}
    vetoes = tuple(Veto(facts.now, kinds) for kinds in sorted(sets, key=sorted) if kinds)
    every = frozenset().union(*sets)
    after = replace(undone(case_closed(facts, "cancelled"), reached), session=None)
    return _frozen(replace(after, vetoes=(*facts.vetoes, *vetoes)), deed.by or "link", every, rules)


def _used_in_case(facts: Facts, rules: Rules) -> frozenset[Kind]:
    if facts.case is None or facts.case.state not in OPEN_STATES:
        return frozenset()
    return frozenset(counts_as(proof, facts) for proof in standing(facts.shown, facts, rules))


def _stretched(facts: Facts, used: frozenset[Kind], by: str, rules: Rules) -> Facts:
    """R11: the wait, or the finality of a recovery that is done, becomes a week; once, whoever repeats it."""
    case = facts.case
    if case is not None and case.state in OPEN_STATES and case.stretch is None:
        case = replace(case, stretch=Veto(facts.now, used))
        facts = replace(facts, case=case)
        one = best(facts.shown, facts, rules)
        if case.state == "ready" and one is not None and wait_ends_at(one, facts) > facts.now:
            facts = replace(facts, case=replace(case, state="on_hold", ready_at=None))
    later = {
        name: max(change.final_at, change.made_at + rules.veto_stretches_to)
        for change in facts.changes
        if by in change.weak and not change.undone and runs(change.final_at, facts)
        for name in (change.id, *change.added)
    }
    changes = tuple(replace(one, final_at=later.get(one.id, one.final_at)) for one in facts.changes)
    means = tuple(replace(one, final_at=later.get(one.id, one.final_at)) for one in facts.means)
    return replace(facts, changes=changes, means=means)


def case_vetoed(facts: Facts, rules: Rules) -> Facts:
    """R11: "this case is not mine", from a session: it ends, and its set of proofs is barred."""
    used = _used_in_case(facts, rules)
    return replace(case_closed(facts, "cancelled"), vetoes=(*facts.vetoes, Veto(facts.now, used)))


# Freeze and lock (R14)


def frozen(deed: acts.FreezeAccount, facts: Facts, rules: Rules) -> Facts:
    return _frozen(facts, source_of(deed, facts, rules), frozenset(), rules)


def _frozen(facts: Facts, source: str, used: frozenset[Kind], rules: Rules) -> Facts:
    """A freeze, or one more who wants it. Only a source that is new to it stops an end that is under way."""
    if not may_freeze(source, facts, rules):
        return facts
    before = facts.freeze or Freeze(facts.now)
    ends = before.ends_at if source in before.by else None
    return replace(facts, freeze=Freeze(before.at, before.by | {source}, ends, before.used | used))


def contest(facts: Facts, rules: Rules) -> Facts:
    """R12: two cases with equal sets: no money moves until people have decided."""
    return _frozen(facts, "cases", frozenset(), rules)


def thaw(facts: Facts) -> Facts:
    """The freeze ends now: every clock it had stopped goes on where it was."""
    if facts.freeze is None:
        return facts
    changes = tuple(
        one if one.undone else replace(one, final_at=thawed(one.final_at, one.made_at, facts)) for one in facts.changes
    )
    since = {name: change.made_at for change in facts.changes if not change.undone for name in change.added}
    means = tuple(
        replace(one, final_at=thawed(one.final_at, since.get(one.id, facts.freeze.at), facts)) if one.final_at else one
        for one in facts.means
    )
    ends = tuple(FreezeEnd(source, facts.now) for source in sorted(facts.freeze.by))
    return replace(facts, means=means, changes=changes, freeze=None, freeze_ends=(*facts.freeze_ends, *ends))


def freeze_ended(deed: acts.EndFreeze, facts: Facts, rules: Rules) -> Facts:
    """At once by two custodies; else its end is fixed."""
    if facts.freeze is None or overrules_freeze(deed.proofs, facts, rules):
        return thaw(facts)
    return replace(facts, freeze=replace(facts.freeze, ends_at=facts.now + rules.freeze_ends_after))


def recovered(facts: Facts, shown: tuple[Proof, ...], before: Facts, rules: Rules) -> Facts:
    """R16: a freeze outlives a recovery that showed one custody."""
    return thaw(facts) if overrules_freeze(shown, before, rules) else facts


def locked(deed: acts.LockSettings, facts: Facts) -> Facts:
    until = facts.now + timedelta(days=deed.days)
    standing_until = facts.lock.until if facts.lock else until
    return replace(facts, lock=Lock(facts.now, max(until, standing_until)))


# Loss (R13)


def lost(deed: acts.ReportLoss, facts: Facts, rules: Rules) -> Facts:
    """Everything of that place is out, and what it helped to add lately; a session that stood on it ends."""
    names = {means.id for means in affected_by_loss(deed, facts)}
    facts = undone(facts, undone_by_loss(names, facts, rules))
    means = tuple(replace(one, lost=True) if one.id in names else one for one in facts.means)
    report = Loss(deed.place, facts.now)
    session = facts.session
    if session and deed.proof and any(proof.means_id in names for proof in session.proofs):
        session = None
    return replace(facts, means=means, session=session, losses=(*facts.losses, report))


def found(means_id: str, facts: Facts) -> Facts:
    means = tuple(replace(one, lost=False) if one.id == means_id else one for one in facts.means)
    return replace(facts, means=means)


# People (R15)


def approved(deed: acts.Approve, facts: Facts, rules: Rules) -> Facts:
    """One more agent agrees; with as many as are needed the wait begins, and runs whole."""
    if facts.case is None:
        return facts
    case = replace(facts.case, agents=facts.case.agents | {deed.agent})
    if len(case.agents) < needed(replace(facts, case=case), rules):
        return replace(facts, case=case)
    case = replace(case, approved=True, approved_at=facts.now)
    one = best(facts.shown, replace(facts, case=case), rules)
    if one is None:
        return replace(facts, case=case)
    case = replace(case, state="on_hold" if one.wait else "ready", ready_at=None if one.wait else facts.now)
    return replace(facts, case=case)


def alarmed(deed: acts.RaiseAlarm, facts: Facts) -> Facts:
    alarm = ContactAlarm(deed.contact, facts.now)
    case = replace(facts.case, alarmed=True) if facts.case else None
    return replace(facts, case=case, alarms=(*facts.alarms, alarm))


def seen_by_sign_in(facts: Facts) -> Facts:
    """R15: who signs in has something left after all: a case of "nothing left" goes back to people."""
    case = facts.case
    if case is None or not case.nothing_left or case.state not in ("on_hold", "ready"):
        return facts
    back = replace(case, state="in_review", agents=frozenset(), approved=False, approved_at=None, ready_at=None)
    return replace(facts, case=back)


def forgotten(facts: Facts, rules: Rules) -> Facts:
    """What only counts for some time is dropped once that time is over."""
    now = facts.now
    return replace(
        facts,
        vetoes=tuple(one for one in facts.vetoes if now - one.at < rules.veto_bars),
        freeze_ends=tuple(one for one in facts.freeze_ends if now - one.at < rules.freeze_again_after),
        losses=tuple(one for one in facts.losses if now - one.at < rules.loss_one_place_per),
        alarms=tuple(one for one in facts.alarms if now - one.at < rules.contact_alarm_once_in),
        lock=facts.lock if facts.lock and facts.lock.until > now else None,
    )
