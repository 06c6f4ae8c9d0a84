"""Who is told: every address of an account, those removed lately included (R9)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts import clock
from accounts.models import Address, Means, Phone, User
from policy.rules import RULES

_UNDONE = Q(added_by__undone_at__isnull=False)


@dataclass(frozen=True, slots=True)
class Recipient:
    """One notification address. `has_say`: its letters carry a link or stop code; on probation they do not (R7)."""

    channel: str  # mail | sms
    to: str
    means_id: str
    language: str
    timezone: str
    has_say: bool = True


def notification_addresses(user: User) -> list[Recipient]:
    """All mail addresses and numbers told of a change: standing, suspended, lost, or removed in the last 30 days.

    Attack stopped: a thief who removes an address first and works unseen afterwards (R9; NIST SP 800-63B-4 §4.6). An
    address whose addition was undone never was the owner's and is told nothing.
    """
    mails = Address.objects.filter(_told(user)).exclude(_UNDONE).select_related("added_by")
    phones = told_numbers(user).select_related("added_by")
    found: dict[tuple[str, str], Recipient] = {}
    for means in [*mails.order_by("pk"), *phones.order_by("pk")]:
        one = _recipient(means, user)
        key = (one.channel, means.key if isinstance(means, Address) else one.to)
        if key not in found or (one.has_say and not found[key].has_say):
            found[key] = one
    return list(found.values())


def told_numbers(user: User) -> QuerySet[Phone]:
    """The numbers we write to: not those whose holder said "stop writing to me" (R9)."""
    return Phone.objects.filter(_told(user), stopped_at=None).exclude(_UNDONE)


def _told(user: User) -> Q:
    since = clock.now() - RULES.removed_address_told_for
    return Q(user=user, confirmed_at__isnull=False) & (Q(revoked_at=None) | Q(revoked_at__gt=since))


def _recipient(means: Means, user: User) -> Recipient:
    return Recipient(
        channel="mail" if isinstance(means, Address) else "sms",
        to=means.email if isinstance(means, Address) else means.number,  # type: ignore[attr-defined]
        means_id=means.means_id,
        language=user.language,
        timezone=user.timezone,
        has_say=means.final_at(clock.now()) is None,
    )
