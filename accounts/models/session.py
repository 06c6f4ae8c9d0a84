"""Sessions with their owner in the row, so that a person can see and end them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models


class Session(AbstractBaseSession):
    """A database session: whose, since when, last seen, coarse browser and network."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="sessions")
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    agent = models.CharField(max_length=80, blank=True)
    network = models.CharField(max_length=50, blank=True)
    public_id = models.CharField(max_length=32, blank=True, db_index=True)

    objects: ClassVar[BaseSessionManager[Session]] = BaseSessionManager()  # type: ignore[assignment]

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        from accounts.sessions import SessionStore  # noqa: PLC0415  Django's own shape: store and model name each other

        return SessionStore
