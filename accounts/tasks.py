"""Tasks: ids in, a service called, a word out. The rows are the truth; a task that never ran is found by a sweep."""

from __future__ import annotations

from celery import shared_task

from accounts import clock, events
from accounts.services import changes, closing, delivery, housekeeping, requests


@shared_task(name="accounts.resolve_request")
def resolve_request(request_id: str) -> None:
    requests.resolve(request_id)


@shared_task(name="accounts.sweep_requests")
def sweep_requests() -> int:
    return requests.sweep()


@shared_task(name="accounts.deliver")
def deliver(message_id: str) -> None:
    delivery.deliver(message_id)


@shared_task(name="accounts.sweep_outbox")
def sweep_outbox() -> None:
    delivery.sweep()


@shared_task(name="accounts.settle_change")
def settle_change(change_id: str) -> None:
    changes.settle(change_id)


@shared_task(name="accounts.sweep_changes")
def sweep_changes() -> int:
    return closing.remind(clock.now()) + changes.complete_due(clock.now())


@shared_task(name="accounts.seal_events")
def seal_events() -> int:
    return events.seal()


@shared_task(name="accounts.purge_expired")
def purge_expired() -> int:
    return housekeeping.purge()
