"""Identity on file: put there when people have agreed to the papers, removed by its owner (R7, R10)."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from accounts import clock, events
from accounts.context import ActorContext
from accounts.models import Identity, User
from accounts.services import changes
from policy.deeds import Outcome, Verdict
from policy.rules import RULES


def put_on_file(user: User, attributes: dict[str, Any], *, ctx: ActorContext) -> Identity:
    """What agents read from papers is on file from now on, on probation for 30 days (R7); everybody is told.

    What was on file before is suspended and still counts until then, so that a thief in a session, who files papers of
    his own, takes nothing from the owner (R6); a "not me" brings it back (R10).
    """
    verdict = Verdict(Outcome.ALLOWED, final_after=RULES.identity_probation)
    with transaction.atomic():
        owner = User.objects.select_for_update().get(pk=user.pk)
        change = changes.begin(owner, "identity.added", verdict=verdict, two_custodies=False, ctx=ctx)
        Identity.objects.standing().filter(user=owner, suspended_by=None).update(suspended_by=change)
        row = Identity.objects.create(user=owner, bound_at=change.made_at, added_by=change)
        row.set_attributes(attributes)
        row.confirmed_at = clock.now()
        row.save()
        events.record("identity.added", owner, ctx, change=change, means=row.means_id)
    return row


def on_file(user: User) -> Identity | None:
    """What is on file now; a newer one on probation before the older one that it will replace."""
    rows = Identity.objects.standing().filter(user=user, suspended_by=None)
    return rows.select_related("added_by").order_by("-pk").first()
