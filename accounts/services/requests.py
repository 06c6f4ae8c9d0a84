"""Requests of people who are not signed in, resolved by a worker: only it looks at the user table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from accounts import clock
from accounts.models import AddressRequest
from accounts.services import passwords, sign_up

RESOLVERS: dict[str, Callable[[str], None]] = {"sign_up": sign_up.resolve, "password_reset": passwords.resolve}


def resolve(request_id: str) -> None:
    """Resolve one request; one that is gone or resolved already is no fault."""
    kind = AddressRequest.objects.filter(pk=request_id, resolved_at=None).values_list("kind", flat=True).first()
    if kind:
        RESOLVERS[kind](request_id)


def sweep(limit: int = 200) -> int:
    """Resolve what the bell missed."""
    now = clock.now()
    waiting = AddressRequest.objects.filter(
        resolved_at=None, created_at__lte=now - timedelta(seconds=5), expires_at__gt=now
    )
    ids = list(waiting.order_by("created_at").values_list("pk", flat=True)[:limit])
    for pk in ids:
        resolve(str(pk))
    return len(ids)
