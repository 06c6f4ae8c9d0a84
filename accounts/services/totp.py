"""Authenticator apps: begin, confirm, name, back up."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts import clock, events, normalise
from accounts.context import ActorContext
from accounts.errors import Refused, Why
from accounts.models import Totp, User
from accounts.services import binding, changes, verify
from policy.deeds import BindAuthenticator
from policy.facts import Kind, Session

#: RFC 4226 §4 R6 recommends 160 bits.
SEED_BYTES = 20
#: A begun app is offered again with the same seed for this long: an error or a reload never changes the QR (P19).
PENDING_LIFE = timedelta(minutes=30)
DEED = BindAuthenticator(Kind.TOTP)


def pending(user: User) -> Totp | None:
    """The app that was begun and not confirmed yet, if it is young enough to go on with."""
    return Totp.objects.pending().filter(user=user, bound_at__gt=clock.now() - PENDING_LIFE).order_by("-pk").first()


def begin(user: User, *, session: Session) -> Totp | Refused:
    """A row with a fresh sealed seed, or the young one begun before. The seed is never in the session (pitfall P9)."""
    verdict = changes.ask(user, DEED, session)
    if isinstance(verdict, Refused):
        return verdict
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if row := pending(user):
            return row
        Totp.objects.pending().filter(user=user).delete()
        row = Totp.objects.create(user=user, bound_at=clock.now())
        row.set_seed(secrets.token_bytes(SEED_BYTES))
        row.save(update_fields=["seed_sealed"])
    return row


def confirm(
    user: User, code: str, name: str, *, session: Session, keep: str | None, ctx: ActorContext
) -> Totp | Refused:
    """Bind the begun app when it shows the right code.

    `verify` stores the code's time step as the last one used, so the code of the enrolment opens nothing afterwards
    (pitfall P3: replay of a code seen over the shoulder).
    """
    row = pending(user)
    if row is None:
        return Refused(Why.STATE)
    verdict = changes.ask(user, DEED, session)
    if isinstance(verdict, Refused):
        return verdict
    scope = f"confirm:{row.means_id}"
    proof = verify.verify(user, "totp", code, purpose="confirm", scope=scope, ctx=ctx, means_id=row.means_id)
    if isinstance(proof, Refused):
        return proof
    with transaction.atomic():
        owner = User.objects.select_for_update().get(pk=user.pk)
        row = Totp.objects.pending().select_for_update().filter(pk=row.pk).first()
        if row is None:
            return Refused(Why.STATE)
        row.name = normalise.person_name(name)[:64]
        row.save(update_fields=["name"])
        User.objects.filter(pk=owner.pk).update(ever_had_factor=True)
        binding.bind(owner, row, "totp.added", verdict, ctx, keep=keep)
    user.refresh_from_db()
    return row


def owned(user: User, pk: int) -> Totp | None:
    """The person's own standing app of that number; somebody else's does not exist."""
    return Totp.objects.standing().filter(user=user, pk=pk).select_related("added_by", "suspended_by").first()


def rename(user: User, pk: int, name: str, *, ctx: ActorContext) -> bool:
    """Give an app another name; it changes nothing else, so it needs no step-up."""
    short = normalise.person_name(name)[:64]
    with transaction.atomic():
        renamed = Totp.objects.standing().filter(user=user, pk=pk).update(name=short)
        if renamed:
            events.record("totp.renamed", user, ctx, means=f"totp:{pk}")
    return bool(renamed)


def backed_up(user: User, pk: int) -> bool:
    """Note that the app was backed up or moved today, in the person's own time zone."""
    today = timezone.localtime(clock.now()).date()
    return bool(Totp.objects.standing().filter(user=user, pk=pk).update(backed_up_on=today))


def moved(user: User, pk: int, *, copied: bool, ctx: ActorContext) -> bool:
    """Note that the app is on a new phone now, for later reminders. It changes nothing, so it needs no step-up."""
    with transaction.atomic():
        mine = Totp.objects.standing().filter(user=user, pk=pk).exists()
        if mine:
            events.record("device.replaced", user, ctx, means=f"totp:{pk}", copied=copied)
    return mine and (not copied or backed_up(user, pk))


def real_time() -> datetime:
    """What a phone's clock should show: the machine's time, which no journey of the portal's clock moves."""
    return datetime.fromtimestamp(time.time(), UTC)
