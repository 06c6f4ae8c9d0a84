"""Challenges for passkeys: made without a row, bound to one purpose and one browser, good for five minutes.

A challenge carries its time, 128 random bits and a MAC over both with its purpose and scope (the browser, the pending
sign-in, the session and its deed), so the sign-in page stores nothing for a visitor. Answering one writes its digest
(`UsedChallenge`), and the same answer opens nothing again.
"""

from __future__ import annotations

import base64
import hmac
import os
from datetime import UTC, datetime, timedelta

from accounts import clock, crypto
from accounts.errors import Refused, Why

LIFE = timedelta(minutes=5)
_TIME, _RANDOM, _MAC = 8, 16, 16
_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def make(purpose: str, scope: str) -> bytes:
    """A fresh challenge for one ceremony (SP 800-63B-4 §3.1.6.2 asks for 64 random bits)."""
    body = ((clock.now() - _EPOCH) // _MILLISECOND).to_bytes(_TIME, "big") + os.urandom(_RANDOM)
    return body + _mac(purpose, scope, body)


def fault(challenge: bytes, purpose: str, scope: str, now: datetime) -> Refused | None:
    """None when it is ours, for this purpose and scope, and young enough."""
    body, mac = challenge[:-_MAC], challenge[-_MAC:]
    if len(body) != _TIME + _RANDOM or not hmac.compare_digest(mac, _mac(purpose, scope, body)):
        return Refused(Why.WRONG)
    age = now - (_EPOCH + int.from_bytes(body[:_TIME], "big") * _MILLISECOND)
    return None if -LIFE < age < LIFE else Refused(Why.EXPIRED)


def digest(challenge: bytes) -> str:
    """What is kept of a challenge that was answered."""
    return base64.urlsafe_b64encode(crypto.digest("used-challenge", challenge)).decode().rstrip("=")


def _mac(purpose: str, scope: str, body: bytes) -> bytes:
    return crypto.digest("passkey-challenge", purpose, scope, body)[:_MAC]
