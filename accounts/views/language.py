"""The language switch, and the page for language and time zone."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import check_for_language
from django.utils.translation import gettext as _
from django.views import i18n
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms.language import LanguageForm
from accounts.requests import SignedInRequest
from accounts.services import language


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Remember the choice in the cookie, and for somebody signed in in the account: letters speak it too."""
    response = i18n.set_language(request)
    chosen = request.POST.get("language", "")
    if request.user.is_authenticated and check_for_language(chosen):
        language.speak(request.user, chosen)
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def account_language(request: SignedInRequest) -> HttpResponse:
    """Language and time zone of pages and letters. Harmless, so it asks for no step-up."""
    own = {"language": request.user.language, "timezone": request.user.timezone}
    form = LanguageForm(request.POST or None, initial=own)
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/account/language.html", {"form": form})
    chosen = form.cleaned_data["language"]
    language.choose(request.user, chosen, form.cleaned_data["timezone"])
    with translation.override(chosen):
        messages.success(request, _("From now on pages and letters speak this language and show this time."))
    response = redirect("account_language")
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        chosen,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
    return response
