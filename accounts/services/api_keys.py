"""Bearer keys of the host platform: made by a command, shown once, checked in constant time, revoked at will."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from accounts import clock, crypto, events, throttling
from accounts.context import ActorContext
from accounts.errors import Refused, Why
from accounts.models import ApiKey

#: "modoru_" so that a scanner for leaked secrets knows one, 8 letters that find the row, 32 (160 bits) that prove it.
_SHAPE = re.compile(rf"modoru_([{crypto.CROCKFORD}]{{8}})_([{crypto.CROCKFORD}]{{32}})")
_NOBODY = "0" * 64
USED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Made:
    """A new key and its text, which is never seen again."""

    key: ApiKey
    text: str


def create(name: str, *, ctx: ActorContext) -> Made | Refused:
    """Make a key. Two living keys never have one name, so that a name revokes exactly one."""
    prefix, secret = _letters(8), _letters(32)
    with transaction.atomic():
        if ApiKey.objects.filter(name=name, revoked_at=None).exists():
            return Refused(Why.TAKEN)
        digest = _digest(prefix, secret)
        key = ApiKey.objects.create(name=name, prefix=prefix, digest=digest, created_at=clock.now())
        events.record("api_key.created", None, ctx, key=prefix)
    return Made(key, f"modoru_{prefix}_{secret}")


def revoke(which: str, *, ctx: ActorContext) -> ApiKey | Refused:
    """End the living key of that name or prefix, at once."""
    with transaction.atomic():
        living = ApiKey.objects.select_for_update().filter(revoked_at=None)
        key = living.filter(Q(name=which) | Q(prefix=which)).first()
        if key is None:
            return Refused(Why.STATE)
        key.revoked_at = clock.now()
        key.save(update_fields=["revoked_at"])
        events.record("api_key.revoked", None, ctx, key=key.prefix)
    return key


def check(authorization: str) -> ApiKey | Refused:
    """The living key of an Authorization header. Unknown, wrong and revoked ones cost the same query and hash.

    Only a right key is charged: a stranger cannot use up its limit (R18), and 160 bits need no counter against guesses.
    """
    scheme, _, text = authorization.partition(" ")
    shape = _SHAPE.fullmatch(text.strip())
    if scheme.lower() != "bearer" or shape is None:
        return Refused(Why.WRONG)
    prefix, secret = shape.groups()
    key = ApiKey.objects.filter(prefix=prefix).first()
    right = crypto.same(key.digest if key else _NOBODY, _digest(prefix, secret))
    if key is None or not right or key.revoked_at is not None:
        return Refused(Why.WRONG)
    charge = throttling.charge(("standing.key", key.prefix))
    if not charge:
        return Refused(Why.THROTTLED, until=charge.until)
    _note_use(key)
    return key


def _note_use(key: ApiKey) -> None:
    now = clock.now()
    if key.last_used_at is None or now - key.last_used_at >= USED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)


def _letters(count: int) -> str:
    return "".join(secrets.choice(crypto.CROCKFORD) for _ in range(count))


def _digest(prefix: str, secret: str) -> str:
    return crypto.digest("api_key", prefix, secret).hex()
