"""The session engine: database rows that know their owner; none is written for a page that stores nothing."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from accounts import clock
from accounts.models.session import Session


class SessionStore(DatabaseStore):
    """Keeps user, times, coarse browser and network in the row itself.

    `describe(agent, network)` is called when somebody signs in; the values ride along with every save.
    """

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row: Session = super().create_model_instance(data)  # type: ignore[assignment]
        now = clock.now()
        row.user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        row.created_at = datetime.fromisoformat(data["created_at"]) if "created_at" in data else now
        row.last_seen_at = now
        row.agent = data.get("agent", "")
        row.network = data.get("network", "")
        row.public_id = data.get("public_id", "")
        return row

    def describe(self, agent: str, network: str) -> None:
        """Set what the sessions page shows; called once when somebody signs in."""
        self["agent"], self["network"] = agent, network
        self["created_at"] = clock.now().isoformat()
        self["public_id"] = secrets.token_urlsafe(12)
