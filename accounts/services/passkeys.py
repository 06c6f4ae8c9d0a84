"""Passkeys: what a browser is asked, signing in with one alone, adding, naming, and what devices are told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django_otp_webauthn.models import WebAuthnUserHandle
from webauthn.helpers import bytes_to_base64url

from accounts import clock, events, nonces, normalise, relying_party
from accounts.context import ActorContext
from accounts.errors import Refused, Why
from accounts.models import Passkey, UsedChallenge, User
from accounts.relying_party import RelyingParty
from accounts.selectors import Holdings
from accounts.services import binding, browsers, changes, verify
from accounts.services.sign_in import Passed
from policy.deeds import BindAuthenticator
from policy.facts import Kind, Session

DEED = BindAuthenticator(Kind.PASSKEY)


def asked(purpose: str, scope: str, *, of: Sequence[Passkey] = (), verified: bool = True) -> dict[str, Any]:
    """What to ask a browser for: one of these passkeys, or any of this portal. Writes nothing."""
    party = RelyingParty(nonces.make(purpose, scope), of=of)
    options, _state = party.authenticate_begin(require_user_verification=verified)
    return dict(options)


def asked_to_add(user: User, scope: str) -> dict[str, Any]:
    """What to ask a browser that shall make a passkey. Its owner's handle is random and says nothing (pitfall P31)."""
    with transaction.atomic():
        options, _state = RelyingParty(nonces.make("confirm", scope)).register_begin(user)
    return dict(options)


def sign_in(secret: str, *, scope: str, ctx: ActorContext) -> Passed | Refused:
    """A passkey alone, which must have verified the person. Of an unknown one `detail` holds the id, to be forgotten.

    Whose it is, only the passkey says; the one service then verifies it as that person's and nobody else's.
    """
    answer = relying_party.answer(secret)
    row = Passkey.objects.filter(credential_id_sha256=answer.digest, revoked_at=None).first() if answer else None
    user = User.objects.filter(pk=row.user_id, is_active=True).first() if row else None
    known = browsers.counts(user, ctx)
    proof = verify.verify(user, "passkey", secret, purpose="sign_in", scope=scope, ctx=ctx, known=known)
    if isinstance(proof, Refused):
        unknown = answer.credential.id if answer and row is None and proof.why is Why.WRONG else ""
        return Refused(proof.why, until=proof.until, detail=unknown)
    assert user is not None  # noqa: S101  nobody's passkey is never right
    return Passed(user, proof)


def add(
    user: User, given: str, name: str, *, scope: str, session: Session, keep: str | None, ctx: ActorContext
) -> Passkey | Refused:
    """Bind what the browser made, on probation like everything new (R7).

    Attacks stopped: an answer made for another session or long ago, the same answer twice (double submit, P31), and a
    passkey that is on an account already.
    """
    verdict = changes.ask(user, DEED, session)
    if isinstance(verdict, Refused):
        return verdict
    read = _read(given)
    if read is None:
        return Refused(Why.SHAPE)
    made, challenge = read
    stale = nonces.fault(challenge, "confirm", scope, clock.now())
    if stale is not None:
        return stale
    with transaction.atomic():
        owner = User.objects.select_for_update().get(pk=user.pk)
        row = _register(owner, made, challenge, ctx)
        if isinstance(row, Refused):
            return row
        row.name = normalise.person_name(name)[:64] or row.name
        row.save(update_fields=["name"])
        User.objects.filter(pk=owner.pk).update(ever_had_factor=True)
        binding.bind(owner, row, "passkey.added", verdict, ctx, keep=keep)
    user.refresh_from_db()
    return row


def _read(given: str) -> tuple[dict[str, Any], bytes] | None:
    if len(given) > relying_party.LONGEST:
        return None
    try:
        made = json.loads(given)
        return made, relying_party.challenge_in(made)
    except relying_party.FAULTS:
        return None


def _register(owner: User, made: dict[str, Any], challenge: bytes, ctx: ActorContext) -> Passkey | Refused:
    """The record itself, in the caller's transaction and under its lock of the account."""
    _, fresh = UsedChallenge.objects.get_or_create(
        digest=nonces.digest(challenge), defaults={"expires_at": clock.now() + 2 * nonces.LIFE}
    )
    if not fresh:
        return Refused(Why.SPENT)
    try:
        return RelyingParty(challenge, agent=ctx.agent).register(owner, made)
    except relying_party.Known:
        return Refused(Why.TAKEN)
    except relying_party.FAULTS:
        return Refused(Why.WRONG)


def owned(user: User, pk: int) -> Passkey | None:
    """The person's own standing passkey of that number; somebody else's does not exist."""
    return Passkey.objects.standing().filter(user=user, pk=pk).select_related("added_by", "suspended_by").first()


def rename(user: User, pk: int, name: str, *, ctx: ActorContext) -> bool:
    """Give a passkey another name; it changes nothing else, so it needs no step-up."""
    short = normalise.person_name(name)[:64]
    with transaction.atomic():
        renamed = Passkey.objects.standing().filter(user=user, pk=pk).update(name=short)
        if renamed:
            events.record("passkey.renamed", user, ctx, means=f"passkey:{pk}")
    return bool(renamed)


@dataclass(frozen=True, slots=True)
class Signal:
    """What a device is told, so that it offers no passkey that signs nobody in (WebAuthn §5.1.10)."""

    user_id: str
    accepted: str  # ids with a space between


def signal(held: Holdings) -> Signal | None:
    """Whose passkeys still count, by the ids that the devices know; None for who never had one."""
    handle = WebAuthnUserHandle.objects.filter(user=held.user).first()
    if handle is None:
        return None
    stay = [bytes_to_base64url(bytes(row.credential_id)) for row in held.passkeys if not held.suspended(row)]
    return Signal(bytes_to_base64url(handle.handle), " ".join(stay))
