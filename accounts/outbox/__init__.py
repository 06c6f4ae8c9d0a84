"""Letters: rows (messages), who is told (recipients, notices), words (letters, loaders), the way out (transport)."""

from __future__ import annotations

from accounts.outbox.messages import enqueue, letter_state

__all__ = ["enqueue", "letter_state"]
