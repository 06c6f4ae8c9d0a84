"""The single writer of a case's state."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from accounts import clock, events
from accounts.context import ActorContext
from accounts.models import Change
from accounts.services import closing
from recovery.models import Case, Transition
from recovery.states import CLAIM, ENDED, TRANSITIONS, State

#: Enough was shown: the claim is a case.
ENOUGH = frozenset({"suffice", "suffice_at_once"})


def move(
    case: Case, event: str, ctx: ActorContext, reason: str = "", *, change: Change | None = None, **fields: Any
) -> bool:
    """Take one step of the table: lock, check, conditional UPDATE, transition, event, notices, in one transaction.

    False, and nothing written, when the case is not in a state the step may start from: of two at one instant one wins
    (ASVS 2.3.3). `fields` are the columns that belong to the new state; `case` is fresh afterwards.
    """
    before_states, after = TRANSITIONS[event]
    now = clock.now()
    with transaction.atomic():
        row = Case.objects.select_for_update().get(pk=case.pk)
        before = State(row.state)
        if before not in before_states:
            case.refresh_from_db()
            return False
        if after in ENDED:
            fields |= {"ended_at": now, "ended_why": reason or event}
        if not Case.objects.filter(pk=case.pk, state=before).update(state=after, **fields):
            return False
        Transition.objects.create(
            case=row, event=event, before=before, after=after, at=now, actor=ctx.actor, reason=reason
        )
        case.refresh_from_db()
        # Nothing proved: no word of it in the account's history, where a stranger could fill pages (R12).
        owner = case.user if before is not State.OPENED or after not in ENDED else None
        data = {"case": case.reference} | ({"why": reason} if reason else {})
        if event in ENOUGH and before in CLAIM:
            closing.stop(case.owner, ctx=ctx)  # who comes back must find the account
        events.record(_told(event, before), owner, ctx, change=change, case_reference=case.reference, **data)
    return True


_TOLD = {"submit": "case.in_review", "approve": "case.approved", "deny": "case.denied", "give_back": "case.given_back"}


def _told(event: str, before: State) -> str:
    """The security event of a step. A claim's steps are told to nobody (recovery/notices.py)."""
    if event == "first_proof":
        return "claim.proved"
    if event == "complete":
        return "case.completed"
    if event == "wait_over" or (event == "suffice_at_once" and before not in CLAIM):
        return "case.ready"
    if event in ("suffice", "suffice_at_once"):
        return "case.opened"
    if event in _TOLD:
        return _TOLD[event]
    noun = "claim" if before in CLAIM else "case"
    return f"{noun}.expired" if event == "expire" else f"{noun}.cancelled"
