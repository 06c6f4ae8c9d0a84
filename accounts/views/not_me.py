""" "This was not me": GET shows what would happen, POST does it (R9, R10). No sign-in needed."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import context, history
from accounts.context import ActorContext
from accounts.errors import Refused, Why
from accounts.forms.account import StopCodeForm
from accounts.models import Change, Link
from accounts.refusals import refusal_text
from accounts.services import links
from accounts.services import not_me as service
from accounts.views.errors import retry_after
from policy.rules import RULES


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def not_me(request: HttpRequest) -> HttpResponse:
    """Take a stop code from an SMS; the next page says what it would do."""
    form = StopCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        link = links.find_stop_code(form.cleaned_data["code"], context.from_request(request))
        if not isinstance(link, Refused):
            return redirect("not_me_link", link.token)
        form.add_error("code", _fault(link))
        if link.why is Why.THROTTLED:
            return retry_after(render(request, "accounts/not_me/code.html", {"form": form}, status=429), link.until)
    return render(request, "accounts/not_me/code.html", {"form": form})


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def not_me_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show what would be undone; do it only when the button is pressed, for mail scanners open links too."""
    link = links.find("not_me", token)
    if isinstance(link, Refused):
        return _dead(request, link)
    ctx = context.from_request(request)
    if request.method == "POST" and "not_mine" in request.POST:
        return _stop_writing(request, link, ctx)
    if request.method == "POST":
        done = service.act(link, ctx=ctx)
        if isinstance(done, Refused):
            return _dead(request, done)
        request.session.flush()  # whoever was signed in here is not any more
        page = {"undone": _told(done.changes), "cases": done.cases}
        return render(request, "accounts/not_me/done.html", page)
    page = {"reach": _told(service.reach(link)), "link": link, "rules": RULES}
    page["number"] = link.to if service.may_stop_writing(link) else ""
    return render(request, "accounts/not_me/link.html", page)


def _stop_writing(request: HttpRequest, link: Link, ctx: ActorContext) -> HttpResponse:
    """ "Not my account" (R9). Pressed twice it says the same; a mailed link has no number to stop."""
    if "@" in link.to:
        return redirect("not_me_link", link.token)
    service.stop_writing(link, ctx=ctx)
    return render(request, "accounts/not_me/stopped.html", {"number": link.to})


def _dead(request: HttpRequest, refused: Refused) -> HttpResponse:
    page = {"used": refused.why is Why.SPENT, "old": refused.why is Why.EXPIRED, "rules": RULES}
    return render(request, "accounts/not_me/dead.html", page, status=410)


def _told(changes: list[Change]) -> list[dict[str, object]]:
    other = history.SENTENCES["case.completed"]
    return [{"title": history.SENTENCES.get(change.what, other), "at": change.made_at} for change in changes]


def _fault(refused: Refused) -> str:
    return {
        Why.SHAPE: _("A stop code has 12 letters and digits. Look at the SMS again."),
        Why.WRONG: _("We know no such stop code. Look at the SMS again: each SMS has its own."),
        Why.SPENT: _("This stop code was used already. What it stops has been stopped."),
        Why.EXPIRED: _("This stop code is too old. Sign in and look at Security, or use the way back."),
    }.get(refused.why) or refusal_text(refused)
