"""What every template may name."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def portal(request: HttpRequest) -> dict[str, Any]:
    """The service's name, host and contact."""
    return {
        "service": settings.SERVICE_NAME,
        "public_host": settings.PUBLIC_HOST,
        "debug": settings.DEBUG,
        "reply_to": settings.REPLY_TO,
    }
