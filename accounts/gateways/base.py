"""What a gateway takes and answers."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol

TIMEOUT = 10.0  # seconds: a dead server costs a worker this much and no more


@dataclass(frozen=True, slots=True)
class Accepted:
    """The other side took the letter; `provider_id` is its name for it."""

    provider_id: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """It did not. `permanent`: trying again cannot help. `reason` names codes and classes, never an address."""

    reason: str
    permanent: bool = False


Result = Accepted | Failed


class MailGateway(Protocol):
    """Sends one mail; answers, never raises for what the network or the other side does."""

    def send(self, message: EmailMessage, to: str) -> Result: ...


class SmsGateway(Protocol):
    """Sends one text to one number in E.164."""

    def send(self, text: str, to: str) -> Result: ...
