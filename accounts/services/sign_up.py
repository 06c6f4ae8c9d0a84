"""Signing up: an address that answers, a password, an account. Known and unknown addresses look alike all the way.

Attack stopped: learning who has an account here (ASVS 6.3.8). The page writes a row; only a worker looks at the user
table, and what it found is told to the mailbox alone.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounts import bell, clock, events, normalise, outbox, throttling
from accounts.context import ActorContext
from accounts.errors import Refused, Why
from accounts.models import Address, AddressRequest, User, email_key
from accounts.services import challenges, passwords
from policy.rules import RULES

KIND = "sign_up"
#: From the first page to the password; each code in between has its own, shorter life.
REQUEST_LIFE = timedelta(hours=1)
CODE_LIFE, COOLDOWN = RULES.email_code_life, RULES.sms_cooldown


@dataclass(frozen=True, slots=True)
class Joined:
    """The new account and its confirmed address."""

    user: User
    address: Address


def ask(email: str, *, ctx: ActorContext) -> AddressRequest | Refused:
    """Note that somebody wants an account for this address, and ring for the worker that looks."""
    refused = _charge(ctx)
    if refused is not None:
        return refused
    now = clock.now()
    with transaction.atomic():
        row = AddressRequest.objects.create(
            kind=KIND,
            email=email.strip(),
            key=email_key(email),
            language=ctx.language,
            timezone=timezone.get_current_timezone_name(),
            network=ctx.network,
            created_at=now,
            expires_at=now + REQUEST_LIFE,
        )
        bell.ring("accounts.resolve_request", str(row.pk))
    return row


def ask_again(request_id: str, *, ctx: ActorContext) -> AddressRequest | Refused:
    """Send once more, at most once a minute. `created_at` moves: it says when the newest code was asked for."""
    row = find(request_id)
    if row is None or row.confirmed_at:
        return Refused(Why.STATE)
    now = clock.now()
    if now < row.created_at + COOLDOWN:
        return Refused(Why.THROTTLED, until=row.created_at + COOLDOWN)
    refused = _charge(ctx)
    if refused is not None:
        return refused
    with transaction.atomic():
        mine = AddressRequest.objects.filter(pk=row.pk, created_at=row.created_at)
        if mine.update(created_at=now, resolved_at=None, attempts=F("attempts") + 1):
            bell.ring("accounts.resolve_request", str(row.pk))
    row.refresh_from_db()
    return row


def find(request_id: str) -> AddressRequest | None:
    """The open request this browser holds."""
    try:
        key = uuid.UUID(request_id)
    except ValueError:
        return None
    return AddressRequest.objects.filter(pk=key, kind=KIND, closed_at=None, expires_at__gt=clock.now()).first()


def resolve(request_id: str) -> None:
    """The worker's look: an unknown address gets a code, a known one a letter that says so. Exactly once per asking."""
    now = clock.now()
    with transaction.atomic():
        row = AddressRequest.objects.select_for_update().filter(pk=request_id, kind=KIND, resolved_at=None).first()
        if row is None:
            return
        row.resolved_at = now
        row.save(update_fields=["resolved_at"])
        if row.expires_at <= now or row.closed_at or row.confirmed_at:
            return
        if _known(row.key):
            _tell_known(row)
        else:
            ctx = ActorContext("system:sign_up", network=row.network, language=row.language)
            challenges.issue(
                KIND,
                _scope(row),
                "mail",
                row.email,
                ctx=ctx,
                language=row.language,
                timezone=row.timezone,
                life=CODE_LIFE,
            )


def check_code(request_id: str, typed: str, *, ctx: ActorContext) -> AddressRequest | Refused:
    """Confirm the address by the code sent to it. Every wrong code gets the same answer, so none tells who is known."""
    row = find(request_id)
    if row is None:
        return Refused(Why.STATE)
    if row.confirmed_at:
        return row
    plain = normalise.code(typed)
    if len(plain) != RULES.email_code_digits or not (plain.isascii() and plain.isdecimal()):
        return Refused(Why.SHAPE, detail=_shape(plain))
    if clock.now() >= row.created_at + CODE_LIFE:
        return Refused(Why.EXPIRED)
    charge = throttling.charge(("confirm.account", _scope(row)), ("confirm.network", ctx.network))
    if not charge:
        return Refused(Why.THROTTLED, until=charge.until)
    found = challenges.check(_scope(row), plain, ctx=ctx)
    if isinstance(found, Refused):  # says more than "wrong" only to whoever typed a code that was once right
        return found
    charge.refund()
    row.confirmed_at = clock.now()
    AddressRequest.objects.filter(pk=row.pk, confirmed_at=None).update(confirmed_at=row.confirmed_at)
    return row


def create(request_id: str, *, name: str, password: str, ctx: ActorContext) -> Joined | Refused:
    """Make the account of a confirmed request, once, whoever else tries at the same moment."""
    row = find(request_id)
    if row is None or row.confirmed_at is None:
        return Refused(Why.STATE)
    if faults := passwords.problems(password, user=None, email=row.email, name=name, with_factor=False):
        return Refused(Why.UNFIT, detail="\n".join(faults))
    try:
        with transaction.atomic():
            return _create(row, normalise.person_name(name), password, ctx)
    except IntegrityError:  # somebody was faster between our look and our write
        return Refused(Why.TAKEN)


def _create(row: AddressRequest, name: str, password: str, ctx: ActorContext) -> Joined | Refused:
    now = clock.now()
    if not AddressRequest.objects.filter(pk=row.pk, closed_at=None).update(closed_at=now):
        return Refused(Why.STATE)
    if _known(row.key):
        return Refused(Why.TAKEN)
    user = User.objects.create_user(
        row.email,
        password,
        name=name,
        language=row.language,
        timezone=row.timezone,
        created_at=now,
        password_changed_at=now,
    )
    address = Address.objects.create(
        user=user, email=row.email, key=row.key, bound_at=now, confirmed_at=row.confirmed_at
    )
    AddressRequest.objects.filter(pk=row.pk).update(user=user)
    events.record("account.created", user, ctx)
    return Joined(user, address)


def _known(key: str) -> bool:
    return User.objects.filter(email_key=key).exists() or Address.objects.standing().filter(key=key).exists()


def _registered(key: str) -> str:
    address = Address.objects.standing().filter(key=key).first()
    return address.email if address else User.objects.get(email_key=key).email


def _tell_known(row: AddressRequest) -> None:
    """Tell the owner, in the spelling that was registered: a look-alike of it may be somebody else's mailbox.

    Limited like a code, so that nobody fills a known mailbox through this page.
    """
    if throttling.charge(("mail.stranger", row.key), ("mail.address", row.key), ("mail.network", row.network)):
        outbox.enqueue(
            "sign_up/known",
            channel="mail",
            to=_registered(row.key),
            language=row.language,
            timezone=row.timezone,
            dedupe=f"sign_up_known:{row.pk}:{row.attempts}",
            expires_at=row.expires_at,
        )


def _charge(ctx: ActorContext) -> Refused | None:
    charge = throttling.charge(("request.network", ctx.network))
    if charge:
        return None
    events.record("limit.exceeded", None, ctx, limit="request.network")
    return Refused(Why.THROTTLED, until=charge.until)


def _scope(row: AddressRequest) -> str:
    return f"request:{row.pk}"


def _shape(plain: str) -> str:
    """Which of the four shape faults it is; each has a sentence of its own."""
    if not plain:
        return "empty"
    if not (plain.isascii() and plain.isdecimal()):
        return "not_digits"
    return "too_short" if len(plain) < RULES.email_code_digits else "too_long"
