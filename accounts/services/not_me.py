""" "This was not me": by a mailed link or a typed stop code, without signing in (R10)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from accounts import clock, events
from accounts.context import ActorContext
from accounts.errors import Refused, Why
from accounts.models import Change, Link, Phone, User
from accounts.outbox.recipients import told_numbers
from accounts.registries import NOT_ME_HOOKS
from accounts.selectors import facts
from accounts.services import changes, links
from policy.deeds import NotMe, may, undone_by_not_me


@dataclass(frozen=True, slots=True)
class Done:
    """What a "not me" did."""

    changes: list[Change]
    cases: list[str]  # references of the cases it ended


def reach(link: Link) -> list[Change]:
    """What a "not me" would undo now; changes nothing, so that GET may ask it (conventions §4.2)."""
    user = _owner(link)
    ids = [change.id for change in undone_by_not_me(facts(user))]
    return list(Change.objects.filter(pk__in=ids, undone_at=None).order_by("-made_at"))


def act(link: Link, *, ctx: ActorContext) -> Done | Refused:
    """End all sessions, undo what is in reach, end open cases, once per link.

    Whoever holds an address of the account can stop a thief without a sign-in; nothing new is bound by it, so a stolen
    link wins nothing (SP 800-63B-4 §4.6).
    """
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=_owner(link).pk)
        verdict = may(NotMe(link.created_at), facts(user))
        if not verdict.allowed:
            return Refused(Why.EXPIRED, verdict=verdict)
        if not links.use(link):
            return Refused(Why.SPENT)
        undone = changes.undo(user, ctx=ctx)
        cases = [reference for hook in NOT_ME_HOOKS for reference in hook(user, ctx)]
        changes.end_sessions(user)
        changes.end_codes(user)
        events.record("not_me.used", user, ctx, about=link.subject, changes=[one.what for one in undone], cases=cases)
    return Done(undone, cases)


def may_stop_writing(link: Link) -> bool:
    """Did this stop code go to a number that we still write to? A mailed link stops no number."""
    return _number(link).exists()


def stop_writing(link: Link, *, ctx: ActorContext) -> bool:
    """ "Not my account: stop writing to me" (R9): the number gets nothing more and proves nothing; all others are told.

    It vetoes nothing and leaves the stop code as it is, so that the new holder of a recycled number, or a thief of the
    line, neither disturbs the account nor takes the owner's "not me" away. False when nothing was left to stop.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=_owner(link).pk)
        row = _number(link).order_by("-pk").first()
        if row is None:
            return False
        _number(link).update(stopped_at=clock.now())
        events.record("phone.stopped", user, ctx, means=row.means_id)
    return True


def _number(link: Link) -> QuerySet[Phone]:
    return told_numbers(_owner(link)).filter(number=link.to)


def _owner(link: Link) -> User:
    if link.user is None:
        raise TypeError('A "not me" link always belongs to an account.')
    return link.user
