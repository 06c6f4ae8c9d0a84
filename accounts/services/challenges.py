"""Codes that we send: issue one, check one. Every code belongs to one request, and a newer one kills the older."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction

from accounts import clock, crypto, events, numbers, outbox, throttling
from accounts.authenticators import issued
from accounts.context import ActorContext
from accounts.errors import Refused, Why
from accounts.models import Challenge, User
from accounts.outbox import Progress
from accounts.outbox.messages import enqueue
from accounts.throttling import Charge
from policy.rules import RULES

#: Numbers with the same first digits (+ and seven of them) are one range: pumpers rent them in blocks.
RANGE = 8
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
    unknown: bool = False,
) -> Challenge | Refused:
    """Send a fresh code for one request, or say when the next may be sent.

    Attacks stopped: toll fraud and flooding of a mailbox (cool-down and limits per number, address, account and
    network, over all numbers and ranges of them; pitfall P14), and guessing on by asking again (wrong tries count per
    request, not per code; ASVS 6.6.2). The code itself is derived when the letter is rendered and stands nowhere.
    `stranger`: it is asked for by somebody who has shown nothing; half of what may be sent is kept from them (R18).
    `unknown`: by somebody with the right password, in a browser that the account does not know; half of what may be
    sent to this one number or address is kept from them.
    """
    now = clock.now()
    if channel == "sms" and not numbers.may_text(to):
        return Refused(Why.UNFIT, detail="no_sms")
    with transaction.atomic():
        if user is not None:  # two clicks at one instant queue here and send one code
            User.objects.select_for_update().only("pk").get(pk=user.pk)
        last = Challenge.objects.select_for_update().filter(scope=scope, to=to).order_by("-created_at").first()
        if last and now < last.created_at + RULES.sms_cooldown:
            return Refused(Why.THROTTLED, until=last.created_at + RULES.sms_cooldown, detail="sent_just_now")
        charge = throttling.charge(*_limits(channel, to, user, ctx, stranger=stranger, unknown=unknown))
        if not charge:
            return _too_many(charge, ctx)
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


def progress(challenge: Challenge | None) -> Progress | None:
    """How far a code has come, for the page that waits for it: "over" once it is too old to be typed."""
    if challenge is None:
        return None
    if clock.now() >= challenge.expires_at:
        return Progress("over", challenge.channel)
    return outbox.progress(f"code:{challenge.pk}")


def _too_many(charge: Charge, ctx: ActorContext) -> Refused:
    """Which limit it was: the person's own, or the brake on all SMS, of which the operators are told once an hour.

    Attack stopped: SMS pumping through many numbers, accounts and networks at once (P14): somebody looks at it.
    """
    brakes = sorted(name for name in charge.full if name.startswith(("sms.global", "sms.range")))
    if not brakes:
        return Refused(Why.THROTTLED, until=charge.until, detail="sent_too_often")
    if throttling.charge(("alert.limit", "sms.brake")):
        event = events.record("sms.sending.paused", None, ctx, limit=brakes[0])
        for address in settings.OPERATOR_MAIL:
            enqueue(
                "operators/sms_paused",
                channel="mail",
                to=address,
                data={"event": event.pk},
                dedupe=f"event:{event.pk}:{address}"[:160],
                urgent=True,
            )
    return Refused(Why.THROTTLED, until=charge.until, detail="sms_paused")


def _limits(
    channel: str, to: str, user: User | None, ctx: ActorContext, *, stranger: bool, unknown: bool
) -> list[tuple[str, str]]:
    pairs = [("sms.number", to)] if channel == "sms" else [("mail.address", to)]
    if channel == "sms":
        pairs += [("sms.global", ""), ("sms.range", to[:RANGE])]
    if channel == "sms" and user is not None:
        pairs.append(("sms.account", str(user.pk)))
    if stranger or unknown:
        pairs.append((f"{channel}.stranger", to))
    if stranger and channel == "sms":
        pairs += [("sms.global_stranger", ""), ("sms.range_stranger", to[:RANGE])]
    if ctx.network:
        pairs.append((f"{channel}.network", ctx.network))
    return pairs
