"""/dev/outbox/: every letter as its recipient would read it. Only with DEBUG; rendered on the fly from the rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace, csp_update
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin

from accounts.models import OutboxMessage
from accounts.outbox.letters import Letter, Obsolete
from accounts.outbox.letters import render as render_letter

SHOWN = 200
#: What went out does not change: rendered once, because tests and people ask for this page again and again.
_kept: dict[UUID, Letter] = {}
SANDBOX = "allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"


def only_with_debug(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """404 in production. Attack stopped: everybody's codes on a page of a portal that was put up in haste."""

    @login_not_required
    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.DEBUG:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@dataclass(frozen=True, slots=True)
class Shown:
    """A row and what it says; what it spoke of may be gone by now."""

    row: OutboxMessage
    letter: Letter

    @property
    def text(self) -> str:
        return self.letter.sms or self.letter.text


@only_with_debug
def outbox(request: HttpRequest) -> HttpResponse:
    """All letters, newest first, whatever became of them."""
    to = request.GET.get("to", "").strip()
    rows = _newest(OutboxMessage.objects.filter(to__iexact=to) if to else OutboxMessage.objects.all())
    return render(request, "dev/outbox.html", {"letters": [_shown(row) for row in rows], "to": to})


@only_with_debug
@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type]  # its type knows only views without arguments
def letter(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """One mail, as HTML in a frame and as text."""
    row = get_object_or_404(OutboxMessage, pk=message_id)
    return render(request, "dev/letter.html", {"shown": _shown(row)})


@only_with_debug
@xframe_options_sameorigin
@csp_replace(  # type: ignore[arg-type]
    {
        "script-src": [NONE],
        "style-src": [UNSAFE_INLINE],
        "img-src": [NONE],
        "frame-ancestors": [SELF],
        "sandbox": [SANDBOX],
    }
)
def letter_html(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """The mail's HTML alone, in a sandbox; its styles are inline as mail needs them, here and nowhere else."""
    html = _shown(get_object_or_404(OutboxMessage, pk=message_id, channel="mail")).letter.html
    return HttpResponse(html.replace("<head>", '<head><base target="_top">', 1))


@only_with_debug
def outbox_json(request: HttpRequest) -> JsonResponse:
    """What went out, newest first; `?since=<ISO time>` leaves out what was created before."""
    rows = OutboxMessage.objects.filter(status=OutboxMessage.Status.SENT)
    since = parse_datetime(request.GET.get("since", ""))
    if isinstance(since, datetime) and since.tzinfo:
        rows = rows.filter(created_at__gte=since)
    return JsonResponse({"messages": [_as_json(_shown(row)) for row in _newest(rows)]})


def _newest(rows: QuerySet[OutboxMessage]) -> QuerySet[OutboxMessage]:
    return rows.select_related("user", "change").order_by("-created_at", "-pk")[:SHOWN]


def _shown(row: OutboxMessage) -> Shown:
    if row.status == OutboxMessage.Status.SENT and row.pk in _kept:
        return Shown(row, _kept[row.pk])
    try:
        letter = render_letter(row, even_obsolete=True)
    except Obsolete as gone:
        return Shown(row, Letter(subject=f"({gone})", sms=f"({gone})"))
    if row.status == OutboxMessage.Status.SENT:
        if len(_kept) >= 5 * SHOWN:
            _kept.clear()
        _kept[row.pk] = letter
    return Shown(row, letter)


def _as_json(shown: Shown) -> dict[str, str]:
    row = shown.row
    return {
        "id": str(row.pk),
        "channel": row.channel,
        "to": row.to,
        "kind": row.kind,
        "language": row.language,
        "subject": shown.letter.subject,
        "text": shown.text,
        "html": shown.letter.html,
        "created": row.created_at.isoformat(),
    }
