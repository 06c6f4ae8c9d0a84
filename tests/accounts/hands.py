"""Hands for the tests of account pages: people, sessions, step-ups, codes."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.test import Client

from accounts import assurance, clock
from accounts.authenticators.totp import STEP, code_at
from accounts.context import ActorContext
from accounts.models import Address, Totp, User, email_key
from accounts.services.verify import Verified
from accounts.sessions import SessionStore
from policy.facts import Kind, Session

PASSWORD = "correct horse battery staple"
CTX = ActorContext("user:test", network="192.0.2.0/24", agent="Firefox", language="en")


def person(name: str = "hanako", **fields: Any) -> User:
    """An account with a confirmed address and a password, made long ago."""
    long_ago = clock.now() - timedelta(days=90)
    email = f"{name}@example.jp"
    user = User.objects.create_user(email, PASSWORD, created_at=long_ago, **{"language": "en", **fields})
    recent = clock.now() - timedelta(days=30)
    Address.objects.create(user=user, email=email, key=email_key(email), bound_at=long_ago, confirmed_at=recent)
    return user


def app_of(user: User, name: str = "Pixel 8") -> Totp:
    """A final authenticator app."""
    long_ago = clock.now() - timedelta(days=90)
    row = Totp.objects.create(user=user, name=name, bound_at=long_ago, confirmed_at=long_ago)
    row.set_seed(bytes([row.pk % 256]) * 20)
    row.save()
    User.objects.filter(pk=user.pk).update(ever_had_factor=True)
    user.refresh_from_db()
    return row


def code_of(row: Totp, away: int = 0) -> str:
    """What the app shows now, or `away` steps from now."""
    return code_at(row.seed, int(time.time()) // STEP + away)


def request_of(client: Client) -> HttpRequest:
    request = HttpRequest()
    cookie = client.cookies.get(settings.SESSION_COOKIE_NAME)
    request.session = SessionStore(cookie.value if cookie else None)  # type: ignore[assignment]
    return request


def keep(client: Client, request: HttpRequest) -> None:
    request.session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key


def sign_in(client: Client, user: User, *proofs: Verified, **flags: bool) -> None:
    """A session of this person in this client; by password and nothing else unless proofs are given."""
    request = request_of(client)
    assurance.sign_in(request, user, proofs or (Verified(Kind.PASSWORD, "password"),), **flags)
    keep(client, request)


def step_up(client: Client, proof: Verified, deed: str) -> None:
    """A fresh step-up in this client's session."""
    request = request_of(client)
    assurance.add_step_up(request, proof, deed)
    keep(client, request)


def facts_of(client: Client) -> Session:
    """The client's session as the policy sees it."""
    return assurance.session_facts(request_of(client))
