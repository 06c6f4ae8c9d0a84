"""Signing up, page by page: address, code, password, then the set-up (R19)."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import assurance, context, which_password
from accounts.errors import Refused, Why
from accounts.forms.sign_up import EmailForm, MailCodeForm, NewAccountForm
from accounts.models import AddressRequest
from accounts.refusals import refusal_text
from accounts.services import sign_up as service
from accounts.services.verify import Verified
from accounts.views.errors import retry_after
from accounts.views.set_up import trail
from policy.facts import Kind

#: Where the browser keeps the number of its request; written on POST only, so a visit leaves no row.
SESSION_KEY = "sign_up_request"


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """Ask for the address. Known or not, the next page is the same."""
    if request.user.is_authenticated:
        return redirect("account")
    form = EmailForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        row = service.ask(form.cleaned_data["email"], ctx=context.from_request(request))
        if isinstance(row, AddressRequest):
            request.session[SESSION_KEY] = str(row.pk)
            return redirect("sign_up_code")
        form.add_error(None, refusal_text(row))
        return retry_after(_address_page(request, form), row.until)
    return _address_page(request, form)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up_code(request: HttpRequest) -> HttpResponse:
    """Take the code from the mail."""
    row = service.find(request.session.get(SESSION_KEY, ""))
    if row is None:
        return redirect("sign_up")
    form = MailCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        checked = service.check_code(str(row.pk), form.cleaned_data["code"], ctx=context.from_request(request))
        if isinstance(checked, AddressRequest):
            request.session.cycle_key()
            return redirect("sign_up_password")
        form.add_error("code", _code_fault(checked))
        if checked.why is Why.THROTTLED:
            return retry_after(_code_page(request, row, form), checked.until)
    return _code_page(request, row, form)


@login_not_required
@never_cache
@require_POST
def sign_up_again(request: HttpRequest) -> HttpResponse:
    """Send the mail once more."""
    row = service.find(request.session.get(SESSION_KEY, ""))
    if row is None:
        return redirect("sign_up")
    asked = service.ask_again(str(row.pk), ctx=context.from_request(request))
    if isinstance(asked, AddressRequest):
        return redirect("sign_up_code")
    form = MailCodeForm({})
    form.full_clean()
    form.errors.clear()
    form.add_error(None, refusal_text(asked))
    return retry_after(_code_page(request, row, form), asked.until)


@login_not_required
@never_cache
@sensitive_post_parameters("password", "password_again")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up_password(request: HttpRequest) -> HttpResponse:
    """Choose a password; the account is made and signed in, for setting up and nothing else (R19)."""
    row = service.find(request.session.get(SESSION_KEY, ""))
    if row is None or row.confirmed_at is None:
        return redirect("sign_up")
    form = NewAccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name, password = form.cleaned_data["name"], form.cleaned_data["password"]
        joined = service.create(str(row.pk), name=name, password=password, ctx=context.from_request(request))
        if isinstance(joined, service.Joined):
            proofs = [Verified(Kind.EMAIL, joined.address.means_id), Verified(Kind.PASSWORD, which_password.PASSWORD)]
            assurance.sign_in(request, joined.user, proofs, set_up=True, sign_up=True)
            request.session.pop(SESSION_KEY, None)
            return redirect("set_up")
        if joined.why is Why.TAKEN:
            return render(request, "accounts/sign_up/taken.html", {"email": row.email})
        for fault in joined.detail.splitlines() or [refusal_text(joined)]:
            form.add_error("password" if joined.detail else None, fault)
    return render(request, "accounts/sign_up/password.html", {"form": form, "email": row.email, "trail": trail(2)})


def _address_page(request: HttpRequest, form: EmailForm) -> HttpResponse:
    return render(request, "accounts/sign_up/address.html", {"form": form, "trail": trail(0)})


def _code_page(request: HttpRequest, row: AddressRequest, form: MailCodeForm) -> HttpResponse:
    page = {
        "form": form,
        "email": row.email,
        "asked_at": row.created_at,
        "again_at": row.created_at + service.COOLDOWN,
        "life": service.CODE_LIFE,
        "trail": trail(1),
    }
    return render(request, "accounts/sign_up/code.html", page)


def _code_fault(refused: Refused) -> str:
    if refused.why is Why.WRONG:
        return _("This code is not right. Look for our newest mail and type the code from it.")
    return refusal_text(refused)
