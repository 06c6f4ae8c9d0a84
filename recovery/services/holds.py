"""The wait of a case: how long, from which notice, until when (R5)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import clock
from accounts.models import Address, OutboxMessage, Phone
from policy.facts import NEVER, Facts
from policy.proofs import Best, best, wait_ends_at
from policy.rules import NONE, RULES
from recovery import selectors
from recovery.models import Case
from recovery.states import State

_ON_THE_WAY = (OutboxMessage.Status.QUEUED, OutboxMessage.Status.CLAIMED)
NOTICES = ("case/opened", "case/approved")


def columns(case: Case, given: Facts) -> dict[str, Any]:
    """The wait and its end from the proofs that stand now. A further proof never lengthens it (R5)."""
    one = best(given.shown, given)
    if one is None:
        return {}
    wait = one.wait if case.wait is None else min(case.wait, one.wait)
    ends = _ends(case, given, one)
    if ends is not None and case.ready_at is not None:
        ends = min(ends, case.ready_at)
    begun = case.notice_at or case.untold_at or case.suffices_at or given.now
    return {
        "wait": wait,
        "reasons": [reason.code for reason in one.reasons],
        "ready_at": ends,
        "halfway_at": begun + (ends - begun) / 2 if ends and wait else None,
    }


def _ends(case: Case, given: Facts, one: Best) -> datetime | None:
    if case.untold_at is not None and one.wait != NONE:
        return case.untold_at + max(one.wait, RULES.wait_without_other_address)
    ends = wait_ends_at(one, given)
    return None if ends >= NEVER else ends


def settle_notice(reference: str) -> None:
    """A letter about the case went out or was refused: begin its wait if this was the notice it waits for. Idempotent.

    Stops a wait from running out before its owner could hear of it (SP 800-63B-4 §4.2.3). Where no gateway takes
    any such notice the wait runs from that moment and is at least 72 hours.
    """
    with transaction.atomic():
        case = Case.objects.select_for_update().filter(reference=reference, state=State.ON_HOLD, notice_at=None).first()
        if case is None or case.user is None or case.untold_at is not None:
            return
        given = selectors.facts(case)
        one = best(given.shown, given)
        told = selectors.told_by(given, one) if one else frozenset()
        if not told:
            return
        letters = _letters(case, told)
        sent = [letter.sent_at for letter in letters if letter.status == OutboxMessage.Status.SENT and letter.sent_at]
        if sent:
            case.notice_at = min(sent)
        elif not any(letter.status in _ON_THE_WAY for letter in letters):
            case.untold_at = clock.now()
        else:
            return
        case.save(update_fields=["notice_at", "untold_at"])
        Case.objects.filter(pk=case.pk).update(**columns(case, selectors.facts(case)))


def _letters(case: Case, told: frozenset[str]) -> list[OutboxMessage]:
    """The first notices to these addresses."""
    mails = [row.email for row in Address.objects.filter(user=case.user) if row.means_id in told]
    numbers = [row.number for row in Phone.objects.filter(user=case.user) if row.means_id in told]
    return list(
        OutboxMessage.objects.filter(case_reference=case.reference, kind__in=NOTICES, to__in=[*mails, *numbers])
    )


def sweep(now: datetime, limit: int) -> int:
    """Look again for notices whose bell was not heard."""
    waiting = Case.objects.filter(state=State.ON_HOLD, notice_at=None, untold_at=None, ready_at=None)
    references = list(waiting.order_by("suffices_at").values_list("reference", flat=True)[:limit])
    for reference in references:
        settle_notice(reference)
    return len(references)
