"""Who helps: help pages, evidence, reviews and the agents' site."""

from __future__ import annotations

from django.apps import AppConfig


class SupportConfig(AppConfig):
    name = "support"
    default = True

    def ready(self) -> None:
        from accounts import registries  # noqa: PLC0415
        from support import checks, notices, selectors  # noqa: F401, PLC0415  the first two register by themselves
        from support.services import papers  # noqa: PLC0415

        registries.QUEUE.append(selectors.in_queue)
        registries.ERASERS.append(papers.forget)
        registries.EXPORTS |= {"papers": selectors.papers, "reviews": selectors.reviews}
