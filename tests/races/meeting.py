"""Several deeds at one instant: a thread and a database connection each, released together."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection

MOST = 8


class Together:
    """`together(one, other)` lets all deeds go at once and returns what each of them returned, in their order."""

    def __init__(self) -> None:
        self.pool = ThreadPoolExecutor(MOST)

    def __call__(self, *deeds: Callable[[], Any]) -> list[Any]:
        instant = threading.Barrier(len(deeds), timeout=30)

        def go(deed: Callable[[], Any]) -> Any:
            connection.ensure_connection()  # else the first to connect would always be late
            instant.wait()
            return deed()

        return [each.result(60) for each in [self.pool.submit(go, deed) for deed in deeds]]

    def end(self) -> None:
        """A connection left open would keep the test database from being emptied."""
        self(*[lambda: connection.close()] * MOST)  # each thread its own
        self.pool.shutdown()
