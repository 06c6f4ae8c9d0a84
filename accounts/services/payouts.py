"""The sample operation: payout addresses and withdrawals. The host platform would move the money (R8)."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction

from accounts import clock, events
from accounts.context import ActorContext
from accounts.errors import Refused, Why
from accounts.models import PayoutAddress, User, Withdrawal
from accounts.selectors import Holdings, holdings
from accounts.services import changes
from policy.deeds import AddPayout, Withdraw
from policy.facts import Session


def add(user: User, name: str, address: str, *, session: Session, ctx: ActorContext) -> PayoutAddress | Refused:
    """A new payout address. It is used only once it is final, 24 or 72 hours after everybody was told (R6, R8).

    Attack stopped: a thief in the session sending the money to an address of his own.
    """
    with transaction.atomic():
        owner = User.objects.select_for_update().get(pk=user.pk)
        if PayoutAddress.objects.filter(user=owner, address=address, revoked_at=None).exists():
            return Refused(Why.TAKEN)
        verdict = changes.ask(owner, AddPayout(), session)
        if isinstance(verdict, Refused):
            return verdict
        change = changes.begin(owner, "payout.added", verdict=verdict, ctx=ctx)
        now = clock.now()
        row = PayoutAddress.objects.create(
            user=owner, name=name, address=address, bound_at=now, confirmed_at=now, added_by=change
        )
        events.record("payout.added", owner, ctx, change=change, means=row.means_id)
    return row


def withdraw(
    user: User, payout: PayoutAddress, amount: Decimal, *, session: Session, ctx: ActorContext
) -> Withdrawal | Refused:
    """Withdraw to a final payout address, when money does not rest and the step-up is fresh. A refusal is recorded."""
    with transaction.atomic():
        owner = User.objects.select_for_update().get(pk=user.pk)
        held = holdings(owner)
        row = next((one for one in held.payouts if one.pk == payout.pk), None)
        if row is None:
            return Refused(Why.STATE)
        verdict = changes.ask(owner, deed_for(held, row), session)
        if isinstance(verdict, Refused):
            if verdict.why is Why.POLICY:
                codes = [reason.code for reason in verdict.verdict.reasons]  # type: ignore[attr-defined]
                events.record("withdrawal.refused", owner, ctx, payout=row.means_id, reasons=codes)
            return verdict
        made = Withdrawal.objects.create(user=owner, payout=row, amount=amount, made_at=clock.now())
        events.record("withdrawal.made", owner, ctx, payout=row.means_id, withdrawal=made.pk)
    return made


def deed_for(held: Holdings, payout: PayoutAddress | None) -> Withdraw:
    """The deed the policy judges: to which address, and when that address is final."""
    return Withdraw(held.probation(payout) if payout else None)
