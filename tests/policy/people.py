"""Accounts for the policy's tests: hanako's means in good order, and what she shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from policy.deeds import step_up_kind
from policy.facts import Facts, Kind, Means, Proof, Session, StepUp

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

#: The two agents who agree where people decide.
AGENTS = frozenset({"grace", "heidi"})

K, T, P, S, E, M, C, I = Kind  # noqa: E741 - the letters of the product's table


def means(kind: Kind, name: str = "", **changed: object) -> Means:
    """One thing bound long enough ago, confirmed a month ago."""
    return replace(Means(name or kind.name.lower(), kind, NOW - 30 * DAY), **changed)  # type: ignore[arg-type]


def proof(kind: Kind, name: str = "", **changed: object) -> Proof:
    return replace(Proof(kind, name or kind.name.lower(), NOW), **changed)  # type: ignore[arg-type]


def account(*kinds: Kind | Means, **changed: object) -> Facts:
    """An account with these means; a second mail address is there to be told."""
    bound = tuple(one if isinstance(one, Means) else means(one) for one in kinds)
    facts = Facts(now=NOW, means=(*bound, means(E, "email:told")))
    return replace(facts, **changed)  # type: ignore[arg-type]


def showing(facts: Facts, *kinds: Kind | Proof) -> Facts:
    return replace(facts, shown=tuple(one if isinstance(one, Proof) else proof(one) for one in kinds))


def signed_in(facts: Facts, *kinds: Kind, ago: timedelta = HOUR, **changed: object) -> Facts:
    session = Session(facts.now - ago, tuple(proof(kind, at=facts.now - ago) for kind in kinds))
    return replace(facts, session=replace(session, **changed))  # type: ignore[arg-type]


def stepped_up(facts: Facts, deed: object, *kinds: Kind, ago: timedelta = HOUR / 60, name: str = "") -> Facts:
    """The same session, with step-ups given for this kind of deed."""
    assert facts.session is not None
    kind_of_deed = deed if isinstance(deed, str) else step_up_kind(deed)  # type: ignore[arg-type]
    steps = tuple(StepUp(kind, name or kind.name.lower(), kind_of_deed, facts.now - ago) for kind in kinds)
    return replace(facts, session=replace(facts.session, step_ups=(*facts.session.step_ups, *steps)))
