"""Passkeys, and the challenges that were answered."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F

from accounts.models.means import Means, MeansQuerySet
from accounts.models.user import User

# The library's models ask for the user model when they are loaded, so ours comes first.
# isort: split
from django_otp_webauthn.models import AbstractWebAuthnCredential, as_credential_descriptors


class PasskeyQuerySet(MeansQuerySet):
    def offered(self) -> Self:
        """What a browser may be asked for, the last used first; also what was reported lost, which is refused."""
        return self.standing().filter(suspended_by=None).order_by(F("last_used_at").desc(nulls_last=True), "pk")

    def devices_for_user(self, user: User, confirmed: bool | None = None) -> Self:  # noqa: ARG002  django-otp's words
        """For django-otp, which finds every kind of device by itself: what may sign in, by our rules."""
        return self.usable().filter(user=user)

    def as_credential_descriptors(self) -> list[Any]:
        """For the library's options."""
        return list(as_credential_descriptors(self))


class Passkey(Means, AbstractWebAuthnCredential):
    """A WebAuthn credential: the library's record of it under our life of means (docs/adr/0005).

    Device-bound unless `backup_eligible`. `user_verified`: did it check finger, face or PIN when it was last used?
    """

    confirmed = None  # the library's own state: a second truth beside confirmed_at, suspended_by, lost_at …
    created_at = None  # bound_at
    sign_count = models.PositiveBigIntegerField(default=0)  # the counter has 32 bits; the library's column has 31
    user_verified = models.BooleanField(default=False)
    device = models.CharField(max_length=10, blank=True)  # phone | computer | "" (a key of its own): its place (R1)
    kind = "P"

    objects = PasskeyQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = []  # the hash of the id is unique, so it has an index

    def __str__(self) -> str:
        return f"passkey {self.pk}"

    @classmethod
    def get_credential_descriptors_for_user(cls, user: User) -> list[Any]:
        """What the library names to a browser: the person's own that were not removed."""
        return cls.objects.filter(user=user).offered().as_credential_descriptors()


class UsedChallenge(models.Model):
    """A challenge that was answered: it opens nothing again. Kept as long as it could be tried."""

    digest = models.CharField(max_length=43, primary_key=True)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return "used challenge"
