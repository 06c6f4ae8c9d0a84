"""A copy of everything the account holds about its person."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import assurance, clock, context
from accounts.errors import Refused, Why
from accounts.refusals import refusal_text
from accounts.requests import SignedInRequest
from accounts.services import export as service
from accounts.views import standing
from accounts.views.errors import retry_after
from policy.deeds import Export, step_up_kind


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: SignedInRequest) -> HttpResponse:
    """What is inside; on POST, after a fresh step-up, the file."""
    session = assurance.session_facts(request)
    page = {"confirmed": assurance.fresh_step_up(request, step_up_kind(Export)), "title": _("Take a copy of your data")}
    if request.method != "POST":
        return render(request, "accounts/account/export.html", page)
    copy = service.export(request.user, session=session, ctx=context.from_request(request))
    if isinstance(copy, Refused) and copy.why is Why.THROTTLED:
        shown = render(request, "accounts/account/export.html", {**page, "refusal": refusal_text(copy)}, status=429)
        return retry_after(shown, copy.until)
    if isinstance(copy, Refused):
        return standing.refused_page(request, copy, Export(), str(page["title"]))
    name = f"modoru-{clock.now():%Y-%m-%d}.json"
    answer = JsonResponse(copy, json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
