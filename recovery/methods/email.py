"""A code by mail. All mailboxes are one method (R1)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from policy.facts import Kind
from recovery.methods.base import Method


class Email(Method):
    """A code by mail. All mailboxes are one method (R1)."""

    code = "email"
    kind = Kind.EMAIL
    label = _("Code by email")
    channel = "mail"
