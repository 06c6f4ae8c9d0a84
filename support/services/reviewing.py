"""From papers to people: what is complete enters the queue; what opens nothing is destroyed unseen (product §6, §7)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts import clock, events
from accounts.context import ActorContext, system
from accounts.models import User
from policy.rules import RULES
from recovery.models import Case
from recovery.services import review as recovery
from recovery.states import State
from support import folders
from support.folders import Folder, Shown
from support.models import Paper, Review
from support.services import papers

_BATCH = 50


def resolve(paper_id: str) -> None:
    """Hand the folder of this paper to people, if it is complete: the only place that asks whose a claim is."""
    paper = Paper.objects.select_related("user").filter(pk=paper_id).first()
    folder = folders.of_paper(paper) if paper else None
    if folder is None:
        return
    shown = folder.shown()
    if not shown.sent or (folder.case is not None and not shown.filmed):
        return
    if folder.case is None:
        _file(folder, shown)
    elif folder.case.resolved_at is not None:
        _submit(folder.case, folder, shown)


def _file(folder: Folder, shown: Shown) -> None:
    """Papers from a session: people look before anything is on file."""
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=folder.owner.pk if folder.owner else 0)
        if not _hand(shown, user):
            return
        review = Review.objects.waiting().filter(user=user, what=Review.What.FILING).first()
        if review is None:
            _queue(user, Review.What.FILING, needs=1)
            events.record("identity.filed", user, system("evidence"))
        else:
            _answered(review)


def _submit(case: Case, folder: Folder, shown: Shown) -> None:
    """Papers of a claim: people look where they could open something, and nobody where they cannot.

    Attacks stopped: asking by papers who has an account (ASVS 6.3.8), and papers that lie before people for nothing.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().filter(pk=case.user_id or 0).first()
        review = Review.objects.waiting().filter(case_reference=case.reference).first()
        taken = review is not None or recovery.submit(case, _claimant(case), with_video=True)
        if taken and user is not None and _hand(shown, user):
            if review is None:
                _queue(user, Review.What.RECOVERY, needs=recovery.needed(case), reference=case.reference)
            else:
                _answered(review)
    if not taken:
        for paper in folder.rows():
            papers.destroy(paper, "unseen")


def _hand(shown: Shown, user: User) -> int:
    """These papers are people's to see from now on, and kept until they have decided."""
    now = clock.now()
    keys = [row.pk for row in (*shown.papers, shown.video) if row is not None]
    return Paper.objects.filter(pk__in=keys, handed_at=None, destroyed_at=None).update(
        user=user, handed_at=now, destroy_at=now + RULES.papers_undecided_kept
    )


def _queue(user: User, what: str, *, needs: int, reference: str = "") -> None:
    now = clock.now()
    promised = now + RULES.first_look_promised
    Review.objects.create(
        what=what, user=user, case_reference=reference, queued_at=now, promised_at=promised, needs=needs
    )


def _answered(review: Review) -> None:
    """What people asked for again is there; the place in the queue stays."""
    Review.objects.filter(pk=review.pk).update(asked_again_at=None)


def _claimant(case: Case) -> ActorContext:
    return ActorContext("claimant", network=case.network, agent=case.agent, language=case.language)


def sweep(now: datetime) -> int:
    """Hand on what the bell missed; queue what went back to people; close what ended by itself."""
    sent = Paper.objects.filter(handed_at=None, destroyed_at=None, state=Paper.State.CHECKED, sent_at__isnull=False)
    keys = list(sent.order_by("sent_at").values_list("pk", flat=True)[:_BATCH])
    for key in keys:
        resolve(str(key))
    return len(keys) + _given_back() + _ended(now)


def _given_back() -> int:
    """A case in review that is in no queue: it went back to people after they had agreed (R15)."""
    queued = Review.objects.waiting().values("case_reference")
    found = list(Case.objects.filter(state=State.IN_REVIEW).exclude(reference__in=queued).order_by("pk")[:_BATCH])
    for case in found:
        with transaction.atomic():
            owner = User.objects.select_for_update().get(pk=case.owner.pk)
            if not Review.objects.waiting().filter(case_reference=case.reference).exists():
                _queue(owner, Review.What.RECOVERY, needs=recovery.needed(case), reference=case.reference)
    return len(found)


def _ended(now: datetime) -> int:
    """A case that ended while people had it: nothing is left to decide, and its papers go when they are due."""
    there = Case.objects.filter(state=State.IN_REVIEW).values("reference")
    found = Review.objects.waiting().filter(what=Review.What.RECOVERY).exclude(case_reference__in=there)
    keys = list(found.values_list("pk", "case_reference")[:_BATCH])
    for key, reference in keys:
        if Review.objects.waiting().filter(pk=key).update(decided_at=now, outcome=Review.Outcome.CLOSED):
            papers.keep_until(Paper.objects.filter(case_reference=reference), now + RULES.papers_kept)
    return len(keys)
