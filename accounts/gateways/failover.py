"""Several SMS providers in the operator's order: the next is asked at once when one fails.

A provider that did not answer may have the text all the same. The next is asked nevertheless, for codes and notices
alike: it is the same text, so it may come twice and never contradict itself; twice is better than never (P53).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from django.db.models import F

from accounts import clock
from accounts.gateways.base import Accepted, Failed, Result, SmsProvider
from accounts.models import GatewayCircuit

log = logging.getLogger("modoru.outbox")

#: After so many failures in a row a provider rests so long: else a dead first one costs every code its timeout.
FAILURES, REST = 3, timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Failover:
    """The providers, first choice first."""

    providers: tuple[SmsProvider, ...]

    def send(self, text: str, to: str, *, reference: str) -> Result:
        """Ask one after the other; a permanent no is final, because it speaks of the number and not of the provider."""
        reasons = []
        for provider in _awake(self.providers):
            result = provider.send(text, to, reference=reference)
            if isinstance(result, Accepted):
                _worked(provider.name)
                return replace(result, gateway=provider.name)
            reasons.append(f"{provider.name} {result.reason}")
            if result.permanent:
                _worked(provider.name)
                return Failed(reasons[-1], permanent=True)
            log.warning(
                "sms provider failed",
                extra={"event": "sms_provider_failed", "gateway": provider.name, "error": result.reason},
            )
            _failed(provider.name)
        return Failed("; ".join(reasons))


def _awake(providers: Sequence[SmsProvider]) -> list[SmsProvider]:
    """All that do not rest. When all do, the one that wakes first: our own book-keeping never keeps a code back."""
    names = [one.name for one in providers]
    resting = GatewayCircuit.objects.filter(name__in=names, rests_until__gt=clock.now()).order_by("rests_until")
    ends = list(resting.values_list("name", flat=True))
    return [one for one in providers if one.name not in ends] or [providers[names.index(ends[0])]]


def _worked(name: str) -> None:
    GatewayCircuit.objects.filter(name=name, failures__gt=0).update(failures=0, rests_until=None)


def _failed(name: str) -> None:
    """Counted in the database, so that all workers know. Awake again, its first failure sends it back to rest."""
    GatewayCircuit.objects.get_or_create(name=name)
    GatewayCircuit.objects.filter(name=name).update(failures=F("failures") + 1)
    tired = GatewayCircuit.objects.filter(name=name, failures__gte=FAILURES)
    if tired.update(rests_until=clock.now() + REST):
        log.error("sms provider rests", extra={"event": "sms_provider_rests", "gateway": name})
