"""The portal's one clock: every rule, wait and reminder asks it; authenticator codes never do.

With DEBUG, `manage.py travel 72h` writes an offset that all processes read, so a wait can be lived through in a minute.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.conf import settings


def now() -> datetime:
    """The present moment in UTC, moved by the travel offset when DEBUG is on."""
    return datetime.now(UTC) + offset()


def offset() -> timedelta:
    """How far the clock was moved. Always zero without DEBUG."""
    if not settings.DEBUG:
        return timedelta()
    try:
        return timedelta(seconds=float(settings.CLOCK_FILE.read_text(encoding="ascii")))
    except (FileNotFoundError, ValueError):
        return timedelta()


def travel(by: timedelta | None) -> timedelta:
    """Move the clock further by `by` (None returns to the present) and return the new offset. DEBUG only."""
    if not settings.DEBUG:
        raise RuntimeError("The clock is moved only with DEBUG.")
    total = timedelta() if by is None else offset() + by
    settings.CLOCK_FILE.write_text(str(total.total_seconds()), encoding="ascii")
    return total
