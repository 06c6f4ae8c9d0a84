"""R17: risk facts. Each has one fixed effect, and none ever shortens anything."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from policy.facts import Facts, Kind, Means, Proof
from policy.rules import RULES, Rules
from policy.verdict import Reason

#: What the account or case as a whole may carry, in halves of a risk: a new country is half of one.
ACCOUNT_RISKS: dict[str, int] = {
    "new_country": 1,
    "new_browser": 1,  # the account knows browsers, and the claimant's is none of them
    "failed_codes": 1,  # a limit of wrong codes was reached lately: anybody can bring that about, so half
    "stopped_lately": 2,  # another recovery was stopped
    "answers_mismatch": 2,  # §5: a mismatch raises risk, a match proves nothing
    "sim_swap": 2,  # the network's signal for a number, whatever road is taken
    "same_document": 2,  # §7: the same paper on another account
}
_TWO_RISKS = 4  # halves


def of_means(means: Means, facts: Facts, rules: Rules = RULES) -> frozenset[str]:
    """What makes roads by this means long: SIM-swap signal, shared or virtual number, a contact changed lately.

    Stops a SIM swapper, and a thief who let his own address become final, from using it at once (N63A 3.2.1-R9).
    """
    found = set()
    if means.kind is Kind.SMS and means.sim_swapped:
        found.add("sim_swap")
    if means.kind is Kind.SMS and means.shared:
        found.add("shared_number")
    changed = means.changed_at is not None and facts.now - means.changed_at < rules.risk_contact_changed_within
    if changed and means.kind in (Kind.EMAIL, Kind.SMS, Kind.CONTACTS):
        found.add("contact_changed")
    return frozenset(found)


def _used(proofs: Iterable[Proof], facts: Facts) -> Iterator[Means]:
    """The means behind these proofs; behind a password set by mail, the address its link went to."""
    ids = {proof.means_id for proof in proofs} | {proof.via for proof in proofs if proof.via}
    return (means for means in facts.means if means.id in ids)


def of_road(proofs: Collection[Proof], facts: Facts, rules: Rules = RULES) -> frozenset[str]:
    """The risk facts of the means this road uses."""
    return frozenset().union(*(of_means(means, facts, rules) for means in _used(proofs, facts)))


def two_risks(names: frozenset[str]) -> bool:
    """Do these facts together send a case to people? Each counts once, however often it was found."""
    return sum(ACCOUNT_RISKS.get(name, 2) for name in names) >= _TWO_RISKS


def raised(facts: Facts) -> bool:
    """Is there one whole risk about the account, or the network's signal for a number? A number change then waits.

    A number its owner reported stolen is none: nobody must suffer for saying so.
    """
    swapped = any(means.kind is Kind.SMS and means.sim_swapped for means in facts.means)
    names = facts.risks | (frozenset({"sim_swap"}) if swapped else frozenset())
    return sum(ACCOUNT_RISKS.get(name, 2) for name in names) >= _TWO_RISKS // 2


_SENTENCES = {
    "sim_swap": Reason("R17", "sim_swap"),
    "shared_number": Reason("R17", "shared_number"),
    "contact_changed": Reason("R17", "contact_changed"),
    "new_country": Reason("R17", "new_country"),
    "new_browser": Reason("R17", "new_browser"),
    "failed_codes": Reason("R17", "failed_codes"),
    "stopped_lately": Reason("R17", "stopped_lately"),
}


def reasons(names: frozenset[str]) -> tuple[Reason, ...]:
    return tuple(_SENTENCES[name] for name in sorted(names) if name in _SENTENCES)
