"""Where the account is signed in, which browsers it knows, and staying signed in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import assurance, clock, context, session_end
from accounts.models import KnownBrowser, Session
from accounts.requests import SignedInRequest
from accounts.services import browsers
from accounts.services import sessions as service
from policy.rules import RULES


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sessions(request: SignedInRequest) -> HttpResponse:
    """The two lists; a POST ends all sessions but this one. What only ends something asks for no fresh proof."""
    if request.method == "POST":
        return _end_others(request)
    here = request.session.session_key
    open_ = sorted(service.live(request.user), key=lambda row: row.session_key != here)
    seen = context.from_request(request).browsers
    words = {
        "rows": [_session(row, here=row.session_key == here) for row in open_],
        "others": len(open_) > 1,
        "browsers": [_browser(row, here=row.digest in seen) for row in browsers.listed(request.user)],
        "rules": RULES,
    }
    return render(request, "accounts/sessions/list.html", words)


@require_POST
def session_end_one(request: SignedInRequest, public_id: str) -> HttpResponse:
    """End one other session."""
    ctx = context.from_request(request)
    if not service.end(request.user, public_id, keep=request.session.session_key or "", ctx=ctx):
        raise Http404
    messages.success(request, _("That session is ended."))
    return redirect("sessions")


@require_POST
def session_stay(request: SignedInRequest) -> HttpResponse:
    """The button of the warning: this session was used now. Its longest life stays as it is."""
    assurance.stay(request)
    return JsonResponse(session_end.of(request).as_words())


@require_POST
def browser_forget(request: SignedInRequest, pk: int) -> HttpResponse:
    """Forget one known browser."""
    if not browsers.forget(request.user, pk, ctx=context.from_request(request)):
        raise Http404
    messages.success(request, _("That browser is forgotten."))
    return redirect("sessions")


@require_POST
def browsers_forget(request: SignedInRequest) -> HttpResponse:
    """Forget every known browser."""
    browsers.forget_all(request.user, ctx=context.from_request(request))
    messages.success(request, _("All browsers are forgotten."))
    return redirect("sessions")


def _end_others(request: SignedInRequest) -> HttpResponse:
    ctx = context.from_request(request)
    count = service.end_others(request.user, keep=request.session.session_key or "", ctx=ctx)
    assurance.refresh(request, request.user)
    text = ngettext("%(count)s other session is ended.", "%(count)s other sessions are ended.", count)
    messages.success(request, text % {"count": count})
    return redirect("sessions")


def _session(row: Session, *, here: bool) -> dict[str, Any]:
    return {
        "agent": row.agent or _("Unknown browser"),
        "here": here,
        "place": _place(row.network),
        "seen": row.last_seen_at,
        "began": row.created_at,
        "end_url": reverse("session_end", args=[row.public_id]) if row.public_id else "",
    }


def _browser(row: KnownBrowser, *, here: bool) -> dict[str, Any]:
    return {
        "agent": row.name or _("Unknown browser"),
        "here": here,
        "place": _place(row.network),
        "used": row.last_used,
        "first": row.first_seen,
        "counts": row.counts_from <= clock.now(),
        "counts_from": row.counts_from,
        "forget_url": reverse("browser_forget", args=[row.pk]),
    }


def _place(network: str) -> str:
    """The network as coarsely as it is kept, which is as much as we know of the place."""
    return _("Network %(network)s") % {"network": network} if "/" in network else ""
