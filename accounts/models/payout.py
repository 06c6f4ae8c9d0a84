"""Payout addresses of the sample operation."""

from __future__ import annotations

from django.db import models

from accounts.models.means import Means, MeansQuerySet


class PayoutAddress(Means):
    """Where money may go. Not used before it is final (R8)."""

    address = models.CharField(max_length=120)

    objects = MeansQuerySet.as_manager()

    def __str__(self) -> str:
        return f"payout address {self.pk}"


class Withdrawal(models.Model):
    """A withdrawal asked for through the sample page: the host platform would pay it out."""

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="withdrawals")
    payout = models.ForeignKey(PayoutAddress, models.CASCADE)
    amount = models.DecimalField(max_digits=18, decimal_places=8)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"withdrawal {self.pk}"
