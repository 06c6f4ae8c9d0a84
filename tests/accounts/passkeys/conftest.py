"""hanako with an app and a passkey on her computer, and a browser that speaks JSON where the page's script would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts import assurance
from accounts.models import Passkey, User
from accounts.services.verify import Verified
from policy.facts import Kind
from tests.accounts.hands import PASSWORD, app_of, person, sign_in, step_up
from tests.passkeys import Key, passkey_of

AUTH = {"login_view-current_step": "auth", "passkey": ""}
TOKEN = {"login_view-current_step": "token", "passkey": ""}
ADD = "/account/authenticators/add/passkey/"


@dataclass
class Owner:
    """An account, the device that holds its passkey, and the record of it."""

    user: User
    key: Key
    row: Passkey

    @property
    def now(self) -> Passkey:
        return Passkey.objects.get(pk=self.row.pk)


@pytest.fixture
def hanako(db: None) -> Owner:
    user, key = person(), Key()
    app_of(user)
    return Owner(user, key, passkey_of(user, key))


@pytest.fixture
def browser() -> Client:
    return Client(headers={"accept-language": "en"})


def asked(browser: Client, path: str = "/sign-in/", **more: str) -> dict[str, Any]:
    """The question that the page's script gets."""
    found: dict[str, Any] = browser.post(path, {**AUTH, **more, "options": "1"}).json()
    return found


def alone(browser: Client, key: Key, **more: str) -> HttpResponse:
    """The button of the sign-in page, or autofill."""
    answer: Any = browser.post("/sign-in/", {**AUTH, **more, "passkey": key.answer(asked(browser))})
    return answer


def past_password(browser: Client, email: str = "hanako@example.jp") -> None:
    words = {"login_view-current_step": "auth", "auth-email": email, "auth-password": PASSWORD}
    assert 'value="token"' in browser.post("/sign-in/", words).text


def beside(browser: Client, key: Key) -> HttpResponse:
    """The button of the page after the password."""
    answer: Any = browser.post("/sign-in/", {**TOKEN, "passkey": key.answer(asked(browser, **TOKEN))})
    return answer


def enter(browser: Client, user: User, deed: str = "bind_authenticator") -> None:
    """Signed in with the app, with a fresh step-up for the deed."""
    user.refresh_from_db()
    app = Verified(Kind.TOTP, user.totps.get().means_id)  # type: ignore[attr-defined]
    sign_in(browser, user, Verified(Kind.PASSWORD, "password"), app)
    step_up(browser, app, deed)


def signed_in(browser: Client) -> bool:
    return "_auth_user_id" in browser.session


def proofs(browser: Client) -> list[tuple[str, str]]:
    """What the session was opened with."""
    return [(one["kind"], one["means_id"]) for one in browser.session[assurance.PROOFS]]
