"""SMS by one small HTTP contract of our own, for every provider that has no adapter (docs/operating-sms.md)."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, get_args

from accounts import clock
from accounts.gateways import web
from accounts.gateways.base import Accepted, Failed, Receipt, Result, Stage

STAGES = frozenset(get_args(Stage))
FRESH = timedelta(minutes=5)  # older receipts are refused: a recording cannot be played again later


@dataclass(frozen=True, slots=True)
class GenericSms:
    """POST {to, text, id, callback}. With a user Basic, else Bearer; the same secret signs what comes back."""

    name: str
    url: str
    user: str = ""
    secret: str = field(default="", repr=False)
    callback: str = ""

    def send(self, text: str, to: str, *, reference: str) -> Result:
        """2xx is taken. Of 4xx only 408 and 429 may be tried again; a refused credential is ours, not the number's."""
        what: dict[str, Any] = {"json": {"to": to, "text": text, "id": reference}}
        if self.callback and self.secret:
            what["json"]["callback"] = self.callback
        if self.user:
            what["auth"] = (self.user, self.secret)
        elif self.secret:
            what["headers"] = {"Authorization": f"Bearer {self.secret}"}
        answer = web.post(self.url, **what)
        if isinstance(answer, Failed):
            return answer
        if answer.accepted:
            return Accepted(str(answer.body.get("id") or reference))
        permanent = 400 <= answer.status < 500 and answer.status not in (401, 403, 404, 408, 429)
        return Failed(f"answer {answer.status}", permanent=permanent)

    def receipt(self, url: str, headers: Mapping[str, str], body: bytes) -> Receipt | None:
        """Attack stopped: receipts forged or replayed. Signed: the time and the body; without a secret nothing is."""
        at, given = headers.get("X-Timestamp", ""), headers.get("X-Signature", "")
        right = hmac.digest(self.secret.encode(), at.encode("utf-8", "replace") + b"." + body, "sha256").hex()
        fits = hmac.compare_digest(f"sha256={right}".encode(), given.encode("utf-8", "replace"))
        if not (self.secret and fits and _fresh(at)):
            return None
        try:
            said = json.loads(body)
        except ValueError:
            said = None
        said = said if isinstance(said, dict) else {}
        stage = said.get("status")
        error = re.sub(r"[^A-Za-z0-9_.-]", "", str(said.get("error") or ""))
        return Receipt(str(said.get("id") or ""), stage if stage in STAGES else None, error[:40])


def _fresh(at: str) -> bool:
    if not (at.isascii() and at.isdecimal() and len(at) < 12):
        return False
    return abs(clock.now().timestamp() - int(at)) <= FRESH.total_seconds()
