"""Sign-in backend (being built)."""

from __future__ import annotations

from django.contrib.auth.backends import ModelBackend


class AddressBackend(ModelBackend): ...
