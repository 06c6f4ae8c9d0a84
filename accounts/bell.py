"""The one bell: after commit, tell a worker that a row waits. A bell that rings into the void loses nothing."""

from __future__ import annotations

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

log = logging.getLogger("modoru.bell")


def ring(task: str, *ids: str | int, queue: str | None = None) -> None:
    """Once the transaction commits, send the task; when the broker is away, log it: the sweep finds the row.

    `queue` overrides the task's usual one, so that a code never waits behind a thousand notices.
    """
    transaction.on_commit(lambda: _send(task, ids, queue))


def _send(task: str, ids: tuple[str | int, ...], queue: str | None) -> None:
    try:
        # None leaves the choice of the queue to the task's route.
        current_app.send_task(task, args=[str(i) for i in ids], retry=False, queue=queue)
    except (KombuError, RedisError, OSError):
        log.warning("broker away", extra={"event": "bell_unheard", "task": task})
