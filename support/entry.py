"""The door of the agents' pages: a role, an app or passkey at sign-in, and a confirmation at the door (product §7)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import assurance, selectors
from accounts.context import ActorContext
from accounts.models import User
from accounts.refusals import reason_text
from policy.deeds import EnterAgents, Outcome, Verdict, may
from support import roles

View = Callable[..., HttpResponse]


def agents_only(view: View) -> View:
    """View decorator: nobody comes past it without what the door asks. `login_required` stays as it is.

    Attacks stopped: staff who came in by another sign-in view, a stolen cookie of an agent, and a superuser without a
    role (pitfall P33).
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return stop(request) or view(request, *args, **kwargs)

    return guarded


def verdict(request: HttpRequest) -> Verdict:
    """What the policy says of this session at the door; asked once a request, for both guards."""
    known: Verdict | None = getattr(request, "_at_the_door", None)
    if known is None:
        known = request._at_the_door = _verdict(request)  # type: ignore[attr-defined]
    return known


def _verdict(request: HttpRequest) -> Verdict:
    return may(EnterAgents(), selectors.facts(agent_of(request), session=assurance.session_facts(request)))


def agent_of(request: HttpRequest) -> User:
    """Who asks. The rights are the services' to judge."""
    if not isinstance(request.user, User):
        raise TypeError("LoginRequiredMiddleware lets nobody else come here.")
    return request.user


def has_role(request: HttpRequest) -> bool:
    """Is this a member of staff in one of the agents' groups?"""
    return isinstance(request.user, User) and bool(roles.of(request.user))


def stop(request: HttpRequest) -> HttpResponse | None:
    """None for whoever may come in; else the page that asks for what is missing, or says what it is."""
    if not has_role(request):
        return _closed(request, [_("These pages are for people who work on reviews here.")])
    found = verdict(request)
    if found.allowed:
        return None
    if found.outcome is Outcome.STEP_UP:
        back = request.get_full_path() if request.method in ("GET", "HEAD") else reverse("agents:index")
        return redirect(assurance.step_up_url(assurance.AGENT_ENTRY, back))
    return _closed(request, [reason_text(one) for one in found.reasons])


def _closed(request: HttpRequest, missing: list[str]) -> HttpResponse:
    return render(request, "support/agents/closed.html", {"missing": missing}, status=403)


def acting(request: HttpRequest) -> ActorContext:
    """Who does it, for a history that its person reads: which agent, by key; never from where an agent works."""
    return ActorContext(actor=f"user:{request.user.pk}", request_id=getattr(request, "request_id", ""))
