"""Vetoes without war: what a "not me" bars, when it only stretches, and what overrules it (R10, R11)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from policy.clocks import runs
from policy.custody import counts_as, custody_of_means, find, two_custodies
from policy.facts import Change, Facts, Kind, Means, Proof, Veto
from policy.rules import RULES, Rules


def unnamed(facts: Facts) -> Facts:
    """The same account, nothing named lost: naming suspends nothing before completion (R13).

    Stops a claimant from taking the owner's sign-in, or the proof beside a veto, away by naming it.
    """
    return replace(facts, case=replace(facts.case, lost=frozenset())) if facts.case else facts


def live_vetoes(facts: Facts, rules: Rules = RULES) -> tuple[Veto, ...]:
    return tuple(veto for veto in facts.vetoes if facts.now - veto.at < rules.veto_bars)


def _answers(proofs: Collection[Proof], veto: Veto, facts: Facts) -> bool:
    """Do these proofs go beyond the vetoed act: shown after the veto, with a method the act did not use?

    Ids do not matter, kinds do: all mailboxes are one method (R1).
    """
    kinds = {counts_as(proof, facts) for proof in proofs}
    if not kinds - veto.used:
        return False
    return not kinds & veto.used or all(proof.at > veto.at for proof in proofs)


def barred(proofs: Collection[Proof], facts: Facts, rules: Rules = RULES) -> bool:
    """R11: was this very set vetoed within the last 30 days? Then it carries nothing by itself; people look (R17).

    Stops a thief from trying the same stolen things until the owner once fails to object.
    """
    return any(not _answers(proofs, veto, facts) for veto in live_vetoes(facts, rules))


def stretched(proofs: Collection[Proof], facts: Facts) -> bool:
    """R11: did a veto of little weight stretch the wait of these proofs? Two custodies beyond it are not stretched."""
    veto = facts.case.stretch if facts.case else None
    if veto is None:
        return False
    return not (two_custodies(proofs, facts) and _answers(proofs, veto, facts) and all(p.at > veto.at for p in proofs))


def used_kinds(means_ids: Iterable[str], facts: Facts) -> frozenset[Kind]:
    """The kinds of these means; a password set by mail is a mail code (R3)."""
    found = [means for name in means_ids if (means := find(facts, name))]
    return frozenset(Kind.EMAIL if means.reset else means.kind for means in found)


# The weight of an address


def _named(means_id: str, lost: frozenset[str], facts: Facts) -> bool:
    means = find(facts, means_id)
    return means_id in lost or (means is not None and means.kind.value in lost)


def in_the_case(by: str, facts: Facts) -> bool:
    """Was this address named lost in the case that runs, or did it give a proof in it?"""
    case = facts.case
    return case is not None and (by in case.addresses_that_proved or _named(by, case.lost, facts))


def light(by: str, facts: Facts, recoveries: Iterable[Change] = ()) -> bool:
    """R11: does a veto from here only stretch? So for an address reported or named lost, and one that gave a proof.

    Stops the finder of a lost SIM from ending, or taking back, the recovery of its owner again and again.
    """
    means = find(facts, by)
    if means is not None and means.lost:
        return True
    return in_the_case(by, facts) or any(by in change.weak for change in recoveries)


def elsewhere(by: str, means: Means, facts: Facts) -> bool:
    """Is this means in no place where that address can be read?"""
    address = find(facts, by)
    kind = Means(by, Kind.EMAIL, None) if address is None else address  # removed for good: a mailbox, for all we know
    return not custody_of_means(means) & custody_of_means(kind)


def open_changes(facts: Facts) -> tuple[Change, ...]:
    """The changes that are not final yet and not undone."""
    return tuple(change for change in facts.changes if not change.undone and runs(change.final_at, facts))
