"""hanako, signed in, as the change tests know her; and a key of the host platform."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.services import api_keys
from tests.accounts.changes.conftest import _pages_speak_english, at_home, hanako, mallory  # noqa: F401 - fixtures
from tests.accounts.hands import CTX


class Host:
    """The host platform: asks with its key."""

    def __init__(self, key: str) -> None:
        self.client, self.key = Client(), key

    def ask(self, user: User | str, **headers: str) -> Any:
        subject = user if isinstance(user, str) else user.subject
        given = {"authorization": f"Bearer {self.key}", **headers}
        return self.client.get(f"/api/v1/standing/{subject}", headers=given)

    def standing(self, user: User) -> dict[str, Any]:
        answer = self.ask(user)
        assert answer.status_code == 200, answer.content
        return dict(answer.json())

    def operation(self, user: User, code: str) -> dict[str, Any]:
        return next(one for one in self.standing(user)["operations"] if one["code"] == code)


@pytest.fixture
def host(db: None) -> Host:
    made = api_keys.create("exchange", ctx=CTX)
    assert isinstance(made, api_keys.Made)
    return Host(made.text)
