"""Changes: what was bound, replaced or removed in one deed, when it is final, and how it is undone (R6, R7, R10)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from accounts import clock, events
from accounts.context import ActorContext
from accounts.errors import Refused, Why
from accounts.models import (
    Address,
    Challenge,
    Change,
    Identity,
    KnownBrowser,
    Means,
    OutboxMessage,
    Passkey,
    PasswordReset,
    PayoutAddress,
    Phone,
    SavedCodeSet,
    Session,
    Totp,
    User,
)
from accounts.models.change import CLOSING
from accounts.selectors import facts
from accounts.services import closed, links
from accounts.which_password import settled
from policy import facts as policy
from policy.deeds import Outcome, RemoveAddress, RemoveAuthenticator, RemoveNumber, Verdict, may, undone_by_not_me
from policy.proofs import FACTORS
from policy.rules import RULES

BOUND: tuple[type[Means], ...] = (Address, Phone, Totp, Passkey, SavedCodeSet, PayoutAddress, Identity)
REMOVED = {
    "address": "address.removed",
    "phone": "phone.removed",
    "totp": "totp.removed",
    "passkey": "passkey.removed",
    "savedcodeset": "codes.removed",
    "payoutaddress": "payout.removed",
    "identity": "identity.removed",
}
_ON_THEIR_WAY = (OutboxMessage.Status.QUEUED, OutboxMessage.Status.CLAIMED)
_BATCH = 200


def ask(user: User, deed: Any, session: policy.Session | None) -> Verdict | Refused:
    """The policy's answer in the services' own form: the verdict when allowed, otherwise a refusal that carries it.

    The second guard of the step-up, behind the view's decorator (ASVS 7.5.3).
    """
    return judged(deed, facts(user, session=session))


def judged(deed: Any, known: policy.Facts) -> Verdict | Refused:
    """The same from facts that were gathered already."""
    verdict = may(deed, known)
    if verdict.outcome is Outcome.ALLOWED:
        return verdict
    why = Why.STEP_UP if verdict.outcome is Outcome.STEP_UP else Why.POLICY
    return Refused(why, until=verdict.hold, verdict=verdict)


def begin(
    user: User,
    what: str,
    *,
    verdict: Verdict,
    two_custodies: bool | None = None,
    ctx: ActorContext,  # noqa: ARG001  every deed carries its actor; the event of the change records it
    by_recovery: bool = False,
    case_reference: str = "",
) -> Change:
    """Write the change in the caller's transaction. Its finality counts from its notices (R6); no wait is final now.

    Stops a thief's change from becoming final before its owner was told (SP 800-63B-4 §4.6).
    """
    now = clock.now()
    at_once = now if not verdict.final_after else None  # the sign-up session is exempt (R7)
    return Change.objects.create(
        user=user,
        what=what,
        made_at=now,
        two_custodies=verdict.has("final_two_custodies") if two_custodies is None else two_custodies,
        wait=verdict.final_after,
        notices_out_at=at_once,
        final_at=at_once,
        completed_at=at_once,
        by_recovery=by_recovery,
        case_reference=case_reference,
    )


def settle(change_id: UUID | str) -> None:
    """Start a change's finality once every letter of it was handed over or refused for good (R6). Idempotent."""
    with transaction.atomic():
        change = Change.objects.select_for_update().filter(pk=change_id, undone_at=None, final_at=None).first()
        if change is None:
            return
        letters = list(change.letters.all())
        if any(letter.status in _ON_THEIR_WAY for letter in letters):
            return
        now = clock.now()
        out = max((letter.sent_at or letter.refused_at or now for letter in letters), default=now)
        change.notices_out_at, change.final_at = out, out + change.wait
        change.save(update_fields=["notices_out_at", "final_at"])


def complete_due(now: datetime) -> int:
    """The sweep: settle what the bell missed, revoke what final changes suspended, settle reset passwords (R3)."""
    unsettled = Change.objects.filter(undone_at=None, final_at=None, made_at__lte=now - timedelta(minutes=1))
    for pk in unsettled.order_by("made_at").values_list("pk", flat=True)[:_BATCH]:
        settle(pk)
    due = Change.objects.filter(undone_at=None, completed_at=None, final_at__lte=now).order_by("final_at")
    done = sum(_complete(change, now) for change in due[:_BATCH])
    return done + _settle_resets(now)


def _complete(change: Change, now: datetime) -> int:
    with transaction.atomic():
        change.user = User.objects.select_for_update().get(pk=change.user_id)
        moved = Change.objects.filter(pk=change.pk, undone_at=None, completed_at=None).update(completed_at=now)
        if moved and change.what == CLOSING:
            _close(change.user, change, now)
        for model in BOUND if moved else ():
            model._default_manager.filter(suspended_by=change, revoked_at=None).update(revoked_at=now)
    return moved


def _close(user: User, change: Change, now: datetime) -> None:
    """The account ends, and everything bound goes with it: nothing signs in, proves or names it any more."""
    for model in BOUND:
        model._default_manager.filter(user=user, revoked_at=None, suspended_by=None).update(suspended_by=change)
    end_sessions(user)
    end_codes(user)
    closed.finish(user, change, now)


def _settle_resets(now: datetime) -> int:
    ripe = PasswordReset.objects.filter(
        settled_at=None, undone_at=None, signed_in_at__isnull=False, made_at__lte=now - RULES.reset_settles_after
    )
    count = 0
    for user_id in ripe.order_by("made_at").values_list("user_id", flat=True).distinct()[:_BATCH]:
        with transaction.atomic():
            User.objects.select_for_update().get(pk=user_id)
            open_ = PasswordReset.objects.filter(user_id=user_id, settled_at=None, undone_at=None)
            if settled(list(open_.order_by("made_at", "pk")), now):
                count += open_.update(settled_at=now)
    return count


