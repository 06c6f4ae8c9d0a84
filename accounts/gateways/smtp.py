"""Mail by SMTP: a connection for each letter, timeouts everywhere, the server's word kept apart from our own faults."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parseaddr

from accounts.gateways.base import TIMEOUT, Accepted, Failed, Result


@dataclass(frozen=True, slots=True)
class SmtpMail:
    """`tls`: "starttls" (demanded, never merely tried), "ssl", or "none" for a server on the same machine."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    tls: str = "starttls"
    timeout: float = TIMEOUT
    helo: str = "localhost"  # our name in EHLO: asked of the settings, not of a name server

    def send(self, message: EmailMessage, to: str) -> Result:
        """Permanent is only what the server says of this recipient or this text; a wrong password here is our fault."""
        try:
            server = self._connect()
        except (OSError, smtplib.SMTPException) as error:
            return Failed(_say("connect", error))
        try:
            server.send_message(message, parseaddr(message["From"])[1], [to])
        except smtplib.SMTPRecipientsRefused as error:
            code = max(code for code, _ in error.recipients.values())
            return Failed(f"recipient {code}", permanent=code >= 500)
        except smtplib.SMTPDataError as error:
            return Failed(f"data {error.smtp_code}", permanent=error.smtp_code >= 500)
        except smtplib.SMTPNotSupportedError:
            return Failed("address needs SMTPUTF8", permanent=True)
        except (OSError, smtplib.SMTPException) as error:
            return Failed(_say("send", error))
        finally:
            with contextlib.suppress(OSError, smtplib.SMTPException):  # it has the letter: a lost goodbye is no failure
                server.quit()
        return Accepted(str(message["Message-ID"]))

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.tls == "ssl":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=self.timeout, local_hostname=self.helo, context=context
            )
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self.timeout, local_hostname=self.helo)
        try:
            if self.tls == "starttls":
                server.starttls(context=context)
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server


def _say(stage: str, error: Exception) -> str:
    """Class and code, without the server's prose: it may name the recipient."""
    code = getattr(error, "smtp_code", "")
    return f"{stage}: {type(error).__name__} {code}".strip()
