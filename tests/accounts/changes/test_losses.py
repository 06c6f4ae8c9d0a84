""" "I lost this", and "it is here" (R13, as far as it reaches)."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts import selectors
from accounts.models import User
from policy.facts import Kind
from tests.accounts.changes.conftest import confirm, told

pytestmark = pytest.mark.django_db


def test_what_is_lost_signs_nobody_in_and_everyone_is_told(at_home: Client, hanako: User) -> None:
    app = hanako.totps.get()
    at_home.post(reverse("authenticator_lost", args=["totp", app.pk]))
    assert Kind.TOTP not in {method.kind for method in selectors.usable_methods(selectors.holdings(hanako))}
    assert hanako.email in told(hanako, "notices/authenticator_lost")


def test_saved_codes_and_addresses_cannot_be_reported(at_home: Client, hanako: User) -> None:
    sheet = hanako.savedcodesets.get()
    assert at_home.post(reverse("authenticator_lost", args=["savedcodeset", sheet.pk])).status_code == 404
    sheet.refresh_from_db()
    assert sheet.lost_at is None


def test_it_comes_back_with_a_proof_from_another_place(at_home: Client, hanako: User) -> None:
    phone = hanako.phones.get()
    at_home.post(reverse("authenticator_lost", args=["phone", phone.pk]))
    page = reverse("authenticator_found", args=["phone", phone.pk])
    assert at_home.post(page)["Location"].startswith(reverse("step_up"))
    confirm(at_home, hanako, "bind_authenticator")  # the app lies on the same phone
    assert "does not lie on the same phone" in at_home.post(page).text
    phone.refresh_from_db()
    assert phone.lost_at is not None
    confirm(at_home, hanako, "bind_authenticator", paper=True)
    assert at_home.post(page)["Location"] == reverse("security")
    phone.refresh_from_db()
    assert phone.lost_at is None


def test_somebody_elses_thing_does_not_exist(at_home: Client, hanako: User, mallory: User) -> None:
    confirm(at_home, hanako, "bind_authenticator")
    app = hanako.totps.get()
    app.user = mallory
    app.save()
    for name in ("authenticator_lost", "authenticator_found"):
        assert at_home.post(reverse(name, args=["totp", app.pk])).status_code in (404, 302)
    app.refresh_from_db()
    assert app.lost_at is None
