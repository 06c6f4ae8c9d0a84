"""Numbers: added, replaced, confirmed again, kept as a contact (product §1 rows 6 and 13)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from accounts import clock, events, numbers
from accounts.context import ActorContext
from accounts.errors import Refused, Why
from accounts.models import Challenge, Change, LineType, Phone, User
from accounts.services import challenges, changes, verify
from policy.deeds import AddNumber, ChangeNumber, Verdict
from policy.facts import Session


@dataclass(frozen=True, slots=True)
class Bound:
    """A number that is now the account's, and the change that made it so (None when nothing changed but its date)."""

    phone: Phone
    change: Change | None


def deed_for(replaces: int | None) -> AddNumber | ChangeNumber:
    """What binding a number amounts to: put in the place of an old one, or added beside it."""
    return ChangeNumber(f"phone:{replaces}") if replaces else AddNumber()


def begin(user: User, text: str, *, replaces: int | None, session: Session, ctx: ActorContext) -> Phone | Refused:
    """A pending row for the number typed, with a code on its way. It counts for nothing before the code is typed back.

    Attack stopped: binding somebody else's number, or a dead one, by typing it (SP 800-63B-4 §4.2.1.2).
    UNFIT "voip": no code goes there; `keep_as_contact` takes it as what it is.
    """
    verdict = changes.ask(user, deed_for(replaces), session)
    if isinstance(verdict, Refused):
        return verdict
    number = numbers.parse(text)
    if isinstance(number, Refused):
        return number
    if number.line_type != LineType.MOBILE:
        return Refused(Why.UNFIT, detail="voip")
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        standing = Phone.objects.standing().filter(user=user, number=number.e164).first()
        if standing is not None and (standing.suspended_by_id or standing.lost_at or standing.pk == replaces):
            return Refused(Why.TAKEN)
        pending = Phone.objects.pending().filter(user=user, line_type=LineType.MOBILE)
        pending.exclude(number=number.e164).delete()
        phone = standing or pending.filter(number=number.e164).first()
        phone = phone or Phone.objects.create(user=user, number=number.e164, bound_at=clock.now())
    sent = send_code(user, phone, ctx)
    if isinstance(sent, Refused) and sent.detail != "sent_just_now":  # just now: that code is still good
        return sent
    return phone


def send_code(user: User, phone: Phone, ctx: ActorContext) -> Challenge | Refused:
    """A code to the new number; a newer one replaces the older."""
    return challenges.issue(
        "confirm",
        scope(phone),
        "sms",
        phone.number,
        ctx=ctx,
        user=user,
        means_id=phone.means_id,
        language=user.language,
        timezone=user.timezone,
    )


def confirm(
    user: User, phone: Phone, code: str, *, replaces: int | None, session: Session, keep: str | None, ctx: ActorContext
) -> Bound | Refused:
    """The code came back: bind the number, suspend the one it replaces, tell everybody, let money rest (R6–R9).

    The policy is asked before the code is spent, so that a step-up gone stale costs no code. Other sessions end and
    outstanding codes die, so that a thief's do not outlive the change (pitfall P22).
    """
    verdict = changes.ask(user, deed_for(replaces), session)
    if isinstance(verdict, Refused):
        return verdict
    proof = verify.verify(user, "sms", code, purpose="confirm", scope=scope(phone), ctx=ctx, means_id=phone.means_id)
    if isinstance(proof, Refused):
        return proof
    with transaction.atomic():
        owner = User.objects.select_for_update().get(pk=user.pk)
        row = Phone.objects.select_for_update().get(pk=phone.pk, user=owner)
        again = row.confirmed_at is not None and row.stopped_at is None  # one that was stopped is new again (R7)
        row.confirmed_at, row.stopped_at = clock.now(), None
        row.save(update_fields=["confirmed_at", "stopped_at"])
        if again:
            events.record("phone.confirmed", owner, ctx, means=row.means_id)
            return Bound(row, None)
        change = _bind(owner, row, replaces, verdict, ctx)
        changes.end_sessions(owner, keep=keep)
        changes.end_codes(owner)
    user.refresh_from_db()
    return Bound(row, change)


def keep_as_contact(user: User, text: str, *, session: Session, keep: str | None, ctx: ActorContext) -> Bound | Refused:
    """Keep a virtual number as a weak contact: never a proof, no code, nothing is sent there (product §1 row 13)."""
    verdict = changes.ask(user, AddNumber(), session)
    if isinstance(verdict, Refused):
        return verdict
    number = numbers.parse(text)
    if isinstance(number, Refused):
        return number
    if number.line_type == LineType.MOBILE:
        return Refused(Why.STATE)
    with transaction.atomic():
        owner = User.objects.select_for_update().get(pk=user.pk)
        if Phone.objects.filter(user=owner, number=number.e164, revoked_at=None).exists():
            return Refused(Why.TAKEN)
        row = Phone.objects.create(user=owner, number=number.e164, line_type=number.line_type, bound_at=clock.now())
        change = _bind(owner, row, None, verdict, ctx)
        changes.end_sessions(owner, keep=keep)
    user.refresh_from_db()
    return Bound(row, change)


def scope(phone: Phone) -> str:
    """The request a code belongs to: a code for one number never confirms another (ASVS 6.6.2)."""
    return f"confirm:{phone.means_id}"


def _bind(user: User, row: Phone, replaces: int | None, verdict: Verdict, ctx: ActorContext) -> Change | None:
    """In the caller's transaction. The sign-up session is exempt from probation: no change is written (R7)."""
    what = "phone.changed" if replaces else "phone.added"
    change = changes.begin(user, what, verdict=verdict, ctx=ctx) if verdict.final_after else None
    if not row.weak:
        User.objects.filter(pk=user.pk).update(ever_had_factor=True)
    row.added_by = change
    row.save(update_fields=["added_by"])
    if replaces:
        old = Phone.objects.filter(pk=replaces, user=user, suspended_by=None, revoked_at=None)
        old.update(suspended_by=change)
    if not row.weak:
        changes.rest_money(user, verdict, now=clock.now())
    events.record(
        what, user, ctx, change=change, means=row.means_id, **({"old": f"phone:{replaces}"} if replaces else {})
    )
    return change
