"""People and rows for the tests of letters, and gateways that remember instead of sending."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage

import pytest

from accounts import clock
from accounts.context import ActorContext
from accounts.gateways.base import Accepted, Result
from accounts.models import Address, Challenge, Change, OutboxMessage, Phone, User
from accounts.outbox import enqueue, transport

CTX = ActorContext("user:1", network="198.51.100.0/24", agent="Chrome · Windows")


def person(name: str, language: str = "ja", number: str = "+819012345678") -> User:
    """Somebody with one confirmed address and one confirmed number."""
    now = clock.now()
    user = User.objects.create_user(f"{name}@example.jp", "password of no importance", language=language)
    Address.objects.create(user=user, email=user.email, key=user.email_key, bound_at=now, confirmed_at=now)
    if number:
        Phone.objects.create(user=user, number=number, bound_at=now, confirmed_at=now)
    return user


def change_of(user: User, **fields: object) -> Change:
    return Change.objects.create(user=user, **{"what": "totp.added", "made_at": clock.now(), **fields})


def code_for(user: User | None, purpose: str = "recovery", channel: str = "mail", **fields: object) -> Challenge:
    now = clock.now()
    words = {"scope": "test", "to": "hanako@example.jp", "nonce": "nonce", "created_at": now, **fields}
    words.setdefault("expires_at", now + timedelta(minutes=10))
    return Challenge.objects.create(purpose=purpose, channel=channel, user=user, **words)


def letter_with(challenge: Challenge, language: str = "ja", **fields: object) -> OutboxMessage:
    row = enqueue(
        f"codes/{challenge.purpose}",
        channel=challenge.channel,
        to=fields.pop("to", "+819012345678" if challenge.channel == "sms" else "hanako@example.jp"),
        user=challenge.user,
        language=language,
        data={"challenge": str(challenge.pk)},
        dedupe=f"code:{challenge.pk}",
        urgent=True,
        **{"expires_at": challenge.expires_at, **fields},
    )
    assert row is not None
    return row


@dataclass
class Remembers:
    """A gateway that keeps what it was given and answers what it is told to."""

    answers: list[Result] = field(default_factory=list)
    mails: list[EmailMessage] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def send(self, what: EmailMessage | str, to: str, *, reference: str = "") -> Result:
        (self.texts if isinstance(what, str) else self.mails).append(what)
        return self.answers.pop(0) if self.answers else Accepted("kept")


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Remembers:
    """The far side of the portal, for mail and SMS alike."""
    kept = Remembers()
    monkeypatch.setattr(transport, "mail_gateway", lambda: kept)
    monkeypatch.setattr(transport, "sms_gateway", lambda: kept)
    return kept


@pytest.fixture
def bells(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Which tasks were rung for."""
    rung: list[tuple[str, ...]] = []
    monkeypatch.setattr("accounts.bell.ring", lambda task, *ids, queue=None: rung.append((task, *map(str, ids))))
    return rung


@pytest.fixture
def hanako(db: None) -> User:
    return person("hanako")
