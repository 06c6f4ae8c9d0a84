"""Known browsers: noted after a complete sign-in, kept out of strangers' way, forgotten at will (R18; pitfall P16).

Being known is no factor and replaces no step: it keeps half of each limit of signing in for the owner, and lets a
sign-in from elsewhere be told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from accounts import browser_cookie, clock, events
from accounts.context import ActorContext
from accounts.models import KnownBrowser, User
from policy.rules import RULES

#: last_used is written at most this often.
REFRESHED_EVERY = timedelta(days=1)
#: Private windows leave a row at each sign-in: beyond these, the one longest unused is forgotten.
MOST = 20


@dataclass(frozen=True, slots=True)
class Noted:
    """What the browser's cookie needs: a new token, a longer life, the digests that are of no use any more."""

    token: str = ""
    renew: bool = False
    stale: frozenset[str] = frozenset()


def counts(user: User | None, ctx: ActorContext) -> bool:
    """Was this browser first seen at this account long enough ago? Nobody's account costs the same query."""
    rows = KnownBrowser.objects.counting(clock.now())
    return rows.filter(user_id=user.pk if user else 0, digest__in=ctx.browsers).exists()


def known(user: User, ctx: ActorContext) -> bool:
    """Did this browser sign in completely before, and was it not forgotten since?"""
    return KnownBrowser.objects.standing(clock.now()).filter(user=user, digest__in=ctx.browsers).exists()


def note(user: User, *, ctx: ActorContext, signing_in: bool) -> Noted:
    """Remember this browser, and tell the owner of a sign-in from one that is not known where others were.

    Attack stopped: a thief's first sign-in passing unseen. Those dropped by a change count as others too, so that a
    password set by mail does not silence the alert.
    """
    now = clock.now()
    with transaction.atomic():
        rows = list(KnownBrowser.objects.filter(user=user).order_by("-last_used", "-pk"))
        shown = [row for row in rows if row.digest in ctx.browsers]
        standing = [row for row in rows if row.stands(now)]
        if here := next((row for row in standing if row in shown), None):
            return Noted(renew=_refresh(here, ctx))
        if signing_in and rows:
            events.record("session.new_browser", user, ctx)
        token = browser_cookie.fresh()
        KnownBrowser.objects.create(
            user=user,
            digest=browser_cookie.digest(token),
            name=ctx.agent,
            network=ctx.network,
            first_seen=now,
            last_used=now,
            expires_at=now + RULES.known_browser_life,
        )
        if surplus := [row.pk for row in standing[MOST - 1 :]]:
            KnownBrowser.objects.filter(pk__in=surplus).update(revoked_at=now)
    return Noted(token, renew=True, stale=frozenset(row.digest for row in shown))


def listed(user: User) -> list[KnownBrowser]:
    """Those of the account that stand, the one used last first."""
    return list(KnownBrowser.objects.standing(clock.now()).filter(user=user).order_by("-last_used", "-pk"))


def forget(user: User, pk: int, *, ctx: ActorContext) -> bool:
    """Forget one browser of this account; somebody else's does not exist."""
    return _forget(user, ctx, pk=pk) is not None


def forget_all(user: User, *, ctx: ActorContext) -> int:
    """Forget every browser of this account; returns how many."""
    return _forget(user, ctx) or 0


def _forget(user: User, ctx: ActorContext, **only: int) -> int | None:
    """How many it forgot; None when there is no such row, forgotten ones included."""
    with transaction.atomic():
        rows = KnownBrowser.objects.filter(user=user, **only)
        count = rows.filter(revoked_at=None).update(revoked_at=clock.now())
        if count:
            events.record("browser.forgotten", user, ctx, count=count)
        return count if count or rows.exists() else None


def _refresh(row: KnownBrowser, ctx: ActorContext) -> bool:
    now = clock.now()
    if timedelta() <= now - row.last_used < REFRESHED_EVERY:
        return False
    row.name, row.network, row.last_used, row.expires_at = ctx.agent, ctx.network, now, now + RULES.known_browser_life
    row.save(update_fields=["name", "network", "last_used", "expires_at"])
    return True
