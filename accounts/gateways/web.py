"""One POST to a provider: bounded in time and size, over verified TLS, following nobody elsewhere."""

from __future__ import annotations

import contextlib
import json
import ssl
import time
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpx

from accounts.gateways.base import TIMEOUT, Failed

CONNECT = 3.0  # seconds: a provider that is there answers a handshake sooner
MOST = 64 * 1024  # bytes of an answer that are read


@dataclass(frozen=True, slots=True)
class Answer:
    """The status, which decides, and the JSON object beside it; {} when it was something else or never ended."""

    status: int
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def accepted(self) -> bool:
        return 200 <= self.status < 300


def post(url: str, **what: Any) -> Answer | Failed:
    """Send once, on a connection of its own: a kept one that died meanwhile would leave us in doubt about the text.

    Attacks stopped: credentials handed on by a redirect or taken from the environment (.netrc, proxies), a peer that
    drips its answer for ever. Reasons name classes: a message of the library may name the number or the secret.
    """
    end = time.monotonic() + TIMEOUT
    limits = httpx.Timeout(TIMEOUT, connect=CONNECT)
    try:
        with (
            httpx.Client(verify=_tls(), timeout=limits, follow_redirects=False, trust_env=False) as client,
            client.stream("POST", url, **what) as response,
        ):
            return Answer(response.status_code, _read(response, end))
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        return Failed(f"connect: {type(error).__name__}")
    except httpx.HTTPError as error:  # it may have the text: nobody can know
        return Failed(f"answer: {type(error).__name__}")


def _read(response: httpx.Response, end: float) -> dict[str, Any]:
    text = b""
    with contextlib.suppress(httpx.HTTPError):  # the status has come; the rest only names the text
        for piece in response.iter_bytes():
            text += piece
            if len(text) > MOST or time.monotonic() > end:
                break
    try:
        body = json.loads(text)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
