"""Codes that we send: issue one, check one. Every code belongs to one request, and a newer one kills the older."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from accounts import clock, crypto, events, throttling
from accounts.authenticators import issued
from accounts.context import ActorContext
from accounts.errors import Refused, Why
from accounts.models import Challenge, User
from accounts.outbox.messages import enqueue
from policy.rules import RULES

LIVES = {"sms": RULES.sms_code_life, "mail": RULES.email_code_life}


def issue(
    purpose: str,
    scope: str,
    channel: str,
    to: str,
    *,
    ctx: ActorContext,
    user: User | None = None,
    means_id: str = "",
    language: str = "ja",
    timezone: str = "Asia/Tokyo",
    life: timedelta | None = None,
    stranger: bool = False,
) -> Challenge | Refused:
    """Send a fresh code for one request, or say when the next may be sent.

    Attacks stopped: toll fraud and flooding of a mailbox (cool-down and limits per number, address, account and
    network; pitfall P14), and guessing on by asking again (wrong tries count per request, not per code; ASVS 6.6.2).
    The code itself is derived when the letter is rendered and stands nowhere. `stranger`: it is asked for by somebody
    who has shown nothing; half of what may be sent is kept from them (R18).
    """
    now = clock.now()
    with transaction.atomic():
        if user is not None:  # two clicks at one instant queue here and send one code
            User.objects.select_for_update().only("pk").get(pk=user.pk)
        last = Challenge.objects.select_for_update().filter(scope=scope, to=to).order_by("-created_at").first()
        if last and now < last.created_at + RULES.sms_cooldown:
            return Refused(Why.THROTTLED, until=last.created_at + RULES.sms_cooldown, detail="sent_just_now")
        charge = throttling.charge(*_limits(channel, to, user, ctx, stranger=stranger))
        if not charge:
            return Refused(Why.THROTTLED, until=charge.until, detail="sent_too_often")
        Challenge.objects.filter(scope=scope, spent_at=None, superseded_at=None).update(superseded_at=now)
        challenge = Challenge.objects.create(
            purpose=purpose,
            scope=scope,
            channel=channel,
            to=to,
            user=user,
            means_id=means_id,
            nonce=crypto.nonce(),
            created_at=now,
            expires_at=now + (life or LIVES[channel]),
        )
        enqueue(
            f"codes/{purpose}",
            channel=channel,
            to=to,
            user=user,
            language=language,
            timezone=timezone,
            data={"challenge": str(challenge.pk)},
            dedupe=f"code:{challenge.pk}",
            urgent=True,
            expires_at=challenge.expires_at,
        )
    return challenge


def check(scope: str, code: str, *, ctx: ActorContext) -> Challenge | Refused:
    """Spend the newest code of a request that has no account yet, or whose address is not bound yet.

    Five wrong tries kill the code. Whoever may ask for many codes charges a limit of his own; codes of an account go
    through `verify`.
    """
    plain = issued.shape(code)
    if plain is None:
        return Refused(Why.SHAPE)
    with transaction.atomic():
        outcome = issued.spend(scope, plain, clock.now())
        if isinstance(outcome, Refused):
            issued.failed(scope)
            events.record("code.refused", None, ctx, why=outcome.why.value)
    return outcome


def newest(scope: str) -> Challenge | None:
    """The latest code sent for a request: where it went and when, for the page that waits for it."""
    return Challenge.objects.filter(scope=scope).order_by("-created_at").first()


def _limits(channel: str, to: str, user: User | None, ctx: ActorContext, *, stranger: bool) -> list[tuple[str, str]]:
    pairs = [("sms.number", to)] if channel == "sms" else [("mail.address", to)]
    if channel == "sms" and user is not None:
        pairs.append(("sms.account", str(user.pk)))
    if stranger:
        pairs.append((f"{channel}.stranger", to))
    if ctx.network:
        pairs.append((f"{channel}.network", ctx.network))
    return pairs
