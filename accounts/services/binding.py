"""What adding an app and adding a sheet of codes have in common: probation, event, sessions."""

from __future__ import annotations

from accounts import clock, events
from accounts.context import ActorContext
from accounts.models import Change, Means, User
from accounts.services import changes
from policy.deeds import Verdict


def bind(user: User, row: Means, kind: str, verdict: Verdict, ctx: ActorContext, *, keep: str | None) -> Change | None:
    """Let `row` count as confirmed now, on probation until its notices have had their time (R6, R7); tell everybody.

    In the caller's transaction. Other sessions end, so that a thief's session does not outlive the change (P22).
    A wait of nothing is the sign-up session's, which is exempt from probation: no change is written.
    """
    change = changes.begin(user, kind, verdict=verdict, ctx=ctx) if verdict.final_after else None
    row.confirmed_at, row.added_by = clock.now(), change
    row.save(update_fields=["confirmed_at", "added_by"])
    events.record(kind, user, ctx, change=change, means=row.means_id)
    changes.end_sessions(user, keep=keep)
    return change
