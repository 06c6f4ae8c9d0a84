"""A telephone: keeps the SMS that the stock part sends."""

from __future__ import annotations

from typing import Any, ClassVar


class Telephone:
    """What `TWO_FACTOR_SMS_GATEWAY` names; the messages are kept in order."""

    codes: ClassVar[list[str]] = []

    def send_sms(self, device: Any, token: str) -> None:
        self.codes.append(token)
