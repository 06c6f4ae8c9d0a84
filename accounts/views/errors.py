"""Pages for when something went wrong: plain, in both languages, without blame."""

from __future__ import annotations

from datetime import datetime

from django.contrib.sessions.exceptions import SessionInterrupted
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template import loader
from django.views.defaults import bad_request as default_bad_request
from django.views.defaults import page_not_found, permission_denied
from django.views.defaults import server_error as default_server_error

from accounts import clock


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the browser sent something this page does not take.

    A form sent twice at one instant is no such thing: the other request has renewed the session meanwhile, so the page
    is shown again, as it stands now. Somebody who pressed twice to sign in is then signed in.
    """
    if isinstance(exception, SessionInterrupted) and request.resolver_match:
        return redirect(request.get_full_path())
    return default_bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: signed in, but without the right."""
    return permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: no such page, or somebody else's."""
    return page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault. The template needs no context, because anything may be broken."""
    return default_server_error(request)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without its token: mostly an old page or blocked cookies, so it says how to go on.

    `reason` is not shown: it would help only a forger.
    """
    return HttpResponse(loader.render_to_string("403_csrf.html", request=request), status=403)


def too_many(request: HttpRequest, until: datetime | None = None) -> HttpResponse:
    """429 with the moment from which it works again (RFC 9110 §10.2.3)."""
    response = render(request, "429.html", {"retry_at": until}, status=429)
    return retry_after(response, until)


def retry_after(response: HttpResponse, until: datetime | None) -> HttpResponse:
    """Say in the header too when to come back."""
    seconds = int((until - clock.now()).total_seconds()) + 1 if until else 60
    response["Retry-After"] = str(max(1, seconds))
    return response
