"""Letters: rows (messages), who is told (recipients, notices), words (letters, loaders), the way out (transport)."""

from __future__ import annotations

from accounts.outbox.messages import Progress, enqueue, progress

__all__ = ["Progress", "enqueue", "progress"]
