"""A saved recovery code from the drawer. No account counter ever refuses it (R12)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from policy.facts import Kind
from recovery.methods.base import Method


class SavedCode(Method):
    """A saved recovery code from the drawer. No account counter ever refuses it (R12)."""

    code = "saved-code"
    kind = Kind.SAVED_CODE
    label = _("Saved recovery code")
