"""A code from an authenticator app that is still at hand."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from policy.facts import Kind
from recovery.methods.base import Method


class Totp(Method):
    """A code from an authenticator app that is still at hand."""

    code = "totp"
    kind = Kind.TOTP
    label = _("Authenticator app")
