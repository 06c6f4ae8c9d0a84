"""What adding an app and adding a sheet of codes have in common: judgement first, then probation, event, sessions."""

from __future__ import annotations

from accounts import clock, events, selectors
from accounts.context import ActorContext
from accounts.errors import Refused, Why
from accounts.models import Change, Means, User
from accounts.services import changes
from policy.acts import Deed
from policy.facts import Session
from policy.judge import may
from policy.verdict import Outcome, Verdict


def judged(user: User, deed: Deed, session: Session) -> Verdict | Refused:
    """The policy's word on a deed of a signed-in session, as a refusal where it is one."""
    verdict = may(deed, selectors.facts(user, session=session))
    if verdict.allowed:
        return verdict
    why = Why.STEP_UP if verdict.outcome is Outcome.STEP_UP else Why.POLICY
    return Refused(why, until=verdict.hold, verdict=verdict)


def bind(user: User, row: Means, kind: str, verdict: Verdict, ctx: ActorContext, *, keep: str | None) -> None:
    """Let `row` count as confirmed now, on probation until its notices have had their time (R6, R7), and tell everybody.

    In the caller's transaction. Other sessions end, so that a thief's session does not outlive the change (pitfall P22);
    the sign-up session itself is exempt from both.
    """
    change: Change | None = None
    if verdict.final_after:
        two = verdict.has("final_two_custodies")
        change = changes.begin(user, kind, verdict=verdict, two_custodies=two, ctx=ctx)
    row.confirmed_at, row.added_by = clock.now(), change
    row.save(update_fields=["confirmed_at", "added_by"])
    events.record(kind, user, ctx, change=change, means=row.means_id)
    if change is not None:
        changes.end_sessions(user, keep=keep)
