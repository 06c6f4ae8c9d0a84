"""What claimants asked to have sent, answered by a worker: codes, and links that show a case in another browser."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from accounts import clock
from recovery import selectors
from recovery.models import CaseRequest
from recovery.services import claims, resume


def answer(request_id: str | int) -> None:
    """Answer one request; one that is answered already, or has no case, is no fault."""
    with transaction.atomic():
        if not CaseRequest.objects.filter(pk=request_id, handled_at=None).update(handled_at=clock.now()):
            return
        request = CaseRequest.objects.get(pk=request_id)
        case = selectors.by_reference(request.reference)
        if case is None or case.is_over(clock.now()):
            return
        if request.kind == CaseRequest.Kind.RESUME:
            resume.send(case, request)
        else:
            claims.send(case, request.kind, request.to)


def sweep(now: datetime, limit: int) -> int:
    """Answer what the bell missed; what waited for more than an hour is worth nothing any more."""
    waiting = CaseRequest.objects.filter(handled_at=None, created_at__gt=now - timedelta(hours=1))
    ids = list(waiting.order_by("created_at").values_list("pk", flat=True)[:limit])
    for pk in ids:
        answer(pk)
    CaseRequest.objects.filter(created_at__lt=now - timedelta(days=8)).delete()
    return len(ids)
