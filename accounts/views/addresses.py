"""Mail addresses: the list, adding one, removing one, choosing the one that names the account."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import assurance, context, selectors
from accounts.errors import Refused, Why
from accounts.forms.account import AddressForm, MailCodeForm
from accounts.models import Address
from accounts.refusals import refusal_text
from accounts.requests import SignedInRequest
from accounts.services import addresses as service
from accounts.services import challenges, changes
from accounts.views import standing
from policy.deeds import AddAddress, RemoveAddress, step_up_kind
from policy.rules import RULES


@never_cache
@require_safe
def addresses(request: SignedInRequest) -> HttpResponse:
    """Every address, how it stands, what can be done with it."""
    held = selectors.holdings(request.user)
    rows = [standing.address(row, held) for row in held.addresses if row.confirmed_at]
    for row in rows:
        row["free"] = not row["own"] and not held.suspended(row["row"])
        row["may_lead"] = row["free"] and held.probation(row["row"]) is None
    pending = [row for row in held.addresses if row.confirmed_at is None]
    return render(request, "accounts/addresses/list.html", {"rows": rows, "unconfirmed": pending})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def address_add(request: SignedInRequest) -> HttpResponse:
    """Take a new address; a code goes there. It is nobody's before the code comes back."""
    asked = changes.ask(request.user, AddAddress(), assurance.session_facts(request))
    if isinstance(asked, Refused):
        return standing.refused_page(request, asked, AddAddress(), _("Add an email address"))
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        begun = service.begin(request.user, form.cleaned_data["email"], **_who(request))
        if isinstance(begun, Address):
            return redirect("address_code", begun.pk)
        taken = _("This address is on your account already. Type another one.")
        form.add_error("email", taken if begun.why is Why.TAKEN else refusal_text(begun))
    return render(request, "accounts/addresses/add.html", {"form": form, "verdict": asked})


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def address_code(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take the code sent to the new address."""
    row = Address.objects.pending().filter(user=request.user, pk=pk).first()
    if row is None:
        return redirect("addresses")
    if "again" in request.POST:
        _tell(request, service.send_code(request.user, row, context.from_request(request)))
        return redirect("address_code", pk)
    form = MailCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        bound = service.confirm(request.user, row, form.cleaned_data["code"], **_who(request), **_keep(request))
        if isinstance(bound, service.Bound):
            assurance.refresh(request, request.user)
            messages.success(request, _("The address is added. All your addresses are being told."))
            return redirect("addresses")
        if bound.why is Why.STEP_UP:
            return standing.to_step_up(request, AddAddress())
        elsewhere = _("This address belongs to another account. Remove it there first, or use another one.")
        form.add_error("code", elsewhere if bound.why is Why.TAKEN else refusal_text(bound))
    return render(request, "accounts/addresses/code.html", _code_page(form, row))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def address_remove(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say what removing does, then do it."""
    row = _own(request, pk)
    deed = RemoveAddress(row.means_id)
    asked = changes.ask(request.user, deed, assurance.session_facts(request))
    if not isinstance(asked, Refused) and request.method == "POST":
        removed = service.remove(request.user, row, **_who(request), **_keep(request))
        if not isinstance(removed, Refused):
            assurance.refresh(request, request.user)
            messages.success(request, _("The address signs nobody in and gets no codes any more."))
            return redirect("addresses")
        messages.error(request, _primary_first() if removed.detail == "primary" else refusal_text(removed))
        return redirect("addresses")
    if isinstance(asked, Refused):
        return standing.refused_page(request, asked, deed, _("Remove the address"))
    return render(request, "accounts/addresses/remove.html", {"address": row, "verdict": asked, "rules": RULES})


@never_cache
@require_POST
def address_primary(request: SignedInRequest, pk: int) -> HttpResponse:
    """Let this address name the account."""
    chosen = service.make_primary(request.user, _own(request, pk), **_who(request), **_keep(request))
    if isinstance(chosen, Address):
        assurance.refresh(request, request.user)
        messages.success(request, _("From now on %(email)s names your account.") % {"email": chosen.email})
    elif chosen.why is Why.STEP_UP:
        messages.warning(request, _("Confirm first that it is you, then choose the address once more."))
        return redirect(assurance.step_up_url(step_up_kind(AddAddress), reverse("addresses")))
    else:
        texts = {"probation": _("This address was added a short while ago. It can name the account once it is final.")}
        messages.error(request, texts.get(chosen.detail) or refusal_text(chosen))
    return redirect("addresses")


def _own(request: SignedInRequest, pk: int) -> Address:
    return get_object_or_404(Address.objects.standing().filter(user=request.user), pk=pk)


def _primary_first() -> str:
    return _("This address names your account. Choose another one for that first, then remove this one.")


def _who(request: SignedInRequest) -> dict[str, Any]:
    return {"session": assurance.session_facts(request), "ctx": context.from_request(request)}


def _keep(request: SignedInRequest) -> dict[str, Any]:
    """Of all sessions this one goes on; `assurance.refresh` gives it a new key."""
    return {"keep": request.session.session_key}


def _code_page(form: MailCodeForm, row: Address) -> dict[str, Any]:
    sent = challenges.newest(service.scope(row))
    page: dict[str, Any] = {"form": form, "address": row, "rules": RULES}
    if sent is not None:
        page |= {"sent": sent, "again_at": sent.created_at + RULES.sms_cooldown}
        page |= {"progress": challenges.progress(sent), "here": reverse("address_code", args=[row.pk])}
    return page


def _tell(request: SignedInRequest, sent: object) -> None:
    if isinstance(sent, Refused):
        messages.warning(request, refusal_text(sent))
    else:
        messages.success(request, _("A new code was made. Only the newest works."))
