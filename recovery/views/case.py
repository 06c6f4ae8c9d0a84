"""The case in the open: where it is, what is missing, until when, who must act, how to stop it (product §6)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import clock, registries
from accounts import wording as words
from policy.deeds import Outcome, Rebind, Verdict, may, rests
from policy.facts import NEVER, Facts, Kind
from policy.rules import RULES
from recovery import calendar, methods, selectors, wording
from recovery.models import Case
from recovery.services import cases
from recovery.states import State
from recovery.views.holder import LINK, case_page, claimant

PAGES = {
    State.OPENED: "recovery/case_proving.html",
    State.PROVING: "recovery/case_proving.html",
    State.IN_REVIEW: "recovery/case_review.html",
    State.ON_HOLD: "recovery/case_hold.html",
    State.READY: "recovery/case_ready.html",
    State.COMPLETED: "recovery/case_completed.html",
}


@require_safe
@case_page
def case(request: HttpRequest, case: Case, grade: str) -> HttpResponse:
    """The case page. A claim in which nothing was proved shows the same to everybody, known or not."""
    over = case.is_over(clock.now())
    page = {
        "case": case,
        "by_link": grade == LINK,
        "proofs": [{"name": wording.proved(Kind(row.kind)), "at": row.shown_at} for row in case.proofs.all()],
        "over": over,
        "due": case.is_due(clock.now()),
        "rules": RULES,
    }
    if over and case.state != State.COMPLETED:
        return render(request, "recovery/case_over.html", page)
    if case.state == State.OPENED:
        page |= {"offers": _offers(case), "by_mail": case.identifier_kind == "email"}
    else:
        page |= _known(case)
    return render(request, _template(case), page)


def _template(case: Case) -> str:
    """The page of its state. What people look at without papers has a page of its own: nothing was sent there."""
    if case.state == State.IN_REVIEW and not any(row.kind == Kind.IDENTITY for row in case.proofs.all()):
        return "recovery/case_people.html"
    return PAGES[State(case.state)]


def _offers(case: Case) -> list[dict[str, Any]]:
    """The methods to begin with, from the claim alone: the mail that was just sent first."""
    shown = {Kind(row.kind) for row in case.proofs.all()}
    offered = [method for method in methods.METHODS if method.offered(case, shown)]
    if case.identifier_kind == "email":
        offered = [method for method in offered if method.channel != "mail"]  # the page leads to the code it has sent
    else:
        offered.sort(key=lambda method: bool(method.channel))
    return [_offer(method.code) for method in offered]


def _offer(code: str) -> dict[str, Any]:
    method = methods.get(code)
    return {"code": code, "kind": method.kind.value, "label": method.label, "hint": wording.method_hint(code)}


def _known(case: Case) -> dict[str, Any]:
    """What is told once something was proved: what is missing, what would be quicker, what was sent."""
    given = selectors.facts(case)
    verdict = selectors.judge(given)
    letters = [_letter(row) for row in selectors.letters(case)]
    page: dict[str, Any] = {"letters": letters, "reasons": wording.reasons(verdict.reasons)}
    if case.state == State.PROVING:
        page |= _missing(verdict)
    if case.state == State.IN_REVIEW and case.in_review_at:
        page["queue"] = registries.in_queue(case.reference)
        page["first_look_by"] = case.in_review_at + RULES.first_look_promised
    if case.state == State.ON_HOLD:
        page["shorter"] = [
            _offer(method.code) | {"wait": wait}
            for kind, wait in selectors.shorter(given)
            if (method := methods.of_kind(kind))
        ]
    if case.state == State.ON_HOLD:
        page["since_at"] = case.notice_at or case.untold_at or case.suffices_at
    if case.state == State.READY:  # a proof whose means was replaced or removed meanwhile carries nothing (R13)
        page["stands"] = may(Rebind(), given).allowed
    if case.state == State.COMPLETED:
        page["money_from"] = _money_from(given)
    return page


def _missing(verdict: Verdict) -> dict[str, Any]:
    """One further proof each, quickest first; several where no single one would do. Sign-in where that is enough."""
    singles = [method for kinds in verdict.missing if len(kinds) == 1 if (method := methods.of_kind(next(iter(kinds))))]
    pairs = {kind for kinds in verdict.missing if len(kinds) > 1 for kind in kinds} if not singles else set()
    found = singles or [method for method in methods.METHODS if method.kind in pairs]
    return {
        "offers": [_offer(method.code) for method in dict.fromkeys(found)],
        "sign_in": verdict.has("sign_in_instead"),
        "refused": verdict.outcome is Outcome.REFUSED or verdict.has("equal_sets"),
    }


def _money_from(given: Facts) -> datetime | None:
    """When withdrawals open again; None while a notice is still on its way (R8)."""
    ends = [end for end, _reason in rests(given)]
    return ends[0] if ends and ends[0] < NEVER else None


def _letter(row: Any) -> dict[str, Any]:
    mail = row.channel == "mail"
    states = {
        "sent": _("Sent"),
        "queued": _("On its way"),
        "claimed": _("On its way"),
        "refused": _("Could not be sent"),
    }
    return {
        "name": wording.letter_name(row.kind),
        "to": words.masked_email(row.to) if mail else words.masked_phone(row.to, 4),
        "at": row.sent_at or row.created_at,
        "state": states.get(row.status, _("Delayed")),
    }


@require_safe
@case_page
def wait_ics(request: HttpRequest, case: Case, grade: str) -> HttpResponse:
    """The end of the wait as a calendar entry; it names the case and nothing else."""
    if case.state != State.ON_HOLD or case.ready_at is None:
        return redirect("case", case.reference)
    response = HttpResponse(
        calendar.entry(case, case.ready_at), content_type="text/calendar; charset=utf-8; method=PUBLISH"
    )
    response["Content-Disposition"] = f'attachment; filename="{case.reference}.ics"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@case_page
def cancel(request: HttpRequest, case: Case, grade: str) -> HttpResponse:
    """Stop the claim or case: GET asks, POST does. Not by a mailed link, which only shows (R12)."""
    if grade == LINK or case.is_over(clock.now()):
        return redirect("case", case.reference)
    if request.method == "POST":
        cases.cancel(case, claimant(request))
        return redirect("case", case.reference)
    return render(request, "recovery/cancel.html", {"case": case})
