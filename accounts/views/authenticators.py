"""The authenticators of an account: the list, one app's own page, adding an app or a number."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import assurance, context, otpauth, selectors
from accounts.errors import Refused, Why
from accounts.forms.authenticators import AppForm, NameForm, PhoneForm, SmsCodeForm
from accounts.models import Phone, Totp
from accounts.refusals import refusal_text
from accounts.requests import SignedInRequest
from accounts.services import challenges, changes, losses, passkeys, phones, totp
from accounts.views import passkeys as passkey_views
from accounts.views import rows, set_up
from policy.deeds import AddNumber, BindAuthenticator, RemoveAuthenticator, step_up_kind
from policy.facts import Kind
from policy.rules import RULES

ADD_APP = step_up_kind(BindAuthenticator(Kind.TOTP))
ADD_NUMBER = step_up_kind(AddNumber())
REMOVE = step_up_kind(RemoveAuthenticator)


@never_cache
@require_safe
def authenticators(request: SignedInRequest) -> HttpResponse:
    """Everything that signs in beside the password."""
    held = selectors.holdings(request.user)
    page = {
        "apps": [rows.app(row, held) for row in held.totps if row.confirmed_at],
        "passkeys": [rows.passkey(row, held) for row in held.passkeys],
        "signal": passkeys.signal(held),
        "phones": [rows.phone(row, held) for row in held.phones if row.confirmed_at and not row.weak],
        "sheets": [rows.sheet(row, held) for row in held.sheets if row.confirmed_at],
    }
    return render(request, "accounts/authenticators/list.html", page)


def add(request: SignedInRequest, kind: str) -> HttpResponse:
    """The page for adding one kind; another kind has none."""
    pages = {"totp": add_app, "passkey": passkey_views.add, "sms": add_number}
    if kind not in pages:
        raise Http404
    return pages[kind](request)


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
@assurance.step_up_required(ADD_APP)
def add_app(request: SignedInRequest) -> HttpResponse:
    """Begin an app by POST, then show its key until its first code is right. A stray GET changes nothing (P19)."""
    if "begin" in request.POST:
        begun = totp.begin(request.user, session=assurance.session_facts(request))
        if isinstance(begun, Refused):
            return set_up.refused(request, begun, ADD_APP, "authenticators")
        return redirect("authenticators_add", "totp")
    row = totp.pending(request.user)
    if row is None:
        return render(request, "accounts/authenticators/begin_app.html", _frame(request))
    form = AppForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        bound = _confirm_app(request, form)
        if isinstance(bound, Totp):
            return set_up.onward(request, "authenticators", _("The app is added. It signs you in from now on."))
        form.add_error("code", refusal_text(bound))
    return render(request, "accounts/authenticators/add_app.html", {"form": form, **_key(row), **_frame(request)})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@assurance.step_up_required(ADD_NUMBER)
def add_number(request: SignedInRequest) -> HttpResponse:
    """Type a number; a code goes there by SMS, on this POST and no other."""
    form = PhoneForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        begun = phones.begin(
            request.user,
            form.cleaned_data["phone"],
            replaces=None,
            session=assurance.session_facts(request),
            ctx=context.from_request(request),
        )
        if isinstance(begun, Phone):
            return redirect("authenticators_add_code", begun.pk)
        form.add_error("phone", _number_fault(begun))
    return render(request, "accounts/authenticators/add_number.html", {"form": form, **_frame(request)})


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
@assurance.step_up_required(ADD_NUMBER)
def add_number_code(request: SignedInRequest, pk: int) -> HttpResponse:
    """Type back the code from the SMS."""
    row = Phone.objects.pending().filter(user=request.user, pk=pk).first()
    if row is None:
        return redirect("authenticators_add", "sms")
    if "again" in request.POST:
        sent = phones.send_code(request.user, row, context.from_request(request))
        _tell(request, _("A new code was made. Only the newest works."), sent)
        return redirect("authenticators_add_code", pk)
    form = SmsCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        bound = _confirm_number(request, row, form.cleaned_data["code"])
        if isinstance(bound, phones.Bound):
            return set_up.onward(request, "authenticators", _("The number is added. Codes go there from now on."))
        form.add_error("code", refusal_text(bound))
    progress = challenges.progress(challenges.newest(phones.scope(row)))
    page = {"form": form, "phone": row, "progress": progress, "here": request.path, "rules": RULES}
    page |= _frame(request)
    return render(request, "accounts/authenticators/add_number_code.html", page)


@never_cache
@require_safe
def app(request: SignedInRequest, pk: int) -> HttpResponse:
    """One app: its name, its copy, what to do when it is lost."""
    return _app_page(request, _own(request, pk), NameForm())


@never_cache
@require_POST
def rename(request: SignedInRequest, pk: int) -> HttpResponse:
    row = _own(request, pk)
    form = NameForm(request.POST)
    if not form.is_valid():
        return _app_page(request, row, form)
    totp.rename(request.user, row.pk, form.cleaned_data["name"], ctx=context.from_request(request))
    messages.success(request, _("The app has a new name."))
    return redirect("authenticator", pk)


@never_cache
@require_POST
def backed_up(request: SignedInRequest, pk: int) -> HttpResponse:
    """The person says that the app has a copy now."""
    totp.backed_up(request.user, _own(request, pk).pk)
    messages.success(request, _("Noted: this app has a copy since today."))
    return redirect("authenticator", pk)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@assurance.step_up_required(REMOVE)
def remove(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say what removing does, then do it: it rests at once and is gone when final (R6)."""
    row = _own(request, pk)
    session, ctx = assurance.session_facts(request), context.from_request(request)
    verdict = changes.ask(request.user, RemoveAuthenticator(row.means_id), session)
    if request.method == "POST" and not isinstance(verdict, Refused):
        keep = request.session.session_key
        if not isinstance(changes.remove_means(request.user, row, session=session, keep=keep, ctx=ctx), Refused):
            assurance.refresh(request, request.user)
            messages.success(request, _("The app is removed and signs nobody in."))
        return redirect("authenticators")
    page: dict[str, Any] = {"app": row, "name": rows.app_name(row)}
    if isinstance(verdict, Refused):
        page["refused"] = refusal_text(verdict)
    else:
        page["final_after"] = verdict.final_after
    return render(request, "accounts/authenticators/remove.html", page)


