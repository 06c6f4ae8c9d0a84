"""Step-up: a fresh proof inside a session, for one kind of deed (R2)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from accounts import events, selectors
from accounts.authenticators import registry
from accounts.authenticators.base import own_keys
from accounts.context import ActorContext
from accounts.errors import Refused, Why
from accounts.models import Address, Challenge, Passkey, Phone, SavedCodeSet, Totp, User
from accounts.services import challenges, verify
from accounts.services.verify import Verified
from policy import facts
from policy.agent_rules import FACTORS as OF_STAFF
from policy.deeds import ChangeNumber, EnterAgents, fresh_step_ups, step_up_kind
from policy.facts import Kind
from policy.proofs import counting, lapsed_mail

_WAYS = {Kind.TOTP: "totp", Kind.PASSKEY: "passkey", Kind.SMS: "sms", Kind.SAVED_CODE: "saved-code"}
_NUMBER, _ENTRY = step_up_kind(ChangeNumber), step_up_kind(EnterAgents)


@dataclass(frozen=True, slots=True)
class Options:
    """What may confirm this deed now. Never what is on probation; mail only, and SMS never, for changing a number.

    `password`: it may be given, and a mail code after it; `mails`: it was given, and the code can go there.
    """

    apps: tuple[Totp, ...] = ()
    passkeys: tuple[Passkey, ...] = ()
    phones: tuple[Phone, ...] = ()
    sheets: tuple[SavedCodeSet, ...] = ()
    password: bool = False
    mails: tuple[Address, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.password or self.means_ids)

    @property
    def first(self) -> str:
        """What is asked for before the person chose."""
        # mail first: it goes on from the password
        ways = ("email", "totp", "passkey", "sms", "saved-code", "password")
        return next((way for way in ways if self.offers(way)), "saved-code")

    @property
    def means_ids(self) -> frozenset[str]:
        rows = (*self.apps, *self.passkeys, *self.phones, *self.sheets, *self.mails)
        return frozenset(one.means_id for one in rows)

    @property
    def several(self) -> bool:
        """Is there another way than the one that is asked for first?"""
        ways = (self.apps, self.passkeys, self.sheets, self.password, self.mails)
        return len(self.phones) + sum(map(bool, ways)) > 1

    def offers(self, way: str) -> bool:
        ways: dict[str, object] = {"totp": self.apps, "passkey": self.passkeys, "sms": self.phones}
        return bool((ways | {"saved-code": self.sheets, "email": self.mails, "password": self.password}).get(way))

    def target(self, means_id: str) -> Phone | Address | None:
        targets: tuple[Phone | Address, ...] = (*self.phones, *self.mails)
        return next((one for one in targets if one.means_id == means_id), None)


def options(user: User, session: facts.Session, deed: str) -> Options:
    """The means that count (R2, R7), as the policy says; for a change of number none that a number could answer, for
    the agents' pages app and passkey alone (P33)."""
    held = selectors.holdings(user)
    known = selectors.facts_of(held, session=session)
    kinds = _WAYS.keys() & OF_STAFF if deed == _ENTRY else _WAYS.keys() - ({Kind.SMS} if deed == _NUMBER else set())
    good = frozenset(means.id for means in counting(known) if means.kind in kinds)
    given, mails = _beside_the_password(held, known) if deed == _NUMBER else (False, ())
    return Options(
        tuple(row for row in held.totps if row.pk in own_keys(Totp, good)),
        tuple(row for row in held.passkeys if row.pk in own_keys(Passkey, good)),
        tuple(row for row in held.phones if row.pk in own_keys(Phone, good)),
        tuple(row for row in held.sheets if row.pk in own_keys(SavedCodeSet, good)),
        password=bool(mails) and not given,
        mails=mails if given else (),
    )


def _beside_the_password(held: selectors.Holdings, known: facts.Facts) -> tuple[bool, tuple[Address, ...]]:
    """Was the password given for changing the number, and where may the mail code beside it go (product §1 row 6)?

    Only where the password that signs in is one that counts (R3, R7), and never to an address long unconfirmed.
    """
    if held.password.former is not None:
        return False, ()
    good = (means for means in counting(known) if means.kind is Kind.EMAIL and not lapsed_mail(means, known))
    keys = own_keys(Address, frozenset(means.id for means in good))
    given = any(proof.kind is Kind.PASSWORD for proof in fresh_step_ups(ChangeNumber(""), known))
    return given, tuple(row for row in held.addresses if row.pk in keys)


def scope(public_id: str, deed: str) -> str:
    """The request a code belongs to: this session and this kind of deed (ASVS 6.6.2)."""
    return f"step_up:{public_id}:{deed}"


def send(user: User, target: Phone | Address, *, scope: str, ctx: ActorContext) -> Challenge | Refused:
    """Send a code to a counting number or address, because the person pressed the button."""
    return challenges.issue(
        "step_up",
        scope,
        "mail" if isinstance(target, Address) else "sms",
        target.email if isinstance(target, Address) else target.number,
        ctx=ctx,
        user=user,
        means_id=target.means_id,
        language=user.language,
        timezone=user.timezone,
    )


def give(
    user: User, way: str, code: str, *, deed: str, allowed: Options, scope: str, ctx: ActorContext
) -> Verified | Refused:
    """Verify the fresh proof. It serves this kind of deed only (OWASP Transaction Authorization)."""
    asked = (way,) if way == "password" else dict.fromkeys((way, "saved-code"))
    methods = tuple(name for name in asked if allowed.offers(name))
    if not methods:
        return Refused(Why.STATE)
    proof = verify.verify_any(user, methods, code, purpose="step_up", scope=scope, ctx=ctx, only=allowed.means_ids)
    if isinstance(proof, Verified):
        with transaction.atomic():
            events.record("step_up.succeeded", user, ctx, deed=deed, method=proof.kind.value)
    return proof


for _code in _WAYS.values():
    registry.get(_code)  # a way without its authenticator is a mistake found at start
