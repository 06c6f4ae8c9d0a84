""" "It is here": bringing back what was reported lost (R13). The report itself is a button beside the thing."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import assurance, context, wording
from accounts.errors import Refused, Why
from accounts.models import Means, Passkey, Phone
from accounts.requests import SignedInRequest
from accounts.services import losses


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@assurance.step_up_required(losses.FOUND_DEED)
def authenticator_found(request: SignedInRequest, kind: str, pk: int) -> HttpResponse:
    """Say what bringing it back needs and does, then do it."""
    row = losses.lost(request.user, kind, pk)
    if row is None:
        raise Http404
    page = {"name": _name(row), "lost_at": row.lost_at, "same_place": False}
    if request.method == "POST":
        session, ctx = assurance.session_facts(request), context.from_request(request)
        keep = request.session.session_key
        back = losses.found(request.user, kind, pk, session=session, keep=keep, ctx=ctx)
        if not isinstance(back, Refused):
            assurance.refresh(request, request.user)
            messages.success(request, _("It is back: it signs you in and counts again."))
            return redirect("security")
        page["same_place"] = back.why is Why.STEP_UP
    return render(request, "accounts/account/found.html", page)


def _name(row: Means) -> str:
    if isinstance(row, Phone):
        return wording.masked_phone(row.number, 4)
    return row.name or (_("Passkey") if isinstance(row, Passkey) else _("Authenticator app"))