@never_cache
@require_POST
def lost(request: SignedInRequest, kind: str, pk: int) -> HttpResponse:
    """ "I lost this": it stops at once; the next step is shown, never taken for them (R13)."""
    session, ctx = assurance.session_facts(request), context.from_request(request)
    keep = request.session.session_key
    reported = losses.report(request.user, kind, pk, session=session, keep=keep, ctx=ctx)
    if isinstance(reported, Refused) and reported.why is Why.STATE:
        raise Http404
    if not isinstance(reported, Refused):
        assurance.refresh(request, request.user)
    _tell(request, _("It is stopped: nobody can use it now. Add another way in as soon as you can."), reported)
    return redirect("authenticators")


def _confirm_app(request: SignedInRequest, form: AppForm) -> Totp | Refused:
    bound = totp.confirm(
        request.user,
        form.cleaned_data["code"],
        form.cleaned_data["name"],
        session=assurance.session_facts(request),
        keep=request.session.session_key,
        ctx=context.from_request(request),
    )
    if isinstance(bound, Totp):
        assurance.refresh(request, request.user)
    return bound


def _confirm_number(request: SignedInRequest, row: Phone, code: str) -> phones.Bound | Refused:
    bound = phones.confirm(
        request.user,
        row,
        code,
        replaces=None,
        session=assurance.session_facts(request),
        keep=request.session.session_key,
        ctx=context.from_request(request),
    )
    if isinstance(bound, phones.Bound):
        assurance.refresh(request, request.user)
    return bound


def _own(request: SignedInRequest, pk: int) -> Totp:
    row = totp.owned(request.user, pk)
    if row is None:
        raise Http404
    return row


def _app_page(request: SignedInRequest, row: Totp, form: NameForm) -> HttpResponse:
    held = selectors.holdings(request.user)
    page = {"form": form, "app": row, "row": rows.app(row, held), "name": rows.app_name(row)}
    page |= {"why": rows.probation(row, held), "copied": rows.copied(row)}
    if not form.is_bound:
        page["form"] = NameForm(initial={"name": row.name})
    return render(request, "accounts/authenticators/app.html", page)


def _key(row: Totp) -> dict[str, Any]:
    address = otpauth.uri(row.seed, row.user.email)
    return {"key": otpauth.base32(row.seed), "address": address, "qr": otpauth.qr_svg(address)}


def _frame(request: SignedInRequest) -> dict[str, Any]:
    return set_up.frame(request, "authenticators")


def _tell(request: SignedInRequest, done: str, outcome: object) -> None:
    if isinstance(outcome, Refused):
        messages.warning(request, refusal_text(outcome))
    else:
        messages.success(request, done)


def _number_fault(refused: Refused) -> str:
    if refused.why is Why.SHAPE:
        return _("This does not look like a mobile number. Type all of its digits, such as 090-1234-5678.")
    return refusal_text(refused)
