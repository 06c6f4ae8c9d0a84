"""Judging "I lost this" and "it is here" (R13). Saved codes are never lost by anybody's word."""

from __future__ import annotations

from collections.abc import Collection

from policy import acts, vetoes
from policy.custody import custody, custody_of_means, find
from policy.facts import Change, Facts, Kind, Means, Proof
from policy.proofs import standing
from policy.rules import RULES, Rules
from policy.verdict import Outcome, Reason, Verdict, in_hours, refused

LOSABLE = frozenset({Kind.TOTP, Kind.PASSKEY, Kind.SMS})


def affected_by_loss(deed: acts.ReportLoss, facts: Facts) -> tuple[Means, ...]:
    """The apps, passkeys and numbers of that place which the report suspends."""
    return tuple(
        means
        for means in facts.means
        if means.kind in LOSABLE
        and not means.lost
        and deed.place in custody_of_means(means)
        and (not deed.only or means.id == deed.only)
    )


def undone_by_loss(means_ids: Collection[str], facts: Facts, rules: Rules = RULES) -> tuple[Change, ...]:
    """R13: what the lost things helped to add in the last 72 h goes with them; removals are for a "not me"."""
    return tuple(
        change
        for change in facts.changes
        if change.added
        and not change.undone
        and change.by & set(means_ids)
        and facts.now - change.made_at <= rules.loss_undoes
    )


def report_loss(deed: acts.ReportLoss, facts: Facts, rules: Rules) -> Verdict:
    """One proof is enough, one place in 24 h: an owner with little left stops the finder, a thief little (N63B 4.3)."""
    given = (deed.proof,) if deed.proof else facts.session.proofs if facts.session else ()
    if not standing(given, vetoes.unnamed(facts), rules):
        return refused("R13", "loss_needs_proof")
    if any(loss.place != deed.place and facts.now - loss.at < rules.loss_one_place_per for loss in facts.losses):
        return refused("R13", "loss_one_place", *in_hours(rules.loss_one_place_per))
    lost = affected_by_loss(deed, facts)
    if not lost:
        return refused("R2", "unknown_means")
    reasons = [Reason("R13", "loss_suspends")]
    if undone := undone_by_loss({means.id for means in lost}, facts, rules):
        reasons.append(Reason("R10", "changes_undone", (("count", str(len(undone))),)))
    return Verdict(Outcome.ALLOWED, reasons=tuple(reasons))


def report_found(deed: acts.ReportFound, facts: Facts, rules: Rules) -> Verdict:
    """A proof of another custody brings it back: the finder of a phone cannot vouch for it."""
    means = find(facts, deed.means_id)
    if means is None or not means.lost:
        return refused("R2", "unknown_means")
    known = vetoes.unnamed(facts)
    if any(not custody(proof, known) & custody_of_means(means) for proof in standing((deed.proof,), known, rules)):
        return Verdict(Outcome.ALLOWED)
    asked = _elsewhere(means, known, rules)
    outcome = Outcome.MORE_PROOF if asked else Outcome.REFUSED
    return Verdict(outcome, asked, reasons=(Reason("R13", "found_needs_other_place"),))


def _elsewhere(means: Means, facts: Facts, rules: Rules) -> tuple[frozenset[Kind], ...]:
    proofs = standing((Proof(one.kind, one.id, facts.now, reset=one.reset) for one in facts.means), facts, rules)
    kinds = {proof.kind for proof in proofs if not custody(proof, facts) & custody_of_means(means)}
    return tuple(frozenset({kind}) for kind in Kind if kind in kinds)
