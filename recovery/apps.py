"""What is lost: claims, cases, methods, waits."""

from __future__ import annotations

from django.apps import AppConfig


class RecoveryConfig(AppConfig):
    name = "recovery"
    default = True

    def ready(self) -> None:
        from recovery import notices  # noqa: F401, PLC0415  fills the registries of the floor below
