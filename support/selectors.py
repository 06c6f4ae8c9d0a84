"""What people on this floor may read of an account, as values."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from support import folders
from support.models import Paper, Review


def papers(user: User) -> list[dict[str, Any]]:
    """For the copy of one's data: every paper that was sent, and when it was or will be destroyed."""
    names = ("document", "side", "purpose", "state", "received_at", "destroy_at", "destroyed_at", "destroyed_digest")
    rows = Paper.objects.filter(user=user).order_by("received_at")
    return [{"id": str(row.pk), **{name: getattr(row, name) for name in names}} for row in rows]


def in_queue(reference: str) -> dict[str, Any]:
    """How the papers of a case stand with people. Hung into accounts.registries."""
    review = Review.objects.waiting().filter(case_reference=reference).first()
    if review is None:
        return {}
    names = ("queued_at", "promised_at", "first_look_at", "asked_again_at")
    return {name: getattr(review, name) for name in names} | {"place": folders.place(review)}


def reviews(user: User) -> list[dict[str, Any]]:
    """For the copy of one's data: what people decided about it. Agents are not named."""
    rows = Review.objects.filter(user=user).prefetch_related("decisions").order_by("queued_at")
    return [
        {
            "what": row.what,
            "case": row.case_reference,
            "queued_at": row.queued_at,
            "decided_at": row.decided_at,
            "outcome": row.outcome,
            "decisions": [{"what": one.what, "reason": one.reason, "at": one.at} for one in row.decisions.all()],
        }
        for row in rows
    ]
