"""Closing the account: what happens and when, the last look, and keeping it open after all."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import assurance, context, operations, selectors
from accounts.errors import Refused
from accounts.models import Change
from accounts.models.change import CLOSING
from accounts.refusals import refusal_text
from accounts.requests import SignedInRequest
from accounts.selectors import Holdings
from accounts.services import closing as service
from accounts.views import standing
from policy.deeds import CloseAccount
from policy.rules import RULES


@never_cache
@require_safe
def close(request: SignedInRequest) -> HttpResponse:
    """What closing does and when; while it is under way, until when it can be stopped."""
    held = selectors.holdings(request.user)
    if change := _under_way(held):
        page: dict[str, Any] = {"change": change, "told_at": change.notices_out_at, "rules": RULES}
        page["until_text"] = standing.until_text(change.final_at)
        return render(request, "accounts/account/closing.html", page)
    known = operations.facts(held, assurance.session_facts(request))
    way = operations.find("close", operations.standings(held, known))
    page = {"rules": RULES, "refusal": standing.why(way) if way.held else ""}
    return render(request, "accounts/account/close.html", page)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def close_confirm(request: SignedInRequest) -> HttpResponse:
    """The last look, after a fresh step-up; POST begins the closing."""
    session = assurance.session_facts(request)
    asked = service.ask(request.user, session)
    if not isinstance(asked, Refused) and request.method == "POST":
        begun = service.begin(request.user, session=session, ctx=context.from_request(request))
        if isinstance(begun, Change):
            return redirect("close")
        asked = begun
    if isinstance(asked, Refused):
        return standing.refused_page(request, asked, CloseAccount(), _("Close the account"))
    numbers, mails = request.user.phones.standing().count(), request.user.addresss.standing().count()
    page = {"verdict": asked, "rules": RULES, "numbers": numbers, "mails": mails}
    return render(request, "accounts/account/close_confirm.html", page)


@never_cache
@require_POST
def close_keep(request: SignedInRequest) -> HttpResponse:
    """Keep the account open. No step-up: it only leaves things as they are."""
    kept = service.keep_open(request.user, session=assurance.session_facts(request), ctx=context.from_request(request))
    if isinstance(kept, Refused):
        messages.warning(request, refusal_text(kept))
    else:
        messages.success(request, _("The account stays open. All your addresses are being told."))
    return redirect("close")


def _under_way(held: Holdings) -> Change | None:
    return next((change for change in held.pending() if change.what == CLOSING), None)
