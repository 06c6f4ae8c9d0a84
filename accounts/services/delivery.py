"""The way of a letter from its row to a gateway: claimed by one worker, tried, marked, told to those who wait for it.

At most one worker holds a row. A letter that was handed over while its worker died may go twice, with the same
Message-ID and the same code (pitfall P53): twice is better than never.
"""

from __future__ import annotations

import logging
import random
import time
import uuid
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from accounts import bell, clock
from accounts.models import OutboxMessage
from accounts.outbox import transport
from accounts.outbox.transport import Accepted, Failed, Result

log = logging.getLogger("modoru.outbox")
Status = OutboxMessage.Status

STALE = timedelta(minutes=5)  # a claim this old belongs to a worker that died
TRIES = 30  # with the waits below: about a day, then the letter is parked and shown to operators
FIRST_WAIT, FIRST_WAIT_URGENT, LONGEST_WAIT = timedelta(seconds=30), timedelta(seconds=5), timedelta(hours=1)
SWEEP_SECONDS = 30.0


def deliver(message_id: str | uuid.UUID) -> str:
    """Try to send one letter and say what became of it: "sent", "queued", "refused", "parked", or "busy".

    "busy": not due, finished, or in another worker's hands. Never makes a new code: the code is derived from its row.
    """
    row = _claim(message_id)
    if row is None:
        return "busy"
    result = transport.hand_over(row)
    status = _mark(row, result)
    if isinstance(result, Failed):
        words = {"event": "letter_failed", "letter": row.short_id, "kind": row.kind, "error": result.reason}
        log.log(logging.ERROR if status == Status.PARKED else logging.WARNING, "letter %s", status, extra=words)
    if status in (Status.SENT, Status.REFUSED, Status.PARKED):
        _tell(row)
    return str(status)


def sweep(limit: int = 500) -> int:
    """Try every letter that is due, codes first; found here is what the bell missed and what failed before.

    Bounded in time: the next sweep goes on where this one stopped. Returns how many were tried.
    """
    end, tried = time.monotonic() + SWEEP_SECONDS, 0
    for message_id in _due(clock.now()).order_by("-urgent", "next_try_at").values_list("pk", flat=True)[:limit]:
        tried += deliver(message_id) != "busy"
        if time.monotonic() > end:
            break
    return tried


def _due(now: datetime) -> QuerySet[OutboxMessage]:
    waiting = Q(status=Status.QUEUED, next_try_at__lte=now)
    return OutboxMessage.objects.filter(waiting | Q(status=Status.CLAIMED, claimed_at__lt=now - STALE))


def _claim(message_id: str | uuid.UUID) -> OutboxMessage | None:
    """Take the row by one conditional UPDATE; whoever changes it is its only holder."""
    now = clock.now()
    taken = _due(now).filter(pk=message_id).update(status=Status.CLAIMED, claimed_at=now, attempts=F("attempts") + 1)
    return OutboxMessage.objects.select_related("user", "change").get(pk=message_id) if taken else None


def _mark(row: OutboxMessage, result: Result) -> Status:
    """Write what the gateway said, if the row is still in our hands."""
    now = clock.now()
    status: Status = Status.SENT
    fields: dict[str, object] = {}
    if isinstance(result, Accepted):
        stage = OutboxMessage.Delivery.QUEUED if row.channel == "sms" and result.gateway != "preview" else ""
        fields = {"sent_at": now, "gateway": result.gateway, "delivery_state": stage}
        fields |= {"provider_id": result.provider_id[:120], "error": ""}
    elif result.permanent:
        status, fields = Status.REFUSED, {"refused_at": now, "error": result.reason[:200]}
    elif row.attempts >= TRIES:
        status, fields = Status.PARKED, {"error": result.reason[:200]}
    else:
        status, fields = Status.QUEUED, {"next_try_at": now + _wait(row), "error": result.reason[:200]}
    ours = OutboxMessage.objects.filter(pk=row.pk, status=Status.CLAIMED, attempts=row.attempts)
    ours.update(status=status, claimed_at=None, **fields)
    return status


def _wait(row: OutboxMessage) -> timedelta:
    """Growing, and a little uneven so that a thousand letters do not come back at one instant."""
    first = FIRST_WAIT_URGENT if row.urgent else FIRST_WAIT
    factor: int = 2 ** min(row.attempts - 1, 12)
    return min(first * factor, LONGEST_WAIT) * random.uniform(0.9, 1.1)  # noqa: S311  no secret


def _tell(row: OutboxMessage) -> None:
    """Finality (R6) and waits (R5) count from the notices: those who count are told."""
    if row.change_id:
        bell.ring("accounts.settle_change", str(row.change_id))
    if row.case_reference:
        bell.ring("recovery.settle_notice", row.case_reference)
