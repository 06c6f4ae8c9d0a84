"""EMAIL_URL and SMS_URL → gateway. A wrong URL stops with one clear line, which never repeats the secret in it."""

from __future__ import annotations

import ipaddress
import re
from functools import cache
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse

from accounts.gateways.base import MailGateway, SmsGateway, SmsProvider
from accounts.gateways.failover import Failover
from accounts.gateways.generic import GenericSms
from accounts.gateways.preview import PreviewMail, PreviewSms
from accounts.gateways.smtp import SmtpMail
from accounts.gateways.twilio import TwilioSms

TLS = {"starttls": "starttls", "ssl": "ssl", "none": "none", "1": "starttls", "0": "none"}
PORTS = {"starttls": 587, "ssl": 465, "none": 25}
SMS_FORMS = (
    'SMS_URL must be "preview:", or one or more of "twilio://SID:TOKEN@host?from=+1…" (or "?service=MG…") and '
    '"https://user:secret@host/path", separated by white space.'
)


def mail_gateway() -> MailGateway:
    return _mail(settings.EMAIL_URL)


def sms_gateway() -> SmsGateway:
    """What takes a text: the preview box, or all providers in their order."""
    if settings.SMS_URL.strip() == "preview:":
        return PreviewSms()
    return _failover(settings.SMS_URL, settings.BASE_URL)


def sms_provider(name: str) -> SmsProvider | None:
    """The provider of that name, to judge its callback."""
    if settings.SMS_URL.strip() in ("", "preview:"):
        return None
    providers = _failover(settings.SMS_URL, settings.BASE_URL).providers
    return next((one for one in providers if one.name == name), None)


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
def _failover(urls: str, base: str) -> Failover:
    providers: list[SmsProvider] = []
    for url in urls.split():
        one = _provider(url, {known.name for known in providers}, base)
        if one is None:
            raise ImproperlyConfigured(SMS_FORMS)
        providers.append(one)
    if not providers:
        raise ImproperlyConfigured(SMS_FORMS)
    return Failover(tuple(providers))


def _provider(url: str, taken: set[str], base: str) -> SmsProvider | None:
    try:
        parts = urlsplit(url)
        name = _name(parts, taken)
    except ValueError:  # a port that is none, brackets that do not close
        return None
    # No provider can call a development machine back, and Twilio refuses a letter that asks for it.
    callback = base + reverse("sms_status", args=[name]) if base.startswith("https://") else ""
    if parts.scheme == "twilio":
        return _twilio(parts, name, callback)
    loopback = parts.scheme == "http" and _loopback(parts)
    if not parts.hostname or not (parts.scheme == "https" or loopback):
        return None
    user, secret = unquote(parts.username or ""), unquote(parts.password or "")
    if user and not secret:  # https://token@host
        user, secret = "", user
    return GenericSms(name, parts._replace(netloc=_host(parts), fragment="").geturl(), user, secret, callback)


def _twilio(parts: SplitResult, name: str, callback: str) -> TwilioSms | None:
    query = dict(parse_qsl(parts.query.replace("+", "%2B"), keep_blank_values=True))
    account, token = unquote(parts.username or ""), unquote(parts.password or "")
    sender, service, tls = query.pop("from", ""), query.pop("service", ""), query.pop("tls", "1")
    good = re.fullmatch(r"[A-Za-z0-9]+", account) and token and not parts.path.strip("/") and not query
    good = good and (bool(re.fullmatch(r"\+?[0-9]{3,15}|[A-Za-z0-9 ]{1,11}", sender)) != service.startswith("MG"))
    if not good or (sender and service) or tls not in ("0", "1") or (tls == "0" and not _loopback(parts)):
        return None
    chosen = ("From", sender) if sender else ("MessagingServiceSid", service)
    base = f"{'https' if tls == '1' else 'http'}://{_host(parts) or 'api.twilio.com'}"
    return TwilioSms(name, base, account, token, chosen, callback)


def _host(parts: SplitResult) -> str:
    return parts.netloc.rpartition("@")[2]


def _name(parts: SplitResult, taken: set[str]) -> str:
    """What rows, logs and the callback's address call it: its host. A second one there is told apart by a number."""
    host = re.sub(r"[^a-z0-9.-]", "", (parts.hostname or "").replace(":", "-")) or parts.scheme
    stem = f"{host}-{parts.port}" if parts.port else host
    return next(name for name in (stem, *(f"{stem}-{number}" for number in range(2, 99))) if name not in taken)


def _loopback(parts: SplitResult) -> bool:
    """Without TLS only to this machine. Attack stopped: codes and credentials read on the way."""
    host = parts.hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
