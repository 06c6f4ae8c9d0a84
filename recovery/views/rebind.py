"""Binding anew, station by station, in the browser that holds the case (R16)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import clock, otpauth
from accounts import wording as words
from accounts.errors import Refused, Why
from accounts.refusals import refusal_text
from accounts.services import challenges
from policy.facts import Kind
from policy.rules import RULES
from recovery import methods, wording
from recovery.forms import NewAppForm, NewNumberForm, NewPasswordForm, SmsCodeForm, TypedBackForm
from recovery.models import Case, Rebinding
from recovery.services import cases, completion
from recovery.services import rebinding as service
from recovery.services.rebinding import Look
from recovery.views.holder import LINK, case_page, claimant

FORMS: dict[str, type[Form]] = {
    "number": NewNumberForm,
    "number_code": SmsCodeForm,
    "app": NewAppForm,
    "codes": TypedBackForm,
    "password": NewPasswordForm,
}


@sensitive_post_parameters("code", "password", "password_again", "sheet")
@require_http_methods(["GET", "HEAD", "POST"])
@case_page
def rebind(request: HttpRequest, case: Case, grade: str) -> HttpResponse:
    """The stations: number, app, saved codes, password, and one button that binds all of it."""
    if request.method == "POST":
        cases.ripen(case, claimant(request))
    if grade == LINK:
        return render(request, "recovery/rebind_link.html", {"case": case, "offers": _outside_the_mailbox()})
    seen = service.look(case)
    if isinstance(seen, Refused):
        return redirect("case", case.reference)
    if request.method == "POST":
        return _step(request, case, seen)
    return _page(request, case, seen)


def _outside_the_mailbox() -> list[dict[str, Any]]:
    offered = [method for method in methods.METHODS if method.kind is not Kind.EMAIL]
    return [
        {"code": one.code, "kind": one.kind.value, "label": one.label, "hint": wording.method_hint(one.code)}
        for one in offered
    ]


def _step(request: HttpRequest, case: Case, seen: Look) -> HttpResponse:
    """One POST, one station. What was right leads back to the page, which shows the next."""
    step, _sep, station = request.POST.get("step", "").partition(":")
    ctx = claimant(request)
    form: Form | None = None
    outcome: object = True
    if step == "skip":
        outcome = service.skip(case, station, seen)
    elif step == "back" and station in service.STATIONS[:-1]:
        service.back(case, station)
    elif step == "again":
        outcome = service.send_number_code(case, ctx)
    elif step == "finish":
        outcome = completion.complete(case, ctx)
        if not isinstance(outcome, Refused):
            return redirect("case", case.reference)
    elif step in FORMS:
        form = _form(case, step, request)
        if form.is_valid():
            outcome = _SERVICES[step](case, form.cleaned_data, ctx)
            if isinstance(outcome, Refused):
                _say(form, step, outcome)
    else:
        return redirect("case_rebind", case.reference)
    if form is not None and form.errors:
        return _page(request, case, seen, form)
    if isinstance(outcome, Refused):
        return _page(request, case, seen, notice=refusal_text(outcome))
    return redirect("case_rebind", case.reference)


_SERVICES: dict[str, Callable[[Case, dict[str, Any], Any], object]] = {
    "number": lambda case, data, ctx: service.set_number(case, data["phone"], ctx),
    "number_code": lambda case, data, ctx: service.confirm_number(case, data["code"], ctx),
    "app": lambda case, data, ctx: service.confirm_app(case, data["code"], data["name"], ctx),
    "codes": lambda case, data, ctx: service.confirm_codes(case, data["sheet"], data["code"]),
    "password": lambda case, data, ctx: service.set_password(case, data["password"]),
}


def _form(case: Case, step: str, request: HttpRequest) -> Form:
    if step == "codes":
        sheet = service.open_codes(case, request.POST.get("sheet", ""))
        return TypedBackForm(request.POST, ask=sheet.ask if sheet else 1)
    return FORMS[step](request.POST)


def _say(form: Form, step: str, refused: Refused) -> None:
    field = {"number": "phone", "password": "password"}.get(step, "code")
    if step == "number":
        texts = [wording.number_refused(refused)]
    elif step == "password":
        texts = refused.detail.splitlines() or [refusal_text(refused)]
    elif step == "codes" and refused.why is Why.STATE:
        texts = [_("This sheet is too old. Here is a new one: write this one down.")]
    else:
        kinds = {"app": "totp", "codes": "saved-code", "number_code": "sms"}
        texts = [wording.proof_refused(refused, kinds[step])]
    for text in texts:
        form.add_error(field, text)


def _page(request: HttpRequest, case: Case, seen: Look, form: Form | None = None, notice: str = "") -> HttpResponse:
    row = service.draft(case)
    station = service.next_station(row, needs_password=service.needs_password(case))
    page: dict[str, Any] = {
        "case": case,
        "row": row,
        "station": station,
        "stations": _stations(row, station),
        "refusal": notice,
        "service_account": case.user.email if case.user else "",
        **_BUILDERS[station](request, case, row, seen, form),
    }
    return render(request, f"recovery/rebind/{station}.html", page)


def _stations(row: Rebinding, now: str) -> list[dict[str, Any]]:
    """The whole path with what was chosen, for the list beside the present station."""
    number = words.phone(row.number) if row.number_confirmed_at else _("Left out: no new number")
    app = (row.app_name or _("New authenticator app")) if row.app_confirmed_at else _("Left out: the present app stays")
    said = {
        "number": (_("New phone number"), number),
        "app": (_("New authenticator app"), app),
        "codes": (_("New saved codes"), _("On your paper")),
        "password": (_("Password"), _("New password") if row.password else _("The present one stays")),
        "finish": (_("Check and finish"), ""),
    }
    at = service.STATIONS.index(now)
    return [
        {
            "name": name,
            "title": said[name][0],
            "answer": said[name][1],
            "state": "done" if index < at else "now" if index == at else "next",
        }
        for index, name in enumerate(service.STATIONS)
    ]


def _number_page(request: HttpRequest, case: Case, row: Rebinding, seen: Look, form: Form | None) -> dict[str, Any]:
    """First the number, then the code that came back from it."""
    if not row.number or isinstance(form, NewNumberForm):
        return {"form": form or NewNumberForm(), "sent": None}
    sent = challenges.newest(service.number_scope(case, row.number))
    page = {"form": form or SmsCodeForm(), "sent": sent, "progress": challenges.progress(sent)}
    return page | {"here": reverse("case_rebind", args=[case.reference]), "rules": RULES}


def _app_page(request: HttpRequest, case: Case, row: Rebinding, seen: Look, form: Form | None) -> dict[str, Any]:
    seed = service.seed(case, row)
    address = otpauth.uri(seed, case.owner.email)
    return {
        "form": form or NewAppForm(),
        "qr": otpauth.qr_svg(address),
        "key": otpauth.base32(seed),
        "otpauth": address,
        "may_skip": bool(row.number_confirmed_at or seen.kept),
    }


def _codes_page(request: HttpRequest, case: Case, row: Rebinding, seen: Look, form: Form | None) -> dict[str, Any]:
    sheet = (service.open_codes(case, request.POST.get("sheet", "")) if form else None) or service.make_codes(case)
    if form is not None:
        form.data = form.data.copy()  # type: ignore[attr-defined]
        form.data["sheet"] = sheet.token  # type: ignore[index]
    return {
        "form": form or TypedBackForm(initial={"sheet": sheet.token}, ask=sheet.ask),
        "sheet": sheet,
        "account": words.masked_email(case.user.email if case.user else ""),
        "made_at": clock.now(),
        "url": settings.BASE_URL,
    }


def _password_page(request: HttpRequest, case: Case, row: Rebinding, seen: Look, form: Form | None) -> dict[str, Any]:
    return {"form": form or NewPasswordForm(), "may_skip": not service.needs_password(case)}


def _finish_page(request: HttpRequest, case: Case, row: Rebinding, seen: Look, form: Form | None) -> dict[str, Any]:
    """Check answers: what is bound, what stays, what stops, and when it is final."""
    gone = {one.means_id for one in seen.lost}
    rows = (*seen.held.totps, *seen.held.passkeys, *seen.held.phones)
    return {
        "lost": [_row_name(one) for one in seen.lost],
        "stays": [_row_name(one) for one in rows if one.means_id not in gone and one.confirmed_at],
        "allowed": seen.verdict,
    }


def _row_name(row: Any) -> str:
    if hasattr(row, "number"):
        return _("Phone number %(number)s") % {"number": words.masked_phone(row.number, 4)}
    if hasattr(row, "credential_id"):
        return _("Passkey %(name)s") % {"name": row.name} if row.name else _("Passkey")
    return _("Authenticator app %(name)s") % {"name": row.name} if row.name else _("Authenticator app")


_BUILDERS = {
    "number": _number_page,
    "app": _app_page,
    "codes": _codes_page,
    "password": _password_page,
    "finish": _finish_page,
}


@require_POST
@case_page
def codes_txt(request: HttpRequest, case: Case, grade: str) -> HttpResponse:
    """The new codes as a text file. From then on they lie where files lie (R1), as the page says."""
    # Once the codes are bound a copy would go unmarked, and a sheet in the mailbox would count as one on paper.
    shut = grade == LINK or isinstance(service.look(case), Refused)
    sheet = None if shut else service.note_download(case, request.POST.get("sheet", ""))
    if sheet is None:
        return redirect("case_rebind", case.reference)
    page = {"codes": sheet.codes, "made_at": clock.now(), "url": settings.BASE_URL + reverse("recovery")}
    response = render(request, "recovery/rebind/codes.txt", page, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="recovery-codes.txt"'
    response["Cache-Control"] = "no-store"
    return response
