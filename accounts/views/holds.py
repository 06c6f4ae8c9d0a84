"""What is held, until when and why: every important operation as this session finds it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import assurance, operations, selectors, wording
from accounts.operations import Standing, State
from accounts.refusals import reason_text
from accounts.requests import SignedInRequest
from accounts.views import standing


@never_cache
@require_safe
def holds(request: SignedInRequest) -> HttpResponse:
    """Each operation: open, after a fresh proof, or at rest until a clock time, and the rule that says so."""
    held = selectors.holdings(request.user)
    known = operations.facts(held, assurance.session_facts(request))
    ways = operations.standings(held, known)
    page = {
        "rows": [_row(one) for one in ways],
        "resting": any(one.held for one in ways),
        "pending": standing.pending(held),
    }
    return render(request, "accounts/account/holds.html", page)


def _row(one: Standing) -> dict[str, Any]:
    """Time first, as a clock time; then why, in the policy's words, with the rule that says so."""
    if one.held:
        reasons = [{"text": reason_text(reason), "rule": reason.rule} for reason in one.reasons]
        badge = _("At rest") if one.until else _("Not possible now")
        return {
            "operation": one.operation,
            "badge": badge,
            "tone": "hold",
            "rests_until": one.until,
            "reasons": reasons,
        }
    row = {"operation": one.operation, "url": reverse(one.operation.page)}
    if one.state is State.PROOF:
        return row | {"badge": _("After a confirmation"), "tone": "quiet"}
    note = _("Your confirmation holds until %(moment)s.") % {"moment": wording.moment(one.until)} if one.until else ""
    return row | {"badge": _("Open now"), "tone": "done", "note": note}
