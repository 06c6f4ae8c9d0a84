"""Keys with which the host platform asks how an account stands."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class ApiKey(models.Model):
    """One bearer key. Its secret was shown once; kept is a keyed hash that is useless to whoever reads the table."""

    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=8, unique=True)  # names the key in lists and finds its row
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)  # written at most once a minute
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(revoked_at=None), name="one_living_key_of_a_name"
            )
        ]

    def __str__(self) -> str:
        return f"key {self.prefix}"
