"""Who helps: help pages now; evidence, review and agents' pages stand on this floor."""

from __future__ import annotations

from django.apps import AppConfig


class SupportConfig(AppConfig):
    name = "support"
    default = True
