"""Addresses that browsers, password managers and finders of faults know by heart; open to all, at the root."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import clock

#: Until when the file is said to hold, where the operator names no day.
AHEAD = timedelta(days=180)


@login_not_required
@require_safe
def change_password(request: HttpRequest) -> HttpResponse:
    """To the page itself, as password managers expect (W3C change-password-url); it asks for the sign-in."""
    return redirect("password_change")


@login_not_required
@require_safe
def passkey_endpoints(request: HttpRequest) -> JsonResponse:
    """Where passkeys are made and kept in order (W3C passkey-endpoints); no redirect, also signed out."""
    enroll = settings.BASE_URL + reverse("authenticators_add", args=["passkey"])
    return JsonResponse({"enroll": enroll, "manage": settings.BASE_URL + reverse("authenticators")})


@login_not_required
@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """To whom a fault is told (RFC 9116)."""
    lines = {
        "Contact": f"mailto:{settings.REPLY_TO}",
        "Expires": expires().isoformat().replace("+00:00", "Z"),
        "Preferred-Languages": "ja, en",
        "Canonical": settings.BASE_URL + reverse("well_known_security_txt"),
    }
    text = "".join(f"{name}: {value}\n" for name, value in lines.items())
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def expires() -> datetime:
    """The day from which the file must be looked at anew: the operator's, else half a year ahead."""
    if settings.SECURITY_TXT_EXPIRES:
        return datetime.fromisoformat(settings.SECURITY_TXT_EXPIRES).replace(tzinfo=UTC)
    return (clock.now() + AHEAD).replace(hour=0, minute=0, second=0, microsecond=0)
