"""SMS by the REST API that Twilio published and others speak too (Messages.json, version 2010-04-01)."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from accounts.gateways import web
from accounts.gateways.base import Accepted, Failed, Receipt, Result, Stage

#: What is wrong with this number or this text, whoever sends it. Everything else may be our account's fault.
PERMANENT = {
    21211,  # no such number
    21214,  # cannot be reached
    21217,  # no such number
    21265,  # a short code
    21408,  # country not permitted
    21610,  # its holder said STOP
    21612,  # no way from this sender to that number
    21614,  # no mobile number: a fixed line
    21617,  # too long
    21635,  # a fixed line
}
STAGES: dict[str, Stage] = {
    **dict.fromkeys(("accepted", "scheduled", "queued"), "queued"),
    **dict.fromkeys(("sending", "sent"), "sent"),
    **dict.fromkeys(("delivered", "read"), "delivered"),
    "undelivered": "undelivered",
    **dict.fromkeys(("failed", "canceled"), "failed"),
}


@dataclass(frozen=True, slots=True)
class TwilioSms:
    """`sender`: {"From": "+1…"} or {"MessagingServiceSid": "MG…"}. The token signs what comes back."""

    name: str
    base: str  # https://api.twilio.com
    account: str
    token: str = field(repr=False)
    sender: tuple[str, str]
    callback: str = ""

    def send(self, text: str, to: str, *, reference: str) -> Result:
        """201 means it is taken. The reference has no place in this API, so a try in doubt may double a text."""
        form = {"To": to, "Body": text, self.sender[0]: self.sender[1]}
        if self.callback:
            form["StatusCallback"] = self.callback
        url = f"{self.base}/2010-04-01/Accounts/{self.account}/Messages.json"
        answer = web.post(url, data=form, auth=(self.account, self.token))
        if isinstance(answer, Failed):
            return answer
        sid = str(answer.body.get("sid") or "")
        if answer.status == 201 or (answer.accepted and sid):
            return _rejected(answer.body) or Accepted(sid)
        code = answer.body.get("code")
        return Failed(f"answer {answer.status} {_number(code)}".strip(), permanent=code in PERMANENT)

    def receipt(self, url: str, headers: Mapping[str, str], body: bytes) -> Receipt | None:
        """Attack stopped: "delivered" said by somebody else (P12). Signed: our own URL and every field, sorted."""
        fields = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
        signed = url + "".join(name + value for name, value in sorted(fields))
        right = base64.b64encode(hmac.digest(self.token.encode(), signed.encode(), "sha1"))
        given = headers.get("X-Twilio-Signature", "").encode("utf-8", "replace")
        if not hmac.compare_digest(right, given):
            return None
        said = dict(fields)
        stage = STAGES.get(said.get("MessageStatus", ""))
        return Receipt(said.get("MessageSid", ""), stage, _number(said.get("ErrorCode")))


def _rejected(body: dict[str, Any]) -> Failed | None:
    """Taken and dropped in the same breath: nothing goes out."""
    if body.get("status") not in ("failed", "undelivered", "canceled"):
        return None
    code = body.get("error_code")
    return Failed(f"dropped {_number(code)}".strip(), permanent=code in PERMANENT)


def _number(code: object) -> str:
    """Only a code is kept: the prose beside it may name the number."""
    text = str(code or "")
    return text if text.isascii() and text.isdecimal() and len(text) < 8 else ""
