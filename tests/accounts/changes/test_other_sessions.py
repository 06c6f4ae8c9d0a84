"""Pitfall P22: whatever is added, replaced, removed or lost ends every other session, and not the one that did it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts import clock
from accounts.models import Phone, User
from accounts.services.verify import Verified
from policy.facts import Kind
from tests.accounts.changes.conftest import confirm, newest_code, proofs
from tests.accounts.hands import PASSWORD, app_of, code_of, sign_in, step_up

pytestmark = pytest.mark.django_db
NEW, VIRTUAL = "+819087654321", "050-1234-5678"


def add_app(client: Client, user: User) -> None:
    confirm(client, user, "bind_authenticator")
    url = reverse("authenticators_add", args=["totp"])
    client.post(url, {"begin": "1"})
    client.post(url, {"code": code_of(user.totps.get(confirmed_at=None)), "name": "Pixel 9"})


def remove_app(client: Client, user: User) -> None:
    second = app_of(user, "Old phone")
    step_up(client, Verified(Kind.SAVED_CODE, user.savedcodesets.get().means_id), "remove_authenticator")
    client.post(reverse("authenticator_remove", args=[second.pk]))


def replace_codes(client: Client, user: User) -> None:
    confirm(client, user, "replace_codes")
    sheet = client.post(reverse("recovery_codes_new")).context["sheet"]
    client.post(reverse("recovery_codes_confirm"), {"sheet": sheet.token, "code": sheet.codes[sheet.ask - 1]})


def add_number(client: Client, user: User) -> None:
    confirm(client, user, "add_number")
    client.post(f"{reverse('phone_change')}?replace=none", {"phone": NEW})
    client.post(reverse("phone_change_code"), {"code": newest_code(NEW)})


def keep_contact(client: Client, user: User) -> None:
    confirm(client, user, "add_number")
    client.post(f"{reverse('phone_change')}?replace=none", {"phone": VIRTUAL, "contact": "1"})


def change_number(client: Client, user: User) -> None:
    confirm(client, user, "change_number")
    client.post(reverse("phone_change"), {"phone": NEW})
    client.post(reverse("phone_change_code"), {"code": newest_code(NEW)})


def remove_number(client: Client, user: User) -> None:
    confirm(client, user, "remove_number")
    client.post(reverse("phone_remove", args=[user.phones.get().pk]))


def change_password(client: Client, user: User) -> None:
    confirm(client, user, "change_password")
    client.post(reverse("password_change"), {"current_password": PASSWORD, "password": "ano hi no umi no iro"})


def report_lost(client: Client, user: User) -> None:
    client.post(reverse("authenticator_lost", args=["phone", user.phones.get().pk]))


def bring_back(client: Client, user: User) -> None:
    row = user.phones.get()
    Phone.objects.filter(pk=row.pk).update(lost_at=clock.now())
    confirm(client, user, "bind_authenticator", paper=True)
    client.post(reverse("authenticator_found", args=["phone", row.pk]))


def add_address(client: Client, user: User) -> None:
    confirm(client, user, "add_address")
    client.post(reverse("address_add"), {"email": "hanako@third.example"})
    row = user.addresss.get(confirmed_at=None)
    client.post(reverse("address_code", args=[row.pk]), {"code": newest_code("hanako@third.example")})


def remove_address(client: Client, user: User) -> None:
    confirm(client, user, "remove_address")
    client.post(reverse("address_remove", args=[user.addresss.get(email="hanako@second.example").pk]))


def make_primary(client: Client, user: User) -> None:
    confirm(client, user, "add_address")
    client.post(reverse("address_primary", args=[user.addresss.get(email="hanako@second.example").pk]))


DEEDS: dict[str, Callable[[Client, User], None]] = {
    "totp.added": add_app,
    "totp.removed": remove_app,
    "codes.replaced": replace_codes,
    "phone.added": add_number,
    "phone.added, a contact": keep_contact,
    "phone.changed": change_number,
    "phone.removed": remove_number,
    "password.changed": change_password,
    "authenticator.lost": report_lost,
    "authenticator.found": bring_back,
    "address.added": add_address,
    "address.removed": remove_address,
    "address.made_primary": make_primary,
}


@pytest.mark.parametrize("event", DEEDS)
def test_it_ends_every_other_session_and_not_the_one_that_did_it(event: str, at_home: Client, hanako: User) -> None:
    elsewhere = Client()
    sign_in(elsewhere, hanako, *proofs(hanako))
    copied = Client()
    copied.cookies = at_home.cookies.copy()
    DEEDS[event](at_home, hanako)
    assert hanako.securityevent_set.filter(type=event.partition(",")[0]).count() == 1
    assert elsewhere.get(reverse("security")).status_code == 302
    assert at_home.get(reverse("security")).status_code == 200
    assert copied.get(reverse("security")).status_code == 302, "the key was renewed, so a stolen cookie dies too"
