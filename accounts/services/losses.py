""" "I lost this", and "it is here" (R13)."""

from __future__ import annotations

from django.db import transaction

from accounts import clock, events
from accounts.context import ActorContext
from accounts.errors import Refused, Why
from accounts.models import Means, Passkey, Phone, Totp, User
from accounts.selectors import facts
from accounts.services import changes
from policy.custody import custody_of_means
from policy.deeds import BindAuthenticator, step_up_kind
from policy.facts import Facts, Kind, Session
from policy.facts import Means as PolicyMeans
from policy.proofs import counts
from policy.rules import RULES

#: What can be reported lost. Never saved codes: nobody loses the paper by a stranger's word (R13).
LOSABLE: dict[str, type[Means]] = {"totp": Totp, "passkey": Passkey, "phone": Phone}
#: The step-up that brings a thing back is the one for binding: it makes the thing count again.
FOUND_DEED = step_up_kind(BindAuthenticator(Kind.TOTP))


def report(user: User, kind: str, pk: int, *, session: Session, keep: str | None, ctx: ActorContext) -> Means | Refused:
    """Take a lost app or number out at once, on the strength of the sign-in: whoever found it must not use it.

    Nor a session that is open on it: all but this one end (pitfall P22).
    """
    if not session.proofs:
        return Refused(Why.STEP_UP)
    with transaction.atomic():
        owner = User.objects.select_for_update().get(pk=user.pk)
        row = _own(owner, kind, pk)
        if row is None or row.lost_at is not None:
            return Refused(Why.STATE)
        row.lost_at = clock.now()
        row.save(update_fields=["lost_at"])
        events.record("authenticator.lost", owner, ctx, means=row.means_id)
        changes.end_sessions(owner, keep=keep)
    user.refresh_from_db(fields=["session_epoch"])
    return row


def lost(user: User, kind: str, pk: int) -> Means | None:
    """The person's own thing that was reported lost; anybody else's does not exist."""
    row = _own(user, kind, pk)
    return row if row is not None and row.lost_at is not None else None


def found(user: User, kind: str, pk: int, *, session: Session, keep: str | None, ctx: ActorContext) -> Means | Refused:
    """Bring it back, with a fresh proof that lies in no place with it: a phone's finder cannot vouch for it (R13)."""
    with transaction.atomic():
        owner = User.objects.select_for_update().get(pk=user.pk)
        row = _own(owner, kind, pk)
        if row is None or row.lost_at is None:
            return Refused(Why.STATE)
        if not _vouched(row, facts(owner, session=session)):
            return Refused(Why.STEP_UP)
        row.lost_at = None
        row.save(update_fields=["lost_at"])
        events.record("authenticator.found", owner, ctx, means=row.means_id)
        changes.end_sessions(owner, keep=keep)
    user.refresh_from_db(fields=["session_epoch"])
    return row


def _own(user: User, kind: str, pk: int) -> Means | None:
    model = LOSABLE.get(kind)
    return model._default_manager.standing().filter(user=user, pk=pk).first() if model else None  # type: ignore[attr-defined]


def _vouched(row: Means, known: Facts) -> bool:
    by_id = {means.id: means for means in known.means}
    lost = by_id.get(row.means_id) or PolicyMeans(row.means_id, Kind(row.kind), row.confirmed_at)
    places = custody_of_means(lost)
    fresh = known.session.step_ups if known.session else ()
    for step in fresh:
        means = by_id.get(step.means_id)
        young = known.now - step.at <= RULES.step_up_fresh and step.deed == FOUND_DEED
        if young and means and counts(means, known) and not places & custody_of_means(means):
            return True
    return False
