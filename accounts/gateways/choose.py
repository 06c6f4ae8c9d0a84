"""EMAIL_URL and SMS_URL → gateway. A wrong URL stops with one clear line."""

from __future__ import annotations

from functools import cache
from urllib.parse import parse_qsl, unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from accounts.gateways.base import MailGateway, SmsGateway
from accounts.gateways.preview import PreviewMail, PreviewSms
from accounts.gateways.smtp import SmtpMail

TLS = {"starttls": "starttls", "ssl": "ssl", "none": "none", "1": "starttls", "0": "none"}
PORTS = {"starttls": 587, "ssl": 465, "none": 25}


def mail_gateway() -> MailGateway:
    return _mail(settings.EMAIL_URL)


def sms_gateway() -> SmsGateway:
    return _sms(settings.SMS_URL)


@cache
def _mail(url: str) -> MailGateway:
    parts = urlsplit(url)
    if parts.scheme == "preview":
        return PreviewMail()
    tls = TLS.get(dict(parse_qsl(parts.query)).get("tls", "starttls"))
    if parts.scheme != "smtp" or not parts.hostname or tls is None:
        raise ImproperlyConfigured(
            'EMAIL_URL must be "preview:" or "smtp://user:password@host:port?tls=starttls|ssl|none".'
        )
    return SmtpMail(
        host=parts.hostname,
        port=parts.port or PORTS[tls],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=tls,
        helo=settings.PUBLIC_HOST,
    )


@cache
def _sms(url: str) -> SmsGateway:
    if urlsplit(url).scheme == "preview":
        return PreviewSms()
    raise ImproperlyConfigured('SMS_URL must be "preview:".')
