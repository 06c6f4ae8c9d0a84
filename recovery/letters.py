"""What recovery's letters speak of: the case, its stations and the exact end of its wait."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from accounts import clock
from accounts.models import OutboxMessage
from accounts.outbox.letters import Obsolete, register_loader
from policy.facts import Kind
from recovery.models import Case
from recovery.states import State

#: letters that are news only while the wait runs: after a long outage of the mail server they would be wrong
OF_THE_WAIT = frozenset({"case/halfway", "case/hour_left"})


def case(reference: str, row: OutboxMessage) -> dict[str, Any]:
    """The case as it stands when the letter goes out."""
    found = Case.objects.filter(reference=reference).first()
    if found is None:
        raise Obsolete("case gone")
    return {
        "case": found,
        "reference": found.reference,
        "begun_at": found.suffices_at or found.created_at,
        "at_once": not found.wait and found.ready_at is None or found.state == State.READY,
        "ready_at": _ready_at(found),
        "ended_why": found.ended_why,
        "papers": found.proofs.filter(kind=Kind.IDENTITY.value).exists(),
        "obsolete": "not waiting" if row.kind in OF_THE_WAIT and found.state != State.ON_HOLD else "",
    }


def _ready_at(found: Case) -> datetime:
    """When the claimant may bind. Before a gateway has taken the first notice, it counts from this letter."""
    if found.ready_at:
        return found.ready_at
    end = clock.now() + (found.wait or timedelta())
    return end + (timedelta(minutes=1) - timedelta(seconds=end.second, microseconds=end.microsecond))


register_loader("case", case)
