"""Changing the number, page by page: the new number, the code sent there, the path that follows (product §1 row 6)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts import assurance, context, selectors
from accounts.errors import Refused, Why
from accounts.forms.authenticators import PhoneForm, SmsCodeForm
from accounts.models import Change, Phone
from accounts.refusals import refusal_text
from accounts.requests import SignedInRequest
from accounts.services import challenges, changes, phones
from accounts.views import standing
from policy.deeds import RemoveNumber, Verdict
from policy.rules import RULES

#: Which number is being confirmed and which it replaces; in the session, so that neither can be swapped in the page.
SESSION_KEY = "phone_change"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def phone_change(request: SignedInRequest) -> HttpResponse:
    """Take the new number. Nothing is sent before this POST, and never anything to the old number."""
    held = selectors.holdings(request.user)
    numbers = _numbers(held)
    if len(numbers) > 1 and "replace" not in request.GET:
        return render(request, "accounts/phone/choose.html", {"numbers": numbers})
    old = _chosen(request, numbers)
    deed = phones.deed_for(old.pk if old else None)
    verdict = changes.judged(deed, selectors.facts_of(held, session=assurance.session_facts(request)))
    if isinstance(verdict, Refused):
        return standing.refused_page(request, verdict, deed, _title(old))
    form = PhoneForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if "contact" in request.POST:
            return _keep_as_contact(request, form, old, verdict)
        begun = phones.begin(
            request.user, form.cleaned_data["phone"], replaces=old.pk if old else None, **_who(request)
        )
        if isinstance(begun, Phone):
            request.session[SESSION_KEY] = {"phone": begun.pk, "replaces": old.pk if old else None}
            return redirect("phone_change_code")
        return _faulty(request, form, begun, old, verdict)
    return _number_page(request, form, old, verdict)


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def phone_change_code(request: SignedInRequest) -> HttpResponse:
    """Take the code sent to the new number; then the change is made and everyone is told."""
    kept = request.session.get(SESSION_KEY) or {}
    row = Phone.objects.filter(user=request.user, pk=kept.get("phone", 0), revoked_at=None).first()
    if row is None:
        return redirect("phone_change")
    if "again" in request.POST:
        _tell(request, phones.send_code(request.user, row, context.from_request(request)))
        return redirect("phone_change_code")
    form = SmsCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        bound = _confirm(request, row, form.cleaned_data["code"], kept["replaces"])
        if isinstance(bound, phones.Bound):
            request.session[SESSION_KEY] = {"change": str(bound.change.pk) if bound.change else ""}
            return redirect("phone_changed")
        if bound.why is Why.STEP_UP:
            return standing.to_step_up(request, phones.deed_for(kept["replaces"]))
        form.add_error("code", refusal_text(bound))
    return render(request, "accounts/phone/code.html", _code_page(form, row, kept["replaces"]))


@never_cache
@require_safe
def phone_changed(request: SignedInRequest) -> HttpResponse:
    """It is done: what is final when."""
    kept = request.session.get(SESSION_KEY) or {}
    if "change" not in kept:
        return redirect("phone_change")
    change = Change.objects.filter(user=request.user, pk=kept["change"]).first() if kept["change"] else None
    page: dict[str, Any] = {"change": change}
    if change is not None:
        rest = request.user.number_changed_at
        page["stations"] = standing.path(change, money=rest + RULES.money_after_number_change if rest else None)
    return render(request, "accounts/phone/changed.html", page)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def phone_remove(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say what removing does, then do it."""
    row = get_object_or_404(Phone.objects.filter(user=request.user, revoked_at=None), pk=pk)
    deed = RemoveNumber(row.means_id)
    done = changes.ask(request.user, deed, assurance.session_facts(request))
    if not isinstance(done, Refused) and request.method == "POST":
        removed = changes.remove_means(request.user, row, keep=request.session.session_key, **_who(request))
        if not isinstance(removed, Refused):
            assurance.refresh(request, request.user)
            messages.success(request, _("The number gets no codes any more."))
            return redirect("security")
        done = removed
    if isinstance(done, Refused):
        return standing.refused_page(request, done, deed, _("Remove the number"))
    return render(request, "accounts/phone/remove.html", {"phone": row, "verdict": done})


def _numbers(held: selectors.Holdings) -> list[Phone]:
    return [row for row in held.phones if row.confirmed_at and not row.weak and not held.suspended(row)]


def _chosen(request: SignedInRequest, numbers: list[Phone]) -> Phone | None:
    """The number to replace: the one named, none when asked so, else the only one."""
    named = request.GET.get("replace", "")
    if named == "none" or not numbers:
        return None
    if not named:
        return numbers[0]
    old = next((row for row in numbers if str(row.pk) == named), None)
    if old is None:
        raise Http404
    return old


def _who(request: SignedInRequest) -> dict[str, Any]:
    return {"session": assurance.session_facts(request), "ctx": context.from_request(request)}


def _title(old: Phone | None) -> str:
    return _("Change the phone number") if old else _("Add a phone number")


def _number_page(
    request: SignedInRequest, form: PhoneForm, old: Phone | None, verdict: Verdict, *, virtual: bool = False
) -> HttpResponse:
    page = {"form": form, "old": old, "title": _title(old), "verdict": verdict, "virtual": virtual, "rules": RULES}
    return render(request, "accounts/phone/number.html", page)


def _faulty(
    request: SignedInRequest, form: PhoneForm, refused: Refused, old: Phone | None, verdict: Verdict
) -> HttpResponse:
    if refused.why is Why.STEP_UP:
        return standing.to_step_up(request, phones.deed_for(old.pk if old else None))
    texts = {
        Why.SHAPE: _("This is not a whole mobile number. Type it as in 090-1234-5678."),
        Why.TAKEN: _("This number is on your account already. Type the new one."),
    }
    form.add_error("phone", texts.get(refused.why) or refusal_text(refused))
    return _number_page(request, form, old, verdict, virtual=refused.detail == "voip")


def _keep_as_contact(request: SignedInRequest, form: PhoneForm, old: Phone | None, verdict: Verdict) -> HttpResponse:
    keep = request.session.session_key
    kept = phones.keep_as_contact(request.user, form.cleaned_data["phone"], keep=keep, **_who(request))
    if isinstance(kept, Refused):
        if kept.why is Why.STEP_UP:  # keeping it is an addition; the step-up at hand was for a replacement
            return standing.to_step_up(request, phones.deed_for(None))
        return _faulty(request, form, kept, old, verdict)
    assurance.refresh(request, request.user)
    messages.success(request, _("The number is kept as a contact. No code goes there."))
    return redirect("security")


def _confirm(request: SignedInRequest, row: Phone, code: str, replaces: int | None) -> phones.Bound | Refused:
    keep = request.session.session_key
    bound = phones.confirm(request.user, row, code, replaces=replaces, keep=keep, **_who(request))
    if isinstance(bound, phones.Bound):
        assurance.refresh(request, request.user)
    return bound


def _code_page(form: SmsCodeForm, row: Phone, replaces: int | None) -> dict[str, Any]:
    sent = challenges.newest(phones.scope(row))
    page: dict[str, Any] = {"form": form, "phone": row, "replaces": replaces, "rules": RULES}
    if sent is not None:
        page |= {"sent": sent, "again_at": sent.created_at + RULES.sms_cooldown}
        page |= {"progress": challenges.progress(sent), "here": reverse("phone_change_code")}
    return page


def _tell(request: SignedInRequest, sent: object) -> None:
    if isinstance(sent, Refused):
        messages.warning(request, refusal_text(sent))
    else:
        messages.success(request, _("A new code was made. Only the newest works."))
