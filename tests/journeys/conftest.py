"""People for the journeys: each opens a browser of their own at the one portal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browsers import OpenBrowser
from tests.journeys.walk import Visitor
from tests.servers import Portal

OpenVisitor = Callable[..., Visitor]


@pytest.fixture
def visitor(open_browser: OpenBrowser, portal: Portal) -> OpenVisitor:
    """Open a new browser with somebody at it: `visitor(locale="en-GB")`."""

    def opened(**options: Any) -> Visitor:
        return Visitor(open_browser(**options), portal)

    return opened
