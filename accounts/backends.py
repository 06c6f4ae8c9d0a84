"""How a session finds its person. Secrets are verified in accounts/services/verify.py and nowhere else."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import Address, User, email_key
from accounts.models.compiled import Compiled


class AddressBackend(ModelBackend):
    """Loads the person of a session, and finds one by any usable address of theirs.

    It authenticates nobody: a caller of Django's `authenticate()` would go around the limits and the second factor.
    """

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:  # type: ignore[override]
        return None

    def get_user(self, user_id: int) -> User | None:
        return _ACTIVE.first(int(user_id))


def find_by_address(email: str) -> User | None:
    """Whose address this is, in one query: the primary one or any other that is confirmed and not suspended."""
    return _BY_ADDRESS.first(email_key(email))


def _by_address(key: str) -> QuerySet[User]:
    mine = Address.objects.usable().filter(key=key).values("user_id")
    return User.objects.filter(pk__in=mine).order_by("pk")[:1]


_ACTIVE: Compiled[User] = Compiled(lambda user_id: User.objects.filter(pk=user_id, is_active=True))
_BY_ADDRESS: Compiled[User] = Compiled(_by_address, text=True)
