"""Where the account is signed in."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import assurance, context
from accounts.requests import SignedInRequest
from accounts.services import sessions as service


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sessions(request: SignedInRequest) -> HttpResponse:
    """The list; a POST ends one session, or all but this one."""
    if request.method == "POST":
        return _end(request)
    here = request.session.session_key
    shown = [
        {
            "agent": row.agent or _("Unknown browser"),
            "here": row.session_key == here,
            "seen": row.last_seen_at,
            "began": row.created_at,
            "end_url": reverse("sessions"),
            "end_value": row.public_id,
        }
        for row in service.live(request.user)
    ]
    shown.sort(key=lambda row: not row["here"])
    return render(request, "accounts/sessions/list.html", {"rows": shown, "others": len(shown) > 1})


def _end(request: SignedInRequest) -> HttpResponse:
    ctx = context.from_request(request)
    if "others" in request.POST:
        count = service.end_others(request.user, keep=request.session.session_key or "", ctx=ctx)
        assurance.refresh(request, request.user)
        text = ngettext("%(count)s other session is ended.", "%(count)s other sessions are ended.", count)
        messages.success(request, text % {"count": count})
    elif service.end(request.user, request.POST.get("session", ""), ctx=ctx):
        messages.success(request, _("That session is ended."))
    else:
        messages.info(request, _("That session had ended already."))
    return redirect("sessions")
