"""What happens around every view: an id, headers, the session's limits, the person's language and zone."""

from __future__ import annotations

import re
import uuid
import zoneinfo
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlencode

from accounts import assurance, browser_cookie, clock, context, logs
from accounts.models import User
from accounts.services import browsers

GetResponse = Callable[[HttpRequest], HttpResponse]
_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,40}")
#: last_seen is written at most this often, so that reading pages costs no write each.
SEEN_EVERY = timedelta(minutes=1)
#: The pages a set-up session may open beside those open to all (R19).
SET_UP_PAGES = frozenset(
    {
        "set_up",
        "authenticators_add",
        "authenticators_add_code",
        "recovery_codes_new",
        "recovery_codes_confirm",
        "recovery_codes_download",
        "session_stay",
        "step_up",
        "sign_out",
    }
)
_OWN = ("publickey-credentials-get", "publickey-credentials-create", "otp-credentials")
_NEVER = (
    *("accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "geolocation", "gyroscope"),
    *("magnetometer", "microphone", "midi", "payment", "serial", "usb"),
)


def permissions(*more: str) -> str:
    """What a page may use of a browser: passkeys and codes from SMS, and `more` on the one page that needs it."""
    mine = [f"{name}=(self)" for name in (*_OWN, *more)]
    return ", ".join([*mine, *(f"{name}=()" for name in _NEVER if name not in more)])


PERMISSIONS = permissions()


class _Middleware:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response


class RequestIdMiddleware(_Middleware):
    """Gives each request an id that joins its log lines and events, or keeps a well-formed one it came with."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request.request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex  # type: ignore[attr-defined]
        token = logs.request_id.set(request.request_id)  # type: ignore[attr-defined]
        try:
            response = self.get_response(request)
        finally:
            logs.request_id.reset(token)
        response["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
        return response


class HeadersMiddleware(_Middleware):
    """Headers beside Django's own and the CSP: what a page may use, who may embed it, who may keep it."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", PERMISSIONS)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if self._personal(request, response):
            response["Cache-Control"] = "no-store"
            response.setdefault("X-Robots-Tag", "noindex, nofollow")
        if self._carries_token(request) and 300 <= response.status_code < 400:
            # Only where the address leads on: on a page with a form it would make browsers send "Origin: null", which
            # the CSRF check rightly refuses. Elsewhere the site-wide same-origin keeps the token from other sites.
            response["Referrer-Policy"] = "no-referrer"
        return response

    @classmethod
    def _personal(cls, request: HttpRequest, response: HttpResponse) -> bool:
        """Somebody's own page, or one that only the holder of a link or cookie gets to see (ASVS 14.3.2)."""
        match = request.resolver_match
        if match is None or (match.view_name or "") in ("livez", "readyz"):
            return False
        closed = getattr(match.func, "login_required", True)
        cookies = {settings.SESSION_COOKIE_NAME, settings.CASE_COOKIE_NAME}
        return bool(
            closed or cls._carries_token(request) or cookies & (request.COOKIES.keys() | response.cookies.keys())
        )

    @staticmethod
    def _carries_token(request: HttpRequest) -> bool:
        return request.resolver_match is not None and "token" in request.resolver_match.kwargs


class SessionLimitsMiddleware(_Middleware):
    """Ends a session that was quiet too long or is too old (SP 800-63B-4 §2.2.3; ASVS 7.3.1, 7.3.2).

    Measured by the portal's clock, so that waiting in a journey ends sessions as waiting in life does.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.session_ended = ""  # type: ignore[attr-defined]
        if settings.SESSION_COOKIE_NAME in request.COOKIES and SESSION_KEY in request.session:
            self._limit(request)
        return self.get_response(request)

    @staticmethod
    def _limit(request: HttpRequest) -> None:
        now, session = clock.now(), request.session
        seen, began = (session.get(name) for name in (assurance.SEEN, "created_at"))
        idle, absolute = assurance.limits(session)
        quiet = now - datetime.fromisoformat(seen) if seen else absolute
        age = now - datetime.fromisoformat(began) if began else absolute
        if quiet >= idle or age >= absolute:
            request.session_ended = "idle" if age < absolute else "age"  # type: ignore[attr-defined]
            session.flush()
            request.user = AnonymousUser()
        elif quiet >= SEEN_EVERY or quiet < timedelta():
            session[assurance.SEEN] = now.isoformat()

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Lead back to the sign-in page, which says why; the person returns to this page afterwards."""
        if not request.session_ended or not getattr(view, "login_required", True):  # type: ignore[attr-defined]
            return None
        back = request.get_full_path() if request.method in ("GET", "HEAD") else ""
        words = {"ended": request.session_ended} | ({"next": back} if back else {})  # type: ignore[attr-defined]
        return redirect(f"{reverse('sign_in')}?{urlencode(words)}")


class AccountMiddleware(_Middleware):
    """The signed-in person's time zone and language, and the fence around a set-up session."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        signed_in = settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated
        zone = _zone(request.user.timezone) if signed_in else timezone.get_default_timezone()  # type: ignore[union-attr]
        # The cookie wins: it is set at sign-in from the account, and moved by the language switch.
        if signed_in and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            translation.activate(request.user.language)  # type: ignore[union-attr]
            request.LANGUAGE_CODE = translation.get_language()
        with timezone.override(zone):
            return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """R19: a session of an account without a factor binds one and does nothing else."""
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or not getattr(view, "login_required", True):
            return None
        here = request.resolver_match.url_name if request.resolver_match else ""
        fenced = request.user.is_authenticated and assurance.in_set_up(request) and here not in SET_UP_PAGES
        return redirect("set_up") if fenced else None


class KnownBrowserMiddleware(_Middleware):
    """Makes a browser known after a complete sign-in or a change made in it (`assurance`), and gives it its cookie."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        occasion = getattr(request, "note_browser", "")
        if occasion and isinstance(request.user, User):
            noted = browsers.note(request.user, ctx=context.from_request(request), signing_in=occasion == "sign_in")
            if noted.renew:
                browser_cookie.put(request, response, noted.token, without=noted.stale)
        return response


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo(settings.TIME_ZONE)
