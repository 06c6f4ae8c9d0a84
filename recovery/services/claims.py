"""Claims: begun by anybody, alike for everybody; only the worker's half looks at the user table (product §6, R12)."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from accounts import bell, clock, crypto, throttling
from accounts.context import ActorContext
from accounts.errors import Refused, Why
from accounts.models import Address, Phone, User, email_key
from accounts.services import challenges
from policy.proofs import counting
from policy.rules import RULES
from recovery import methods, references, risks, selectors
from recovery.models import Case, CaseRequest
from recovery.states import ENDED, State


@dataclass(frozen=True, slots=True)
class Started:
    """A new claim and the secret that only this browser gets."""

    case: Case
    secret: str


def start(
    *,
    situation: str,
    identifier: str,
    identifier_kind: str,
    lost_number: str,
    ctx: ActorContext,
    timezone: str,
    browsers: Collection[str] = (),
) -> Started | Refused:
    """Begin a claim without looking at any account: the same rows, work and answer for known and unknown people.

    Stops account enumeration (ASVS 6.3.8; SP 800-63A-4 §3.2.1-R5).
    """
    charge = throttling.charge(("request.network", ctx.network))
    if not charge:
        return Refused(Why.THROTTLED, until=charge.until)
    secret = secrets.token_urlsafe(32)
    now = clock.now()
    while True:
        reference = references.new()
        try:
            with transaction.atomic():
                case = Case.objects.create(
                    reference=reference,
                    secret_digest=secret_digest(reference, secret),
                    situation=situation,
                    identifier=identifier,
                    identifier_kind=identifier_kind,
                    lost_number=lost_number,
                    language=ctx.language,
                    timezone=timezone,
                    network=ctx.network,
                    agent=ctx.agent,
                    browsers=sorted(browsers),
                    created_at=now,
                    expires_at=now + RULES.claim_life,
                )
                bell.ring("recovery.resolve_claim", case.pk)
        except IntegrityError:  # the reference is taken
            continue
        return Started(case, secret)


def secret_digest(reference: str, secret: str) -> str:
    """What is kept of a case's secret: useless to whoever reads the table."""
    return crypto.digest("case/secret", reference, secret).hex()


def holds(case: Case, secret: str) -> bool:
    """Is this the secret of the case? In constant time."""
    return crypto.same(case.secret_digest, secret_digest(case.reference, secret))


def request_code(case: Case, method: str, to: str, ctx: ActorContext) -> CaseRequest | Refused:
    """Ask for a code to be sent to what was typed. A worker decides; the page answers everybody alike (P39)."""
    charge = throttling.charge(("request.network", ctx.network))
    if not charge:
        return Refused(Why.THROTTLED, until=charge.until)
    if case.is_over(clock.now()):
        return Refused(Why.STATE)
    with transaction.atomic():
        request = CaseRequest.objects.create(
            reference=case.reference,
            kind=CaseRequest.Kind(method),
            to=to,
            network=ctx.network,
            agent=ctx.agent,
            language=ctx.language,
            created_at=clock.now(),
        )
        bell.ring("recovery.answer_request", request.pk)
    return request


def keep(reference: str, until: datetime) -> None:
    """Papers were sent to a claim: it lives until they are looked at or destroyed. Alike for all (§6)."""
    Case.objects.claims().filter(reference=reference, expires_at__lt=until).update(expires_at=until)


# The worker's half


def resolve(case_id: str | int) -> None:
    """Find whose claim it is and, when it began with an address that counts, send the first code. Idempotent."""
    case = Case.objects.filter(pk=case_id, resolved_at=None).first()
    if case is None or case.is_over(clock.now()):
        return
    user = _owner(case)
    with transaction.atomic():
        found = {"user": user, "risks": sorted(risks.of_claim(case, user)), "browsers": [], "resolved_at": clock.now()}
        if not Case.objects.filter(pk=case.pk, resolved_at=None).update(**found):
            return
        case.refresh_from_db()
        if user is not None and case.identifier_kind == "email":
            send(case, "email", case.identifier)


def send(case: Case, method: str, to: str) -> None:
    """Send a code of this method, if `to` counts for the account of the claim and the claim may send codes at all.

    Stops codes for strangers' addresses, for the dead or stolen number, and an owner flooded by claims (R2, R12).
    The code goes to the address as its owner registered it: what was typed may look the same and be another mailbox.
    """
    row = _registered(case, method, to) if case.user and case.state not in ENDED else None
    if case.user is None or row is None or not _may_send(case):
        return
    way = methods.get(method)
    challenges.issue(
        "recovery",
        way.scope(case),
        way.channel,
        row.email if isinstance(row, Address) else row.number,
        ctx=ActorContext(actor="claimant", network=case.network, agent=case.agent, language=case.language),
        user=case.user,
        means_id=row.means_id,
        language=case.user.language,
        timezone=case.user.timezone,
        stranger=case.state == State.OPENED,
    )


def _registered(case: Case, method: str, to: str) -> Address | Phone | None:
    """The counting address or number of the account that was typed."""
    if to == case.lost_number:
        return None
    model, field = (Address, "key") if method == "email" else (Phone, "number")
    value = email_key(to) if method == "email" else to
    rows = {
        row.means_id: row for row in model._default_manager.filter(user=case.user, revoked_at=None, **{field: value})
    }
    # A number a code is asked for is at hand: only the one named by the claimant stays lost.
    given = selectors.with_at_hand(selectors.facts(case), rows)
    return next((rows[means.id] for means in counting(given) if means.id in rows), None)


def _may_send(case: Case) -> bool:
    """R12: at most so many claims a day may send codes to one account; asked once a claim.

    Not of a claim in which something was shown: strangers use up only their own share (R18), so that an owner whose
    codes they have used up shows another proof first.
    """
    if case.state != State.OPENED:
        return True
    if case.codes_allowed is None:
        charge = throttling.charge(("claim.account", str(case.user_id)))
        if not Case.objects.filter(pk=case.pk, codes_allowed=None).update(codes_allowed=bool(charge)):
            charge.refund()
        case.refresh_from_db(fields=["codes_allowed"])
    return bool(case.codes_allowed)


def _owner(case: Case) -> User | None:
    """Whose account the address or number is, or was within the last 30 days; nobody's when several have the number."""
    now = clock.now()
    lately = Q(revoked_at=None) | Q(revoked_at__gt=now - RULES.removed_address_told_for)
    mine = Q(confirmed_at__isnull=False, user__is_active=True)
    if case.identifier_kind == "email":
        rows: QuerySet[Any] = Address.objects.filter(
            lately, mine, key=email_key(case.identifier), added_by__undone_at=None
        )
    else:
        rows = Phone.objects.filter(lately, mine, number=case.identifier, added_by__undone_at=None)
    found = list(rows.select_related("user").order_by("pk"))
    standing = {row.user_id: row.user for row in found if row.revoked_at is None}
    candidates = standing or {row.user_id: row.user for row in found}
    return next(iter(candidates.values())) if len(candidates) == 1 else None


def sweep(now: datetime, limit: int) -> int:
    """Resolve what the bell missed."""
    waiting = Case.objects.filter(resolved_at=None, state=State.OPENED, expires_at__gt=now)
    ids = list(waiting.order_by("created_at").values_list("pk", flat=True)[:limit])
    for pk in ids:
        resolve(pk)
    return len(ids)
