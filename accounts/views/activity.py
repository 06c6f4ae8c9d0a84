"""What happened in the account, in words."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import history
from accounts.models import SecurityEvent
from accounts.requests import SignedInRequest

PAGE = 30


@never_cache
@require_safe
def activity(request: SignedInRequest) -> HttpResponse:
    """The newest first; `?before=<id>` goes back in time."""
    found = SecurityEvent.objects.filter(user=request.user)
    before = request.GET.get("before", "")
    if before.isascii() and before.isdecimal():
        found = found.filter(pk__lt=int(before))
    newest = list(found.order_by("-pk")[: PAGE + 1])
    shown = [
        {
            "at": event.at,
            "title": history.sentence(event),
            "detail": history.detail(event),
            "where": event.agent,
            "state": history.grave_word(event),
            "tone": "stop",
        }
        for event in newest[:PAGE]
    ]
    older = newest[PAGE - 1].pk if len(newest) > PAGE else None
    return render(request, "accounts/activity/list.html", {"events": shown, "older": older, "first": not before})
