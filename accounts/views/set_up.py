"""The set-up page, and what the pages it leads to share (R19)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import assurance
from accounts.errors import Refused, Why
from accounts.refusals import refusal_text
from accounts.requests import SignedInRequest
from accounts.services import set_up as service


@never_cache
@require_safe
def set_up(request: SignedInRequest) -> HttpResponse:
    """The way back, built before it is needed: a factor, then codes on paper."""
    session = assurance.session_facts(request)
    stand = service.standing(request.user, session)
    return render(request, "accounts/sign_up/set_up.html", {"stand": stand, "session": session, "trail": trail(3)})


def trail(now: int) -> list[dict[str, str]]:
    """Where somebody who signs up is among the four pages."""
    names = [pgettext("step", "Address"), pgettext("step", "Code"), _("Password"), pgettext("step", "Way back")]
    states = ["done" if at < now else "now" if at == now else "next" for at in range(len(names))]
    return [{"state": state, "title": name} for state, name in zip(states, names, strict=True)]


def frame(request: SignedInRequest, home: str) -> dict[str, Any]:
    """In a set-up session the account's other pages are closed, so their list is not shown and `home` is this page."""
    if assurance.in_set_up(request):
        return {"frame": "base.html", "set_up": True, "back_url": reverse("set_up")}
    return {"frame": "base_account.html", "set_up": False, "back_url": reverse(home)}


def onward(request: SignedInRequest, home: str, done: str) -> HttpResponse:
    """After something was bound: back to where the person came from, and out of the set-up when it is finished."""
    in_set_up = assurance.in_set_up(request)
    if not in_set_up:
        messages.success(request, done)
    elif service.standing(request.user, assurance.session_facts(request)).finished:
        assurance.end_set_up(request)
    return redirect("set_up" if in_set_up else home)


def refused(request: SignedInRequest, refusal: Refused, deed: str, home: str) -> HttpResponse:
    """A refusal to begin: the step-up page where that helps, else back with the reason."""
    back = frame(request, home)["back_url"]
    if refusal.why is Why.STEP_UP and not assurance.in_set_up(request):
        return redirect(assurance.step_up_url(deed, back))
    messages.warning(request, refusal_text(refusal))
    return redirect(back)
