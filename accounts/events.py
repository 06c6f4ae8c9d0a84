"""What happened: the one door through which security events are written."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction

from accounts import clock, crypto, owasp
from accounts.chain import link
from accounts.context import ActorContext
from accounts.models import Change, SecurityEvent, User
from accounts.outbox import notices

log = logging.getLogger("modoru.security")


def record(
    kind: str,
    user: User | None,
    ctx: ActorContext,
    *,
    change: Change | None = None,
    case_reference: str = "",
    **data: Any,
) -> SecurityEvent:
    """Append one event (subject.noun.deed) in the caller's transaction, announce it, and log it without personal data.

    A type in NOTICES goes to every notification address (R9); every other type must be in SILENT. `data` holds ids and
    words; never a code, an address or a number.
    """
    event = SecurityEvent.objects.create(
        user=user,
        type=kind,
        at=clock.now(),
        actor=ctx.actor,
        network=ctx.network,
        agent=ctx.agent,
        request_id=ctx.request_id,
        data=data,
    )
    if user is not None:
        notices.announce(event, user, change=change, case_reference=case_reference)
    name, level = owasp.NAMES.get(kind, (kind, logging.INFO))
    who = crypto.keyed_name("log", str(user.pk)) if user else "-"
    line = {"event": name, "type": kind, "user": who, "request_id": ctx.request_id, "data": data}
    transaction.on_commit(lambda: log.log(level, "%s:%s", name, who, extra=line))
    return event


def seal(limit: int = 500) -> int:
    """Give the oldest unsealed events their number and hash. Returns how many."""
    with transaction.atomic():
        # The rows first: a second sweep waits here for the first one, and sees only then how far the chain has come.
        rows = list(SecurityEvent.objects.select_for_update().filter(sequence=None).order_by("id")[:limit])
        last = SecurityEvent.objects.exclude(sequence=None).order_by("-sequence").first()
        sequence, chain = (last.sequence or 0, last.chain) if last else (0, "")
        for row in rows:
            sequence, chain = sequence + 1, link(chain, row)
            SecurityEvent.objects.filter(pk=row.pk, sequence=None).update(sequence=sequence, chain=chain)
    return len(rows)
