"""How the providers of SMS are doing."""

from __future__ import annotations

from django.db import models


class GatewayCircuit(models.Model):
    """One provider: how often it failed in a row, and until when the others are asked first."""

    name = models.CharField(max_length=120, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    rests_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name