def undo(user: User, *, ctx: ActorContext) -> list[Change]:  # noqa: ARG001  the caller's event names the actor
    """R10: undo what a "not me" reaches now (`undone_by_not_me`), newest first; returns what was undone.

    What a loss report took out stays out. Stops a thief from keeping what he bound while the owner can still answer.
    """
    now = clock.now()
    with transaction.atomic():
        owner = User.objects.select_for_update().get(pk=user.pk)
        reached = [change.id for change in undone_by_not_me(facts(owner))]
        undone = list(Change.objects.filter(pk__in=reached, undone_at=None).order_by("-made_at"))
        for change in undone:
            _undo(change, owner, now)
        _mend(owner)
    user.refresh_from_db()
    return undone


def _undo(change: Change, user: User, now: datetime) -> None:
    for model in BOUND:  # first what was added: of some things an account has one at a time
        model._default_manager.filter(added_by=change, revoked_at=None).update(revoked_at=now)
    for model in BOUND:
        rows = model._default_manager.filter(suspended_by=change).exclude(added_by__undone_at__isnull=False)
        if model is Address:
            taken = Address.objects.standing().exclude(user=user).values("key")
            rows = rows.exclude(Q(revoked_at__isnull=False) & Q(key__in=taken))
        rows.update(suspended_by=None, revoked_at=None)
    for reset in PasswordReset.objects.filter(change=change, undone_at=None).order_by("-made_at", "-pk"):
        user.password = reset.previous_hash
        reset.undone_at = now
        reset.save(update_fields=["undone_at"])
    if (former := change.former_address) and not User.objects.filter(email_key=former.key).exclude(pk=user.pk).exists():
        user.email, user.email_key = former.email, former.key
    if change.what == CLOSING and change.completed_at:
        user.is_active, user.closed_at = True, None
    change.undone_at = now
    change.save(update_fields=["undone_at"])


def _mend(user: User) -> None:
    """What the account remembers of its changes, without those undone; and a sign-in address that is still its own."""
    standing = Change.objects.filter(user=user, undone_at=None, wait__gt=timedelta()).order_by("-made_at")
    user.number_changed_at = standing.filter(what__startswith="phone.").values_list("made_at", flat=True).first()
    user.recovered_at = standing.filter(by_recovery=True).values_list("made_at", flat=True).first()
    own = Address.objects.usable().filter(user=user).order_by("bound_at", "pk")
    if not own.filter(key=user.email_key).exists() and (first := own.first()):
        user.email, user.email_key = first.email, first.key
    user.ever_had_factor = user.ever_had_factor and _bound_one_that_stands(user)
    fields = ["password", "number_changed_at", "recovered_at", "email", "email_key", "ever_had_factor"]
    user.save(update_fields=[*fields, "is_active", "closed_at"])


def _bound_one_that_stands(user: User) -> bool:
    """Did the account ever have a factor, those just undone left out (R19)?

    Stops a thief who bound an account's first one, and was thrown out, from leaving its owner unable to set it up.
    """
    models = (model for model in BOUND if model.kind in FACTORS)
    rows = (model._default_manager.filter(user=user).exclude(confirmed_at=None) for model in models)
    return any(found.exclude(added_by__undone_at__isnull=False).exists() for found in rows)


def end_sessions(user: User, *, keep: str | None = None) -> None:
    """End every session of the account and drop its known browsers; `keep` is the key of the one that its view renews
    (`assurance.refresh`).

    Stops a thief's session from outliving the change that was meant to lock him out (pitfall P22), and his browser
    from keeping the share of the limits that is the owner's (P16).
    """
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
        Session.objects.filter(user=user).exclude(session_key=keep).delete()
        KnownBrowser.objects.filter(user=user, revoked_at=None).update(revoked_at=clock.now())
    user.refresh_from_db(fields=["session_epoch"])


def end_codes(user: User) -> None:
    """Outstanding codes, reset links and resume links of the account die (R16)."""
    now = clock.now()
    Challenge.objects.filter(user=user, spent_at=None, superseded_at=None).update(superseded_at=now)
    links.kill(user, "password_reset", "resume")


def rest_money(user: User, verdict: Verdict, *, now: datetime) -> None:
    """R8: money rests after a number was added, replaced or removed; the verdict says whether this was such a deed."""
    if verdict.hold:
        User.objects.filter(pk=user.pk).update(number_changed_at=now)
        user.number_changed_at = now


def remove_means(
    user: User, means: Means, *, session: policy.Session, keep: str | None, ctx: ActorContext
) -> Change | Refused:
    """Remove an authenticator, number or address: suspended now, revoked when final, back by a "not me" (R6, R10).

    Other sessions end: one that was opened with it, perhaps by a thief, must not outlive it (pitfall P22).
    """
    deed = {"address": RemoveAddress, "phone": RemoveNumber}.get(means._meta.model_name or "", RemoveAuthenticator)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        row = type(means)._default_manager.select_for_update().get(pk=means.pk, user=user)
        if row.revoked_at or row.suspended_by_id:
            return Refused(Why.STATE, detail="removed")
        verdict = ask(user, deed(row.means_id), session)
        if isinstance(verdict, Refused):
            return verdict
        what = REMOVED[row._meta.model_name or ""]
        change = begin(user, what, verdict=verdict, ctx=ctx)
        row.suspended_by = change
        row.save(update_fields=["suspended_by"])
        rest_money(user, verdict, now=change.made_at)
        events.record(what, user, ctx, change=change, means=row.means_id)
        end_sessions(user, keep=keep)
    return change
