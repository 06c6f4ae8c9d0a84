"""What all tests share: groups, honest skips, a clean language after each test, the portal and the browser."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import pytest
from django.db import connection
from django.utils import timezone, translation

from accounts.migrations import _history_guard as guard
from tests.browsers import CHROMIUM, chromium, open_browser, page  # noqa: F401 - fixtures
from tests.servers import portal, running_portal  # noqa: F401 - fixtures
from tests.storage import storage  # noqa: F401 - fixture
from tools import catalogue

CI = os.environ.get("CI") == "true"
# A slow machine is no fault, and in CI a failure must come back on the next run.
hypothesis.settings.register_profile("house", deadline=None, derandomize=CI)
hypothesis.settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # once, not in each xdist worker
        catalogue.compile_all()
    flush_past_the_history(type(connection.ops), connection.vendor)


def flush_past_the_history(operations: Any, vendor: str) -> None:
    """Between two tests Django empties every table, the history's too, which refuses that to everybody else."""
    plain = operations.sql_flush

    def sql_flush(self: Any, style: Any, tables: Any, **more: Any) -> list[str]:
        return [*guard.OFF[vendor], *plain(self, style, tables, **more), *guard.ON[vendor]]

    operations.sql_flush = sql_flush


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One portal serves a whole group of browser tests; what cannot run here says so, and in CI fails."""
    for item in items:
        if item.get_closest_marker("browser"):
            if not item.get_closest_marker("xdist_group"):
                item.add_marker(pytest.mark.xdist_group(group_of(item)))
            if not CHROMIUM:
                item.add_marker(absent("Chromium"))
        if item.get_closest_marker("postgres") and connection.vendor != "postgresql":
            item.add_marker(absent("PostgreSQL (python -m tools.postgres pytest -m postgres)"))


def group_of(item: pytest.Item) -> str:
    """Three groups of about the same length, each on a portal of its own."""
    if "journeys" in item.path.parts:
        return "stories"
    return "walk" if "signed_in" in item.name else "browser"


def absent(what: str) -> pytest.MarkDecorator:
    if CI:
        return pytest.mark.usefixtures("nothing_may_be_absent")
    return pytest.mark.skip(reason=f"needs {what}")


@pytest.fixture
def nothing_may_be_absent() -> None:
    pytest.fail("With CI=true nothing may be skipped, and what this test needs is not here.")


@pytest.fixture(autouse=True)
def _same_language_and_zone_for_every_test() -> Iterator[None]:
    yield
    translation.deactivate()
    timezone.deactivate()


@pytest.fixture
def oathtool() -> Callable[[str], str]:
    """The present code for a base32 seed, computed by a program that is not ours."""
    if not shutil.which("oathtool"):
        (pytest.fail if CI else pytest.skip)("needs oathtool")

    def code(seed: str, *options: str) -> str:
        line = ["oathtool", "--totp", "--base32", *options, seed.replace(" ", "")]
        return subprocess.run(line, capture_output=True, text=True, check=True).stdout.strip()

    return code
