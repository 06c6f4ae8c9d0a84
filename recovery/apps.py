"""What is lost: claims, cases, methods, waits."""

from __future__ import annotations

from django.apps import AppConfig


class RecoveryConfig(AppConfig):
    name = "recovery"
    default = True

    def ready(self) -> None:
        from accounts.registries import ERASERS, EXPORTS, NOT_ME_HOOKS, OPEN_CASE  # noqa: PLC0415
        from recovery import letters, notices, selectors  # noqa: F401, PLC0415  fill the registries of the floor below
        from recovery.services import cases  # noqa: PLC0415

        NOT_ME_HOOKS.append(cases.end_all)
        OPEN_CASE.append(selectors.open_state)
        EXPORTS["recoveries"] = selectors.exported
        ERASERS.append(cases.forget)
