"""The only rooms that talk outward: mail and SMS, chosen by EMAIL_URL and SMS_URL."""

from __future__ import annotations

from accounts.gateways.base import Accepted, Failed, MailGateway, Receipt, Result, SmsGateway
from accounts.gateways.choose import mail_gateway, sms_gateway, sms_provider

__all__ = [
    "Accepted",
    "Failed",
    "MailGateway",
    "Receipt",
    "Result",
    "SmsGateway",
    "mail_gateway",
    "sms_gateway",
    "sms_provider",
]
