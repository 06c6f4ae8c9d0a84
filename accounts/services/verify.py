"""The one place where a secret is verified: at sign-in, for a step-up, in recovery, when something is bound."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction

from accounts import clock, events, throttling
from accounts.authenticators import registry
from accounts.authenticators.base import PURPOSES, Attempt, Authenticator, Verified
from accounts.context import ActorContext
from accounts.errors import Refused, Why
from accounts.models import User
from accounts.services import saved_codes
from policy.facts import Kind

__all__ = ["Verified", "verify", "verify_any"]


def verify(
    user: User | None,
    method: str,
    secret: str,
    *,
    purpose: str,
    scope: str,
    ctx: ActorContext,
    means_id: str | None = None,
    named: str = "",
    stranger: bool = False,
    known: bool = False,
) -> Verified | Refused:
    """Verify one secret by one method ("password", "passkey", "totp", …) and spend it.

    An unknown claimant (None) costs the same work and is always wrong. A malformed text is refused uncharged. `named`,
    `stranger`, `known`: see `_limits`.
    """
    only = frozenset({means_id}) if means_id else None
    return verify_any(
        user,
        (method,),
        secret,
        purpose=purpose,
        scope=scope,
        ctx=ctx,
        only=only,
        named=named,
        stranger=stranger,
        known=known,
    )


def verify_any(
    user: User | None,
    methods: Sequence[str],
    secret: str,
    *,
    purpose: str,
    scope: str,
    ctx: ActorContext,
    only: frozenset[str] | None = None,
    named: str = "",
    stranger: bool = False,
    known: bool = False,
) -> Verified | Refused:
    """The same for a field that takes several kinds of code: one charge, the first method that fits spends.

    The limit is charged before anything is compared and refunded on success; row lock, spending, event and the
    refusal's counters are committed together. Attacks stopped: unlimited and parallel guessing (SP 800-63B-4 §3.2.2),
    replay, also at one instant (pitfalls P1, P2, P4, P7), and learning whether an account exists (ASVS 6.3.8).
    """
    if purpose not in PURPOSES:
        raise ValueError(f"no such purpose: {purpose!r}")
    tries = []
    for one in [registry.get(method) for method in methods]:
        if (plain := one.shape(secret)) is not None:
            tries.append((one, Attempt(user, plain, purpose, scope, ctx, clock.now(), only)))
    if not tries:
        return Refused(Why.SHAPE)
    limits = _limits([one for one, _ in tries], tries[0][1], named, stranger=stranger, known=known)
    charge = throttling.charge(*limits)
    if not charge:
        _note_limit(user, purpose, limits, ctx)
        return Refused(Why.THROTTLED, until=charge.until)
    prepared = [one.prepare(attempt) for one, attempt in tries]  # slow hashes, before the transaction
    with transaction.atomic():
        outcome = _spend(tries, prepared)
    if isinstance(outcome, Verified):
        charge.refund()
    return outcome


def _spend(tries: list[tuple[Authenticator, Attempt]], prepared: list[object]) -> Verified | Refused:
    refusal = Refused(Why.WRONG)
    for (one, attempt), ready in zip(tries, prepared, strict=True):
        outcome = one.spend(attempt, ready)
        if isinstance(outcome, Verified) and attempt.user is not None:
            _note_success(outcome, attempt)
            return outcome
        if isinstance(outcome, Refused) and outcome.why is not Why.WRONG:
            refusal = outcome
    for one, attempt in tries:
        for means_id in one.failed(attempt):
            events.record(one.disabled_event, attempt.user, attempt.ctx, means=means_id)
    one, attempt = tries[0]
    kind = _event_of_failure(one, attempt, refusal)
    why = refusal.why.value
    events.record(kind, attempt.user, attempt.ctx, method=one.code, purpose=attempt.purpose, why=why)
    return refusal


def _event_of_failure(one: Authenticator, attempt: Attempt, refusal: Refused) -> str:
    """Right password and wrong second factor is an event of its own, of which the owner is told (ASVS 6.3.5)."""
    if attempt.purpose != "sign_in" or refusal.why is Why.CLOCK:
        return "code.refused"
    if one.opens(attempt):
        return "session.sign_in.failed"
    return "session.second_factor.failed" if one.second_factor else "code.refused"


def _note_success(proof: Verified, attempt: Attempt) -> None:
    if proof.kind is Kind.SAVED_CODE and attempt.user is not None:
        saved_codes.note_use(attempt.user, int(proof.means_id.partition(":")[2]), attempt.ctx)


def _limits(
    authenticators: Iterable[Authenticator], attempt: Attempt, named: str, *, stranger: bool, known: bool
) -> list[tuple[str, str]]:
    """What is charged. Sign-in, step-up, confirming and recovery never share a counter (pitfall P13, R18).

    A saved code is beyond guessing and is refused by no account counter (R12), so the owner always keeps one road that
    a stranger cannot use up. `named`: claims are counted together by the name they were begun with, not by the account
    it leads to, for a limit that only accounts have would tell which there are (ASVS 6.3.8); so are passwords.
    `stranger`: a claim that has shown nothing yet; so is every sign-in but from a browser that the account knows
    (`known`). Strangers use up half of a limit and leave the other half (R18). A known browser tries one account alone,
    so at sign-in its network is not charged: a neighbour in the same network cannot keep the owner out.
    """
    signing_in = attempt.purpose == "sign_in"
    stranger = stranger or (signing_in and not known)
    password = any(one.kind is Kind.PASSWORD for one in authenticators)
    guessable = any(one.guessable for one in authenticators)
    account = named or (str(attempt.user.pk) if attempt.user else f"nobody:{attempt.scope}")
    name = "password" if password and signing_in else attempt.purpose
    pairs = []
    if attempt.purpose == "recovery":
        pairs.append(("recovery.claim", attempt.scope))
    if guessable and (attempt.purpose != "recovery" or any(one.kind is Kind.TOTP for one in authenticators)):
        pairs.append((f"{name}.account", account))
        if stranger:
            pairs.append((f"{name}.stranger", account))
    if attempt.ctx.network and (stranger or not signing_in):
        pairs.append((f"{name}.network", attempt.ctx.network))
    return pairs


def _note_limit(user: User | None, purpose: str, limits: list[tuple[str, str]], ctx: ActorContext) -> None:
    """A limit was exceeded: in the history once an hour per subject, not once per try."""
    with transaction.atomic():
        if throttling.charge(("alert.limit", "|".join(f"{name}={subject}" for name, subject in limits))):
            events.record("limit.exceeded", user, ctx, purpose=purpose)
