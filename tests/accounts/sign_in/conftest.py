"""hanako, who owns the account; taro, somebody else; and the ways they prove it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils import translation

from accounts import clock
from accounts.authenticators import totp
from accounts.context import ActorContext
from accounts.models import Address, Challenge, Phone, SavedCode, SavedCodeSet, Totp, User

CTX = ActorContext("anonymous", "192.0.2.0/24", "Firefox, Linux", "request-0001", "en")
PASSWORD = "しずかな 海と 9匹の猫"
SEED = b"12345678901234567890"
CODES = ("7K3M9QX2AAAABBBBCCCC", "8K3M9QX2AAAABBBBCCCC")


@dataclass
class Person:
    """An account and what is bound to it."""

    user: User
    app: Totp | None = None
    phone: Phone | None = None
    sheet: SavedCodeSet | None = None
    _step: itertools.count = field(default_factory=lambda: itertools.count(0))

    def code(self, away: int = 0) -> str:
        """The present code of the app; a used one is made usable again, because tests do not wait 30 seconds."""
        Totp.objects.filter(user=self.user).update(last_step=-1)
        return totp.code_at(SEED, totp.present_step() + away)


@pytest.fixture
def make_person(db: None) -> Callable[..., Person]:
    def make(email: str = "hanako@example.jp", *, app: bool = True, phone: str = "", codes: bool = False) -> Person:
        now = clock.now()
        user = User.objects.create_user(email, PASSWORD, ever_had_factor=bool(app or phone or codes), language="en")
        person = Person(user)
        Address.objects.create(user=user, email=email, key=email, bound_at=now, confirmed_at=now)
        if app:
            person.app = Totp.objects.create(user=user, name="Phone", bound_at=now, confirmed_at=now)
            person.app.set_seed(SEED)
            person.app.save()
        if phone:
            person.phone = Phone.objects.create(user=user, number=phone, bound_at=now, confirmed_at=now)
        if codes:
            person.sheet = SavedCodeSet.objects.create(user=user, bound_at=now, confirmed_at=now)
            for code in CODES:
                SavedCode.objects.create(sheet=person.sheet, locator=code[:4], hash=make_password(code[4:]))
        return person

    return make


@pytest.fixture
def hanako(make_person: Callable[..., Person]) -> Person:
    return make_person(phone="+819012345678", codes=True)


@pytest.fixture
def taro(make_person: Callable[..., Person]) -> Person:
    return make_person("taro@example.jp")


@pytest.fixture
def browser() -> Client:
    return Client(
        headers={"accept-language": "en", "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Firefox/130.0"}
    )


def give_password(browser: Client, email: str = "hanako@example.jp", password: str = PASSWORD, **more: str):
    with translation.override("en"):
        return browser.post(
            "/sign-in/",
            {"login_view-current_step": "auth", "auth-email": email, "auth-password": password, **more},
        )


def give_code(browser: Client, code: str, **more: str):
    return browser.post("/sign-in/", {"login_view-current_step": "token", "token-code": code, **more})


def press(browser: Client, choice: str):
    return browser.post("/sign-in/", {"login_view-current_step": "token", "challenge": choice})


def newest_code() -> str:
    return Challenge.objects.order_by("-created_at").first().code


def sign_in(browser: Client, person: Person, **more: str):
    give_password(browser, person.user.email)
    return give_code(browser, person.code(), **more)


def signed_in(browser: Client) -> bool:
    return "_auth_user_id" in browser.session
