"""No way out: letters stay rows, shown at /dev/outbox/."""

from __future__ import annotations

from email.message import EmailMessage

from accounts.gateways.base import Accepted, Result

PREVIEW = Accepted("preview", "preview")


class PreviewMail:
    def send(self, message: EmailMessage, to: str) -> Result:
        return PREVIEW


class PreviewSms:
    def send(self, text: str, to: str, *, reference: str) -> Result:
        return PREVIEW
