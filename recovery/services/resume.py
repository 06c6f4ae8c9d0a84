"""The case in another browser: a mailed link shows it, a proof from outside that mailbox moves it (R12)."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.db import transaction

from accounts import bell, clock, events, throttling
from accounts.context import ActorContext
from accounts.errors import Refused, Why
from accounts.models import Address, email_key
from accounts.outbox import messages
from accounts.services import links
from policy.custody import custody
from policy.facts import Facts, Proof
from policy.proofs import counting
from policy.rules import RULES
from recovery import selectors
from recovery.models import Case, CaseRequest, Rebinding
from recovery.services.claims import secret_digest
from recovery.states import State


def request(reference: str, email: str, ctx: ActorContext) -> CaseRequest | Refused:
    """Ask for the link that shows a case. Written alike whether the case, the account or the address exists."""
    charge = throttling.charge(("request.network", ctx.network))
    if not charge:
        return Refused(Why.THROTTLED, until=charge.until)
    with transaction.atomic():
        row = CaseRequest.objects.create(
            reference=reference,
            kind=CaseRequest.Kind.RESUME,
            to=email_key(email),
            network=ctx.network,
            agent=ctx.agent,
            language=ctx.language,
            created_at=clock.now(),
        )
        bell.ring("recovery.answer_request", row.pk)
    return row


def send(case: Case, asked: CaseRequest) -> None:
    """Mail the link, if the case has a first proof and the address counts for its account. The worker's half."""
    if case.user is None or case.state == State.OPENED:
        return
    row = Address.objects.usable().filter(user=case.user, key=asked.to).first()
    if row is None or row.means_id not in {means.id for means in counting(selectors.facts(case))}:
        return
    if not throttling.charge(("mail.address", asked.to), ("mail.network", asked.network)):
        return
    link = links.make("resume", user=case.user, subject=f"case:{case.reference}", to=row.email, life=_life(case))
    messages.enqueue(
        "case/resume",
        channel="mail",
        to=row.email,
        user=case.user,
        language=case.user.language,
        timezone=case.user.timezone,
        data={"link": str(link.pk), "case": case.reference},
        dedupe=f"resume:{link.pk}",
    )


def _life(case: Case) -> timedelta:
    """As long as the case can last."""
    now = clock.now()
    if case.state != State.ON_HOLD:
        return case.expires_at - now
    return (case.ready_at or now + (case.wait or timedelta())) + RULES.ready_life - now


def moves(given: Facts, proof: Proof) -> bool:
    """Does this proof, shown in a browser that came by a mailed link, lie outside the mailbox?

    Stops a thief of the mailbox from finishing a case its owner began (R12; SP 800-63A-4 §3.9).
    """
    return "mailbox" not in custody(proof, given)


def move(case: Case, ctx: ActorContext) -> str:
    """Give the case a new secret for this browser; the one before no longer opens it. In the caller's transaction.

    What the other browser was about to bind goes with it: only who holds the case at the end chose what it binds (R16).
    """
    secret = secrets.token_urlsafe(32)
    Rebinding.objects.filter(case=case).delete()
    Case.objects.filter(pk=case.pk).update(secret_digest=secret_digest(case.reference, secret))
    events.record("case.moved", case.user, ctx, case_reference=case.reference, case=case.reference)
    return secret
