"""What happened: the one door through which security events are written."""

from __future__ import annotations

import hashlib
import json
import logging
from typing import Any

from django.db import models, transaction

from accounts import clock, crypto
from accounts.context import ActorContext
from accounts.models import Change, SecurityEvent, User
from accounts.outbox import notices

log = logging.getLogger("modoru.security")

#: OWASP logging-vocabulary name and level of the types that have one; the rest log under their own name.
OWASP: dict[str, tuple[str, int]] = {
    "session.sign_in.succeeded": ("authn_login_success", logging.INFO),
    "session.sign_in.failed": ("authn_login_fail", logging.WARNING),
    "session.sign_in.throttled": ("authn_login_fail_max", logging.WARNING),
    "session.signed_out": ("session_logout", logging.INFO),
    "password.changed": ("authn_password_change", logging.INFO),
    "password.reset": ("authn_password_change", logging.INFO),
    "sms.sending.paused": ("excess_rate_limit_exceeded", logging.ERROR),
    "limit.exceeded": ("excess_rate_limit_exceeded", logging.WARNING),
}


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
    name, level = OWASP.get(kind, (kind.replace(".", "_"), logging.INFO))
    who = crypto.keyed_name("log", str(user.pk)) if user else "-"
    transaction.on_commit(
        lambda: log.log(level, name, extra={"event": name, "user": who, "request_id": ctx.request_id, "data": data})
    )
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


def link(previous: str, row: SecurityEvent) -> str:
    """The hash that ties an event to the one before it."""
    fields = [row.pk, row.user_id, row.type, row.at.isoformat(), row.actor, row.network, row.agent, row.request_id]
    body = json.dumps([previous, *fields, row.data], sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(body.encode()).hexdigest()


def newest(user: User, limit: int = 50) -> models.QuerySet[SecurityEvent]:
    """The latest events of an account, for its activity page."""
    return SecurityEvent.objects.filter(user=user).order_by("-at", "-id")[:limit]
