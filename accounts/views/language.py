"""The language switch."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import check_for_language
from django.views import i18n
from django.views.decorators.http import require_POST

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
