"""What people look at first: papers, and what is unusual. Agreed to or refused, and only then the wait (R15, R17)."""

from __future__ import annotations

from django.db import transaction

from accounts import clock
from accounts.context import ActorContext
from accounts.errors import Refused, Why
from accounts.models import Identity, User
from policy.case_rules import if_approved
from policy.deeds import Approve, OpenCase, Verdict, may
from policy.facts import Kind
from recovery import selectors
from recovery.models import Case, CaseApproval, CaseProof
from recovery.services import cases, holds, transition


def submit(case: Case, ctx: ActorContext, *, with_video: bool) -> bool:
    """The claimant's papers are in: they are shown, and if they would suffice, people look first (R15).

    False when they open nothing: no identity on file to compare with (SP 800-63B-4 §4.2.2.1), or not enough beside
    them. Nobody is told of that here: the page says the same to everybody.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().filter(pk=case.user_id or 0).first()
        row = Case.objects.select_for_update().get(pk=case.pk)
        identity = _on_file(user) if user else None
        if identity is None or not row.is_claim or row.is_over(clock.now()):
            return False
        proof, _ = CaseProof.objects.update_or_create(
            case=row,
            means_id=identity.means_id,
            defaults={"kind": Kind.IDENTITY.value, "with_video": with_video, "shown_at": clock.now()},
        )
        verdict = may(OpenCase(), if_approved(selectors.facts(row)))
        if not verdict.sufficient:
            proof.delete()  # the page of a claim shows what was proved, and must not tell what is on file
            return False
        if verdict.has("ends_weaker_case"):
            cases.overtake(row, ctx)
        moved = hand_over(row, verdict, ctx)
    case.refresh_from_db()
    return moved


def hand_over(case: Case, verdict: Verdict, ctx: ActorContext) -> bool:
    """Enough was shown, and people look first (R15, R17). In the caller's transaction.

    Attack stopped: what looks like a theft, or was stopped before, going through while nobody looks.
    """
    now = clock.now()
    return transition.move(case, "submit", ctx, suffices_at=now, in_review_at=now, wait=verdict.wait)


def _on_file(user: User) -> Identity | None:
    """What was on file first: one that replaces it is on probation, and the older one counts until that is over."""
    return Identity.objects.standing().filter(user=user, lost_at=None).order_by("pk").first()


def needed(case: Case) -> int:
    """How many agents have to agree: never fewer than two, who are different people (R15; ASVS 2.3.5)."""
    return max(2, may(OpenCase(), selectors.facts(case)).reviewers)


def approve(case: Case, agent: User, ctx: ActorContext) -> bool | Refused:
    """One agent agrees. True when that was the last one needed: the case then goes on hold, never straight through.

    Attacks stopped: one rogue agent who stands for two, an agent in his own case, and two who press at one instant and
    both believe to have decided (ASVS 2.3.3, 2.3.5). The database repeats "each agent once".
    """
    with transaction.atomic():
        User.objects.select_for_update().get(pk=case.owner.pk)
        row = Case.objects.select_for_update().get(pk=case.pk)
        if agent.pk == row.user_id:
            return Refused(Why.STATE, detail="own_case")
        verdict = may(Approve(str(agent.pk)), selectors.facts(row))
        if not verdict.allowed:
            return Refused(Why.POLICY, verdict=verdict)
        wanted = needed(row)
        CaseApproval.objects.create(case=row, agent=agent, at=clock.now())
        if CaseApproval.objects.filter(case=row).count() < wanted:
            return False
        _on_hold(row, ctx)
    case.refresh_from_db()
    return True


def _on_hold(row: Case, ctx: ActorContext) -> None:
    row.approved_at = clock.now()
    row.save(update_fields=["approved_at"])
    given = selectors.facts(row)
    verdict = may(OpenCase(), given)
    if not verdict.sufficient:
        raise RuntimeError(f"they agreed, and this is {verdict.outcome}")
    transition.move(row, "approve", ctx, **holds.columns(row, given))
    holds.settle_notice(row.reference)


def begin_anew(case: Case) -> None:
    """Other papers were asked for: who agreed, agreed to the ones before. In the caller's transaction."""
    CaseApproval.objects.filter(case=case).delete()


def deny(case: Case, ctx: ActorContext) -> bool:
    """People refuse it: nothing was bound, and the owner is told."""
    return transition.move(case, "deny", ctx, "denied")


def give_back(case: Case, ctx: ActorContext, reason: str) -> bool:
    """Somebody signed in while a case said that nothing is left: people look again (R15). Approvals begin anew."""
    with transaction.atomic():
        row = Case.objects.select_for_update().get(pk=case.pk)
        if not transition.move(row, "give_back", ctx, reason, approved_at=None, in_review_at=clock.now(),
                               ready_at=None, halfway_at=None, notice_at=None):  # fmt: skip
            return False
        CaseApproval.objects.filter(case=row).delete()
    case.refresh_from_db()
    return True
