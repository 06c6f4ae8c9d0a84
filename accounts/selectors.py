"""What an account has, as values: the facts the policy judges by, and the ways that are open for a proof."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import BooleanField, Case, Count, Exists, OuterRef, Q, Subquery, When

from accounts import clock
from accounts.models import (
    Address,
    Change,
    Identity,
    Means,
    OutboxMessage,
    Passkey,
    PayoutAddress,
    Phone,
    SavedCodeSet,
    Totp,
    User,
)
from accounts.models.change import CLOSING
from accounts.models.compiled import Compiled
from accounts.models.saved_code import KEEPS_THE_OLD_SHEET
from accounts.outbox.recipients import Recipient, notification_addresses
from accounts.which_password import Which, which
from policy import facts as policy
from policy.facts import NEVER, Kind, Proof

__all__ = [
    "Holdings",
    "Method",
    "Recipient",
    "facts",
    "facts_of",
    "has_factor",
    "holdings",
    "means",
    "notification_addresses",
    "usable_methods",
]

#: Changes older than this are final or undone, and what hangs on them is settled.
_RECENT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Holdings:
    """The rows of one account at one moment, in eight queries."""

    user: User
    now: datetime
    changes: dict[object, Change]
    addresses: list[Address]
    phones: list[Phone]
    totps: list[Totp]
    passkeys: list[Passkey]
    sheets: list[SavedCodeSet]
    payouts: list[PayoutAddress]
    identities: list[Identity]
    password: Which

    def rows(self) -> Iterable[Means]:
        """Everything bound, in the order pages show it."""
        return [
            *self.totps,
            *self.passkeys,
            *self.phones,
            *self.sheets,
            *self.addresses,
            *self.payouts,
            *self.identities,
        ]

    def probation(self, row: Means) -> datetime | None:
        """When the row is final (R7): None when it is, NEVER while its notices are on their way."""
        change = self.changes.get(row.added_by_id)
        return None if change is None or change.is_final(self.now) else change.final_at or NEVER

    def suspended(self, row: Means) -> bool:
        """Replaced or removed and not final yet (R6). An old sheet stays valid until the new one is final (R7)."""
        change = self.changes.get(row.suspended_by_id)
        return change is not None and not (row.kind == "S" and change.what in KEEPS_THE_OLD_SHEET)

    def gone(self, row: Means) -> bool:
        """What suspended it is final, whether the sweep has been there or not."""
        change = self.changes.get(row.suspended_by_id)
        return row.suspended_by_id is not None and (change is None or change.is_final(self.now))

    def pending(self) -> list[Change]:
        """Changes that are neither undone nor final, newest first."""
        waiting = (c for c in self.changes.values() if c.undone_at is None and not c.is_final(self.now))
        return sorted(waiting, key=lambda change: change.made_at, reverse=True)


def holdings(user: User) -> Holdings:
    """Read everything an account has bound."""
    now = clock.now()
    changes = Change.objects.filter(Q(completed_at=None, undone_at=None) | Q(made_at__gte=now - _RECENT), user=user)
    addresses = _ADDRESSES(user.pk)
    found = Holdings(
        user=user,
        now=now,
        changes={change.pk: change for change in changes},
        addresses=addresses,
        phones=_PHONES(user.pk),
        totps=_TOTPS(user.pk),
        passkeys=_PASSKEYS(user.pk),
        sheets=_SHEETS(user.pk),
        payouts=_PAYOUTS(user.pk),
        identities=_identities(user) if any(row.proofed for row in addresses) else [],  # type: ignore[attr-defined]
        password=which(user.pk, now),
    )
    lists: tuple[list[Any], ...] = (found.totps, found.passkeys, found.phones, found.sheets, found.identities)
    for rows in (*lists, found.addresses, found.payouts):
        rows[:] = [row for row in rows if not found.gone(row)]
    return found


def _identities(user: User) -> list[Identity]:
    """Few have one: asked for only where an address says so. What is sealed stays where it is."""
    return list(_standing(Identity, user.pk).defer("attributes_sealed"))


def _unreached() -> Subquery:
    """Whether the last text to the number of which something is known did not arrive: pages say so beside it."""
    failed = Q(delivery_state__in=("undelivered", "failed")) | Q(status="refused")
    ours = Q(status__in=("queued", "claimed", "parked")) | Q(error="expired") | Q(error__startswith="obsolete")
    texts = OutboxMessage.objects.filter(user=OuterRef("user"), channel="sms", to=OuterRef("number")).exclude(ours)
    known = texts.annotate(failed=Case(When(failed, then=True), default=False, output_field=BooleanField()))
    return Subquery(known.order_by("-created_at").values("failed")[:1])


def _standing(model: type[Any], user_id: int) -> Any:
    return model._default_manager.filter(user_id=user_id, revoked_at=None).order_by("bound_at", "pk")


def _addresses(user_id: int) -> Any:
    proofed = Exists(Identity.objects.filter(user=OuterRef("user"), revoked_at=None))
    return _standing(Address, user_id).annotate(proofed=proofed)


def _phones(user_id: int) -> Any:
    return _standing(Phone, user_id).annotate(unreached=_unreached())


def _sheets(user_id: int) -> Any:
    return _standing(SavedCodeSet, user_id).annotate(left=Count("codes", filter=Q(codes__used_at=None)))


_ADDRESSES: Compiled[Address] = Compiled(_addresses)
_PHONES: Compiled[Phone] = Compiled(_phones)
_TOTPS: Compiled[Totp] = Compiled(partial(_standing, Totp))
_PASSKEYS: Compiled[Passkey] = Compiled(partial(_standing, Passkey))
_SHEETS: Compiled[SavedCodeSet] = Compiled(_sheets)
_PAYOUTS: Compiled[PayoutAddress] = Compiled(partial(_standing, PayoutAddress))


def facts(user: User, *, session: policy.Session | None = None, shown: tuple[Proof, ...] = ()) -> policy.Facts:
    """The account as the policy sees it now. The floor above adds its case with `dataclasses.replace`."""
    return facts_of(holdings(user), session=session, shown=shown)


def facts_of(held: Holdings, *, session: policy.Session | None = None, shown: tuple[Proof, ...] = ()) -> policy.Facts:
    """The facts from rows that were read already."""
    latest = held.password.unsettled[-1] if held.password.unsettled else None
    return policy.Facts(
        now=held.now,
        means=_means(held),
        shown=shown,
        session=session,
        changes=tuple(_change(held, change) for change in held.changes.values()),
        ever_had_factor=held.user.ever_had_factor,
        number_changed_at=held.user.number_changed_at,
        recovered_at=held.user.recovered_at,
        password_unsettled=latest is not None,
        # Of several, the last one's clock counts: a reset by a thief must not settle on the owner's earlier one.
        reset_at=latest.made_at if latest else None,
        reset_signed_in=latest is not None and latest.signed_in_at is not None,
    )


def means(user: User) -> tuple[policy.Means, ...]:
    """Everything bound and confirmed, the password included, as the policy names it."""
    return _means(holdings(user))


def _passwords(held: Holdings) -> list[policy.Means]:
    """The password that counts and, while it is another, the one that signs in: set by mail (R3) or new (R7)."""
    own = held.password
    counting = policy.Means(own.counting, Kind.PASSWORD, own.since or held.user.created_at, suspended=own.replaced)
    if own.former is None:
        return [counting]
    by_mail = bool(own.unsettled)
    return [
        counting,
        policy.Means(own.present, Kind.PASSWORD, own.present_since, final_at=own.final_at, reset=by_mail),
    ]


def _means(held: Holdings) -> tuple[policy.Means, ...]:
    found = _passwords(held)
    for row in held.rows():
        weak = isinstance(row, Phone) and (row.weak or row.stopped_at is not None)
        if isinstance(row, PayoutAddress) or (row.confirmed_at is None and not weak):
            continue
        if isinstance(row, SavedCodeSet) and not row.left:  # type: ignore[attr-defined]
            continue  # an empty sheet proves nothing
        found.append(
            policy.Means(
                row.means_id,
                Kind(row.kind),
                row.confirmed_at,
                final_at=held.probation(row),
                suspended=held.suspended(row),
                lost=row.lost_at is not None,
                disabled=row.disabled_at is not None,
                weak=weak,
                downloaded=isinstance(row, SavedCodeSet) and row.downloaded_at is not None,
                device=row.device if isinstance(row, Passkey) else "",
                synced=not isinstance(row, Passkey) or row.backup_eligible,
            )
        )
    return tuple(found)


def _change(held: Holdings, change: Change) -> policy.Change:
    return policy.Change(
        id=str(change.pk),
        what=change.what,
        made_at=change.made_at,
        final_at=change.final_at or NEVER,
        two_custodies=change.two_custodies,
        by_recovery=change.by_recovery,
        closes=change.what == CLOSING,
        undone=change.undone_at is not None,
        added=tuple(row.means_id for row in held.rows() if row.added_by_id == change.pk),
        suspended=tuple(row.means_id for row in held.rows() if row.suspended_by_id == change.pk),
    )


@dataclass(frozen=True, slots=True)
class Method:
    """A way to prove something now: which kind, by which row, its name and what of it may be shown."""

    kind: Kind
    means_id: str
    name: str
    to: str = ""  # number or address, masked by the page


def usable_methods(held: Holdings) -> list[Method]:
    """What may sign in now (R7): apps, passkeys, numbers that get codes, a sheet with codes left. Never an address."""
    open_ = {one.id for one in _means(held) if not (one.suspended or one.lost or one.disabled or one.weak)}
    return [
        Method(Kind(row.kind), row.means_id, row.name, row.number if isinstance(row, Phone) else "")
        for row in (*held.totps, *held.passkeys, *held.phones, *held.sheets)
        if row.means_id in open_
    ]


def has_factor(user: User, held: Holdings | None = None) -> bool:
    """Is a second factor bound that can sign in? Decides how long a password must be (SP 800-63B-4 §3.1.1.2)."""
    return bool(usable_methods(held or holdings(user)))
