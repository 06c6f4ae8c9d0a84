"""The session engine: database rows that know their owner; none is written for a page that stores nothing."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils.crypto import get_random_string

from accounts import clock
from accounts.models.compiled import Compiled
from accounts.models.session import Session

_BY_KEY: Compiled[Session] = Compiled(lambda key: Session.objects.filter(session_key=key), text=True)


class SessionStore(DatabaseStore):
    """Keeps user, times, coarse browser and network in the row itself.

    `describe(agent, network)` is called when somebody signs in; the values ride along with every save.
    """

    unwritten = False  # has the key no row yet?

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

    def cycle_key(self) -> None:
        """A new key for the same contents: the old row goes at once, the new one is written once, with the response.

        Django writes the new row empty, reads the old one to delete it, and then writes the contents.
        """
        kept, old = self._get_session(), self.session_key  # type: ignore[attr-defined]
        self._session_key, self._session_cache, self.unwritten = self._get_new_session_key(), kept, True
        self.modified = True
        if old:
            self.delete(old)

    def save(self, must_create: bool = False) -> None:
        super().save(must_create=must_create or self.unwritten)
        self.unwritten = False

    def delete(self, session_key: str | None = None) -> None:
        """One statement, whether there is such a row or not."""
        if key := session_key or self.session_key:
            Session.objects.filter(session_key=key).delete()

    def _get_new_session_key(self) -> str:
        # Of 165 random bits: no question to the database whether it is taken, for the insert would say so.
        return get_random_string(32, VALID_KEY_CHARS)

    def _get_session_from_db(self) -> Session | None:
        found = _BY_KEY.first(self.session_key or "")
        # Its end is by the real clock; by the portal's, which may have travelled, the middleware judges and says why.
        if found is None or found.expire_date <= clock.now() - clock.offset():
            self._session_key = None
            return None
        return found

    def describe(self, agent: str, network: str) -> None:
        """Set what the sessions page shows; called once when somebody signs in."""
        self["agent"], self["network"] = agent, network
        self["created_at"] = clock.now().isoformat()
        self["public_id"] = secrets.token_urlsafe(12)
