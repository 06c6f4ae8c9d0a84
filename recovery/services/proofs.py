"""Proofs: shown once, recorded, and judged at once (R4, R5, R12)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts import clock, events
from accounts.context import ActorContext
from accounts.errors import Refused, Why
from accounts.models import User
from accounts.services.verify import Verified
from policy.deeds import Outcome, ShowProof, Verdict, may
from policy.facts import Proof
from policy.rules import RULES
from recovery import methods, selectors
from recovery.models import Case, CaseProof
from recovery.services import cases, holds, resume, review, transition
from recovery.states import State


@dataclass(frozen=True, slots=True)
class Shown:
    """A proof was right. `secret`: a browser that came by a link holds the case from now on."""

    verdict: Verdict
    secret: str = ""


def prove(case: Case, method: str, secret: str, ctx: ActorContext, *, by_link: bool = False) -> Shown | Refused:
    """Verify one proof and judge what is shown now; code, proof, state and events in one transaction.

    Stops a proof from being spent in a request that then fails (pitfall P7), and one code from serving two cases (P6).
    """
    if case.is_over(clock.now()):
        return Refused(Why.STATE)
    if case.resolved_at is None:
        return Refused(Why.STATE, detail="resolving")
    with transaction.atomic():
        # Locks in one order everywhere: user, then case. The same statement where there is no account (ASVS 6.3.8).
        case.user = User.objects.select_for_update().filter(pk=case.user_id or 0).first()
        verified = methods.get(method).prove(case, secret, ctx)
        if isinstance(verified, Refused):
            return verified
        row = Case.objects.select_for_update().get(pk=case.pk)
        if row.is_over(clock.now()):
            return Refused(Why.STATE)
        proof = _as_proof(verified)
        given = selectors.facts(row)
        # What was named lost is at hand again by showing it, but never to who came by a link: the finder of a lost
        # phone reads its mail too, and would move the case with the very thing that it is about (R12, R13).
        counts = may(ShowProof(proof), given if by_link else selectors.with_at_hand(given, {proof.means_id}))
        if not counts.allowed:  # spent all the same: it is known to somebody now
            events.record("claim.refused", row.user, ctx, means=proof.means_id)
            return Refused(Why.POLICY, verdict=counts)
        _record(row, verified, ctx)
        verdict = _judge(row, ctx)
        moved = ""
        if by_link and resume.moves(selectors.facts(row), proof):
            moved = resume.move(row, ctx)
    case.refresh_from_db()
    return Shown(verdict, moved)


def _as_proof(verified: Verified) -> Proof:
    return Proof(verified.kind, verified.means_id, clock.now(), reset=verified.reset)


def _record(case: Case, verified: Verified, ctx: ActorContext) -> None:
    _, new = CaseProof.objects.get_or_create(
        case=case,
        means_id=verified.means_id,
        defaults={"kind": verified.kind.value, "reset": verified.reset, "shown_at": clock.now()},
    )
    if new and case.state != State.OPENED:
        events.record("case.proved", case.user, ctx, case_reference=case.reference, case=case.reference)


def _judge(case: Case, ctx: ActorContext) -> Verdict:
    """Ask the policy and take the step it allows."""
    given = selectors.facts(case)
    verdict = selectors.judge(given)
    now = clock.now()
    if case.state == State.OPENED:
        transition.move(case, "first_proof", ctx, expires_at=now + RULES.proving_life)
    if case.is_claim and verdict.sufficient:
        if verdict.has("ends_weaker_case"):
            cases.overtake(case, ctx)
        times = {"suffices_at": now, **holds.columns(case, given)}
        _begin(case, verdict, times, ctx)
    elif case.is_claim and verdict.outcome is Outcome.REVIEW and not verdict.has("equal_sets"):
        if verdict.has("ends_weaker_case"):
            cases.overtake(case, ctx)
        review.hand_over(case, verdict, ctx)
    elif case.state == State.ON_HOLD and verdict.sufficient:
        if verdict.outcome is Outcome.ALLOWED:
            cases.make_ready(case, "suffice_at_once", ctx, wait=verdict.wait, reasons=_codes(verdict))
        else:
            Case.objects.filter(pk=case.pk).update(**holds.columns(case, given))
    return verdict


def _begin(case: Case, verdict: Verdict, times: dict[str, Any], ctx: ActorContext) -> None:
    """The first sufficient set makes the case exist (R12): on hold, or ready where two custodies need no wait (R5)."""
    if verdict.outcome is Outcome.ALLOWED:
        cases.make_ready(case, "suffice_at_once", ctx, **times)
        return
    transition.move(case, "suffice", ctx, **times)
    holds.settle_notice(case.reference)


def _codes(verdict: Verdict) -> list[str]:
    return [reason.code for reason in verdict.reasons]
