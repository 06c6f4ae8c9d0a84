"""The account."""

from __future__ import annotations

import unicodedata
import uuid
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.timezone import now as utc_now

from accounts import hashers


def email_key(email: str) -> str:
    """The form under which an address is looked up: NFKC, case-folded, no outer space."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> User:
        """An account with its sign-in address; addresses and authenticators are rows of their own."""
        user = self.model(email=email, email_key=email_key(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email_key=email_key(username or ""))


class User(AbstractBaseUser, PermissionsMixin):
    """One person's account. `session_epoch` is part of the session hash: raising it ends every session (P22)."""

    subject = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(max_length=254)
    email_key = models.CharField(max_length=254, unique=True)
    name = models.CharField(max_length=150, blank=True)
    language = models.CharField(max_length=5, default="ja")
    timezone = models.CharField(max_length=64, default="Asia/Tokyo")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    session_epoch = models.PositiveIntegerField(default=0)
    ever_had_factor = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=utc_now)
    password_changed_at = models.DateTimeField(null=True, blank=True)
    number_changed_at = models.DateTimeField(null=True, blank=True)
    recovered_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)  # a while after closing: what named the person is gone

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email_key"
    EMAIL_FIELD = "email"

    def __str__(self) -> str:
        return f"account {self.pk}"

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What sessions hang on: the password and the epoch. Another password ends them, the same at another cost not.

        Django's own takes the whole hash, so raising its cost at one sign-in would end all other sessions.
        """
        value = f"{self.pk}:{self.session_epoch}:{hashers.stays(self.password)}"
        return str(salted_hmac("accounts.session", value, secret=secret, algorithm="sha256").hexdigest())
