"""The cookie by which a browser is known again: one random token for each account that signed in here.

A token per account, not one per browser: whoever used a shared computer before its owner knows none that is made later.
Anything else in the cookie is as good as none: it raises nothing, counts against nobody and is not answered (P16).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts import crypto
from policy.rules import RULES

#: How many accounts are remembered in one browser; the least recently new one is forgotten first.
MOST = 5
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")


def fresh() -> str:
    """A token of 192 random bits."""
    return secrets.token_urlsafe(24)


def digest(token: str) -> str:
    """What a row keeps of a token: a keyed hash, so that a copy of the database forges no cookie."""
    return crypto.keyed_name("browser", token)


def digests(request: HttpRequest) -> tuple[str, ...]:
    """The digests of the tokens this browser shows."""
    return tuple(map(digest, _tokens(request)))


def put(request: HttpRequest, response: HttpResponse, token: str, *, without: Collection[str]) -> None:
    """Give the browser its new token ("": only longer life for those it has), without those whose digest is named."""
    kept = [one for one in _tokens(request) if digest(one) not in without]
    response.set_cookie(
        settings.BROWSER_COOKIE_NAME,
        ".".join(([token] if token else []) + kept[: MOST - bool(token)]),
        max_age=int(RULES.known_browser_life.total_seconds()),
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )


def _tokens(request: HttpRequest) -> list[str]:
    parts = request.COOKIES.get(settings.BROWSER_COOKIE_NAME, "").split(".", MOST)[:MOST]
    return [part for part in parts if _TOKEN.fullmatch(part)]
