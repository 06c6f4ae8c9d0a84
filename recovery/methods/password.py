"""The password. One set by mail counts as a code by mail (R3)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from policy.facts import Kind
from recovery.methods.base import Method


class Password(Method):
    """The password. One set by mail counts as a code by mail (R3)."""

    code = "password"
    kind = Kind.PASSWORD
    label = _("Password")
