"""The situation and its roads; the start of a claim. No account is read here, and no session written."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import browser_cookie, clock
from accounts import wording as words
from accounts.errors import Refused
from accounts.refusals import refusal_text
from policy.facts import Kind
from policy.roads import OFFERED, Road, general_roads
from recovery import selectors, wording
from recovery.forms import ReferenceForm, SituationForm, StartForm
from recovery.services import claims
from recovery.views import holder

_LETTERS = frozenset(kind.value for kind in wording.AT_HAND)
AVAILABLE = OFFERED


@login_not_required
@require_safe
def recovery(request: HttpRequest) -> HttpResponse:
    """One question, then the roads side by side: method, time, what rests. Nothing is stored."""
    if "reference" in request.GET:
        return _find(request)
    situation = request.GET.get("situation", "")
    if situation not in wording.SITUATIONS:
        form = SituationForm(request.GET or None)
        return render(request, "recovery/situation.html", {"form": form, "reference_form": ReferenceForm()})
    asked = "asked" in request.GET
    have = {Kind(letter) for letter in request.GET.getlist("have") if letter in _LETTERS}
    found = general_roads(situation, held=have if asked else None, offered=AVAILABLE)
    page = {
        "situation": situation,
        "situation_name": wording.SITUATIONS[situation],
        "roads": [_card(road, situation) for road in found],
        "at_hand": [_choice(kind, label, found, have if asked else None) for kind, label in wording.AT_HAND.items()],
        "asked": asked,
    }
    return render(request, "recovery/roads.html", page)


def _find(request: HttpRequest) -> HttpResponse:
    form = ReferenceForm(request.GET)
    if form.is_valid():
        return redirect("case", form.cleaned_data["reference"])
    return render(
        request, "recovery/situation.html", {"form": form, "situation_form": SituationForm(), "reference_form": form}
    )


def _choice(kind: Kind, label: Any, found: tuple[Road, ...], have: set[Kind] | None) -> dict[str, Any]:
    at_hand = any(kind in road.proofs for road in found) if have is None else kind in have
    return {"value": kind.value, "label": label, "checked": at_hand}


def _card(road: Road, situation: str) -> dict[str, Any]:
    """What the road card draws, from the policy's answer."""
    notes = [text for code in ("longer_if_only_address", "codes_on_paper") for text in _texts(road, code)]
    ends = _("About %(moment)s") % {"moment": words.moment(clock.now() + road.wait)} if road.wait else ""
    return {
        "title": wording.joined(road.proofs),
        "kinds": [kind.value for kind in road.proofs],
        "wait": road.wait,
        "when_note": " ".join([ends, *notes] if ends else notes),
        "needs_old_number": road.needs_old_number,
        "who_for": wording.who_for(road),
        "held": _rest(road),
        "why": " ".join(
            text for text in wording.reasons(road.reasons, only=("R5",)) if road.wait and text not in notes
        ),
        "action_url": reverse("sign_in")
        if road.sign_in
        else f"{reverse('recovery_start')}?{urlencode({'situation': situation})}",
        "action_label": _("Sign in") if road.sign_in else _("Start this way"),
    }


def _texts(road: Road, code: str) -> list[str]:
    return wording.reasons(reason for reason in road.reasons if reason.code == code)


def _rest(road: Road) -> str:
    if not road.money:
        return _("No rest")
    span = {"duration": words.duration(road.money)}
    if road.sign_in:
        return _("Rest for %(duration)s after you change the number") % span
    return _("Rest for %(duration)s once you are back in") % span


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Begin a claim; the answer is the same whoever is named."""
    situation = request.GET.get("situation", "")
    if situation not in wording.SITUATIONS:
        return redirect("recovery")
    form = StartForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        begun = claims.start(
            situation=situation,
            **_identifier(form.cleaned_data, situation),
            ctx=holder.claimant(request),
            timezone=timezone.get_current_timezone_name(),
            browsers=browser_cookie.digests(request),
        )
        if not isinstance(begun, Refused):
            response = redirect("case", begun.case.reference)
            holder.hold(response, request, begun.case.reference, begun.secret)
            return response
        form.add_error(None, refusal_text(begun))
    page = {"form": form, "situation": situation, "situation_name": wording.SITUATIONS[situation]}
    return render(request, "recovery/start.html", page)


def _identifier(data: dict[str, Any], situation: str) -> dict[str, str]:
    """The address names the account when both are given; the number is then the one that is lost."""
    email, phone = data["email"], data["phone"]
    dead = bool(selectors.LOST_WITH[situation])
    return {
        "identifier": email or phone,
        "identifier_kind": "email" if email else "phone",
        "lost_number": phone if dead else "",
    }
