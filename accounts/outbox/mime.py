"""A rendered letter as a mail: two bodies, the headers that machines look at (conventions §4.1)."""

from __future__ import annotations

from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from django.conf import settings

from accounts import clock
from accounts.models import OutboxMessage
from accounts.outbox.letters import Letter


class BadAddress(Exception):
    """The recipient's address is none that a mail header can carry."""


def compose(row: OutboxMessage, letter: Letter) -> EmailMessage:
    """Text first and complete, then HTML. The Message-ID comes from the row, so a second try is the same mail (P53).

    Attack stopped: header injection; a line break in an address or subject is refused by the header classes.
    """
    name, sender = parseaddr(settings.MAIL_FROM)
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = letter.subject
    mail["From"] = Address(name, addr_spec=sender)
    try:
        mail["To"] = Address(addr_spec=row.to)
    except (ValueError, IndexError, MessageError) as error:
        raise BadAddress from error
    mail["Reply-To"] = settings.REPLY_TO
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = f"<{row.pk.hex}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    encoding = "quoted-printable" if letter.text.isascii() else "base64"
    mail.set_content(letter.text, cte=encoding)
    mail.add_alternative(letter.html, subtype="html", cte=encoding)
    mail["Content-Language"] = row.language  # after the bodies: their making moves every content header into a part
    return mail
