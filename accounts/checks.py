"""System checks: wrong settings stop the start with the reason."""

from __future__ import annotations

import re
from typing import Any

import maxminddb
from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004  Django's own name
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, ProgrammingError, connections
from two_factor.plugins.registry import registry

from accounts import countries, crypto
from accounts.authenticators.registry import SECOND_FACTORS
from accounts.gateways import mail_gateway, sms_gateway
from accounts.outbox import segments
from policy.rules import RULES

#: Tables of the sign-in engine and django-otp that must stay empty: what they hold stands readable (P4, P8, P9).
FOREIGN_TABLES = ("otp_totp.TOTPDevice", "otp_static.StaticDevice", "otp_static.StaticToken", "phonenumber.PhoneDevice")


@register(Tags.security)
def rules_make_sense(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """No number of the policy contradicts another or a standard's bound."""
    return [Error(problem, id="accounts.E001") for problem in RULES.problems()]


@register(Tags.security)
def registries_agree(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The engine offers exactly our second factors: it ignores doubles and guesses at strangers (conventions §7.3)."""
    ours, theirs = [one.code for one in SECOND_FACTORS], [method.code for method in registry.get_methods()]
    if sorted(ours) == sorted(theirs):
        return []
    return [Error(f"Sign-in methods registered with two_factor are {theirs}, ours are {ours}.", id="accounts.E002")]


@register(Tags.security)
def keys_parse(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Every encryption key has an id and 32 bytes."""
    try:
        crypto.seal(b"", "check")
    except (ImproperlyConfigured, ValueError, StopIteration) as problem:
        return [Error(f"ENCRYPTION_KEYS cannot be used: {problem}.", id="accounts.E003")]
    return []


@register(Tags.security)
def gateways_can_be_built(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """An address that no gateway can be made of is found at start, not by the first letter."""
    found: list[CheckMessage] = []
    for url, build in ((settings.EMAIL_URL, mail_gateway), (settings.SMS_URL, sms_gateway)):
        try:
            if url:
                build()
        except ImproperlyConfigured as problem:
            found.append(Error(str(problem), id="accounts.E010"))
    return found


@register(Tags.security)
def countries_can_be_read(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A GeoIP file that is none is found at start, not by the first claim."""
    try:
        countries.of("203.0.113.0/24")
    except (OSError, maxminddb.InvalidDatabaseError) as problem:
        return [Error(f"GEOIP_FILE cannot be read: {problem}.", id="accounts.E014")]
    return []


@register(Tags.security)
def brakes_on_sms_make_sense(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The brakes on SMS hold one another, and somebody can be told when they hold."""
    found: list[CheckMessage] = []
    if settings.SMS_PER_MINUTE > settings.SMS_PER_HOUR or settings.SMS_PER_RANGE > settings.SMS_PER_HOUR:
        found.append(Error("SMS_PER_MINUTE and SMS_PER_RANGE must not exceed SMS_PER_HOUR.", id="accounts.E011"))
    if wrong := [one for one in settings.OPERATOR_MAIL if not re.fullmatch(r"[^@\s]+@[^@\s]+", one)]:
        found.append(Error(f"OPERATOR_MAIL holds what is no address: {wrong[0]!r}.", id="accounts.E012"))
    return found


@register(Tags.security, deploy=True)
def texts_fit_one_segment(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A code's last line must reach the phone with the rest (WICG format); a notice may, at twice the price, not."""
    hint = "Shorten SERVICE_NAME, or the host in BASE_URL."
    found: list[CheckMessage] = []
    if codes := list(segments.long_codes()):
        found.append(Error(f"Codes longer than one SMS: {'; '.join(codes)}.", hint=hint, id="accounts.E013"))
    if told := list(segments.long_notices()):
        found.append(Warning(f"Notices longer than one SMS: {'; '.join(told)}.", hint=hint, id="accounts.W013"))
    return found


@register(Tags.security, deploy=True)
def safe_outside_of_development(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Codes reach people, and only over TLS."""
    found: list[CheckMessage] = []
    for name in ("EMAIL_URL", "SMS_URL"):
        if not getattr(settings, name) or getattr(settings, name).startswith("preview:"):
            found.append(Error(f"{name} is not set: letters would stay in the preview box.", id="accounts.E004"))
    if not settings.BASE_URL.startswith("https://"):
        found.append(Error("BASE_URL must begin with https://.", id="accounts.E005"))
    if settings.DEBUG:
        found.append(Error("DEBUG opens the outbox and lets the clock be moved.", id="accounts.E006"))
    if settings.ARGON2_MEMORY_KIB < 19 * 1024:
        found.append(Warning("ARGON2_MEMORY_KIB is below 19 MiB (OWASP Password Storage).", id="accounts.W001"))
    return found


@register(Tags.database)
def foreign_tables_are_empty(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Nothing was put into the engine's own device tables, whose seeds and codes are readable."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        present = _tables(alias)
        for label in FOREIGN_TABLES:
            model = apps.get_model(label)
            if model._meta.db_table in present and model._default_manager.using(alias).exists():
                found.append(Error(f"{model._meta.db_table} holds rows; it must stay empty.", id="accounts.E007"))
    return found


def _tables(alias: str) -> list[str]:
    try:
        return connections[alias].introspection.table_names()
    except (OperationalError, ProgrammingError):  # no database yet: nothing to look at
        return []
