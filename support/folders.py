"""A folder: the papers of one account that files them, or of one claim. It reads no account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from accounts import clock
from accounts.models import User
from recovery.models import Case
from support.models import SIDES, Document, Paper, Review


@dataclass(frozen=True, slots=True)
class Folder:
    """Whose papers. A claim's page reads the same rows in the same way whether the claim has an account or not."""

    purpose: str
    owner: User | None = None
    case: Case | None = None

    @property
    def mine(self) -> dict[str, Any]:
        """What its rows have in common."""
        if self.case is not None:
            return {"purpose": self.purpose, "case_reference": self.case.reference}
        return {"purpose": self.purpose, "user": self.owner}

    def rows(self) -> QuerySet[Paper]:
        """What is there now."""
        return Paper.objects.filter(**self.mine, destroyed_at=None).order_by("received_at")

    def shown(self) -> Shown:
        """The newest of every side; a refused one stays to be seen until another takes its place."""
        found = Paper.objects.filter(Q(destroyed_at=None) | Q(state=Paper.State.REFUSED), **self.mine)
        newest: dict[tuple[str, str], Paper] = {}
        for row in found.filter(destroyed_why__in=("", "refused")).order_by("received_at"):
            newest[row.document, row.side] = row
        video = newest.pop((Document.VIDEO, ""), None)
        last = max(newest.values(), key=lambda row: row.received_at, default=None)
        document = last.document if last else ""
        return Shown(document, {side: row for (kind, side), row in newest.items() if kind == document}, video)

    def review(self) -> Review | None:
        """What people are deciding about it."""
        if self.case is not None:
            found = Review.objects.filter(what=Review.What.RECOVERY, case_reference=self.case.reference)
        else:
            found = Review.objects.filter(what=Review.What.FILING, user=self.owner)
        return found.order_by("-queued_at").first()

    def is_open(self, review: Review | None) -> bool:
        """May something be put in now? Not while people look at it, unless they asked for it again."""
        if review is not None and review.decided_at is None:
            return review.asked_again_at is not None
        return self.case is None or (self.case.is_claim and not self.case.is_over(clock.now()))

    def refused_unseen(self) -> bool:
        """Did the last papers of this claim open nothing? Then they are gone, and nothing new has come."""
        last = Paper.objects.filter(**self.mine).exclude(destroyed_why="replaced").order_by("-received_at").first()
        return last is not None and last.destroyed_why == "unseen"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a folder holds: one kind of document, side by side, and the video."""

    document: str
    sides: dict[str, Paper]
    video: Paper | None

    @property
    def missing(self) -> list[str]:
        """The sides that are still to come: not sent yet, or refused."""
        wanted = SIDES.get(self.document, ())
        return [side for side in wanted if side not in self.sides or self.sides[side].state == Paper.State.REFUSED]

    @property
    def papers(self) -> list[Paper]:
        """In the order of the sides."""
        return [self.sides[side] for side in SIDES.get(self.document, ()) if side in self.sides]

    @property
    def complete(self) -> bool:
        """All sides are there and were drawn anew."""
        return bool(self.document) and not self.missing and all(_checked(row) for row in self.papers)

    @property
    def waiting(self) -> bool:
        """Is a worker about to look at one of them?"""
        rows = [*self.papers, *([self.video] if self.video else [])]
        return any(row.state == Paper.State.RECEIVED for row in rows)

    @property
    def filmed(self) -> bool:
        """Is the video there, without which papers carry no recovery (R4)?"""
        return _checked(self.video)

    @property
    def sent(self) -> bool:
        """Did the person look at all of it and send it?"""
        return self.complete and all(row.sent_at for row in self.papers)


def _checked(row: Paper | None) -> bool:
    return row is not None and row.state == Paper.State.CHECKED


def of_claim(case: Case) -> Folder:
    """The papers of a recovery."""
    return Folder(Paper.Purpose.RECOVERY, case=case)


def of_account(user: User) -> Folder:
    """The papers that a signed-in person puts on file."""
    return Folder(Paper.Purpose.FILE, owner=user)


def of_paper(paper: Paper) -> Folder | None:
    """The folder a paper lies in; None when its case or account is gone."""
    if paper.purpose == Paper.Purpose.FILE:
        return of_account(paper.user) if paper.user else None
    case = Case.objects.filter(reference=paper.case_reference).first()
    return of_claim(case) if case else None


def place(review: Review) -> int:
    """Its place in the queue, from 1: what waits longer is looked at first."""
    return Review.objects.waiting().filter(asked_again_at=None, queued_at__lt=review.queued_at).count() + 1
