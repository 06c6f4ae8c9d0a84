"""Celery: queues and the beat table. Anything due later than an hour is a column and a sweep, never an ETA."""

from __future__ import annotations

import os

from celery import Celery
from django.conf import settings
from kombu.transport import redis

from config.broker import url_for_celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class OutlivesItsBroker(redis.QoS):
    """Acknowledges bells, and lets go of those whose channel died with the broker.

    Celery 5.7 with late acknowledgement ends the whole worker when a task finishes just as the broker goes: it
    acknowledges on a closed channel and puts bells back through it. Nothing need be put back: the sweep finds the row.
    """

    def ack(self, delivery_tag: str) -> None:
        if self._alive():
            super().ack(delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        if self._alive():
            super().reject(delivery_tag, requeue=requeue)

    def _alive(self) -> bool:
        transport = self.channel.connection
        return not self.channel.closed and transport is not None and transport.client is not None


redis.Channel.QoS = OutlivesItsBroker
redis.Channel.do_restore = False
app = Celery("modoru")
app.conf.update(
    broker_url=settings.REDIS_URL or url_for_celery(),
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_serializer="json",
    accept_content=["json"],
    task_time_limit=300,
    task_soft_time_limit=240,
    broker_transport_options={
        "visibility_timeout": 900,
        # A dead broker must cost a page milliseconds, not seconds: the sweep finds what the bell missed.
        "socket_connect_timeout": 0.5,
        "socket_timeout": 2,
        "max_retries": 0,
    },
    visibility_timeout=900,
    broker_connection_retry_on_startup=True,
    worker_soft_shutdown_timeout=10,
    task_default_queue="mail",
    timezone="UTC",
    task_routes={
        "accounts.resolve_request": {"queue": "codes"},
        "recovery.resolve_claim": {"queue": "codes"},
        "recovery.answer_request": {"queue": "codes"},
        "accounts.deliver": {"queue": "mail"},
        "support.check_paper": {"queue": "evidence"},
        "support.resolve_papers": {"queue": "evidence"},
    },
    beat_schedule={
        "outbox-sweep": {
            "task": "accounts.sweep_outbox",
            "schedule": 20.0,
            "options": {"queue": "codes", "expires": 20},
        },
        "requests-sweep": {
            "task": "accounts.sweep_requests",
            "schedule": 20.0,
            "options": {"queue": "codes", "expires": 20},
        },
        "changes-sweep": {
            "task": "accounts.sweep_changes",
            "schedule": 60.0,
            "options": {"queue": "mail", "expires": 60},
        },
        "cases-sweep": {"task": "recovery.sweep_cases", "schedule": 30.0, "options": {"queue": "mail", "expires": 30}},
        "papers-sweep": {
            "task": "support.sweep_papers",
            "schedule": 30.0,
            "options": {"queue": "evidence", "expires": 30},
        },
        "events-seal": {"task": "accounts.seal_events", "schedule": 60.0, "options": {"queue": "bulk", "expires": 60}},
        "expired-purge": {"task": "accounts.purge_expired", "schedule": 3600.0, "options": {"queue": "bulk"}},
    },
)
app.autodiscover_tasks(["accounts", "recovery", "support"])
