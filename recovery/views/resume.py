"""The case in another browser (product §6, R12)."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.errors import Refused
from accounts.refusals import refusal_text
from accounts.services import links
from recovery import selectors
from recovery.forms import ResumeForm
from recovery.references import parse
from recovery.services import resume as service
from recovery.views import holder


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, reference: str) -> HttpResponse:
    """Have a link mailed that shows the case here. Answered alike for every reference and address."""
    form = ResumeForm(request.POST or None)
    given = parse(reference)
    if request.method == "POST" and given and form.is_valid():
        asked = service.request(given, form.cleaned_data["email"], holder.claimant(request))
        if not isinstance(asked, Refused):
            return redirect(f"{reverse('case_resume_ask', args=[given])}?sent=1")
        form.add_error(None, refusal_text(asked))
    return holder.locked(request, reference, form if request.method == "POST" else None)


@login_not_required
@never_cache
@require_safe
def resume(request: HttpRequest, reference: str, token: str) -> HttpResponse:
    """A mailed link: the token goes into a cookie and out of the address at once. Spends nothing, changes nothing."""
    link = links.find("resume", token)
    case = None if isinstance(link, Refused) else selectors.by_link(link)
    if case is None or case.reference != parse(reference):
        response = holder.locked(request, reference)
    else:
        response = redirect("case", case.reference)
        holder.show(response, request, case.reference, token)
    response["Referrer-Policy"] = "no-referrer"
    return response
