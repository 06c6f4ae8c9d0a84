"""Links and stop codes: made, found without changing anything, used once.

GET and HEAD of a link's page only `find`; the POST of a button `use`s it, so a mail scanner that follows links changes
nothing (conventions §4.2).
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import transaction

from accounts import clock, crypto, normalise, throttling
from accounts.context import ActorContext
from accounts.errors import Refused, Why
from accounts.models import Link, User
from accounts.outbox.links import LOCATOR_LENGTH, make

__all__ = ["find", "find_stop_code", "kill", "make", "purge", "use"]

STOP_CODE_LENGTH = LOCATOR_LENGTH + 8
KEPT_AFTER_EXPIRY = timedelta(days=30)


def find(kind: str, token: str) -> Link | Refused:
    """The living link of this token. Compared in constant time, and with the same work when there is no such row."""
    identity, _, _ = token.partition(".")
    try:
        link = Link.objects.select_related("user").filter(pk=uuid.UUID(hex=identity), kind=kind).first()
    except ValueError:
        link = None
    right = crypto.same(token, (link or Link(kind=kind, nonce="")).token)
    return _living(link) if link and right else Refused(Why.WRONG)


def find_stop_code(text: str, ctx: ActorContext) -> Link | Refused:
    """The "not me" link of a stop code typed from an SMS.

    Attack stopped: guessing codes to end other people's sessions; 40 bits are hidden, and each network has few tries.
    """
    code = normalise.saved_code(text)
    if len(code) != STOP_CODE_LENGTH or not set(code) <= set(crypto.CROCKFORD):
        return Refused(Why.SHAPE)
    charge = throttling.charge(("stop_code.network", ctx.network))
    if not charge:
        return Refused(Why.THROTTLED, until=charge.until)
    candidates = Link.objects.select_related("user").filter(kind="not_me", locator=code[:LOCATOR_LENGTH])
    right = [link for link in candidates.order_by("-created_at")[:100] if crypto.same(code, link.stop_code)]
    if not right:
        return Refused(Why.WRONG)
    charge.refund()
    return _living(right[0])


def use(link: Link) -> bool:
    """Spend the link, once: False when somebody else was first or it died meanwhile. In the caller's transaction."""
    now = clock.now()
    living = Link.objects.filter(pk=link.pk, used_at=None, superseded_at=None, expires_at__gt=now)
    return living.update(used_at=now) == 1


def kill(user: User, *kinds: str) -> int:
    """Let the unused links of these kinds die, because what they were for has changed."""
    unused = Link.objects.filter(user=user, kind__in=kinds, used_at=None, superseded_at=None)
    return unused.update(superseded_at=clock.now())


def purge(now: datetime) -> int:
    """Remove links that died a month ago."""
    with transaction.atomic():
        return Link.objects.filter(expires_at__lt=now - KEPT_AFTER_EXPIRY).delete()[0]


def _living(link: Link) -> Link | Refused:
    if link.user is not None and not link.user.is_active and not _reopens(link, link.user):
        return Refused(Why.WRONG)
    if link.used_at:
        return Refused(Why.SPENT)
    if link.superseded_at:
        return Refused(Why.SUPERSEDED)
    return link if link.expires_at > clock.now() else Refused(Why.EXPIRED)


def _reopens(link: Link, user: User) -> bool:
    """A "not me" still reaches a closing that became final a short while ago (R10)."""
    return link.kind == "not_me" and user.closed_at is not None and user.erased_at is None
