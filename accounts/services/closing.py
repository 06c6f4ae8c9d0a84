"""Closing an account, and keeping it open after all (R6)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts import clock, events, operations
from accounts.context import ActorContext, system
from accounts.errors import Refused
from accounts.models import Change, SecurityEvent, User
from accounts.models.change import CLOSING
from accounts.selectors import holdings
from accounts.services import changes
from policy.deeds import CloseAccount, KeepOpen, Verdict
from policy.facts import Session
from policy.rules import RULES

_BATCH = 200


def ask(user: User, session: Session) -> Verdict | Refused:
    """May the account be closed now?"""
    return changes.judged(CloseAccount(), operations.facts(holdings(user), session))


def begin(user: User, *, session: Session, ctx: ActorContext) -> Change | Refused:
    """Begin to close the account. It works until that is final, but moves no money; every address is told.

    Attack stopped: a thief who closes the account before its owner can act. It waits 24 or 72 hours from its notices,
    and "not me", the owner's sign-in or a recovery keeps it open.
    """
    with transaction.atomic():
        owner = User.objects.select_for_update().get(pk=user.pk)
        verdict = ask(owner, session)
        if isinstance(verdict, Refused):
            return verdict
        change = changes.begin(owner, CLOSING, verdict=verdict, ctx=ctx)
        events.record(CLOSING, owner, ctx, change=change)
    return change


def keep_open(user: User, *, session: Session, ctx: ActorContext) -> bool | Refused:
    """The person keeps the account open, from any session of theirs."""
    with transaction.atomic():
        owner = User.objects.select_for_update().get(pk=user.pk)
        verdict = changes.ask(owner, KeepOpen(), session)
        return verdict if isinstance(verdict, Refused) else stop(owner, ctx=ctx)


def stop(user: User, *, ctx: ActorContext) -> bool:
    """End a closing that is not final, and tell everybody; False when none is under way. In the caller's transaction.

    A recovery calls it as soon as enough was shown: who comes back must find the account.
    """
    now = clock.now()
    stopped = Change.objects.pending(now).filter(user=user, what=CLOSING).update(undone_at=now)
    if stopped:
        events.record("account.kept_open", user, ctx)
    return bool(stopped)


def remind(now: datetime) -> int:
    """The sweep: half-way and an hour before the end (R9), each once; after an outage only what still makes sense."""
    running = Change.objects.pending(now).filter(what=CLOSING, final_at__isnull=False).order_by("final_at")
    return sum(_tell_once(change, kind) for change in running[:_BATCH] if (kind := _due(change, now)))


def _due(change: Change, now: datetime) -> str:
    if change.final_at is None or now < change.final_at - change.wait / 2:
        return ""
    ending = now >= change.final_at - RULES.last_notice_before_end
    return "account.closing_hour_left" if ending else "account.closing_halfway"


def _tell_once(change: Change, kind: str) -> int:
    with transaction.atomic():
        owner = User.objects.select_for_update().get(pk=change.user_id)
        change.refresh_from_db()
        told = SecurityEvent.objects.filter(user=owner, type=kind, at__gte=change.made_at).exists()
        if told or change.undone_at is not None:
            return 0
        events.record(kind, owner, system("sweep"), change=change)
    return 1
