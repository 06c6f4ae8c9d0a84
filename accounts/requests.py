"""The request of a view that only signed-in people reach (LoginRequiredMiddleware): its user is never anonymous."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.models import User


class SignedInRequest(HttpRequest):
    """For type hints only; never constructed."""

    user: User
