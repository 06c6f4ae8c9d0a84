"""Who helps: help pages now; evidence, review and agents' pages stand on this floor."""

from __future__ import annotations

from django.apps import AppConfig


class SupportConfig(AppConfig):
    name = "support"
    default = True

    def ready(self) -> None:
        from accounts import registries  # noqa: PLC0415
        from support import checks, selectors  # noqa: F401, PLC0415  checks register; the rest fills the floor below

        registries.EXPORTS |= {"papers": selectors.papers, "reviews": selectors.reviews}
