"""The wiring as an app, so that every process has it: web, worker, commands and tests."""

from __future__ import annotations

from django.apps import AppConfig


class WiringConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        # The bell uses Celery's current app: without this import an empty one, with no broker behind it.
        from config import celery  # noqa: F401
