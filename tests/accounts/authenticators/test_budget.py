"""No page of this room asks the database more than twelve questions."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.services.verify import Verified
from policy.deeds import BindAuthenticator, RemoveAuthenticator, step_up_kind
from policy.facts import Kind
from tests.accounts.hands import app_of, person, sign_in, step_up

pytestmark = pytest.mark.django_db
PAGES = (
    "authenticators",
    "authenticator",
    "authenticator_remove",
    "recovery_codes",
    "recovery_codes_new",
    "sessions",
    "activity",
    "set_up",
)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_costs_at_most_twelve_queries(client: Client, name: str) -> None:
    hanako = person()
    apps = [app_of(hanako, f"app {number}") for number in range(3)]
    proof = Verified(Kind.TOTP, apps[0].means_id)
    sign_in(client, hanako, Verified(Kind.PASSWORD, "password"), proof)
    for deed in (BindAuthenticator(Kind.SAVED_CODE), RemoveAuthenticator):
        step_up(client, proof, step_up_kind(deed))
    where = reverse(name, args=[apps[1].pk] if name.startswith("authenticator_") or name == "authenticator" else [])
    with CaptureQueriesContext(connection) as captured:
        assert client.get(where).status_code == 200
    asked = [query["sql"] for query in captured if not query["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN"))]
    assert len(asked) <= 12, asked
