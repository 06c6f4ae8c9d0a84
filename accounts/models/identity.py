"""Identity on file: who a person was proofed to be, sealed."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.db import models

from accounts import crypto
from accounts.models.means import Means, MeansQuerySet


class Identity(Means):
    """What agents checked against papers, or the host platform imported (SP 800-63A-4 IAL2 core attributes).

    `attributes`: family, given, born (ISO date), document, number, expires. Sealed for this row; `number_digest` is a
    keyed digest by which the same document on another account is found. Confirmed when agents have approved it.
    """

    class Source(models.TextChoices):
        HOST = "host"  # imported by the host platform: exempt from probation (R7)
        PAPERS = "papers"

    source = models.CharField(max_length=6, choices=Source, default=Source.PAPERS)
    attributes_sealed = models.TextField(blank=True)
    number_digest = models.CharField(max_length=64, blank=True, db_index=True)
    kind = "I"

    objects = MeansQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(revoked_at=None, suspended_by=None, confirmed_at__isnull=False),
                name="one_standing_identity",
            ),
        ]

    def __str__(self) -> str:
        return f"identity {self.pk}"

    @property
    def attributes(self) -> dict[str, str]:
        """The attributes; raises `crypto.Tampered` when the row was swapped or changed."""
        found: dict[str, str] = json.loads(crypto.unseal(self.attributes_sealed, f"identity:{self.pk}"))
        return found

    def set_attributes(self, attributes: dict[str, Any]) -> None:
        """Seal them for this row; the row must have its key."""
        self.attributes_sealed = crypto.seal(json.dumps(attributes).encode(), f"identity:{self.pk}")
        number = str(attributes.get("number", ""))
        self.number_digest = crypto.digest("identity/number", number).hex() if number else ""
