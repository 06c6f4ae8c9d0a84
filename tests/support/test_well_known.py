"""The addresses under /.well-known/, signed out as a browser or a finder of faults asks for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts import clock
from support import checks

pytestmark = pytest.mark.django_db
NONSENSE = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200"


def test_change_password_leads_to_the_page_and_from_there_to_the_sign_in(client: Client) -> None:
    answer = client.get("/.well-known/change-password")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/password/")
    assert client.get("/.well-known/change-password", follow=True).redirect_chain[-1] == (
        "/sign-in/?next=/account/password/",
        302,
    )


def test_passkey_endpoints_answer_at_once(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        answer = client.get("/.well-known/passkey-endpoints")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.json() == {
        "enroll": "http://localhost:8000/account/authenticators/add/passkey/",
        "manage": "http://localhost:8000/account/authenticators/",
    }


@pytest.mark.parametrize("path", [NONSENSE, "/.well-known/", "/.well-known/webauthn", "/.well-known/assetlinks.json"])
def test_nonsense_is_not_found(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def fields(client: Client) -> dict[str, str]:
    answer = client.get("/.well-known/security.txt")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    lines = [line.split(": ", 1) for line in answer.text.splitlines()]
    assert len({name for name, _ in lines}) == len(lines), "each field once"
    return dict(lines)


def test_security_txt_says_whom_to_tell(client: Client) -> None:
    said = fields(client)
    assert said["Contact"] == "mailto:support@localhost"
    assert said["Preferred-Languages"] == "ja, en"
    assert said["Canonical"] == "http://localhost:8000/.well-known/security.txt"


def test_it_expires_in_30_to_365_days(client: Client) -> None:
    ends = datetime.fromisoformat(fields(client)["Expires"])
    assert timedelta(days=30) <= ends - clock.now() <= timedelta(days=365)
    assert checks.security_txt_is_fresh(None) == []


@pytest.mark.parametrize(
    ("ahead", "faults"), [(10, ["support.E002"]), (29, ["support.E002"]), (200, []), (400, ["support.E002"])]
)
def test_the_deployment_check_looks_at_the_operators_day(
    client: Client, settings: Any, ahead: int, faults: list[str]
) -> None:
    settings.SECURITY_TXT_EXPIRES = f"{clock.now() + timedelta(days=ahead):%Y-%m-%d}"
    assert [one.id for one in checks.security_txt_is_fresh(None)] == faults
    assert datetime.fromisoformat(fields(client)["Expires"]).tzinfo == UTC


def test_a_day_that_is_none_stops_the_deployment(settings: Any) -> None:
    settings.SECURITY_TXT_EXPIRES = "next spring"
    assert [one.id for one in checks.security_txt_is_fresh(None)] == ["support.E001"]
