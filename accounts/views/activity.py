"""What happened in the account, in words."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import history
from accounts.models import SecurityEvent
from accounts.requests import SignedInRequest

PAGE = 30
#: More digits than any id has; a longer text is no place in time.
_LONGEST = 18


@never_cache
@require_safe
def activity(request: SignedInRequest) -> HttpResponse:
    """The newest first; `?before=<id>` goes back in time, `?only=important` leaves out everyday events."""
    text, important = request.GET.get("before", ""), request.GET.get("only") == "important"
    before = int(text) if text.isascii() and text.isdecimal() and len(text) <= _LONGEST else None
    events, older = history.page(request.user, before=before, important=important, size=PAGE)
    things = history.things(request.user, events)
    page = {
        "events": [_row(event, things) for event in events],
        "older": older,
        "older_url": _url(important, older) if older else "",
        "newest_url": _url(important) if before is not None else "",
        "important": important,
    }
    return render(request, "accounts/activity/list.html", page)


def _row(event: SecurityEvent, things: dict[str, str]) -> dict[str, Any]:
    return {
        "at": event.at,
        "title": history.sentence(event),
        "about": things.get(history.means_of(event), ""),
        "detail": history.detail(event),
        "where": history.place(event),
        "state": history.grave_word(event),
        "tone": "stop",
    }


def _url(important: bool, before: int | None = None) -> str:
    words = ({"only": "important"} if important else {}) | ({"before": str(before)} if before else {})
    return f"?{urlencode(words)}"
