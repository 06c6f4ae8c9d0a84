"""The sign-in page, on django-two-factor-auth's LoginView, and signing out.

The class keeps the engine's name, prefixes and steps (`auth-email`, `auth-password`, `token-code`,
`login_view-current_step`); what it decided by itself is decided here or in the service: see the docstrings.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import auth
from django.core.exceptions import BadRequest
from django.forms import Form
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from formtools.wizard.storage.base import BaseStorage
from two_factor.plugins.registry import registry
from two_factor.views.core import LoginView as EngineLoginView
from two_factor.views.utils import LoginStorage

from accounts import assurance, clock, context
from accounts.errors import Refused, Why
from accounts.forms.sign_in import CodeForm, PasswordForm
from accounts.models import Challenge, User
from accounts.refusals import passkey_text, refusal_text
from accounts.requests import SignedInRequest
from accounts.services import challenges, passkeys, sign_in
from accounts.services.verify import Verified
from accounts.two_factor import Target
from accounts.views import passkeys as passkey_views
from accounts.views.errors import retry_after
from policy.facts import Kind
from policy.rules import RULES


class PendingStorage(LoginStorage):
    """The pending sign-in. It enters the session once the password was right, and no GET changes it.

    Attacks stopped: a session row written for every anonymous visit, and a stray GET (prefetch, favicon, second tab)
    that throws a pending sign-in away (pitfall P19). It holds ids and times, never the password (P20).
    """

    def __init__(self, prefix: str, request: HttpRequest, file_storage: None = None) -> None:
        BaseStorage.__init__(self, prefix, request, file_storage)
        self.blank = self._empty()

    def _empty(self) -> dict[str, Any]:
        keys = (self.step_data_key, self.step_files_key, self.extra_data_key, self.validated_step_data_key)
        return {self.step_key: None, **{key: {} for key in keys}}

    def init_data(self) -> None:
        self.request.session.pop(self.prefix, None)
        self.blank = self._empty()

    reset = init_data

    def keep(self, **words: Any) -> None:
        """Put it into the session, under a new key (session fixation; ASVS 7.2.4)."""
        if self.request.session.session_key:
            self.request.session.cycle_key()
        self.request.session[self.prefix] = {**self.blank, **words}

    def _get_data(self) -> dict[str, Any]:
        if self.prefix not in self.request.session:
            return self.blank
        self.request.session.modified |= self.request.method == "POST"
        data: dict[str, Any] = self.request.session[self.prefix]
        return data

    def _set_data(self, value: dict[str, Any]) -> None:
        self.blank = value

    data = property(_get_data, _set_data)


class LoginView(EngineLoginView):
    """Password, then one second factor that the person may choose. Every code is sent by a button and by nothing else.

    Differs from the engine: both steps always stand in the list, so that no condition is remembered from before the
    password (it let people in by password alone); codes are verified here, in `post`, by the one service, and forms
    judge only their shape; `done` refuses by itself.
    """

    form_list: ClassVar[Any] = ((EngineLoginView.AUTH_STEP, PasswordForm), (EngineLoginView.TOKEN_STEP, CodeForm))
    condition_dict: ClassVar[dict[str, Any]] = {}
    storage_name = "accounts.views.sign_in.PendingStorage"
    templates: ClassVar[dict[str, str]] = {
        EngineLoginView.AUTH_STEP: "accounts/sign_in/password.html",
        EngineLoginView.TOKEN_STEP: "accounts/sign_in/code.html",
    }

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return redirect(self.get_success_url())
        return self._show(self.TOKEN_STEP if self.pending_user() else self.AUTH_STEP)

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        posted = self.request.POST
        if "again" in posted or posted.get("wizard_goto_step") == self.AUTH_STEP:
            self.storage.reset()
            return redirect(self._here())
        step = posted.get(f"{self.prefix}-current_step")
        if step == self.AUTH_STEP:
            return passkey_views.alone(self) if "passkey" in posted else self._password()
        if step != self.TOKEN_STEP:
            raise BadRequest("no such step")
        user = self.pending_user()
        if user is None:
            self.storage.reset()
            return self._show(self.AUTH_STEP, timed_out=True)
        if "challenge" in posted:
            return self._choose(user, posted["challenge"])
        if "options" in posted:
            return JsonResponse(passkeys.asked("sign_in", self.scope, of=self._ways(user).passkeys, verified=False))
        return self._code(user)

    def done(self, form_list: Sequence[Form], **kwargs: Any) -> HttpResponse:
        """Open the session, if the service's last word allows it: never by the password alone where a factor is."""
        user, proofs = kwargs["user"], kwargs["proofs"]
        outcome = sign_in.finish(user, proofs, ctx=context.from_request(self.request))
        self.storage.reset()
        if isinstance(outcome, Refused):
            return self._stuck(user)
        assurance.sign_in(self.request, user, proofs, set_up=outcome)
        response = redirect("set_up" if outcome else self.get_success_url())
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            user.language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite="Lax",
        )
        return response

    def pending_user(self) -> User | None:
        """Whose sign-in is pending here: younger than ten minutes, and the password not changed since it was typed."""
        if "user" not in self.__dict__:
            self.__dict__["user"] = self._pending_user()
        user: User | None = self.__dict__["user"]
        return user

    def get_form(self, step: str | None = None, data: Any = None, files: Any = None) -> Form:
        step = step or self.steps.current
        if step == self.AUTH_STEP:
            return PasswordForm(data, prefix=step)
        form_class = registry.get_method(self.way).get_token_form_class() if self.way != "email" else CodeForm
        form: Form = form_class(data, prefix=step, way=self.way)
        return form

    def get_template_names(self) -> list[str]:
        return [self.templates[self.steps.current]]

    @property
    def way(self) -> str:
        """How the person chose to show the second factor."""
        return str(self.storage.data.get("way", "totp"))

    @property
    def scope(self) -> str:
        """The request that codes of this pending sign-in belong to (ASVS 6.6.2)."""
        return f"sign_in:{self.storage.data['pending']}"

    # What each button does

    def _password(self) -> HttpResponse:
        form = self.get_form(self.AUTH_STEP, self.request.POST)
        if not form.is_valid():
            return self._show(self.AUTH_STEP, form)
        email, secret = form.cleaned_data["email"], form.cleaned_data["password"]
        passed = sign_in.password(email, secret, ctx=context.from_request(self.request))
        if isinstance(passed, Refused):
            wrong = _("The email address or the password is not right.")
            form.add_error(None, wrong if passed.why is Why.WRONG else refusal_text(passed))
            response = self._show(self.AUTH_STEP, form)
            if passed.why is Why.THROTTLED:
                response.status_code = 429
                retry_after(response, passed.until)
            return response
        ways = sign_in.ways(passed.user, reset=passed.proof.reset)
        if ways.standing is sign_in.Standing.LOST:
            return self._stuck(passed.user)
        self._begin(passed, ways)
        return self._show(self.TOKEN_STEP)

    def _begin(self, passed: sign_in.Passed, ways: sign_in.Ways) -> None:
        self.__dict__.update(user=passed.user, ways=ways)
        self.storage.keep(
            user_pk=str(passed.user.pk),
            user_backend=assurance.BACKEND,
            stamp=passed.user.get_session_auth_hash(),
            pending=secrets.token_urlsafe(12),
            began_at=clock.now().isoformat(),
            reset=passed.proof.reset,
            means_id=passed.proof.means_id,
            way=ways.first,
            wrong=0,
        )

    def _choose(self, user: User, choice: str) -> HttpResponse:
        """Another way, or a code to this number: `challenge` holds the way's or the number's name."""
        ways = self._ways(user)
        target = ways.target(choice)
        if target is None:
            if ways.offers(choice):
                self.storage.data["way"] = choice
            return self._show(self.TOKEN_STEP)
        self.storage.data["way"] = "email" if target.kind == Kind.EMAIL else "sms"
        device = Target(target, user, self.scope, context.from_request(self.request))
        outcome = device.generate_challenge()
        if isinstance(outcome, Refused):
            return self._show(self.TOKEN_STEP, unsent=outcome, unsent_text=refusal_text(outcome))
        return self._show(self.TOKEN_STEP)

    def _code(self, user: User) -> HttpResponse:
        passkey = self.request.POST.get("passkey")
        form = self.get_form(self.TOKEN_STEP, self.request.POST if passkey is None else None)
        if passkey is None and not form.is_valid():
            return self._show(self.TOKEN_STEP, form)
        data, ctx = self.storage.data, context.from_request(self.request)
        way, code = (self.way, form.cleaned_data["code"]) if passkey is None else ("passkey", passkey)
        proof = sign_in.second(user, way, code, reset=data["reset"], scope=self.scope, ctx=ctx)
        if isinstance(proof, Verified):
            first = Verified(Kind.PASSWORD, data["means_id"], data["reset"])
            return self.done([form], user=user, proofs=[first, proof])
        if proof.why is not Why.SHAPE:
            data["wrong"] += 1
        if proof.why is Why.THROTTLED or data["wrong"] >= sign_in.TRIES:
            sign_in.stopped(user, ctx)
        if data["wrong"] >= sign_in.TRIES:
            self.storage.reset()
            return self._show(self.AUTH_STEP, too_many_codes=True)
        if passkey is None:
            form.add_error("code", refusal_text(proof))
        said = "" if passkey is None else passkey_text(proof)
        response = self._show(self.TOKEN_STEP, form, passkey_refused=said)
        return retry_after(response, proof.until) if proof.why is Why.THROTTLED else response

    # What is shown

    def _show(self, step: str, form: Form | None = None, **words: Any) -> HttpResponse:
        self.storage.current_step = step
        if step == self.TOKEN_STEP:
            user = self.pending_user()
            assert user is not None  # noqa: S101  shown only to somebody pending
            ways = self._ways(user)
            if not ways.offers(self.way):
                self.storage.data["way"] = ways.first
            sent = self._sent()
            words |= {"ways": ways, "way": self.way, "sent": sent, "progress": challenges.progress(sent)}
            words |= {"here": self._here(), "cooldown": RULES.sms_cooldown}
        return self.render_to_response(self._words(form or self.get_form(step), **words))

    def _words(self, form: Form, **words: Any) -> dict[str, Any]:
        return {
            "form": form,
            "prefix": self.prefix,
            "step": self.steps.current,
            "next": self.get_redirect_url(),
            "ended": self.request.GET.get("ended", ""),
            **words,
        }

    def _stuck(self, user: User) -> HttpResponse:
        """Right password, and nothing bound that can sign in: the way to recovery, never a session (P23–P25)."""
        return TemplateResponse(self.request, "accounts/sign_in/stuck.html", {"email": user.email})

    def _sent(self) -> Challenge | None:
        """The newest code of this pending sign-in, when the way chosen is one that is sent."""
        found = challenges.newest(self.scope) if self.way in ("sms", "email") else None
        return found if found and found.channel == ("sms" if self.way == "sms" else "mail") else None

    def _ways(self, user: User) -> sign_in.Ways:
        if "ways" not in self.__dict__:
            self.__dict__["ways"] = sign_in.ways(user, reset=self.storage.data["reset"])
        found: sign_in.Ways = self.__dict__["ways"]
        return found

    def _pending_user(self) -> User | None:
        data = self.storage.data
        if "pending" not in data:
            return None
        if not 0 <= (clock.now() - datetime.fromisoformat(data["began_at"])).total_seconds() < _LIFE:
            return None
        user: User | None = self.storage.authenticated_user or None
        # Changed meanwhile (a reset, a recovery, all sessions ended): what was typed then no longer counts.
        return user if user and constant_time_compare(user.get_session_auth_hash(), data["stamp"]) else None

    def _here(self) -> str:
        onward = self.get_redirect_url()
        return f"{reverse('sign_in')}?{urlencode({'next': onward})}" if onward else reverse("sign_in")


_LIFE = RULES.pending_sign_in.total_seconds()


@require_POST
def sign_out(request: SignedInRequest) -> HttpResponse:
    """Close this session and let the browser forget what it kept of it (ASVS 14.3.1).

    Only cache and storage are cleared: the cookies of language and of an open recovery are the person's to keep.
    """
    sign_in.signed_out(request.user, context.from_request(request))
    auth.logout(request)
    response = redirect(settings.LOGOUT_REDIRECT_URL)
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response
