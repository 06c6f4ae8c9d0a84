"""Passkeys: signing in with one alone, adding one, and its own pages.

The page holds a form that a script shows. The script asks the form's own address for the question ("options"), lets the
browser answer it and posts the answer, so every refusal is a page like any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import assurance, context, crypto, selectors
from accounts.authenticators.passkey import ALONE
from accounts.errors import Refused, Why
from accounts.forms.authenticators import PasskeyNameForm
from accounts.models import Passkey
from accounts.refusals import passkey_text, refusal_text
from accounts.requests import SignedInRequest
from accounts.services import changes, passkeys
from accounts.views import rows, set_up
from accounts.views.errors import retry_after
from policy.deeds import RemoveAuthenticator, step_up_kind

if TYPE_CHECKING:
    from accounts.views.sign_in import LoginView

ADD = step_up_kind(passkeys.DEED)
REMOVE = step_up_kind(RemoveAuthenticator)


def alone(view: LoginView) -> HttpResponse:
    """A passkey instead of address and password. Whatever fails, the password form is there and stays usable."""
    request = view.request
    scope = ALONE + crypto.keyed_name("browser", request.META.get("CSRF_COOKIE", ""))
    if "options" in request.POST:
        return JsonResponse(passkeys.asked("sign_in", scope))
    passed = passkeys.sign_in(request.POST["passkey"], scope=scope, ctx=context.from_request(request))
    if not isinstance(passed, Refused):
        return view.done([], user=passed.user, proofs=[passed.proof])
    return at_password(view, passed)


def at_password(view: LoginView, refused: Refused) -> HttpResponse:
    """The sign-in page with the reason; a passkey that nobody has is named to the device, which then forgets it."""
    said = passkey_text(refused)
    if refused.why is Why.UNVERIFIED:
        said = _("Your device did not check that it is you (finger, face or PIN). Sign in with your password first.")
    response = view._show(view.AUTH_STEP, passkey_refused=said, unknown=refused.detail)
    return retry_after(response, refused.until) if refused.why is Why.THROTTLED else response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@assurance.step_up_required(ADD)
def add(request: SignedInRequest) -> HttpResponse:
    """Name a passkey and let the browser make it. Several are welcome."""
    scope = f"add:{request.session.get('public_id', '')}"
    if "options" in request.POST:
        return JsonResponse(passkeys.asked_to_add(request.user, scope))
    form = PasskeyNameForm(request.POST or None, optional=True)
    page: dict[str, Any] = {"form": form, **set_up.frame(request, "authenticators")}
    if request.method == "POST" and form.is_valid():
        bound = _add(request, form.cleaned_data["name"], scope)
        if isinstance(bound, Passkey):
            return set_up.onward(request, "authenticators", _("The passkey is added. It signs you in from now on."))
        page["passkey_refused"] = passkey_text(bound)
    return render(request, "accounts/authenticators/add_passkey.html", page)


def _add(request: SignedInRequest, name: str, scope: str) -> Passkey | Refused:
    bound = passkeys.add(
        request.user,
        request.POST.get("passkey", ""),
        name,
        scope=scope,
        session=assurance.session_facts(request),
        keep=request.session.session_key,
        ctx=context.from_request(request),
    )
    if isinstance(bound, Passkey):
        assurance.refresh(request, request.user)
    return bound


@never_cache
@require_safe
def passkey(request: SignedInRequest, pk: int) -> HttpResponse:
    """One passkey: its name, where it lies, what to do when it is lost."""
    row = _own(request, pk)
    return _page(request, row, PasskeyNameForm(initial={"name": row.name}))


@never_cache
@require_POST
def rename(request: SignedInRequest, pk: int) -> HttpResponse:
    row = _own(request, pk)
    form = PasskeyNameForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form)
    passkeys.rename(request.user, row.pk, form.cleaned_data["name"], ctx=context.from_request(request))
    messages.success(request, _("The passkey has a new name."))
    return redirect("passkey", pk)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@assurance.step_up_required(REMOVE)
def remove(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say what removing does, then do it; the list it leads to tells the device to forget the passkey."""
    row = _own(request, pk)
    session, ctx = assurance.session_facts(request), context.from_request(request)
    verdict = changes.ask(request.user, RemoveAuthenticator(row.means_id), session)
    if request.method == "POST" and not isinstance(verdict, Refused):
        keep = request.session.session_key
        if not isinstance(changes.remove_means(request.user, row, session=session, keep=keep, ctx=ctx), Refused):
            assurance.refresh(request, request.user)
            messages.success(request, _("The passkey is removed and signs nobody in."))
        return redirect("authenticators")
    page: dict[str, Any] = {"passkey": row, "name": rows.passkey_name(row)}
    if isinstance(verdict, Refused):
        page["refused"] = refusal_text(verdict)
    else:
        page["final_after"] = verdict.final_after
    return render(request, "accounts/authenticators/remove_passkey.html", page)


def _own(request: SignedInRequest, pk: int) -> Passkey:
    row = passkeys.owned(request.user, pk)
    if row is None:
        raise Http404
    return row


def _page(request: HttpRequest, row: Passkey, form: PasskeyNameForm) -> HttpResponse:
    held = selectors.holdings(row.user)
    page = {"form": form, "passkey": row, "row": rows.passkey(row, held), "name": rows.passkey_name(row)}
    page |= {"why": rows.probation(row, held), "kept": rows.kept(row)}
    return render(request, "accounts/authenticators/passkey.html", page)
