"""Step-up: before an important deed, one fresh proof."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import assurance, context
from accounts.errors import Refused, Why
from accounts.forms.sign_in import CodeForm, OwnPasswordForm
from accounts.models import Address
from accounts.refusals import passkey_text, refusal_text
from accounts.requests import SignedInRequest
from accounts.services import challenges, passkeys, step_up
from accounts.services.verify import Verified
from accounts.views.errors import retry_after
from policy.acts import STEP_UP_KINDS
from policy.rules import RULES

#: The deed in words: what the page confirms, and nothing else.
DEEDS = {
    "bind_authenticator": _("Before you add an authenticator"),
    "remove_authenticator": _("Before you remove an authenticator"),
    "replace_codes": _("Before you make new saved codes"),
    "file_identity": _("Before you see or send identity papers"),
    "add_number": _("Before you add a phone number"),
    "change_number": _("Before you change your phone number"),
    "remove_number": _("Before you remove a phone number"),
    "add_address": _("Before you add an email address"),
    "remove_address": _("Before you remove an email address"),
    "change_password": _("Before you change your password"),
    "add_payout": _("Before you add a payout address"),
    "withdraw": _("Before you withdraw"),
    "export": _("Before you take a copy of your data"),
    "close_account": _("Before you close your account"),
    "cancel_case": _("Before you stop the recovery"),
    "lock_settings": _("Before you lock your settings"),
    "agent_entry": _("Before you open the pages of agents"),
}


@never_cache
@sensitive_post_parameters("code", "password")
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: SignedInRequest) -> HttpResponse:
    """Ask for the proof, take it, lead back. A code is sent only when its button is pressed."""
    deed = request.GET.get("for", "")
    if deed not in STEP_UP_KINDS:
        raise Http404
    allowed = step_up.options(request.user, assurance.session_facts(request), deed)
    scope = step_up.scope(request.session.get("public_id", ""), deed)
    way = _way(request, allowed)
    page = {"deed": deed, "allowed": allowed, "way": way, "scope": scope, "next": _next(request)}
    if request.method != "POST" or not allowed:
        return _page(request, page)
    if target := allowed.target(request.POST.get("challenge", "")):
        sent = step_up.send(request.user, target, scope=scope, ctx=context.from_request(request))
        return _page(request, page, unsent=sent if isinstance(sent, Refused) else None)
    if "options" in request.POST:
        return JsonResponse(passkeys.asked("step_up", scope, of=allowed.passkeys))
    if "challenge" in request.POST:
        return _page(request, page)
    return _take(request, page)


def _take_passkey(request: SignedInRequest, page: dict[str, Any]) -> HttpResponse:
    asked = {"deed": page["deed"], "allowed": page["allowed"], "scope": page["scope"]}
    ctx = context.from_request(request)
    proof = step_up.give(request.user, "passkey", request.POST["passkey"], ctx=ctx, **asked)
    if isinstance(proof, Verified):
        assurance.add_step_up(request, proof, page["deed"])
        return redirect(page["next"])
    response = _page(request, page | {"passkey_refused": passkey_text(proof)})
    return retry_after(response, proof.until) if proof.why is Why.THROTTLED else response


def _take(request: SignedInRequest, page: dict[str, Any]) -> HttpResponse:
    if "passkey" in request.POST:
        return _take_passkey(request, page)
    form = _form(page["way"], request.POST)
    if not form.is_valid():
        return _page(request, page, form)
    asked = {"deed": page["deed"], "allowed": page["allowed"], "scope": page["scope"]}
    ctx = context.from_request(request)
    (field, typed), *_rest = form.cleaned_data.items()
    proof = step_up.give(request.user, page["way"], typed, ctx=ctx, **asked)
    if isinstance(proof, Verified):
        assurance.add_step_up(request, proof, page["deed"])
        half = page["way"] == "password"  # the mail code beside it is still missing
        return redirect(assurance.step_up_url(page["deed"], page["next"]) if half else page["next"])
    wrong = page["way"] == "password" and proof.why is Why.WRONG
    form.add_error(field, _("This is not your password. Type it once more.") if wrong else refusal_text(proof))
    response = _page(request, page, form)
    return retry_after(response, proof.until) if proof.why is Why.THROTTLED else response


def _form(way: str, data: QueryDict | None = None) -> CodeForm | OwnPasswordForm:
    return OwnPasswordForm(data) if way == "password" else CodeForm(data, way=way)


def _page(
    request: HttpRequest,
    page: dict[str, Any],
    form: CodeForm | OwnPasswordForm | None = None,
    unsent: Refused | None = None,
) -> HttpResponse:
    sent = challenges.newest(page["scope"]) if page["way"] in ("sms", "email") else None
    words = {
        **page,
        "form": form or _form(page["way"]),
        "title": DEEDS[page["deed"]],
        "sent": sent,
        "progress": challenges.progress(sent),
        "here": f"{request.path}?{urlencode({'for': page['deed'], 'next': page['next'], 'way': page['way']})}",
        "cooldown": RULES.sms_cooldown,
        "fresh": RULES.agent_session_absolute if page["deed"] == assurance.AGENT_ENTRY else RULES.step_up_fresh,
        "unsent": unsent,
        "unsent_text": refusal_text(unsent) if unsent else "",
    }
    return render(request, "accounts/sign_in/step_up.html", words)


def _way(request: HttpRequest, allowed: step_up.Options) -> str:
    """The way the person chose: by a button now, by the form that came from the page before, or by its address."""
    chosen = request.POST.get("challenge") or request.POST.get("way") or request.GET.get("way", "")
    if target := allowed.target(chosen):
        return "email" if isinstance(target, Address) else "sms"
    return chosen if allowed.offers(chosen) else allowed.first


def _next(request: HttpRequest) -> str:
    """Where to go back to: only inside this portal (open redirect; ASVS 3.7.2)."""
    asked = request.POST.get("next") or request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return asked if safe else resolve_url("account")
