"""Step-up: a fresh proof inside a session, for one kind of deed (R2)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from accounts import events, selectors
from accounts.authenticators import registry
from accounts.authenticators.base import own_keys
from accounts.context import ActorContext
from accounts.errors import Refused, Why
from accounts.models import Challenge, Phone, SavedCodeSet, Totp, User
from accounts.services import challenges, verify
from accounts.services.verify import Verified
from policy import facts
from policy.deeds import ChangeNumber, step_up_kind
from policy.facts import Kind
from policy.proofs import counting

_WAYS = {Kind.TOTP: "totp", Kind.SMS: "sms", Kind.SAVED_CODE: "saved-code"}


@dataclass(frozen=True, slots=True)
class Options:
    """What may confirm this deed now. Never mail, never what is on probation, and no SMS for changing a number."""

    apps: tuple[Totp, ...] = ()
    phones: tuple[Phone, ...] = ()
    sheets: tuple[SavedCodeSet, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.apps or self.phones or self.sheets)

    @property
    def first(self) -> str:
        """What is asked for before the person chose."""
        return "totp" if self.apps else "sms" if self.phones else "saved-code"

    @property
    def means_ids(self) -> frozenset[str]:
        return frozenset(one.means_id for one in (*self.apps, *self.phones, *self.sheets))

    @property
    def several(self) -> bool:
        """Is there another way than the one that is asked for first?"""
        return len(self.phones) + bool(self.apps) + bool(self.sheets) > 1

    def offers(self, way: str) -> bool:
        return bool({"totp": self.apps, "sms": self.phones, "saved-code": self.sheets}.get(way))

    def target(self, means_id: str) -> Phone | None:
        return next((phone for phone in self.phones if phone.means_id == means_id), None)


def options(user: User, session: facts.Session, deed: str) -> Options:
    """The means that count (R2, R7), as the policy says; for a change of number none that a number could answer."""
    held = selectors.holdings(user)
    known = selectors.facts_of(held, session=session)
    kinds = _WAYS.keys() - ({Kind.SMS} if deed == step_up_kind(ChangeNumber) else set())
    good = frozenset(means.id for means in counting(known) if means.kind in kinds)
    return Options(
        tuple(row for row in held.totps if row.pk in own_keys(Totp, good)),
        tuple(row for row in held.phones if row.pk in own_keys(Phone, good)),
        tuple(row for row in held.sheets if row.pk in own_keys(SavedCodeSet, good)),
    )


def scope(public_id: str, deed: str) -> str:
    """The request a code belongs to: this session and this kind of deed (ASVS 6.6.2)."""
    return f"step_up:{public_id}:{deed}"


def send(user: User, phone: Phone, *, scope: str, ctx: ActorContext) -> Challenge | Refused:
    """Send a code to a counting number, because the person pressed the button."""
    return challenges.issue(
        "step_up",
        scope,
        "sms",
        phone.number,
        ctx=ctx,
        user=user,
        means_id=phone.means_id,
        language=user.language,
        timezone=user.timezone,
    )


def give(
    user: User, way: str, code: str, *, deed: str, allowed: Options, scope: str, ctx: ActorContext
) -> Verified | Refused:
    """Verify the fresh proof. It serves this kind of deed only (OWASP Transaction Authorization)."""
    methods = tuple(name for name in dict.fromkeys((way, "saved-code")) if allowed.offers(name))
    if not methods:
        return Refused(Why.STATE)
    proof = verify.verify_any(user, methods, code, purpose="step_up", scope=scope, ctx=ctx, only=allowed.means_ids)
    if isinstance(proof, Verified):
        with transaction.atomic():
            events.record("step_up.succeeded", user, ctx, deed=deed, method=proof.kind.value)
    return proof


for _code in _WAYS.values():
    registry.get(_code)  # a way without its authenticator is a mistake found at start
