"""The end of the way: everything is bound at once, what was lost is suspended, other sessions die (R16)."""

from __future__ import annotations

from django.db import transaction

from accounts import clock
from accounts.context import ActorContext
from accounts.errors import Refused, Why
from accounts.models import Change, Means, PasswordReset, Phone, SavedCode, SavedCodeSet, Totp, User
from accounts.services import changes, saved_codes
from policy.deeds import Complete, Verdict, may
from policy.facts import Kind
from recovery.models import Case, Rebinding
from recovery.services import rebinding, transition
from recovery.states import State


def complete(case: Case, ctx: ActorContext) -> Change | Refused:
    """Bind what was prepared and end the case, all or nothing, once (ASVS 2.3.3). Signs nobody in (pitfall P32).

    What is added is on probation and what was lost is suspended until the change is final, so that a "not me" can still
    undo all of it (R6, R7, R10; SP 800-63B-4 §4.2).
    """
    with transaction.atomic():
        User.objects.select_for_update().get(pk=case.owner.pk)
        row = Case.objects.select_for_update().get(pk=case.pk)
        user = row.user
        draft = Rebinding.objects.select_for_update().filter(case=row).first()
        if user is None or draft is None or row.state != State.READY or row.is_over(clock.now()):
            return Refused(Why.STATE)
        if rebinding.next_station(draft, needs_password=rebinding.needs_password(row)) != "finish":
            return Refused(Why.STATE, detail="unfinished")
        seen = rebinding.look(row)
        if isinstance(seen, Refused):
            return seen
        verdict = may(Complete(_bound(draft) | seen.kept), seen.facts)
        if not verdict.allowed:
            return Refused(Why.POLICY, until=verdict.hold, verdict=verdict)
        change = _begin(row, user, verdict, ctx)
        _bind(user, draft, change)
        _suspend(seen.lost, change)
        saved_codes.retire([sheet for sheet in seen.held.sheets if sheet.confirmed_at], change)
        _set_password(user, draft, change)
        changed = {"number_changed_at": change.made_at} if draft.number_confirmed_at else {}
        User.objects.filter(pk=user.pk).update(recovered_at=change.made_at, ever_had_factor=True, **changed)
        changes.end_sessions(user)
        changes.end_codes(user)
        transition.move(row, "complete", ctx, change=change)
        draft.delete()
    case.refresh_from_db()
    return change


def _bound(draft: Rebinding) -> frozenset[Kind]:
    done = {
        Kind.SMS: draft.number_confirmed_at is not None,
        Kind.TOTP: draft.app_confirmed_at is not None,
        Kind.SAVED_CODE: bool(draft.codes),
    }
    return frozenset(kind for kind, bound in done.items() if bound)


def _begin(case: Case, user: User, verdict: Verdict, ctx: ActorContext) -> Change:
    return changes.begin(
        user, "recovery.completed", verdict=verdict, ctx=ctx, by_recovery=True, case_reference=case.reference
    )


def _bind(user: User, draft: Rebinding, change: Change) -> None:
    """Everything new, confirmed by its own code, on probation until the change is final (R7)."""
    now = change.made_at
    born = {"user": user, "bound_at": now, "confirmed_at": now, "added_by": change}
    if draft.number_confirmed_at:
        Phone.objects.create(number=draft.number, **born)
    if draft.app_confirmed_at:
        app = Totp.objects.create(name=draft.app_name, last_step=draft.app_step, **born)
        app.set_seed(rebinding.seed(draft.case, draft))
        app.save(update_fields=["seed_sealed"])
    sheet = SavedCodeSet.objects.create(downloaded_at=draft.codes_downloaded_at, **born)
    SavedCode.objects.bulk_create(SavedCode(sheet=sheet, locator=locator, hash=slow) for locator, slow in draft.codes)


def _suspend(lost: list[Means], change: Change) -> None:
    for row in lost:
        type(row)._default_manager.filter(pk=row.pk, suspended_by=None).update(suspended_by=change)


def _set_password(user: User, draft: Rebinding, change: Change) -> None:
    """The row keeps what a "not me" restores. Resets by mail that are still open stay open: R3 goes on for them."""
    if not draft.password:
        return
    now = change.made_at
    PasswordReset.objects.create(
        user=user, previous_hash=user.password, made_at=now, by_mail=False, change=change, settled_at=now
    )
    User.objects.filter(pk=user.pk).update(password=draft.password, password_changed_at=now)
