"""What a case is, as values: the facts it is judged by, what would shorten its wait, who is told of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from accounts import selectors as accounts
from accounts.models import Link, OutboxMessage, User
from accounts.selectors import Holdings
from policy import facts as policy
from policy.custody import counts_as, two_custodies
from policy.deeds import OpenCase, Verdict, may
from policy.facts import Facts, Kind, Proof
from policy.proofs import ISSUED, Best, best, counting, standing
from recovery.models import Case, CaseProof
from recovery.references import parse
from recovery.states import OPEN

#: What each situation names lost until the claimant proves with it: kinds of means.
LOST_WITH: dict[str, frozenset[Kind]] = {
    "code_missing": frozenset(),
    "new_number": frozenset({Kind.SMS}),
    "lost_phone": frozenset({Kind.SMS, Kind.TOTP, Kind.PASSKEY}),
    "stolen_sim": frozenset({Kind.SMS}),
    "abroad": frozenset({Kind.SMS}),
    "nothing_left": frozenset({Kind.SMS, Kind.TOTP, Kind.PASSKEY}),
}


def by_reference(text: str) -> Case | None:
    """The case of that reference, however it is written. Its user is not loaded: a claim's page reads no account."""
    reference = parse(text)
    return Case.objects.prefetch_related("proofs").filter(reference=reference).first() if reference else None


def by_link(link: Link) -> Case | None:
    """The case that a resume link shows."""
    noun, _, reference = link.subject.partition(":")
    return by_reference(reference) if noun == "case" else None


def open_state(user: User) -> str:
    """The state of the account's open case; "" when there is none. Hung into accounts.registries."""
    return Case.objects.open().filter(user=user).values_list("state", flat=True).first() or ""


def exported(user: User) -> list[dict[str, Any]]:
    """What a person's copy of their data says of the recoveries of their account. Hung into accounts.registries."""
    cases = Case.objects.filter(user=user).exclude(suffices_at=None).prefetch_related("proofs").order_by("pk")
    return [
        {
            "reference": case.reference,
            "state": case.state,
            "situation": case.situation,
            "begun_at": case.created_at,
            "opened_at": case.suffices_at,
            "ready_at": case.ready_at,
            "ended_at": case.ended_at,
            "ended_why": case.ended_why,
            "browser": case.agent,
            "network": case.network,
            "proofs": [{"kind": row.kind, "shown_at": row.shown_at} for row in case.proofs.all()],
        }
        for case in cases
    ]


def shown(case: Case) -> tuple[Proof, ...]:
    """The proofs shown in it, as the policy names them."""
    return tuple(_proof(row) for row in case.proofs.all())


def _proof(row: CaseProof) -> Proof:
    return Proof(Kind(row.kind), row.means_id, row.shown_at, reset=row.reset)


def facts(case: Case, held: Holdings | None = None) -> Facts:
    """The account as the policy sees it in this case. Only for a resolved case of a known account."""
    held = held or accounts.holdings(case.owner)
    proofs = shown(case)
    found = accounts.facts_of(held, shown=proofs)
    lost = lost_ids(case, held, proofs)
    agents = (
        frozenset(str(key) for key in case.approvals.values_list("agent_id", flat=True)) if case.in_review_at else ()
    )
    others = Case.objects.open().filter(user=case.user_id).exclude(pk=case.pk).prefetch_related("proofs")
    other = others.first()
    videos = {row.means_id for row in case.proofs.all() if row.with_video}
    return replace(
        found,
        means=tuple(replace(one, with_video=True) if one.id in videos else one for one in found.means),
        case=policy.Case(
            state=case.state,
            opened_at=case.untold_at or case.suffices_at or found.now,
            lost=lost,
            addresses_that_proved=frozenset(proof.means_id for proof in proofs if proof.kind in ISSUED),
            notice_at=case.notice_at,
            has_other_address=case.untold_at is None,
            ready_at=case.ready_at,
            agents=frozenset(agents),
            approved=case.approved_at is not None,
            approved_at=case.approved_at,
            nothing_left=case.situation == "nothing_left",
        ),
        risks=found.risks | frozenset(case.risks),
        open_case=other is not None,
        open_case_two_custodies=other is not None and two_custodies(standing(shown(other), found), found),
    )


def lost_ids(case: Case, held: Holdings, proofs: Iterable[Proof]) -> frozenset[str]:
    """What the claimant named lost, by the situation and the number given; never what they proved with.

    Without a number that is the account's, every number counts as lost: a notice that only a dead or stolen SIM can
    receive must not start the clock (R5). With the phone go the passkeys that open on it; one of the computer or a key
    of its own stays, unless nothing is left.
    """
    proved = {proof.means_id for proof in proofs}
    kinds = LOST_WITH.get(case.situation, frozenset())
    named = {phone.means_id for phone in held.phones if case.lost_number and phone.number == case.lost_number}
    lost = set(named) if kinds else set()
    if Kind.SMS in kinds and not named:
        lost |= {phone.means_id for phone in held.phones}
    if Kind.TOTP in kinds:
        lost |= {totp.means_id for totp in held.totps}
    if Kind.PASSKEY in kinds:
        everywhere = case.situation == "nothing_left"
        lost |= {row.means_id for row in held.passkeys if everywhere or row.device == "phone" or row.backup_eligible}
    return frozenset(lost - proved)


def judge(given: Facts) -> Verdict:
    """May the claim become a case with what was shown (R4, R5, R12)?"""
    return may(OpenCase(), given)


def told_by(given: Facts, one: Best) -> frozenset[str]:
    """R5: the counting addresses that gave none of these proofs; the wait counts from the first of them told."""
    gave: set[str] = set()
    for proof in one.proofs:
        gave.add(proof.means_id)
        if proof.kind is Kind.PASSWORD and counts_as(proof, given) is Kind.EMAIL:
            gave |= {means.id for means in given.means if means.kind is Kind.EMAIL}
    return frozenset(means.id for means in counting(given) if means.kind in ISSUED and means.id not in gave)


def shorter(given: Facts) -> tuple[tuple[Kind, timedelta], ...]:
    """One further proof each that would shorten the wait, and to how much; the shortest first."""
    now = best(given.shown, given)
    if now is None or not now.wait:
        return ()
    used = {proof.means_id for proof in given.shown}
    found: dict[Kind, timedelta] = {}
    for means in counting(given):
        if means.id in used or means.kind in (Kind.IDENTITY, Kind.CONTACTS, Kind.PASSKEY):
            continue
        more = best((*given.shown, Proof(means.kind, means.id, given.now, reset=means.reset)), given)
        if more and more.wait < now.wait:
            found[means.kind] = min(more.wait, found.get(means.kind, more.wait))
    return tuple(sorted(found.items(), key=lambda item: (item[1], item[0])))


def letters(case: Case) -> list[OutboxMessage]:
    """Every message sent about the case, newest first."""
    return list(OutboxMessage.objects.filter(case_reference=case.reference).order_by("-created_at")[:60])


def another_open(case: Case) -> Case | None:
    """The other case that holds the account's slot, locked by the caller's transaction."""
    return (
        Case.objects.select_for_update().filter(user=case.user_id, state__in=OPEN).exclude(pk=case.pk).first()
        if case.user_id
        else None
    )


def with_at_hand(given: Facts, means_ids: Iterable[str]) -> Facts:
    """The same account, with these things not lost after all."""
    return replace(given, case=replace(given.case, lost=given.case.lost - frozenset(means_ids)) if given.case else None)
