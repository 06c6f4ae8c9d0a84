"""What providers say later of a text they took: on the phone, or not. Shown to whoever waits for the code."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from accounts import clock, throttling
from accounts.context import ActorContext
from accounts.errors import Refused, Why
from accounts.models import OutboxMessage
from accounts.outbox import transport

log = logging.getLogger("modoru.outbox")
Delivery = OutboxMessage.Delivery

#: From where each word may still be taken. The order of callbacks is nobody's promise; the last word stays.
BEFORE: dict[str, tuple[str, ...]] = {
    Delivery.QUEUED: ("",),
    Delivery.SENT: ("", Delivery.QUEUED),
    Delivery.DELIVERED: ("", Delivery.QUEUED, Delivery.SENT),
    Delivery.UNDELIVERED: ("", Delivery.QUEUED, Delivery.SENT),
    Delivery.FAILED: ("", Delivery.QUEUED, Delivery.SENT),
}


def take(gateway: str, *, url: str, headers: Mapping[str, str], body: bytes, ctx: ActorContext) -> bool | Refused:
    """Write a signed word to its letter; False when it is about none of ours or says nothing new.

    Attacks stopped: forged delivery (WRONG, nothing written; P12), and guessing at signatures from one network.
    """
    charge = throttling.charge(("hook.network", ctx.network))
    if not charge:
        return Refused(Why.THROTTLED, until=charge.until)
    receipt = transport.read_receipt(gateway, url, headers, body)
    if receipt is None:
        log.warning("unsigned receipt", extra={"event": "sms_receipt_refused", "network": ctx.network})
        return Refused(Why.WRONG)
    charge.refund()
    if receipt.stage is None or not receipt.provider_id:
        return False
    return _note(gateway, receipt)


def _note(gateway: str, receipt: transport.Receipt) -> bool:
    stage, now = str(receipt.stage), clock.now()
    mine = OutboxMessage.objects.filter(
        channel="sms", gateway=gateway, provider_id=receipt.provider_id, delivery_state__in=BEFORE[stage]
    )
    bad = stage in (Delivery.UNDELIVERED, Delivery.FAILED)
    fields = {"delivered_at": now} if stage == Delivery.DELIVERED else {}
    changed = mine.update(delivery_state=stage, delivery_error=receipt.error[:40] if bad else "", **fields)
    if changed and bad:
        words = {"event": "sms_undelivered", "gateway": gateway, "error": receipt.error}
        log.warning("text not delivered", extra=words)
    return bool(changed)
