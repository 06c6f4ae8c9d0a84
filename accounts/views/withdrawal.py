"""The sample of an important operation: payout addresses and withdrawals, with step-up and holds (R8)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import assurance, context, selectors, wording
from accounts.errors import Refused, Why
from accounts.forms.account import PayoutForm, WithdrawalForm
from accounts.models import PayoutAddress, Withdrawal
from accounts.refusals import refusal_text
from accounts.requests import SignedInRequest
from accounts.services import changes, payouts
from accounts.views import standing
from policy.deeds import AddPayout, Withdraw, may
from policy.facts import NEVER, Facts

#: What was typed before the step-up, so that it need not be typed again.
DRAFT_KEY = "withdrawal_draft"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def withdrawal(request: SignedInRequest) -> HttpResponse:
    """What rests until when and why; otherwise the form. The service judges again on POST, whatever the page showed."""
    held = selectors.holdings(request.user)
    form = _form(request, held)
    refused = None
    if request.method == "POST" and form.is_valid():
        made = payouts.withdraw(
            request.user,
            form.cleaned_data["payout"],
            form.cleaned_data["amount"],
            session=assurance.session_facts(request),
            ctx=context.from_request(request),
        )
        if isinstance(made, Withdrawal):
            request.session.pop(DRAFT_KEY, None)
            return redirect("withdrawal_made", made.pk)
        if made.why is Why.STEP_UP:
            request.session[DRAFT_KEY] = {"payout": form.data["payout"], "amount": form.data["amount"]}
            return standing.to_step_up(request, Withdraw())
        refused = made
    facts = selectors.facts_of(held, session=assurance.session_facts(request))
    return render(request, "accounts/withdrawal/withdrawal.html", _page(form, held, facts, refused))


@never_cache
@require_safe
def withdrawal_made(request: SignedInRequest, pk: int) -> HttpResponse:
    """It was asked for: the reference and what happens next."""
    made = get_object_or_404(Withdrawal.objects.select_related("payout").filter(user=request.user), pk=pk)
    return render(request, "accounts/withdrawal/made.html", {"withdrawal": made})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def payout_add(request: SignedInRequest) -> HttpResponse:
    """A new payout address, usable once it is final."""
    session = assurance.session_facts(request)
    asked = changes.ask(request.user, AddPayout(), session)
    if isinstance(asked, Refused):
        return standing.refused_page(request, asked, AddPayout(), _("Add a payout address"))
    form = PayoutForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name, address = form.cleaned_data["name"], form.cleaned_data["address"]
        added = payouts.add(request.user, name, address, session=session, ctx=context.from_request(request))
        if isinstance(added, PayoutAddress):
            return redirect("withdrawal")
        taken = _("This payout address is on your account already.")
        form.add_error("address", taken if added.why is Why.TAKEN else refusal_text(added))
    return render(request, "accounts/withdrawal/payout.html", {"form": form, "verdict": asked})


def _form(request: SignedInRequest, held: selectors.Holdings) -> WithdrawalForm:
    usable = [row for row in held.payouts if held.probation(row) is None]
    draft = request.session.get(DRAFT_KEY) or {"payout": usable[0].pk if len(usable) == 1 else None}
    form = WithdrawalForm(request.POST or None, initial=draft)
    form.offer(PayoutAddress.objects.filter(pk__in=[row.pk for row in usable]))
    return form


def _page(form: WithdrawalForm, held: selectors.Holdings, facts: Facts, refused: Refused | None) -> dict[str, Any]:
    rows = [{**_payout(row, held), "usable": held.probation(row) is None} for row in held.payouts]
    verdict = may(Withdraw(), facts)
    return {
        "form": form,
        "hold": standing.hold(facts),
        "refusal": refusal_text(refused) if refused else "",
        "rows": rows,
        "usable": any(row["usable"] for row in rows),
        "confirmed": verdict.allowed,
    }


def _payout(row: PayoutAddress, held: selectors.Holdings) -> dict[str, Any]:
    until = held.probation(row)
    page = {"icon": "save", "name": row.name, "note": f"{row.address[:6]}…{row.address[-4:]}", "added": row.bound_at}
    if until is None:
        return page | {"state": _("Ready"), "tone": "done"}
    if until >= NEVER:
        return page | {"state": _("Everyone is being told"), "tone": "hold"}
    return page | {"state": _("From %(moment)s") % {"moment": wording.moment(until)}, "tone": "hold"}
