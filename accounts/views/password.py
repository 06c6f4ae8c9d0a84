"""Passwords: changed in a session, forgotten, set anew by a mailed link."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts import assurance, context, selectors
from accounts.errors import Refused, Why
from accounts.forms.account import ForgotForm, PasswordChangeForm, PasswordResetForm
from accounts.models import Change
from accounts.refusals import refusal_text
from accounts.requests import SignedInRequest
from accounts.services import changes, links, passwords
from accounts.views import standing
from accounts.views.errors import retry_after
from policy.deeds import ChangePassword
from policy.rules import RULES

#: Where the token rests after the first click, so that it stands in no address bar, referrer or log (pitfall P31).
SESSION_KEY = "password_reset"


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def password_change(request: SignedInRequest) -> HttpResponse:
    """The present password and a new one; other sessions end."""
    held = selectors.holdings(request.user)
    facts = selectors.facts_of(held, session=assurance.session_facts(request))
    asked = changes.judged(ChangePassword(), facts)
    if isinstance(asked, Refused):
        return standing.refused_page(request, asked, ChangePassword(), _("Change the password"))
    form = PasswordChangeForm(request.POST or None, least=_least(selectors.has_factor(request.user, held)))
    if request.method == "POST" and form.is_valid():
        done = passwords.change(
            request.user,
            form.cleaned_data["current_password"],
            form.cleaned_data["password"],
            session=assurance.session_facts(request),
            keep=request.session.session_key,
            ctx=context.from_request(request),
        )
        if isinstance(done, Change):
            assurance.refresh(request, request.user)
            messages.success(request, _("The password is changed. Everywhere else you are signed out."))
            return redirect("security")
        _mark(form, done)
    by_mail = assurance.session_facts(request).on_reset_password
    page = {"form": form, "probation": None if by_mail else asked.final_after}
    return render(request, "accounts/password/change.html", page)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def password_forgot(request: HttpRequest) -> HttpResponse:
    """What a reset means, first; then the address. Known or not, the answer is the same."""
    form = ForgotForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        zone = timezone.get_current_timezone_name()
        asked = passwords.request_reset(form.cleaned_data["email"], timezone=zone, ctx=context.from_request(request))
        if not isinstance(asked, Refused):
            return redirect("password_forgot_sent")
        form.add_error(None, refusal_text(asked))
        return retry_after(_forgot_page(request, form, status=429), asked.until)
    return _forgot_page(request, form)


@login_not_required
@never_cache
@require_safe
def password_forgot_sent(request: HttpRequest) -> HttpResponse:
    """The same page for everybody."""
    return render(request, "accounts/password/forgot_sent.html", {"rules": RULES})


@login_not_required
@never_cache
@require_safe
def password_reset(request: HttpRequest, token: str) -> HttpResponse:
    """Move the token out of the address; the link itself stays as it is until the new password is set."""
    link = links.find("password_reset", token)
    if isinstance(link, Refused):
        return render(request, "accounts/password/reset_dead.html", {"why": link.why, "rules": RULES}, status=410)
    request.session[SESSION_KEY] = token
    return redirect("password_reset_form")


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def password_reset_form(request: HttpRequest) -> HttpResponse:
    """The new password. Signs nobody in (pitfall P32)."""
    token = request.session.get(SESSION_KEY, "")
    link = links.find("password_reset", token)
    if isinstance(link, Refused):
        return render(request, "accounts/password/reset_dead.html", {"why": link.why, "rules": RULES}, status=410)
    form = PasswordResetForm(request.POST or None, least=_least(passwords.with_factor(token)))
    if request.method == "POST" and form.is_valid():
        done = passwords.reset(token, form.cleaned_data["password"], ctx=context.from_request(request))
        if isinstance(done, Change):
            request.session.flush()  # the token, and a session that the reset has ended
            return redirect("password_reset_done")
        _mark(form, done)
    return render(request, "accounts/password/reset.html", {"form": form, "email": link.to, "rules": RULES})


@login_not_required
@never_cache
@require_safe
def password_reset_done(request: HttpRequest) -> HttpResponse:
    """What follows: sign in with the app or a saved code."""
    return render(request, "accounts/password/reset_done.html", {"rules": RULES})


def _forgot_page(request: HttpRequest, form: ForgotForm, *, status: int = 200) -> HttpResponse:
    return render(request, "accounts/password/forgot.html", {"form": form, "rules": RULES}, status=status)


def _least(with_factor: bool) -> int:
    return int(settings.PASSWORD_MIN_WITH_FACTOR if with_factor else settings.PASSWORD_MIN_ALONE)


def _mark(form: PasswordChangeForm | PasswordResetForm, refused: Refused) -> None:
    """Each fault at the field it is about."""
    if refused.why is Why.UNFIT:
        for fault in refused.detail.splitlines():
            form.add_error("password", fault)
    elif refused.why is Why.WRONG:
        form.add_error("current_password", _("This is not your present password. Type it once more."))
    else:
        form.add_error(None, refusal_text(refused))
