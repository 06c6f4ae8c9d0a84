"""What a person has: addresses, numbers, authenticators, sessions, events, letters, limits."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    default = True

    def ready(self) -> None:
        from accounts import checks, two_factor  # noqa: F401, PLC0415  registered at start, needs the apps loaded
        from accounts.outbox import catalogue, loaders  # noqa: F401, PLC0415  fill NOTICES, SILENT and LOADERS
