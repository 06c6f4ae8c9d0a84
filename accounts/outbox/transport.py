"""From a claimed row to a gateway: rendered now, with the code derived now, outside every transaction."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping

from django.core.exceptions import ImproperlyConfigured

from accounts import clock, numbers
from accounts.gateways import Accepted, Failed, Receipt, Result, mail_gateway, sms_gateway, sms_provider
from accounts.models import OutboxMessage
from accounts.outbox import mime
from accounts.outbox.letters import Obsolete, render
from accounts.outbox.messages import NO_GATEWAY

__all__ = ["Accepted", "Failed", "Receipt", "Result", "hand_over", "read_receipt"]
log = logging.getLogger("modoru.outbox")


def hand_over(row: OutboxMessage) -> Result:
    """Render the letter and give it to the channel's gateway. What goes wrong is an answer, never an exception."""
    if row.expires_at and row.expires_at <= clock.now():
        return Failed("expired", permanent=True)
    try:
        letter = render(row)
        if row.channel == "sms":
            if not numbers.may_text(row.to):
                return Failed("number", permanent=True)
            return sms_gateway().send(letter.sms, row.to, reference=row.pk.hex)
        return mail_gateway().send(mime.compose(row, letter), row.to)
    except Obsolete as gone:
        return Failed(f"obsolete: {gone}", permanent=True)
    except mime.BadAddress:
        return Failed("address", permanent=True)
    except ImproperlyConfigured:
        return Failed(NO_GATEWAY)
    except Exception as error:  # a fault of ours must not keep the row claimed; its words may name a person
        where = [f"{frame.name} {frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-3:]]
        log.error("letter could not be made", extra={"event": "letter_broken", "kind": row.kind, "where": where})
        return Failed(f"render: {type(error).__name__}")


def read_receipt(gateway: str, url: str, headers: Mapping[str, str], body: bytes) -> Receipt | None:
    """A provider's callback, if one of ours signed it."""
    try:
        provider = sms_provider(gateway)
    except ImproperlyConfigured:
        return None
    return provider.receipt(url, headers, body) if provider else None
