"""Signing in: password first, then one second factor. What it lets in is judged by the policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from django.db import transaction

from accounts import clock, events, hashers, selectors
from accounts.authenticators import registry
from accounts.backends import find_by_address
from accounts.context import ActorContext
from accounts.errors import Refused, Why
from accounts.models import Address, Challenge, Passkey, PasswordReset, Phone, SavedCodeSet, Totp, User, email_key
from accounts.services import browsers, challenges, verify
from accounts.services.verify import Verified
from policy import facts
from policy.deeds import SignIn, may
from policy.facts import Kind
from policy.rules import RULES

#: Wrong codes after which a pending sign-in ends and the password is asked again (pitfall P18).
TRIES = RULES.wrong_codes_account[0][0]


class Standing(StrEnum):
    """What an account has beside its password."""

    FACTOR = "factor"  # something that can sign in
    NEVER = "never"  # never had a factor: sets one up, and does nothing else (R19)
    LOST = "lost"  # had one, none can sign in: recovery (pitfalls P23–P25)


@dataclass(frozen=True, slots=True)
class Passed:
    """Whose password it was, and how much it is worth."""

    user: User
    proof: Verified


@dataclass(frozen=True, slots=True)
class Ways:
    """What may stand beside the password now. `address` only for an account that never had a factor (R19)."""

    standing: Standing
    apps: tuple[Totp, ...] = ()
    passkeys: tuple[Passkey, ...] = ()
    phones: tuple[Phone, ...] = ()
    sheets: tuple[SavedCodeSet, ...] = ()
    address: Address | None = None

    @property
    def first(self) -> str:
        """What is asked for before the person chose: what needs nothing to be sent comes first."""
        if self.standing is Standing.NEVER:
            return "email"
        return next((way for way in ("totp", "passkey", "sms") if self.offers(way)), "saved-code")

    @property
    def several(self) -> bool:
        """Is there another way than the one that is asked for first?"""
        return len(self.phones) + bool(self.apps) + bool(self.passkeys) + bool(self.sheets) > 1

    def offers(self, way: str) -> bool:
        """May this way be chosen?"""
        offered: dict[str, object] = {"totp": self.apps, "passkey": self.passkeys, "sms": self.phones}
        offered |= {"saved-code": self.sheets, "email": self.address}
        return bool(offered.get(way))

    def target(self, means_id: str) -> Phone | Address | None:
        """The number or address of that name to which a code may be sent."""
        return next((one for one in (*self.phones, self.address) if one and one.means_id == means_id), None)


def password(email: str, secret: str, *, ctx: ActorContext) -> Passed | Refused:
    """The first step. An unknown address costs one user query and one hash, as a known one does (ASVS 6.3.8).

    Tries are counted by the address as typed, not by its account: else a limit reached at one address and felt at
    another would tell that both are one person's. Browsers not known to the account use up half of it (R18).
    """
    user = find_by_address(email)
    proof = verify.verify(
        user,
        "password",
        secret,
        purpose="sign_in",
        scope=f"sign_in:{email}",
        ctx=ctx,
        named=f"address:{email_key(email)}",
        known=browsers.counts(user, ctx),
    )
    if isinstance(proof, Refused):
        return proof
    assert user is not None  # noqa: S101  nobody's password is never right
    _renew_hash(user, secret)
    return Passed(user, proof)


def ways(user: User, *, reset: bool) -> Ways:
    """What this person may use now. A password set by mail signs in with T, P or S, not with a code by SMS (R3)."""
    bound: dict[str, tuple[Any, ...]] = {one.code: tuple(one.all_bound_to(user)) for one in registry.SECOND_FACTORS}
    phones = () if reset else bound["sms"]
    # A sheet alone is no second factor to live on, but it may sign in where a factor was bound before.
    if bound["totp"] or bound["passkey"] or phones or bound["saved-code"]:
        return Ways(Standing.FACTOR, bound["totp"], bound["passkey"], phones, bound["saved-code"])
    if user.ever_had_factor:
        return Ways(Standing.LOST)
    own = Address.objects.usable().filter(user=user)
    return Ways(Standing.NEVER, address=own.filter(key=user.email_key).first() or own.order_by("pk").first())


def send(user: User, target: Phone | Address, *, scope: str, ctx: ActorContext) -> Challenge | Refused:
    """Send a code, because the person pressed the button for it (pitfall P14)."""
    sms = isinstance(target, Phone)
    return challenges.issue(
        "sign_in",
        scope,
        "sms" if sms else "mail",
        target.number if isinstance(target, Phone) else target.email,
        ctx=ctx,
        user=user,
        means_id=target.means_id,
        language=user.language,
        timezone=user.timezone,
        unknown=not browsers.counts(user, ctx),
    )


def second(user: User, way: str, code: str, *, reset: bool, scope: str, ctx: ActorContext) -> Verified | Refused:
    """The second step: the code of the way the person chose, or a saved code whatever was chosen."""
    methods = ("email",) if way == "email" else tuple(dict.fromkeys((way, "saved-code")))
    if reset and "sms" in methods:
        return Refused(Why.STATE)
    known = browsers.counts(user, ctx)
    return verify.verify_any(user, methods, code, purpose="sign_in", scope=scope, ctx=ctx, known=known)


def stopped(user: User, ctx: ActorContext) -> None:
    """Too many wrong codes after the right password: in the history, and told to the owner (ASVS 6.3.5)."""
    with transaction.atomic():
        events.record("session.sign_in.throttled", user, ctx)


def finish(user: User, proofs: Sequence[Verified], *, ctx: ActorContext) -> Refused | bool:
    """Let these proofs open a session, if the policy does; True when it is a set-up session (R19).

    The last word, whatever the pages before believed. Attack stopped: a session opened by the password alone because a
    step was skipped or its condition remembered from before (stock wizard; pitfalls P23–P25).
    """
    verdict = may(SignIn(_as_shown(proofs)), _facts(user, proofs))
    if not verdict.allowed:
        return Refused(Why.POLICY, verdict=verdict)
    set_up = verdict.has("set_up_only")
    if set_up and Kind.EMAIL not in {proof.kind for proof in proofs}:
        return Refused(Why.POLICY, verdict=verdict)
    with transaction.atomic():
        if proofs[0].reset and any(proof.kind in (Kind.TOTP, Kind.PASSKEY, Kind.SAVED_CODE) for proof in proofs):
            open_ = PasswordReset.objects.filter(user=user, settled_at=None, undone_at=None, signed_in_at=None)
            open_.update(signed_in_at=clock.now())
        methods = ",".join(proof.kind.value for proof in proofs)
        seen = "known" if browsers.known(user, ctx) else "new"
        actor = replace(ctx, actor=f"user:{user.pk}")
        events.record("session.sign_in.succeeded", user, actor, proofs=methods, browser=seen)
    return set_up


def signed_out(user: User, ctx: ActorContext) -> None:
    """Note that a session was closed by its owner."""
    with transaction.atomic():
        events.record("session.signed_out", user, ctx)


def _as_shown(proofs: Sequence[Verified]) -> tuple[facts.Proof, ...]:
    now = clock.now()
    return tuple(facts.Proof(proof.kind, proof.means_id, now, proof.reset) for proof in proofs)


def _facts(user: User, proofs: Sequence[Verified]) -> facts.Facts:
    """With a factor among the proofs, what they show is all the policy needs; without, it looks at everything bound."""
    if not any(registry_kind in {proof.kind for proof in proofs} for registry_kind in _FACTOR_KINDS):
        return selectors.facts(user)
    now = clock.now()
    means = tuple(facts.Means(proof.means_id, proof.kind, now, reset=proof.reset) for proof in proofs)
    return facts.Facts(now=now, means=means, ever_had_factor=user.ever_had_factor)


_FACTOR_KINDS = frozenset(one.kind for one in registry.SECOND_FACTORS)


def _renew_hash(user: User, secret: str) -> None:
    """Hash the password anew when the cost was raised since. The slow part holds no lock, and no session ends."""
    if fresh := hashers.renewed(secret, user.password):
        still = User.objects.filter(pk=user.pk, password=user.password)  # nobody set another meanwhile
        if still.update(password=fresh):
            user.password = fresh
