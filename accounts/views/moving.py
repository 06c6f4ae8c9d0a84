"""Moving the app, and losing it: four situations, a page each, and on each the one next step that fits this account."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import assurance, context, history, selectors, wording
from accounts.errors import Refused
from accounts.forms.moving import LostForm, MovedForm
from accounts.models import Means, Passkey, Phone
from accounts.requests import SignedInRequest
from accounts.selectors import Holdings
from accounts.services import losses, totp
from accounts.views import rows
from policy.facts import Kind


@never_cache
@require_safe
def moving(request: SignedInRequest) -> HttpResponse:
    """The four situations, and what is noted of each app."""
    held = selectors.holdings(request.user)
    apps = [rows.app(row, held) for row in held.totps if row.confirmed_at]
    situations = [
        ("phone", "moving_new_phone", _("I have a new phone"), _("The old one is still at hand.")),
        ("stop", "moving_lost", _("The phone is lost or stolen"), _("It stops at once; then you add another way in.")),
        ("app", "moving_gone", _("The app is gone, the phone is here"), _("Deleted, reset, or its entry is missing.")),
        ("hold", "moving_clock", _("The app’s code is not taken"), _("Mostly the clock of the phone is off.")),
    ]
    found = [
        {"icon": icon, "name": name, "note": note, "actions": [{"url": reverse(url), "label": _("Open")}]}
        for icon, url, name, note in situations
    ]
    return render(request, "accounts/moving/overview.html", {"situations": found, "apps": apps})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_phone(request: SignedInRequest) -> HttpResponse:
    """Move it while the old phone still works, then say so: noted, with the copy, and nothing else is changed."""
    held = selectors.holdings(request.user)
    usable = [one for one in selectors.usable_methods(held) if one.kind is Kind.TOTP]
    apps = [(one.means_id.partition(":")[2], one.name or _("Authenticator app")) for one in usable]
    posted = request.POST if request.method == "POST" else None
    form = MovedForm(posted, apps=apps) if apps else None
    if form is not None and form.is_valid():
        pk, copied = int(form.cleaned_data["app"]), form.cleaned_data["copied"]
        totp.moved(request.user, pk, copied=copied, ctx=context.from_request(request))
        messages.success(request, _("Noted. Sign in once with the new phone before you erase the old one."))
        return redirect("moving")
    return render(request, "accounts/moving/new_phone.html", {"form": form, "single": len(apps) == 1})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lost(request: SignedInRequest) -> HttpResponse:
    """Report it first; then another way in, while this session is open (R13)."""
    held = selectors.holdings(request.user)
    things = _losable(held)
    posted = request.POST if request.method == "POST" else None
    form = LostForm(posted, things=things) if things else None
    if form is not None and form.is_valid():
        _report(request, form.cleaned_data["things"])
        return redirect("moving_lost")
    gone = [_name(row) for row in _on_a_phone(held) if row.lost_at and row.confirmed_at]
    return render(request, "accounts/moving/lost.html", {"form": form, "gone": gone, "ways": _ways(held)})


@never_cache
@require_safe
def gone(request: SignedInRequest) -> HttpResponse:
    """The app is gone and the phone is here: bind it anew with what still answers, else recovery."""
    held = selectors.holdings(request.user)
    apps = [rows.app(row, held) for row in held.totps if row.confirmed_at]
    return render(request, "accounts/moving/gone.html", {"apps": apps, "ways": _ways(held)})


@never_cache
@require_safe
def clock(request: SignedInRequest) -> HttpResponse:
    """What time it really is, where a phone's clock is set, and when the last code of another time was refused."""
    page = {"now": totp.real_time(), "refused_at": history.last_of_another_clock(request.user)}
    return render(request, "accounts/moving/clock.html", page)


def _on_a_phone(held: Holdings) -> list[Means]:
    return [*held.totps, *held.passkeys, *held.phones]


def _losable(held: Holdings) -> list[tuple[str, str]]:
    standing = [row for row in _on_a_phone(held) if row.confirmed_at and not row.lost_at]
    return [(row.means_id, _name(row)) for row in standing]


def _name(row: Means) -> str:
    if isinstance(row, Passkey):
        return rows.passkey_name(row)
    return wording.masked_phone(row.number, 4) if isinstance(row, Phone) else row.name or _("Authenticator app")


def _ways(held: Holdings) -> list[str]:
    """By what this account can confirm now that it is its owner, in words; what may step up is judged there (R2)."""
    named = {
        Kind.TOTP: lambda one: one.name or _("Authenticator app"),
        Kind.PASSKEY: lambda one: one.name or _("Passkey"),
        Kind.SMS: lambda one: wording.masked_phone(one.to, 4),
        Kind.SAVED_CODE: lambda one: _("Saved recovery codes"),
    }
    return [named[one.kind](one) for one in selectors.usable_methods(held) if one.kind in named]


def _report(request: SignedInRequest, things: list[str]) -> None:
    for means_id in things:
        kind, _colon, pk = means_id.partition(":")
        done = losses.report(
            request.user,
            kind,
            int(pk),
            session=assurance.session_facts(request),
            keep=request.session.session_key,
            ctx=context.from_request(request),
        )
        if not isinstance(done, Refused):
            assurance.refresh(request, request.user)
    messages.success(request, _("It is stopped: nobody can use it now."))
