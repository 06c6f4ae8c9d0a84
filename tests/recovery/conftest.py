"""The broker of these tests is away: bells ring into the void, and each test lets the worker's half run by itself."""

from __future__ import annotations

import config.celery  # noqa: F401 - else Celery would look for a broker of its own choice
