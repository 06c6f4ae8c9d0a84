"""R1: every single place where a thief would find a proof, and whether what was shown needs two thefts."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from policy.facts import Facts, Kind, Means, Proof

#: The places of R1. A passkey adds "device:<name>"; one bound on the phone itself lies in "phone".
PLACES = ("head", "phone", "drawer", "mailbox", "line", "people", "papers")

#: Where a code by mail can be read. A password set by mail lies there too (R3).
_MAIL = frozenset({"mailbox", "phone"})

_CUSTODY = {
    Kind.PASSWORD: frozenset({"head", "phone"}),
    Kind.TOTP: frozenset({"phone"}),
    Kind.SAVED_CODE: frozenset({"drawer"}),
    Kind.EMAIL: _MAIL,
    Kind.SMS: frozenset({"line", "phone"}),
    Kind.CONTACTS: frozenset({"people"}),
    Kind.IDENTITY: frozenset({"papers"}),
}


def find(facts: Facts, means_id: str) -> Means | None:
    return next((means for means in facts.means if means.id == means_id), None)


def set_by_mail(means: Means, facts: Facts) -> bool:
    """R3: is this a password set by mail and not settled? Where none is marked, each is taken for one."""
    if means.kind is not Kind.PASSWORD:
        return False
    marked = any(other.reset for other in facts.means)
    return means.reset or (facts.password_unsettled and not marked)


def counts_as(proof: Proof, facts: Facts) -> Kind:
    """The kind a proof stands for: a password set by mail is worth what opened it, a code by mail (R3).

    Stops a thief of the mailbox from turning one stolen thing into two proofs (ASVS 6.4.3).
    """
    means = find(facts, proof.means_id)
    by_mail = proof.kind is Kind.PASSWORD and (proof.reset or bool(means and means.reset))
    return Kind.EMAIL if by_mail else proof.kind


def custody_of_means(means: Means, *, by_mail: bool = False) -> frozenset[str]:
    """Every place that alone yields a proof by this means."""
    if by_mail:
        return _MAIL
    if means.kind is Kind.PASSKEY:
        home = "phone" if means.device == "phone" else f"device:{means.device or means.id}"
        return frozenset({home, "phone"}) if means.synced else frozenset({home})
    if means.kind is Kind.SAVED_CODE and means.downloaded:
        return frozenset({"drawer"}) | _MAIL
    return _CUSTODY[means.kind]


def custody(proof: Proof, facts: Facts) -> frozenset[str]:
    """Every place that alone yields this proof; nowhere when its means is not the account's."""
    means = find(facts, proof.means_id)
    if means is None:
        return frozenset()
    by_mail = proof.kind is Kind.PASSWORD and counts_as(proof, facts) is Kind.EMAIL
    return custody_of_means(means, by_mail=by_mail)


def places_holding_all(custodies: Iterable[Collection[str]]) -> frozenset[str]:
    """The places from which one theft takes everything shown."""
    sets = [frozenset(places) for places in custodies]
    return frozenset.intersection(*sets) if sets else frozenset()


def two_custodies(proofs: Collection[Proof], facts: Facts) -> bool:
    """True when no one place holds all the proofs shown: a single theft cannot have shown them.

    Ask it of proofs that stand (`proofs.standing`): nothing shown, and a proof without a place, is never two.
    """
    custodies = [custody(proof, facts) for proof in proofs]
    return bool(custodies) and all(custodies) and not places_holding_all(custodies)
