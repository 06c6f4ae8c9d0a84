"""Which event is told to whom: every event type is in NOTICES or in SILENT (tested as set equality)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from accounts.models import Change, Link, OutboxMessage, SecurityEvent, User
from accounts.outbox import links, messages
from accounts.outbox.recipients import Recipient, notification_addresses
from policy.rules import RULES


@dataclass(frozen=True, slots=True)
class Notice:
    """A letter (template `letters/<letter>.html`) for an event. It goes to all notification addresses (R9)."""

    letter: str
    not_me: bool = True  # carries the "this was not me" link (mail) or stop code (SMS)
    sms: bool = True  # short enough and grave enough for SMS as well
    once_per: timedelta | None = None  # what strangers can cause is told at most once in this time


NOTICES: dict[str, Notice] = {}
SILENT: set[str] = set()


def register(notices: dict[str, Notice], silent: set[str]) -> None:
    """Add the event types of one app; a type named twice is a mistake."""
    if twice := (notices.keys() | silent) & (NOTICES.keys() | SILENT) | (notices.keys() & silent):
        raise ValueError(f"event types named twice: {sorted(twice)}")
    NOTICES.update(notices)
    SILENT.update(silent)


def announce(event: SecurityEvent, user: User, *, change: Change | None, case_reference: str) -> list[OutboxMessage]:
    """Enqueue the event's letter to every notification address, in the same transaction; nobody can switch it off (R9).

    Raises LookupError for a type that is neither told nor named silent: forgetting is not a way to be silent.
    """
    notice = NOTICES.get(event.type)
    if notice is None:
        if event.type not in SILENT:
            raise LookupError(f"{event.type}: neither in NOTICES nor in SILENT (accounts/outbox/catalogue.py)")
        return []
    told = [one for one in notification_addresses(user) if one.channel == "mail" or notice.sms]
    if notice.once_per:
        told = _not_told_yet(told, event, notice)
    stops = [_stop(event, user, one, change, case_reference) if notice.not_me and one.has_say else None for one in told]
    Link.objects.bulk_create([stop for stop in stops if stop])
    rows = [
        messages.draft(
            notice.letter,
            user=user,
            channel=one.channel,
            to=one.to,
            language=one.language,
            timezone=one.timezone,
            data={"event": event.pk} | ({"link": str(stop.pk)} if stop else {}),
            dedupe=_dedupe(event, notice, one),
            change=change,
            case_reference=case_reference,
        )
        for one, stop in zip(told, stops, strict=True)
    ]
    return messages.post(rows)


def _dedupe(event: SecurityEvent, notice: Notice, one: Recipient) -> str:
    """One letter per event and address; of what strangers can cause, one per address and time."""
    if notice.once_per is None:
        return f"event:{event.pk}:{one.means_id}"
    window = int(event.at.timestamp() // notice.once_per.total_seconds())
    return f"{event.type}:{event.user_id}:{window}:{one.means_id}"


def _not_told_yet(told: list[Recipient], event: SecurityEvent, notice: Notice) -> list[Recipient]:
    keys = [_dedupe(event, notice, one) for one in told]
    known = set(OutboxMessage.objects.filter(dedupe__in=keys).values_list("dedupe", flat=True))
    return [one for one, key in zip(told, keys, strict=True) if key not in known]


def _stop(event: SecurityEvent, user: User, one: Recipient, change: Change | None, case_reference: str) -> Link:
    """The address's own way to say "not me": what it stops is the change, the case or the event itself."""
    if change is not None:
        subject = f"change:{change.pk}"
    else:
        subject = f"case:{case_reference}" if case_reference else f"event:{event.pk}"
    return links.draft("not_me", user=user, subject=subject, to=one.to, life=RULES.not_me_link_life)
