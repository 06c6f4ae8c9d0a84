"""From a claimed row to a gateway: rendered now, with the code derived now, outside every transaction."""

from __future__ import annotations

import logging
import traceback

import phonenumbers
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from accounts import clock
from accounts.gateways import Accepted, Failed, Result, mail_gateway, sms_gateway
from accounts.models import OutboxMessage
from accounts.outbox import mime
from accounts.outbox.letters import Obsolete, render

__all__ = ["Accepted", "Failed", "Result", "hand_over"]
log = logging.getLogger("modoru.outbox")


def hand_over(row: OutboxMessage) -> Result:
    """Render the letter and give it to the channel's gateway. What goes wrong is an answer, never an exception."""
    if row.expires_at and row.expires_at <= clock.now():
        return Failed("expired", permanent=True)
    try:
        letter = render(row)
        if row.channel == "sms":
            return sms_gateway().send(letter.sms, row.to) if _may_text(row.to) else Failed("country", permanent=True)
        return mail_gateway().send(mime.compose(row, letter), row.to)
    except Obsolete as gone:
        return Failed(f"obsolete: {gone}", permanent=True)
    except mime.BadAddress:
        return Failed("address", permanent=True)
    except ImproperlyConfigured:
        return Failed("no gateway configured")
    except Exception as error:  # a fault of ours must not keep the row claimed; its words may name a person
        where = [f"{frame.name} {frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-3:]]
        log.error("letter could not be made", extra={"event": "letter_broken", "kind": row.kind, "where": where})
        return Failed(f"render: {type(error).__name__}")


def _may_text(number: str) -> bool:
    """Only countries on the list. Attack stopped: toll fraud by numbers that got past a form (pitfall P14)."""
    try:
        region = phonenumbers.region_code_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False
    return region in settings.SMS_COUNTRIES
