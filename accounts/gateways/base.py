"""What a gateway takes and answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Literal, Protocol

TIMEOUT = 10.0  # seconds: a dead server costs a worker this much and no more


@dataclass(frozen=True, slots=True)
class Accepted:
    """The other side took the letter; `provider_id` is its name for it, `gateway` which of several it was."""

    provider_id: str = ""
    gateway: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """It did not. `permanent`: trying again cannot help. `reason` names codes and classes, never an address."""

    reason: str
    permanent: bool = False


Result = Accepted | Failed

#: How far a text has come, in the provider's later word.
Stage = Literal["queued", "sent", "delivered", "undelivered", "failed"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """A provider's signed word on one text. `stage` is None when it says nothing that we know."""

    provider_id: str
    stage: Stage | None
    error: str = ""


class MailGateway(Protocol):
    """Sends one mail; answers, never raises for what the network or the other side does."""

    def send(self, message: EmailMessage, to: str) -> Result: ...


class SmsGateway(Protocol):
    """Sends one text to one number in E.164. `reference` is the same at every try of the same letter."""

    def send(self, text: str, to: str, *, reference: str) -> Result: ...


class SmsProvider(SmsGateway, Protocol):
    """One provider among several. `receipt`: the word of its callback, None when the signature is not its own."""

    @property
    def name(self) -> str: ...

    def receipt(self, url: str, headers: Mapping[str, str], body: bytes) -> Receipt | None: ...
