"""Every change as a browser makes it, form by form: what the stories of changes and mallory's both do.

Each takes the browser and the account it is signed in to and returns the last answer: where something refuses, that.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts import clock
from accounts.models import Address, AddressRequest, Challenge, Link, PayoutAddress, Totp, User
from accounts.services import requests
from tests.accounts.hands import code_of
from tests.passkeys import Key, passkey_of
from tests.recovery import people

NEW_PASSWORD = "yama no ue kara umi wo mita"  # noqa: S105
NUMBERS = (people.OLD, people.SECOND, "+817055556666")
OTHER, FORMER = "hanako+1@example.org", "hanako@former.example"
HERS, THEIRS = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"


def hanako() -> User:
    """Three mailboxes and one removed ten days ago, three numbers, app, passkey, sheet, payout; all final."""
    user = people.person("hanako", mails=3, phones=NUMBERS)
    User.objects.filter(pk=user.pk).update(language="en")
    user.refresh_from_db()
    long_ago, lately = clock.now() - timedelta(days=400), clock.now() - timedelta(days=10)
    Address.objects.create(
        user=user, email=FORMER, key=FORMER, bound_at=long_ago, confirmed_at=long_ago, revoked_at=lately
    )
    passkey_of(user)
    PayoutAddress.objects.create(user=user, name="Wallet", address=HERS, bound_at=long_ago, confirmed_at=long_ago)
    return user


def browser() -> Client:
    return Client(headers={"accept-language": "en"})


def sign_in(client: Client, user: User, code: str | None = None, password: str = people.PASSWORD) -> bool:
    """Password and app code, typed at the door; is the account open then?"""
    step = "login_view-current_step"
    client.post("/sign-in/", {step: "auth", "auth-email": user.email, "auth-password": password})
    client.post("/sign-in/", {step: "token", "token-code": code or app_code(user)})
    return client.get(reverse("account")).status_code == 200


def app_code(user: User) -> str:
    """What her app shows; one that was used before is made usable again, because tests do not wait 30 seconds."""
    Totp.objects.filter(user=user).update(last_step=-1)
    return code_of(user.totps.filter(added_by=None).get())


def step_up(client: Client, deed: str, code: str) -> bool:
    """The fresh proof for this kind of deed; was it taken?"""
    page = f"{reverse('step_up')}?{urlencode({'for': deed, 'next': '/account/'})}"
    way = "totp" if len(code) == 6 else "saved-code"
    return client.post(page, {"way": way, "code": code}).status_code == 302


def newest_code(to: str) -> str:
    return Challenge.objects.filter(to=to).latest("created_at").code


def not_me(user: User, to: str) -> HttpResponse:
    """The newest letter's link at this address, pressed in a browser of its own."""
    link = Link.objects.filter(user=user, kind="not_me", to=to, used_at=None).latest("created_at")
    return Client().post(reverse("not_me_link", args=[link.token]))  # type: ignore[return-value]


