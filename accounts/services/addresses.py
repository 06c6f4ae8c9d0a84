"""Mail addresses: added, removed, chosen for signing in."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import IntegrityError, transaction

from accounts import clock, events
from accounts.context import ActorContext
from accounts.errors import Refused, Why
from accounts.models import Address, Challenge, Change, User, email_key
from accounts.services import challenges, changes, verify
from policy.deeds import AddAddress
from policy.facts import Session


@dataclass(frozen=True, slots=True)
class Bound:
    """An address that is now the account's, and the change that made it so."""

    address: Address
    change: Change | None


def begin(user: User, email: str, *, session: Session, ctx: ActorContext) -> Address | Refused:
    """A pending row with a code on its way. Whether another account has the address shows only to who reads its mail.

    Attack stopped: making an address one's own by typing it (pitfall P28: written before its code came back).
    """
    verdict = changes.ask(user, AddAddress(), session)
    if isinstance(verdict, Refused):
        return verdict
    key = email_key(email)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if Address.objects.standing().filter(user=user, key=key).exists():
            return Refused(Why.TAKEN)
        pending = Address.objects.pending().filter(user=user)
        pending.exclude(key=key).delete()
        address = pending.filter(key=key).first()
        address = address or Address.objects.create(user=user, email=email.strip(), key=key, bound_at=clock.now())
    sent = send_code(user, address, ctx)
    if isinstance(sent, Refused) and sent.detail != "sent_just_now":  # just now: that code is still good
        return sent
    return address


def send_code(user: User, address: Address, ctx: ActorContext) -> Challenge | Refused:
    """A code to the new address; a newer one replaces the older."""
    return challenges.issue(
        "confirm",
        scope(address),
        "mail",
        address.email,
        ctx=ctx,
        user=user,
        means_id=address.means_id,
        language=user.language,
        timezone=user.timezone,
    )


def confirm(
    user: User, address: Address, code: str, *, session: Session, keep: str | None, ctx: ActorContext
) -> Bound | Refused:
    """The code came back: the address is the account's, on probation until final (R7), and all others are told (R9).

    Other sessions end (pitfall P22).
    """
    verdict = changes.ask(user, AddAddress(), session)
    if isinstance(verdict, Refused):
        return verdict
    proof = verify.verify(
        user, "email", code, purpose="confirm", scope=scope(address), ctx=ctx, means_id=address.means_id
    )
    if isinstance(proof, Refused):
        return proof
    try:
        with transaction.atomic():
            owner = User.objects.select_for_update().get(pk=user.pk)
            row = Address.objects.pending().select_for_update().get(pk=address.pk, user=owner)
            change = changes.begin(owner, "address.added", verdict=verdict, ctx=ctx)
            row.confirmed_at, row.added_by = clock.now(), change
            row.save(update_fields=["confirmed_at", "added_by"])
            events.record("address.added", owner, ctx, change=change, means=row.means_id)
            changes.end_sessions(owner, keep=keep)
    except IntegrityError:  # one living account per confirmed address, decided by the database
        return Refused(Why.TAKEN, detail="elsewhere")
    user.refresh_from_db(fields=["session_epoch"])
    return Bound(row, change)


def remove(user: User, address: Address, *, session: Session, keep: str | None, ctx: ActorContext) -> Change | Refused:
    """Remove an address that is not the one signed in with. It is still told of everything for 30 days (R9)."""
    if address.key == user.email_key:
        return Refused(Why.STATE, detail="primary")
    return changes.remove_means(user, address, session=session, keep=keep, ctx=ctx)


def make_primary(
    user: User, address: Address, *, session: Session, keep: str | None, ctx: ActorContext
) -> Address | Refused:
    """Choose the address that names the account, one whose probation is over (R7). Every confirmed one signs in.

    A change like any other: told everywhere, and a "not me" gives the former one its place back (R9, R10).
    """
    verdict = changes.ask(user, AddAddress(), session)
    if isinstance(verdict, Refused):
        return verdict
    try:
        with transaction.atomic():
            owner = User.objects.select_for_update().get(pk=user.pk)
            row = Address.objects.usable().select_for_update().filter(pk=address.pk, user=owner).first()
            if row is not None and row.key == owner.email_key:
                return Refused(Why.STATE)
            if row is None or row.final_at(clock.now()) is not None:
                return Refused(Why.STATE, detail="probation")
            change = changes.begin(owner, "address.made_primary", verdict=verdict, ctx=ctx)
            change.former_address = Address.objects.standing().filter(user=owner, key=owner.email_key).first()
            change.save(update_fields=["former_address"])
            User.objects.filter(pk=owner.pk).update(email=row.email, email_key=row.key)
            events.record("address.made_primary", owner, ctx, change=change, means=row.means_id)
            changes.end_sessions(owner, keep=keep)
    except IntegrityError:  # another account still goes by it
        return Refused(Why.TAKEN, detail="elsewhere")
    user.refresh_from_db(fields=["email", "email_key", "session_epoch"])
    return row


def scope(address: Address) -> str:
    """The request a code belongs to: a code for one address never confirms another (ASVS 6.6.2)."""
    return f"confirm:{address.means_id}"
