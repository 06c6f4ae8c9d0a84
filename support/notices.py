"""Which of this floor's events are told to everybody (R9), and which only written down."""

from __future__ import annotations

from accounts.outbox import notices
from accounts.outbox.notices import Notice

notices.register(
    {
        # In a recovery the claimant is told by the case page too; whoever files papers from a session, by letter.
        "review.asked_again": Notice("review/asked_again", not_me=False, sms=False),
        "review.denied": Notice("review/denied", not_me=False, sms=False),
    },
    {
        # Whatever an agent does with papers stands in the history of the person; decisions are told (case.*).
        "review.taken",
        "review.released",
        "review.opened",
        "review.agreed",
        "review.handed_on",
        "paper.opened",
        # The person sends them and sees on the page how far each has come; what is on file is told (identity.added).
        "paper.received",
        "paper.checked",
        "paper.refused",
        "paper.destroyed",
        "identity.filed",
    },
)
