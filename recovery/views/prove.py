"""Showing one proof: the code or password, and, where a code must be sent first, asking for it."""

from __future__ import annotations

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import clock
from accounts.errors import Refused
from policy.rules import RULES
from recovery import methods, wording
from recovery.forms import PROVE_FORMS, SEND_FORMS
from recovery.methods import Method
from recovery.models import Case
from recovery.services import claims, proofs
from recovery.states import State
from recovery.views.holder import LINK, case_page, claimant, hold


@sensitive_post_parameters("code", "password")
@require_http_methods(["GET", "HEAD", "POST"])
@case_page
def prove(request: HttpRequest, case: Case, grade: str, method: str) -> HttpResponse:
    """One method on one page; known and unknown claimants see the same (ASVS 6.3.8)."""
    try:
        way = methods.get(method)
    except LookupError:
        raise Http404 from None
    if case.is_over(clock.now()):
        return redirect("case", case.reference)
    if request.method == "POST" and "send" in request.POST:
        return _send(request, case, way)
    form = PROVE_FORMS[method](request.POST or None)
    if request.method == "POST" and form.is_valid():
        secret = form.cleaned_data.get("code") or form.cleaned_data["password"]
        outcome = proofs.prove(case, method, secret, claimant(request), by_link=grade == LINK)
        if not isinstance(outcome, Refused):
            response = redirect("case", case.reference)
            if outcome.secret:
                hold(response, request, case.reference, outcome.secret)
            return response
        form.add_error("password" if method == "password" else "code", wording.proof_refused(outcome, method))
    return _page(request, case, way, form, _send_form(case, way))


def _send(request: HttpRequest, case: Case, way: Method) -> HttpResponse:
    """Ask for a code; a worker decides whether one goes out."""
    if not way.channel:
        raise Http404
    form = SEND_FORMS[way.code](request.POST)
    if form.is_valid():
        to = form.cleaned_data["email" if way.channel == "mail" else "phone"]
        asked = claims.request_code(case, way.code, to, claimant(request))
        if not isinstance(asked, Refused):
            return redirect(f"{reverse('case_prove', args=[case.reference, way.code])}?sent=1")
        form.add_error(None, wording.proof_refused(asked, way.code))
    return _page(request, case, way, PROVE_FORMS[way.code](), form)


def _send_form(case: Case, way: Method) -> Form | None:
    if not way.channel:
        return None
    known = case.identifier if way.channel == "mail" and case.identifier_kind == "email" else ""
    return SEND_FORMS[way.code](initial={"email": known}, prefix=None)


def _page(request: HttpRequest, case: Case, way: Method, form: Form, send_form: Form | None) -> HttpResponse:
    begun_by_mail = way.channel == "mail" and case.identifier_kind == "email" and case.state == State.OPENED
    page = {
        "case": case,
        "method": way,
        "hint": wording.method_hint(way.code),
        "form": send_form if send_form is not None and send_form.errors else form,
        "code_form": form,
        "send_form": send_form,
        "rules": RULES,
        "sent": "sent" in request.GET or begun_by_mail,
    }
    return render(request, f"recovery/prove/{way.code}.html", page)
