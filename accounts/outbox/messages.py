"""Rows of the outbox: written in the transaction of the deed, found by the bell or, later, by the sweep."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from accounts import bell, clock, crypto
from accounts.models import Change, OutboxMessage, User

SHORT_ID_LENGTH = 8
NO_GATEWAY = "no gateway configured"  # what a row says that waits for an operator


def enqueue(
    kind: str,
    *,
    channel: str,
    to: str,
    dedupe: str,
    user: User | None = None,
    language: str = "ja",
    timezone: str = "Asia/Tokyo",
    data: dict[str, Any] | None = None,
    urgent: bool = False,
    change: Change | None = None,
    case_reference: str = "",
    expires_at: datetime | None = None,
) -> OutboxMessage | None:
    """Write one letter in the caller's transaction and ring for a worker; None when `dedupe` was written before.

    `data` holds ids only: what a letter says is loaded, and its code derived, when it is rendered.
    """
    row = draft(
        kind,
        channel=channel,
        to=to,
        dedupe=dedupe,
        user=user,
        language=language,
        timezone=timezone,
        data=data or {},
        urgent=urgent,
        change=change,
        case_reference=case_reference,
        expires_at=expires_at,
    )
    written = post([row])
    return written[0] if written else None


def draft(kind: str, **fields: Any) -> OutboxMessage:
    """A letter not yet written."""
    now = clock.now()
    return OutboxMessage(kind=kind, short_id=short_id(), created_at=now, next_try_at=now, **fields)


def post(rows: Sequence[OutboxMessage]) -> list[OutboxMessage]:
    """Write the letters whose dedupe key is new, ring for each and return them."""
    OutboxMessage.objects.bulk_create(rows, ignore_conflicts=True)
    keys = dict(OutboxMessage.objects.filter(dedupe__in=[row.dedupe for row in rows]).values_list("dedupe", "pk"))
    written = []
    for row in rows:
        if row.dedupe not in keys:  # not the letter but its short id was taken: one in a million millions
            row.short_id = short_id()
            row.save(force_insert=True)
        elif keys[row.dedupe] != row.pk:
            continue
        written.append(row)
        bell.ring("accounts.deliver", str(row.pk), queue="codes" if row.urgent else None)
    return written


def short_id() -> str:
    """The letter's public name, printed at its foot and asked at the check page: 8 Crockford characters."""
    return "".join(secrets.choice(crypto.CROCKFORD) for _ in range(SHORT_ID_LENGTH))


Word = Literal["waiting", "trying", "no_way", "preview", "handed", "delivered", "failed", "over"]


@dataclass(frozen=True, slots=True)
class Progress:
    """What a page may say of one letter. `at`: when it was handed over, or when it arrived."""

    word: Word
    channel: str
    at: datetime | None = None

    @property
    def moving(self) -> bool:
        """Can it be told more in a while?"""
        return self.word in ("waiting", "trying", "handed")


def progress(dedupe: str) -> Progress | None:
    """How far a letter has come, never further than a gateway said; None when no such letter was written (P15).

    "trying": a try failed and the next comes by itself. "handed": a gateway took it, which is not yet "delivered".
    """
    row = OutboxMessage.objects.filter(dedupe=dedupe).first()
    if row is None:
        return None
    stage, status = row.delivery_state, row.status
    if stage == OutboxMessage.Delivery.DELIVERED:
        return Progress("delivered", row.channel, row.delivered_at)
    lost = stage in (OutboxMessage.Delivery.UNDELIVERED, OutboxMessage.Delivery.FAILED)
    if lost or status in (OutboxMessage.Status.REFUSED, OutboxMessage.Status.PARKED):
        return Progress("failed", row.channel)
    if status == OutboxMessage.Status.SENT:
        return Progress("preview" if row.gateway == "preview" else "handed", row.channel, row.sent_at)
    if row.error == NO_GATEWAY:
        return Progress("no_way", row.channel)
    return Progress("trying" if row.error else "waiting", row.channel)
