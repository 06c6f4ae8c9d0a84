"""/dev/outbox/: the contract others drive the portal through, and closed in production."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts import clock, events
from accounts.models import OutboxMessage, User
from accounts.services import delivery
from tests.accounts.outbox.conftest import CTX, code_for, letter_with

pytestmark = pytest.mark.usefixtures("bells")
KEYS = {"id", "channel", "to", "kind", "language", "subject", "text", "html", "created"}


@pytest.fixture
def debug(settings: Any) -> None:
    settings.DEBUG = True


def test_all_its_doors_are_closed_in_production(hanako: User, client: Client) -> None:
    row = letter_with(code_for(hanako))
    for door in ("", f"{row.pk}/", f"{row.pk}/html/"):
        assert client.get(f"/dev/outbox/{door}").status_code == 404
    assert client.get("/dev/outbox.json").status_code == 404


@pytest.mark.usefixtures("debug")
def test_the_json_says_what_went_out_newest_first(hanako: User, client: Client) -> None:
    mailed, texted = code_for(hanako), code_for(hanako, channel="sms")
    letter_with(mailed)
    letter_with(texted)
    assert client.get("/dev/outbox.json").json() == {"messages": []}, "nothing went out yet"
    delivery.sweep()
    first, second = client.get("/dev/outbox.json").json()["messages"]
    assert set(first) == set(second) == KEYS
    assert (first["channel"], second["channel"]) == ("sms", "mail")
    assert f"#{texted.code}" in first["text"] and first["html"] == ""
    assert mailed.code in second["text"] and mailed.code in second["html"]
    assert second["subject"].startswith("【Modoru】") and second["kind"] == "codes/recovery"


@pytest.mark.usefixtures("debug")
def test_since_leaves_out_what_came_before(hanako: User, client: Client) -> None:
    letter_with(code_for(hanako))
    delivery.sweep()
    assert client.get("/dev/outbox.json", {"since": clock.now().isoformat()}).json() == {"messages": []}


@pytest.mark.usefixtures("debug")
def test_a_spent_code_can_still_be_read(hanako: User, client: Client) -> None:
    challenge = code_for(hanako)
    row = letter_with(challenge)
    delivery.sweep()
    challenge.spent_at = clock.now()
    challenge.save()
    assert challenge.code in client.get("/dev/outbox.json").json()["messages"][0]["text"]
    assert challenge.code in client.get(f"/dev/outbox/{row.pk}/").content.decode()


@pytest.mark.usefixtures("debug")
def test_a_code_that_is_gone_is_said_to_be_gone(hanako: User, client: Client) -> None:
    challenge = code_for(hanako)
    letter_with(challenge)
    delivery.sweep()
    challenge.delete()
    assert client.get("/dev/outbox.json").json()["messages"][0]["text"] == "(code gone)"


@pytest.mark.usefixtures("debug")
def test_the_pages_show_letters_and_the_html_stays_in_its_sandbox(hanako: User, client: Client) -> None:
    events.record("totp.added", hanako, CTX)
    row = OutboxMessage.objects.get(channel="mail")
    assert "認証アプリを追加しました" in client.get("/dev/outbox/").content.decode()
    page = client.get(f"/dev/outbox/{row.pk}/")
    assert page.status_code == 200 and "'unsafe-inline'" not in page["Content-Security-Policy"]
    html = client.get(f"/dev/outbox/{row.pk}/html/")
    policy = html["Content-Security-Policy"]
    assert "sandbox " in policy and "script-src 'none'" in policy and "img-src 'none'" in policy
    assert html["X-Frame-Options"] == "SAMEORIGIN"
    assert 'base target="_top"' in html.content.decode()
