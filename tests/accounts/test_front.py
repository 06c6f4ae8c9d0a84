"""The front page."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Session
from tests.accounts.hands import app_of, person, sign_in


def test_it_has_two_doors_and_asks_the_database_nothing(client: Client) -> None:
    page = client.get("/", HTTP_ACCEPT_LANGUAGE="en").text
    assert reverse("sign_in") in page and reverse("recovery") in page and reverse("sign_up") in page
    assert len(re.findall(r'class="button"', page)) == 1


@pytest.mark.django_db
def test_a_visit_writes_nothing(client: Client) -> None:
    client.get("/")
    assert not Session.objects.exists()


@pytest.mark.django_db
def test_somebody_signed_in_is_led_to_the_account(client: Client) -> None:
    hanako = person()
    app_of(hanako)
    sign_in(client, hanako)
    page = client.get("/").text
    assert f'href="{reverse("account")}"' in page
    assert reverse("sign_up") not in page
