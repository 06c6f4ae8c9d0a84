"""Which browser holds a case: its secret in a cookie; or, by a mailed link, a look at it (product §6, R12)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from accounts import context
from accounts.context import ActorContext
from accounts.errors import Refused
from accounts.services import links
from recovery import selectors
from recovery.forms import ResumeForm
from recovery.models import Case
from recovery.references import parse
from recovery.services import claims

SECRET, LINK = "secret", "link"
_KEPT = 5  # cases a browser may hold at once
_DAYS = 30


def opened(request: HttpRequest, reference: str) -> tuple[Case | None, str]:
    """The case, if this browser may see it, and by what: its secret or a mailed link."""
    case = selectors.by_reference(reference)
    entry = _entries(request).get(parse(reference) or "")
    if case is None or entry is None:
        return None, ""
    grade, value = entry
    if grade == "s" and claims.holds(case, value):
        return case, SECRET
    if grade == "l":
        link = links.find("resume", value)
        if not isinstance(link, Refused) and link.subject == f"case:{case.reference}":
            return case, LINK
    return None, ""


def hold(response: HttpResponse, request: HttpRequest, reference: str, secret: str) -> None:
    """Let this browser hold the case. The secret is in no page and no log, only in an HttpOnly cookie."""
    _write(response, request, reference, "s", secret)


def show(response: HttpResponse, request: HttpRequest, reference: str, token: str) -> None:
    """Let this browser look at the case by a mailed link. What it holds already is not taken from it."""
    if _entries(request).get(reference, ("", ""))[0] != "s":
        _write(response, request, reference, "l", token)


def _entries(request: HttpRequest) -> dict[str, tuple[str, str]]:
    parts = (entry.split(":", 2) for entry in request.COOKIES.get(settings.CASE_COOKIE_NAME, "").split("~"))
    return {part[0]: (part[1], part[2]) for part in parts if len(part) == 3}


def _write(response: HttpResponse, request: HttpRequest, reference: str, grade: str, value: str) -> None:
    others = {name: entry for name, entry in _entries(request).items() if name != reference}
    entries = [(reference, (grade, value)), *others.items()]
    held, looks = ([one for one in entries if (one[1][0] == "s") is mine] for mine in (True, False))
    # Links push out links and never a case held here: anybody can send somebody links to cases of their own.
    entries = [*held[:_KEPT], *looks[: max(1, _KEPT - len(held))]]
    response.set_cookie(
        settings.CASE_COOKIE_NAME,
        "~".join(f"{name}:{grade}:{text}" for name, (grade, text) in entries),
        max_age=_DAYS * 24 * 3600,
        path="/",  # the __Host- prefix asks for it
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )


def claimant(request: HttpRequest) -> ActorContext:
    """Who acts on a case page: whoever holds it, whether signed in or not."""
    seen = context.from_request(request)
    return ActorContext("claimant", seen.network, seen.agent, seen.request_id, seen.language)


def case_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page of one case: open to who holds it, and the same 404 for a case of somebody else and for none at all."""

    @login_not_required
    @never_cache
    @wraps(view)
    def page(request: HttpRequest, reference: str, **more: Any) -> HttpResponse:
        case, grade = opened(request, reference)
        if case is None:
            return locked(request, reference)
        with timezone.override(case.timezone):
            return view(request, case, grade, **more)

    return page


def locked(request: HttpRequest, reference: str, form: ResumeForm | None = None) -> HttpResponse:
    """This browser does not hold the case: how to open it, without a word on whether it exists."""
    given = parse(reference)
    words = {"reference": given, "form": form or ResumeForm(), "sent": "sent" in request.GET and given}
    return render(request, "recovery/locked.html", words, status=404)