def session_of(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


# The deeds


def add_app(client: Client, user: User) -> HttpResponse:
    page = reverse("authenticators_add", args=["totp"])
    begun = client.post(page, {"begin": "1"})
    row = Totp.objects.pending().filter(user=user).first()
    return client.post(page, {"code": code_of(row), "name": "theirs"}) if row else begun  # type: ignore[return-value]


def add_passkey(client: Client, user: User) -> HttpResponse:
    page = reverse("authenticators_add", args=["passkey"])
    asked = client.post(page, {"passkey": "", "options": "1"})
    if asked.status_code != 200:
        return asked  # type: ignore[return-value]
    return client.post(page, {"passkey": Key().make(asked.json()), "name": "theirs"})  # type: ignore[return-value]


def remove_passkey(client: Client, user: User) -> HttpResponse:
    page = reverse("passkey_remove", args=[user.passkeys.get(added_by=None).pk])
    return client.post(page)  # type: ignore[return-value]


def remove_app(client: Client, user: User) -> HttpResponse:
    page = reverse("authenticator_remove", args=[user.totps.get(added_by=None).pk])
    return client.post(page)  # type: ignore[return-value]


def new_codes(client: Client, user: User) -> HttpResponse:
    page = client.post(reverse("recovery_codes_new"))
    if page.status_code != 200:
        return page  # type: ignore[return-value]
    codes = re.findall(r"<li><code[^>]*>([0-9A-Z ]+)</code>", page.text)
    token = re.findall(r'name="sheet" value="([^"]+)"', page.text)
    typed = {"sheet": token[0], "code": codes[0]} if token else {}
    return client.post(reverse("recovery_codes_confirm"), typed)  # type: ignore[return-value]


def add_number(client: Client, user: User) -> HttpResponse:
    begun = client.post(reverse("authenticators_add", args=["sms"]), {"phone": "070-6666-7777"})
    return _code(client, begun, "/authenticators/add/sms/", "+817066667777")


def change_number(client: Client, user: User) -> HttpResponse:
    old = user.phones.get(number=people.OLD)
    begun = client.post(f"{reverse('phone_change')}?replace={old.pk}", {"phone": "080-1111-2222"})
    return _code(client, begun, "/phone/change/code/", people.NEW)


def remove_number(client: Client, user: User) -> HttpResponse:
    row = user.phones.get(number=people.SECOND)
    return client.post(reverse("phone_remove", args=[row.pk]))  # type: ignore[return-value]


def add_address(client: Client, user: User) -> HttpResponse:
    begun = client.post(reverse("address_add"), {"email": "mallory@evil.example"})
    return _code(client, begun, "/code/", "mallory@evil.example")


def remove_address(client: Client, user: User) -> HttpResponse:
    row = user.addresss.get(email=OTHER)
    return client.post(reverse("address_remove", args=[row.pk]))  # type: ignore[return-value]


def make_primary(client: Client, user: User) -> HttpResponse:
    row = user.addresss.get(email="hanako+2@example.org")
    return client.post(reverse("address_primary", args=[row.pk]))  # type: ignore[return-value]


def change_password(client: Client, user: User) -> HttpResponse:
    typed = {"current_password": people.PASSWORD, "password": NEW_PASSWORD}
    return client.post(reverse("password_change"), typed)  # type: ignore[return-value]


def reset_password(client: Client, user: User) -> HttpResponse:
    """From the mailbox: asked for, found by the worker, followed, set."""
    client.post(reverse("password_forgot"), {"email": user.email})
    requests.resolve(str(AddressRequest.objects.latest("created_at").pk))
    link = Link.objects.filter(kind="password_reset", user=user).latest("created_at")
    client.get(reverse("password_reset", args=[link.token]))
    return client.post(reverse("password_reset_form"), {"password": NEW_PASSWORD})  # type: ignore[return-value]


def add_payout(client: Client, user: User) -> HttpResponse:
    return client.post(reverse("payout_add"), {"name": "theirs", "address": THEIRS})  # type: ignore[return-value]


def close_account(client: Client, user: User) -> HttpResponse:
    return client.post(reverse("close_confirm"))  # type: ignore[return-value]


def withdraw(client: Client, user: User, address: str = THEIRS) -> HttpResponse:
    row = PayoutAddress.objects.filter(user=user, address=address).first()
    return client.post(reverse("withdrawal"), {"payout": row.pk if row else 0, "amount": "0.1"})  # type: ignore[return-value]


def _code(client: Client, begun: object, leads_to: str, to: str) -> HttpResponse:
    """Type the code that went to the new number or address; where none went, the answer that sent none."""
    where = getattr(begun, "headers", {}).get("Location", "")
    if leads_to not in where or where.startswith(("/sign-in/", "/account/step-up/")):
        return begun  # type: ignore[return-value]
    return client.post(where, {"code": newest_code(to)})  # type: ignore[return-value]


@dataclass(frozen=True)
class Play:
    """One kind of change: its deed, what it binds, what it sets aside, and whether it is final after a day or three."""

    deed: str  # the step-up it asks for; "" for none
    do: Callable[[Client, User], HttpResponse]
    adds: str = ""  # name of the account's rows: totps, phones …
    ends: str = ""
    new_addresses: frozenset[str] = field(default_factory=frozenset)


#: Kind of change → how it is made. In an order in which one thief can make them all.
PLAYS: dict[str, Play] = {
    "payout.added": Play("add_payout", add_payout, "payoutaddresss"),
    "phone.added": Play("add_number", add_number, "phones", new_addresses=frozenset({"+817066667777"})),
    "phone.changed": Play("change_number", change_number, "phones", "phones", frozenset({people.NEW})),
    "phone.removed": Play("remove_number", remove_number, ends="phones"),
    "address.added": Play("add_address", add_address, "addresss", new_addresses=frozenset({"mallory@evil.example"})),
    "codes.replaced": Play("replace_codes", new_codes, "savedcodesets", "savedcodesets"),
    "address.made_primary": Play("add_address", make_primary),
    "totp.added": Play("bind_authenticator", add_app, "totps"),
    "passkey.added": Play("bind_authenticator", add_passkey, "passkeys"),
    "passkey.removed": Play("remove_authenticator", remove_passkey, ends="passkeys"),
    "password.changed": Play("change_password", change_password),
    "address.removed": Play("remove_address", remove_address, ends="addresss"),
    "account.closing": Play("close_account", close_account),
    "totp.removed": Play("remove_authenticator", remove_app, ends="totps"),
    "password.reset": Play("", reset_password),
}
