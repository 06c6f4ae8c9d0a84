"""Saved recovery codes: how many are left, a new sheet, one code typed back, the sheet as a file."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import assurance, context, selectors, wording
from accounts.errors import Refused, Why
from accounts.forms.authenticators import TypedBackForm
from accounts.refusals import refusal_text
from accounts.requests import SignedInRequest
from accounts.services import saved_codes
from accounts.views import rows, set_up
from policy.deeds import ReplaceCodes, step_up_kind


@never_cache
@require_safe
def recovery_codes(request: SignedInRequest) -> HttpResponse:
    """What the person has. Codes themselves are never shown again (P8)."""
    held = selectors.holdings(request.user)
    sheets = [rows.sheet(row, held) for row in reversed(held.sheets) if row.confirmed_at]
    for row in sheets:
        row["actions"] = []
    return render(request, "accounts/codes/overview.html", {"sheets": sheets, **_frame(request)})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    """Make a sheet: step-up for the first one or for a replacement, whichever it is."""
    deed = saved_codes.deed_for(request.user, assurance.session_facts(request))
    return assurance.step_up_required(step_up_kind(deed))(_new)(request)


def _new(request: SignedInRequest) -> HttpResponse:
    if request.method != "POST":
        replaces = saved_codes.deed_for(request.user, assurance.session_facts(request)) == ReplaceCodes()
        return render(request, "accounts/codes/new.html", {"replaces": replaces, **_frame(request)})
    sheet = saved_codes.make(request.user, session=assurance.session_facts(request))
    if isinstance(sheet, Refused):
        deed = saved_codes.deed_for(request.user, assurance.session_facts(request))
        return set_up.refused(request, sheet, step_up_kind(deed), "recovery_codes")
    return _sheet_page(request, sheet, TypedBackForm(initial={"sheet": sheet.token}, ask=sheet.ask))


@never_cache
@sensitive_post_parameters("code", "sheet")
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: SignedInRequest) -> HttpResponse:
    """Take one code back from the paper. No step-up here: writing twenty lines takes longer than one stays fresh."""
    token = request.POST.get("sheet", "")
    sheet = saved_codes.opened(request.user, token)
    if sheet is None:
        return _too_late(request)
    form = TypedBackForm(request.POST, ask=sheet.ask)
    if form.is_valid():
        keep, ctx = request.session.session_key, context.from_request(request)
        done = saved_codes.confirm(request.user, token, form.cleaned_data["code"], keep=keep, ctx=ctx)
        if not isinstance(done, Refused):
            assurance.refresh(request, request.user)
            return set_up.onward(request, "recovery_codes", _("The paper is right. Keep it apart from your phone."))
        form.add_error("code", _fault(done))
    return _sheet_page(request, sheet, form)


@never_cache
@sensitive_post_parameters("sheet")
@require_POST
def download(request: SignedInRequest) -> HttpResponse:
    """The sheet as a text file, without a script. It is noted: a file lies where a thief of the phone finds it (R1)."""
    ctx = context.from_request(request)
    sheet = saved_codes.note_download(request.user, request.POST.get("sheet", ""), ctx=ctx)
    if sheet is None:
        return _too_late(request)
    text = render_to_string("accounts/codes/sheet.txt", _on_paper(request, sheet))
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="recovery-codes.txt"'
    return response


def _sheet_page(request: SignedInRequest, sheet: saved_codes.Sheet, form: TypedBackForm) -> HttpResponse:
    page = {"form": form, "sheet": sheet, **_on_paper(request, sheet), **_frame(request)}
    return render(request, "accounts/codes/sheet.html", page)


def _on_paper(request: SignedInRequest, sheet: saved_codes.Sheet) -> dict[str, Any]:
    return {
        "codes": sheet.codes,
        "account": wording.masked_email(request.user.email),
        "made_at": sheet.made_at,
        "url": settings.BASE_URL + "/",
    }


def _too_late(request: SignedInRequest) -> HttpResponse:
    messages.warning(request, _("That sheet no longer stands. Make a new one; destroy what you wrote down from it."))
    return redirect(_frame(request)["back_url"])


def _fault(refused: Refused) -> str:
    if refused.why is Why.SHAPE:
        return _("A code has 20 characters, in four groups of five. Type all of them.")
    if refused.why is Why.WRONG:
        return _("This is not one of the codes on this sheet. Compare it with your paper, character by character.")
    return refusal_text(refused)


def _frame(request: SignedInRequest) -> dict[str, Any]:
    return set_up.frame(request, "recovery_codes")
