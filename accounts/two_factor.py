"""Our authenticators as methods of django-two-factor-auth: one adapter, filled at start. The seam stays this thin.

The engine's own devices are never used: their seeds and codes stand readable in the database (P4, P9, P10). A check
(accounts/checks.py) sees that its registry holds exactly ours and that its tables stay empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from two_factor.plugins.registry import MethodBase, registry

from accounts.authenticators.base import Authenticator
from accounts.authenticators.registry import SECOND_FACTORS
from accounts.context import ActorContext
from accounts.models import Address, Means, Phone, User


class Method(MethodBase):
    """One authenticator, as the engine's registry knows it."""

    def __init__(self, authenticator: Authenticator) -> None:
        self.authenticator = authenticator
        self.code: str = authenticator.code
        self.verbose_name: str | Promise = authenticator.label

    def get_devices(self, user: User) -> QuerySet[Any]:
        return self.authenticator.bound_to(user)

    def recognize_device(self, device: object) -> bool:
        return self.authenticator.model is not None and isinstance(device, self.authenticator.model)

    def get_token_form_class(self) -> type[Any]:
        from accounts.forms.sign_in import CodeForm  # noqa: PLC0415  the adapter is loaded before forms may be

        return CodeForm

    def get_action(self, device: Means) -> str:
        return f"{self.verbose_name} {device.name}".strip()

    get_verbose_action = get_action


@dataclass(slots=True)
class Target:
    """A number or address of a pending sign-in, in the shape of the engine's device: it can be challenged."""

    means: Phone | Address
    user: User
    scope: str
    ctx: ActorContext
    outcome: Any = None  # Challenge, or Refused with the reason and the time (pitfall P15)

    def generate_challenge(self) -> Any:
        """Ask the configured gateway for a code, and say what came of it."""
        gateway = import_string(settings.TWO_FACTOR_SMS_GATEWAY)()
        gateway.send_sms(device=self, token=None)
        return self.outcome


class OutboxGateway:
    """The engine's gateway interface over our outbox: the letter is a row in a transaction, sent by a worker (P29).

    `token` is the engine's readable code and is never given: ours is derived when the letter is rendered (P4).
    """

    def send_sms(self, device: Target, token: None) -> None:
        from accounts.services import sign_in  # noqa: PLC0415  a service stands above the adapter it calls through

        if token is not None or not isinstance(device, Target):
            raise TypeError("Only codes of our own challenges are sent.")
        device.outcome = sign_in.send(device.user, device.means, scope=device.scope, ctx=device.ctx)


def install() -> None:
    """Put exactly our methods into the engine's registry, in our order.

    Runs before the engine's own apps are ready: it ignores a method whose code is taken, so "sms" stays ours.
    """
    for method in list(registry.get_methods()):
        registry.unregister(method.code)
    for authenticator in SECOND_FACTORS:
        registry.register(Method(authenticator))


install()
