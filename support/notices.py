"""Which of this floor's events are told to everybody (R9), and which only written down."""

from __future__ import annotations

from accounts.outbox import notices

notices.register(
    {},
    {
        # The person sends them and sees on the page how far each has come; what is on file is told (identity.added).
        "paper.received",
        "paper.checked",
        "paper.refused",
        "paper.destroyed",
        "identity.filed",
    },
)
