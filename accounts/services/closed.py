"""The end of an account: what is left when its closing is final, and what is erased a month later (R6, R9)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django_otp_webauthn.models import WebAuthnUserHandle

from accounts import events, registries
from accounts.context import system
from accounts.models import Change, KnownBrowser, Link, Means, OutboxMessage, PasswordReset, PayoutAddress, User
from policy.rules import RULES

_BATCH = 50


def finish(user: User, change: Change, now: datetime) -> None:
    """Nobody signs in to it any more, and its address may name a new account. In the transaction of the change.

    A "not me" within its reach still takes it back (R10), so what was bound is revoked and not yet erased.
    """
    user.is_active, user.closed_at, user.email_key = False, now, f"closed:{user.subject}"
    user.save(update_fields=["is_active", "closed_at", "email_key"])
    events.record("account.closed", user, system("sweep"), change=change)


def erase(now: datetime) -> int:
    """Forget who a closed account's person was, once its addresses need no more letters (R9). History stays.

    The rows of history name means by number, and browsers and networks coarsely; none names a person.
    """
    ripe = User.objects.filter(closed_at__lte=now - RULES.removed_address_told_for, erased_at=None)
    keys = list(ripe.order_by("closed_at").values_list("pk", flat=True)[:_BATCH])
    return sum(_erase(key, now) for key in keys)


def _erase(key: int, now: datetime) -> int:
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=key)
        if user.closed_at is None or user.erased_at is not None:
            return 0
        for model in Means.__subclasses__():
            if model is not PayoutAddress:  # withdrawals, which are history, point to it
                model._default_manager.filter(user=user).delete()
        PayoutAddress.objects.filter(user=user).update(name="", address="")
        WebAuthnUserHandle.objects.filter(user=user).delete()
        PasswordReset.objects.filter(user=user).update(previous_hash="")
        KnownBrowser.objects.filter(user=user).delete()
        OutboxMessage.objects.filter(user=user).update(to="")
        Link.objects.filter(user=user).update(to="")
        for forget in registries.ERASERS:
            forget(user)
        user.email, user.name, user.erased_at = "", "", now
        user.set_unusable_password()
        user.save(update_fields=["email", "name", "password", "erased_at"])
    return 1
