"""Which event is told to whom: every event type is in NOTICES or in SILENT (tested as set equality)."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Change, SecurityEvent, User


@dataclass(frozen=True, slots=True)
class Notice:
    """A letter (template `letters/<letter>.html`) for an event. It goes to all notification addresses (R9)."""

    letter: str
    not_me: bool = True  # carries the "this was not me" link (mail) or stop code (SMS)
    sms: bool = True  # short enough and grave enough for SMS as well


NOTICES: dict[str, Notice] = {}
SILENT: set[str] = set()


def register(notices: dict[str, Notice], silent: set[str]) -> None:
    """Add the event types of one app; a type named twice is a mistake."""
    if twice := (notices.keys() | silent) & (NOTICES.keys() | SILENT):
        raise ValueError(f"event types named twice: {sorted(twice)}")
    NOTICES.update(notices)
    SILENT.update(silent)


def announce(event: SecurityEvent, user: User, *, change: Change | None, case_reference: str) -> None:
    """Enqueue the event's letter to every notification address, in the same transaction."""
