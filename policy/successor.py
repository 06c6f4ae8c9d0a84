"""`after(deed, facts)`: the state that follows. With `may` it is all that a search over deeds and time needs.

Notices are taken as handed over at once, so finality counts from the deed; what services record instead is NEVER until
their notices are out. A means added here has its kind's usual custody: who holds it is the searcher's affair.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from policy import acts, aftermath
from policy.case_rules import OPEN_STATES, contested, if_approved, with_lost
from policy.clocks import runs
from policy.closing import closed, closing
from policy.custody import counts_as, two_custodies
from policy.facts import Case, Change, Facts, Kind, Means, Proof, Session, StepUp
from policy.judge import may
from policy.proofs import ISSUED, STEP_UP, best, named_lost, settled, standing, wait_ends_at
from policy.rules import RULES, Rules
from policy.session_rules import in_set_up, session_proofs
from policy.verdict import Outcome, Verdict


def after(deed: acts.Deed, facts: Facts, rules: Rules = RULES) -> Facts:
    """The account once this deed is done; the same account when the policy does not allow it. Pure."""
    verdict = may(deed, facts, rules)
    opens = isinstance(deed, acts.OpenCase) and (verdict.sufficient or verdict.outcome is Outcome.REVIEW)
    ends = isinstance(deed, acts.EndFreeze) and verdict.outcome is Outcome.WAIT
    if not (verdict.allowed or opens or ends):
        return facts
    match deed:
        case acts.SignIn():
            return _signed_in(deed, facts, verdict, rules)
        case acts.EndSessions():
            return replace(facts, session=None)
        case acts.BindAuthenticator(kind=kind, means_id=name):
            return _added(deed, facts, verdict, rules, kind, name)
        case acts.ReplaceCodes(means_id=name):
            return _added(
                deed, facts, verdict, rules, Kind.SAVED_CODE, name, ends=_ids(facts, Kind.SAVED_CODE), keep=True
            )
        case acts.FileIdentity(means_id=name):
            return _added(deed, facts, verdict, rules, Kind.IDENTITY, name, ends=_ids(facts, Kind.IDENTITY))
        case acts.AddNumber(means_id=name):
            return _number_changed(_added(deed, facts, verdict, rules, Kind.SMS, name), facts)
        case acts.ChangeNumber(old_id=old, means_id=name):
            return _number_changed(_added(deed, facts, verdict, rules, Kind.SMS, name, ends=(old,)), facts)
        case acts.RemoveNumber(means_id=old):
            return _number_changed(_recorded(deed, facts, verdict, rules, ends=(old,)), facts)
        case acts.RemoveAuthenticator(means_id=old) | acts.RemoveAddress(means_id=old):
            return _recorded(deed, facts, verdict, rules, ends=(old,))
        case acts.AddAddress(means_id=name):
            return _added(deed, facts, verdict, rules, Kind.EMAIL, name)
        case acts.ChangePassword(means_id=name):
            return _password_changed(deed, facts, verdict, rules, name)
        case acts.ResetPassword():
            return _password_reset(deed, facts)
        case acts.AddPayout(payout_id=name):
            return _recorded(deed, facts, verdict, rules, name=name or "payout")
        case acts.CloseAccount():
            return _recorded(deed, facts, verdict, rules)
        case acts.KeepOpen():
            return _kept_open(facts)
        case acts.Claim():
            return replace(facts, claims_today=facts.claims_today + 1)
        case acts.ShowProof(proof=proof, for_deed=kind_of_deed):
            return _shown(facts, proof, kind_of_deed)
        case acts.OpenCase(lost=lost):
            return _case_opened(with_lost(facts, lost), verdict, rules)
        case acts.Complete(bound=bound):
            return _completed(facts, bound, verdict, rules)
        case acts.CancelCase(not_mine=not_mine):
            return aftermath.case_vetoed(facts, rules) if not_mine else aftermath.case_closed(facts, "cancelled")
        case acts.Wait(until=until):
            return _later(replace(facts, now=until), facts, rules)
    return _guarded(deed, facts, rules)


def _guarded(deed: acts.Deed, facts: Facts, rules: Rules) -> Facts:
    """The deeds that protect (R10–R15). Withdraw, Export and Rebind change nothing the policy looks at."""
    match deed:
        case acts.NotMe():
            return aftermath.not_me(deed, facts, rules)
        case acts.ReportLoss():
            return aftermath.lost(deed, facts, rules)
        case acts.ReportFound(means_id=name):
            return aftermath.found(name, facts)
        case acts.FreezeAccount():
            return aftermath.frozen(deed, facts, rules)
        case acts.EndFreeze():
            return aftermath.freeze_ended(deed, facts, rules)
        case acts.LockSettings():
            return aftermath.locked(deed, facts)
        case acts.OpenLock():
            return replace(facts, lock=None)
        case acts.Approve():
            return aftermath.approved(deed, facts, rules)
        case acts.RaiseAlarm():
            return aftermath.alarmed(deed, facts)
    return facts


def _ids(facts: Facts, kind: Kind) -> tuple[str, ...]:
    return tuple(means.id for means in facts.means if means.kind is kind and not means.suspended)


def _name(facts: Facts, kind: Kind, wanted: str) -> str:
    taken = {means.id for means in facts.means}
    if wanted and wanted not in taken:
        return wanted
    stem = wanted or kind.name.lower()
    return next(name for n in range(1, len(taken) + 2) if (name := f"{stem}:{n}") not in taken)


def _signed_in(deed: acts.SignIn, facts: Facts, verdict: Verdict, rules: Rules) -> Facts:
    reset = any(p.kind is Kind.PASSWORD and counts_as(p, facts) is Kind.EMAIL for p in deed.proofs)
    stands = {proof.kind for proof in standing(deed.proofs, facts, rules)}
    settling = reset and bool(stands & {Kind.TOTP, Kind.PASSKEY, Kind.SAVED_CODE})
    session = Session(facts.now, deed.proofs, on_reset_password=reset, set_up=verdict.has("set_up_only"))
    facts = replace(facts, session=session, reset_signed_in=facts.reset_signed_in or settling)
    return aftermath.seen_by_sign_in(facts)


def _with_change(
    facts: Facts,
    what: str,
    final: timedelta,
    shown: tuple[Proof, ...],
    *,
    added: tuple[str, ...] = (),
    ends: tuple[str, ...] = (),
) -> Facts:
    change = Change(
        id=f"change:{len(facts.changes) + 1}",
        what=what,
        made_at=facts.now,
        final_at=facts.now + final,
        two_custodies=two_custodies(shown, facts),
        by_recovery=what == "recovery",
        closes=what == acts.step_up_kind(acts.CloseAccount),
        added=added,
        suspended=ends,
        by=frozenset(proof.means_id for proof in shown),
    )
    means = tuple(replace(one, suspended=True) if one.id in ends else one for one in facts.means)
    return replace(facts, means=means, changes=(*facts.changes, change))


def _recorded(
    deed: acts.Deed, facts: Facts, verdict: Verdict, rules: Rules, *, name: str = "", ends: tuple[str, ...] = ()
) -> Facts:
    shown = session_proofs(deed, facts, rules)
    what = acts.step_up_kind(deed)
    return _with_change(facts, what, verdict.final_after, shown, added=(name,) if name else (), ends=ends)


def _added(
    deed: acts.Deed,
    facts: Facts,
    verdict: Verdict,
    rules: Rules,
    kind: Kind,
    wanted: str,
    *,
    ends: tuple[str, ...] = (),
    keep: bool = False,
) -> Facts:
    """A new means on probation (R7); what it replaces is suspended (R6), or kept until then (code sets)."""
    name = _name(facts, kind, wanted)
    final = facts.now + verdict.final_after if verdict.final_after else None
    recorded = _recorded(deed, facts, verdict, rules, name=name, ends=ends)
    if keep:
        recorded = replace(recorded, means=facts.means)
    contact = facts.now if kind in (Kind.EMAIL, Kind.SMS) and final else None  # R17; at sign-up it is no change
    new = Means(name, kind, confirmed_at=facts.now, final_at=final, changed_at=contact)
    had = facts.ever_had_factor or kind in STEP_UP
    return replace(recorded, means=(*recorded.means, new), ever_had_factor=had)


def _number_changed(changed: Facts, before: Facts) -> Facts:
    """R8 rests money after a change; the number of a sign-up is no change."""
    return changed if in_set_up(before) else replace(changed, number_changed_at=changed.now)


def _password_changed(deed: acts.ChangePassword, facts: Facts, verdict: Verdict, rules: Rules, wanted: str) -> Facts:
    changed = _added(deed, facts, verdict, rules, Kind.PASSWORD, wanted, ends=_ids(facts, Kind.PASSWORD))
    if facts.session is None or not facts.session.on_reset_password:
        return changed
    new = replace(changed.means[-1], reset=True)  # R3: what a reset session changes counts as the reset does
    return replace(changed, means=(*changed.means[:-1], new))


def _password_reset(deed: acts.ResetPassword, facts: Facts) -> Facts:
    """R3: the new password is worth a code by mail; every earlier one still counts in recovery."""
    name = _name(facts, Kind.PASSWORD, deed.means_id)
    new = Means(name, Kind.PASSWORD, confirmed_at=facts.now, reset=True)
    by = frozenset({deed.address_id}) if deed.address_id else frozenset(_ids(facts, Kind.EMAIL))
    change = Change(f"change:{len(facts.changes) + 1}", "password", facts.now, facts.now, False, added=(name,), by=by)
    return replace(
        facts,
        session=None,
        means=(*(means for means in facts.means if not means.reset), new),
        changes=(*facts.changes, change),
        password_unsettled=True,
        reset_at=facts.now,  # the latest reset's clock: a thief's must not settle on the owner's earlier one
        reset_signed_in=False,
    )


def _shown(facts: Facts, proof: Proof, for_deed: str) -> Facts:
    if not for_deed or facts.session is None:
        return replace(facts, shown=(*facts.shown, proof))
    step = StepUp(proof.kind, proof.means_id, for_deed, proof.at)
    return replace(facts, session=replace(facts.session, step_ups=(*facts.session.step_ups, step)))


def _case_opened(facts: Facts, verdict: Verdict, rules: Rules) -> Facts:
    """R12, R15: the first sufficient set makes the case; with people needed, they come before the wait."""
    if verdict.has("equal_sets"):
        facts = aftermath.contest(contested(facts), rules)
    people = verdict.outcome is Outcome.REVIEW
    one = best(facts.shown, if_approved(facts) if people else facts, rules)
    if one is None:
        return facts
    before = facts.case or Case(state="opened", opened_at=facts.now)
    runs_already = before.state in OPEN_STATES - {"opened", "proving"}
    facts = _kept_open(facts)
    shown = facts.shown
    case = replace(
        before,
        state="in_review" if people else "on_hold" if one.wait else "ready",
        opened_at=before.opened_at if runs_already else facts.now,
        addresses_that_proved=frozenset(p.means_id for p in shown if p.kind in (Kind.EMAIL, Kind.SMS))
        | frozenset(p.via for p in shown if p.via),
        notice_at=(before.notice_at if runs_already else None) or (facts.now if one.other_address else None),
        ready_at=None if one.wait or people else facts.now,
    )
    return replace(facts, case=case, open_case=False)


def _kept_open(facts: Facts) -> Facts:
    """Whoever keeps it open, or comes back with enough proof, ends a closing that is not final."""
    ends = closing(facts)
    changes = tuple(replace(change, undone=True) if change is ends else change for change in facts.changes)
    return replace(facts, changes=changes)


def _completed(facts: Facts, bound: frozenset[Kind], verdict: Verdict, rules: Rules) -> Facts:
    """R16: new means on probation, those named lost suspended, the old code set kept until the new one is final."""
    before, case = facts, facts.case
    shown = standing(facts.shown, facts, rules)
    ends = tuple(m.id for m in facts.means if m.kind in STEP_UP | {Kind.EMAIL} and named_lost(m, facts))
    replaced = _ids(facts, Kind.PASSWORD) if Kind.PASSWORD in bound else ()
    kept = tuple(name for name in _ids(facts, Kind.SAVED_CODE) if Kind.SAVED_CODE in bound and name not in ends)
    weak = frozenset(m.id for m in facts.means if m.kind in ISSUED and named_lost(m, facts))
    final = facts.now + verdict.final_after
    names: list[str] = []
    for kind in (kind for kind in Kind if kind in bound):
        name = _name(facts, kind, "")
        names.append(name)
        contact = facts.now if kind in ISSUED else None
        new = Means(name, kind, facts.now, final_at=final, changed_at=contact)
        facts = replace(facts, means=(*facts.means, new))
    done = _with_change(facts, "recovery", verdict.final_after, shown, added=tuple(names), ends=(*ends, *replaced))
    change = replace(
        done.changes[-1],
        suspended=(*ends, *replaced, *kept),
        weak=weak | (case.addresses_that_proved if case else frozenset()),
    )
    done = replace(done, changes=(*done.changes[:-1], change))
    done = aftermath.recovered(aftermath.case_closed(done, "completed"), shown, before, rules)
    return replace(done, session=None, recovered_at=before.now, ever_had_factor=True)


def _later(facts: Facts, before: Facts, rules: Rules) -> Facts:
    """What falls due with time: sessions end, what was suspended goes, resets settle, cases become ready or die."""
    now = facts.now
    if facts.session is not None and now - facts.session.signed_in_at >= rules.session_absolute:
        facts = replace(facts, session=None)
    if facts.freeze is not None and facts.freeze.ends_at is not None and facts.freeze.ends_at <= now:
        facts = _thawed_at(facts.freeze.ends_at, facts)
    due = [
        one for one in facts.changes if not one.undone and runs(one.final_at, before) and not runs(one.final_at, facts)
    ]
    revoked = {name for change in due for name in change.suspended}
    facts = replace(facts, means=tuple(means for means in facts.means if means.id not in revoked))
    if closed(facts):
        return replace(aftermath.case_closed(facts, "cancelled"), means=(), session=None)
    if facts.password_unsettled and settled(facts, rules):
        means = tuple(replace(m, reset=False) for m in facts.means if m.reset or m.kind is not Kind.PASSWORD)
        facts = replace(facts, means=means, password_unsettled=False, reset_at=None, reset_signed_in=False)
    if now.date() != before.now.date():
        facts = replace(facts, claims_today=0)
    return _case_later(aftermath.forgotten(facts, rules), rules)


def _thawed_at(ends: datetime, facts: Facts) -> Facts:
    """The freeze ended at that moment of the wait, not at its end."""
    return replace(aftermath.thaw(replace(facts, now=ends)), now=facts.now)


def _case_later(facts: Facts, rules: Rules) -> Facts:
    case = facts.case
    if case is None or case.state not in ("on_hold", "ready"):
        return facts
    one = best(facts.shown, facts, rules)
    ready_at = case.ready_at or (wait_ends_at(one, facts) if one is not None else None)
    if ready_at is None or ready_at > facts.now:
        return facts
    if facts.now >= ready_at + rules.ready_life:
        return aftermath.case_closed(facts, "expired")
    return replace(facts, case=replace(case, state="ready", ready_at=ready_at))
