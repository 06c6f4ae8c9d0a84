"""Codes by mail (E): for recovery and for confirming, never a second factor at sign-in (SP 800-63B-4 §3.1.3.1)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.authenticators.issued import IssuedCode
from accounts.models import Address
from policy.facts import Kind


class EmailCode(IssuedCode):
    """A code sent to a confirmed address. At sign-in it is asked only of an account that never had a factor (R19)."""

    code = "email"
    kind = Kind.EMAIL
    label = _("Code by email")
    model = Address
    channel = "mail"
