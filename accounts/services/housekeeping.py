"""What has served its time and proves nothing any more."""

from __future__ import annotations

from datetime import timedelta

from accounts import clock
from accounts.models import (
    Address,
    AddressRequest,
    Challenge,
    KnownBrowser,
    LimitCounter,
    Phone,
    SavedCodeSet,
    Session,
    Totp,
    UsedChallenge,
)
from accounts.services import closed, links

_DAY = timedelta(days=1)


def purge() -> int:
    """Delete expired codes, links, requests, counters, sessions, browsers, and what was begun but never confirmed.

    Letters refer to codes by id, so a code outlives its letter by a day; history and changes are kept.
    """
    now = clock.now()
    old = [
        Challenge.objects.filter(expires_at__lt=now - _DAY),
        AddressRequest.objects.filter(expires_at__lt=now - _DAY),
        LimitCounter.objects.filter(expires_at__lt=now - _DAY),
        UsedChallenge.objects.filter(expires_at__lt=now),
        Session.objects.filter(expire_date__lt=now),
        KnownBrowser.objects.filter(expires_at__lt=now),
        *(
            model.objects.filter(confirmed_at=None, added_by=None, bound_at__lt=now - _DAY)
            for model in (Address, Phone, Totp, SavedCodeSet)
        ),
    ]
    return closed.erase(now) + links.purge(now) + sum(rows.delete()[0] for rows in old)
