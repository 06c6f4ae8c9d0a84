"""Making links: the row is written with the letter, its token derived when the letter is rendered."""

from __future__ import annotations

import secrets
from datetime import timedelta

from accounts import clock, crypto
from accounts.models import Link, User

#: A newer link of these kinds kills the older ones of the same person and subject.
REPLACING = frozenset({"password_reset", "resume", "confirm"})
LOCATOR_LENGTH = 4


def make(kind: str, *, user: User | None, subject: str, to: str, life: timedelta) -> Link:
    """One link for one address, in the caller's transaction."""
    now = clock.now()
    if kind in REPLACING:
        Link.objects.filter(kind=kind, user=user, subject=subject, used_at=None, superseded_at=None).update(
            superseded_at=now
        )
    link = draft(kind, user=user, subject=subject, to=to, life=life)
    link.save(force_insert=True)
    return link


def draft(kind: str, *, user: User | None, subject: str, to: str, life: timedelta) -> Link:
    """A link not yet written, for many at once."""
    now = clock.now()
    return Link(
        kind=kind,
        user=user,
        subject=subject,
        to=to,
        locator="".join(secrets.choice(crypto.CROCKFORD) for _ in range(LOCATOR_LENGTH)),
        nonce=crypto.nonce(),
        created_at=now,
        expires_at=now + life,
    )
