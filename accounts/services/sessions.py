"""Where an account is signed in, and signing out from afar (ASVS 7.5.2)."""

from __future__ import annotations

from django.db import transaction

from accounts import clock, events
from accounts.context import ActorContext
from accounts.models import Session, User
from accounts.services import changes


def live(user: User) -> list[Session]:
    """The sessions that are open now, the latest seen first."""
    return list(Session.objects.filter(user=user, expire_date__gt=clock.now()).order_by("-last_seen_at"))


def end(user: User, public_id: str, *, keep: str, ctx: ActorContext) -> bool:
    """End one session of this account, not the one that asks; somebody else's does not exist."""
    with transaction.atomic():
        mine = Session.objects.filter(user=user, public_id=public_id).exclude(public_id="")
        gone, _ = mine.exclude(session_key=keep).delete()
        if gone:
            events.record("session.ended", user, ctx)
    return bool(gone)


def end_others(user: User, *, keep: str, ctx: ActorContext) -> int:
    """End every other session, also one that was copied: the epoch in the session hash moves (pitfall P22)."""
    with transaction.atomic():
        count = Session.objects.filter(user=user).exclude(session_key=keep).count()
        changes.end_sessions(user, keep=keep)
        events.record("session.others_ended", user, ctx, count=count)
    return count
