"""Pitfalls P16, P22: every change ends all sessions but the one that made it, and drops all known browsers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts import browser_cookie, clock, events
from accounts.models import AddressRequest, KnownBrowser, Link, Phone, SavedCode, User
from accounts.services import passwords
from accounts.services.verify import Verified
from policy.facts import Kind
from tests.accounts.changes.conftest import confirm, newest_code, not_me_link, proofs
from tests.accounts.hands import CTX, PASSWORD, app_of, code_of, sign_in, step_up
from tests.accounts.passkeys.conftest import ADD, asked
from tests.passkeys import Key, passkey_of
from tests.recovery.people import Claimant
from tests.recovery.test_story import rebind_all

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


def add_passkey(client: Client, user: User) -> None:
    confirm(client, user, "bind_authenticator")
    client.post(ADD, {"passkey": Key().make(asked(client, ADD)), "name": "blue key"})


def remove_passkey(client: Client, user: User) -> None:
    row = passkey_of(user, Key())
    confirm(client, user, "remove_authenticator")
    client.post(reverse("passkey_remove", args=[row.pk]))


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
    "passkey.added": add_passkey,
    "passkey.removed": remove_passkey,
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


#: Changes that no session made: they spare none.
FROM_OUTSIDE: dict[str, Callable[[User], None]] = {
    "password.reset": lambda user: reset_by_mail(user),
    "not_me.used": lambda user: say_not_me(user),
    "recovery": lambda user: recover(user),
}


def reset_by_mail(user: User) -> None:
    client = Client()
    client.post(reverse("password_forgot"), {"email": user.email})
    passwords.resolve(str(AddressRequest.objects.latest("created_at").pk))
    link = Link.objects.get(kind="password_reset", user=user)
    page = client.get(reverse("password_reset", args=[link.token]))["Location"]
    assert client.post(page, {"password": "ano hi no umi no iro"}).status_code == 302


def say_not_me(user: User) -> None:
    with transaction.atomic():
        events.record("codes.used", user, CTX, left=3)
    assert Client().post(reverse("not_me_link", args=[not_me_link(user).token])).status_code == 200


def recover(user: User) -> None:
    sheet = user.savedcodesets.get()
    sheet.codes.update(hash=make_password("ABCDEFGH01234567"))
    SavedCode.objects.create(sheet=sheet, locator="EFGH", hash="!")  # one is left: an empty sheet proves nothing
    claimant = Claimant()
    claimant.prove("saved-code", "ABCDABCDEFGH01234567")
    claimant.prove("password", PASSWORD)
    rebind_all(claimant)
    claimant.step("finish")
    assert claimant.case.state == "completed"


def signed_in_at(user: User, days: int = 40) -> Client:
    """A browser in which this person signed in completely, so long ago that it counts, and which is signed in."""
    token = browser_cookie.fresh()
    now = clock.now()
    KnownBrowser.objects.create(
        user=user,
        digest=browser_cookie.digest(token),
        first_seen=now - timedelta(days=days),
        last_used=now,
        expires_at=now + timedelta(days=100),
    )
    client = Client()
    client.cookies[settings.BROWSER_COOKIE_NAME] = token
    sign_in(client, user, *proofs(user))
    return client


def known_in(client: Client, user: User) -> KnownBrowser | None:
    shown = [browser_cookie.digest(token) for token in client.cookies[settings.BROWSER_COOKIE_NAME].value.split(".")]
    return KnownBrowser.objects.standing(clock.now()).filter(user=user, digest__in=shown).first()


@pytest.mark.parametrize("event", DEEDS)
def test_it_drops_every_known_browser_and_the_one_in_use_begins_anew(event: str, hanako: User) -> None:
    at_home, elsewhere = signed_in_at(hanako), signed_in_at(hanako)
    copied = Client()
    copied.cookies = at_home.cookies.copy()
    before = at_home.cookies[settings.BROWSER_COOKIE_NAME].value
    DEEDS[event](at_home, hanako)
    assert known_in(elsewhere, hanako) is None
    assert known_in(copied, hanako) is None, "the token was renewed, so a copied cookie is nobody's"
    here = known_in(at_home, hanako)
    assert here is not None
    assert here.counts_from > clock.now() + timedelta(days=29)
    assert before not in at_home.cookies[settings.BROWSER_COOKIE_NAME].value
    assert not hanako.securityevent_set.filter(type="session.new_browser").exists()


@pytest.mark.parametrize("event", FROM_OUTSIDE)
def test_what_no_session_did_ends_all_of_them_and_drops_every_browser(event: str, hanako: User) -> None:
    browsers = [signed_in_at(hanako), signed_in_at(hanako)]
    FROM_OUTSIDE[event](hanako)
    assert [browser.get(reverse("security")).status_code for browser in browsers] == [302, 302]
    assert [known_in(browser, hanako) for browser in browsers] == [None, None]


def test_a_payout_address_is_no_factor_and_ends_nothing(hanako: User) -> None:
    at_home, elsewhere = signed_in_at(hanako), signed_in_at(hanako)
    confirm(at_home, hanako, "add_payout")
    at_home.post(reverse("payout_add"), {"name": "wallet", "address": "bc1q" + "x" * 30})
    assert hanako.securityevent_set.filter(type="payout.added").exists()
    assert elsewhere.get(reverse("security")).status_code == 200
    assert known_in(elsewhere, hanako) is not None


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
