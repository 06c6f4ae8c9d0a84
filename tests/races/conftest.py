"""What the race tests share. There is no broker: bells ring into the void, and each test calls the worker's half."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import config.celery  # noqa: F401 - else Celery would look for a broker of its own choice
from tests.races.meeting import Together


@pytest.fixture
def together() -> Iterator[Together]:
    threads = Together()
    yield threads
    threads.end()
