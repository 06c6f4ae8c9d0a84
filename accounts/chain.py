"""The chain that ties each event of the history to the one before it, and what a walk along it finds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from accounts.models import SecurityEvent

BATCH = 1000


@dataclass(frozen=True, slots=True)
class Found:
    """What a walk found: how many events stand, the head to note elsewhere, and the first fault, if there is one."""

    sealed: int
    unsealed: int
    head: str
    fault: str = ""


def link(previous: str, row: SecurityEvent) -> str:
    """The hash that ties an event to the one before it."""
    fields = [row.pk, row.user_id, row.type, row.at.isoformat(), row.actor, row.network, row.agent, row.request_id]
    body = json.dumps([previous, *fields, row.data], sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(body.encode()).hexdigest()


def head() -> str:
    """The newest sealed event as "number:hash". Noted outside, it shows later whether the tail was cut off."""
    last = SecurityEvent.objects.exclude(sequence=None).order_by("-sequence").first()
    return f"{last.sequence}:{last.chain}" if last else "0:"


def verify(expect: str = "") -> Found:
    """Walk the whole chain in batches, up to its first fault.

    `expect` is a head noted before. Attacks stopped: an event changed, taken out or put in by whoever reaches the
    database; with `expect` also a tail cut off and a chain made anew from some event on.
    """
    at, chain, fault = 0, "", ""
    wanted = expect.partition(":")
    noted = int(wanted[0] or 0)
    for row in _sealed():
        if row.sequence != at + 1:
            fault = f"event {row.pk}: number {at + 1} is missing before it"
        elif row.chain != link(chain, row):
            fault = f"event {row.pk}: it or an event before it was changed"
        elif row.sequence == noted and row.chain != wanted[2]:
            fault = f"event {row.pk}: the chain up to it is not the one that was noted"
        if fault:
            break
        at, chain = at + 1, row.chain
    if not fault and noted > at:
        fault = f"the chain ends at number {at}, and number {noted} was noted"
    return Found(at, SecurityEvent.objects.filter(sequence=None).count(), f"{at}:{chain}", fault)


def _sealed() -> Iterator[SecurityEvent]:
    """In order, a batch in memory at a time."""
    last = -1
    while rows := list(SecurityEvent.objects.filter(sequence__gt=last).order_by("sequence")[:BATCH]):
        yield from rows
        last = rows[-1].sequence or 0
