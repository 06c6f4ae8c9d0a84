"""A code by SMS to another number that was confirmed before; never to the lost one (R1)."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from policy.facts import Kind
from recovery.methods.base import Method
from recovery.models import Case


class Sms(Method):
    """A code by SMS to another counting number. In the same class as mail, so beside mail it adds nothing (R4)."""

    code = "sms"
    kind = Kind.SMS
    label = _("Code by SMS to another number")
    channel = "sms"

    def offered(self, case: Case, shown: Collection[Kind]) -> bool:
        """Not after SIM theft, where the thief may hold every line, and not beside mail: they count as one."""
        return super().offered(case, shown) and case.situation != "stolen_sim" and Kind.EMAIL not in shown
