"""Codes by SMS (M), a restricted authenticator (SP 800-63B-4 §3.1.3.3)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.authenticators.base import Attempt
from accounts.authenticators.issued import IssuedCode
from accounts.models import LineType, Phone, User
from policy.facts import Kind


class SmsCode(IssuedCode):
    """Only mobile lines: a virtual number is a weak contact and proves nothing (product §1 row 13)."""

    code = "sms"
    kind = Kind.SMS
    label = _("Code by SMS")
    model = Phone
    channel = "sms"
    second_factor = True

    def bound_to(self, user: User) -> QuerySet[Any]:
        return super().bound_to(user).filter(line_type=LineType.MOBILE, stopped_at=None)

    def rows(self, attempt: Attempt) -> QuerySet[Any]:
        found = super().rows(attempt)
        return found if attempt.purpose == "confirm" else found.filter(line_type=LineType.MOBILE, stopped_at=None)
