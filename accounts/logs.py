"""JSON log lines (being built)."""

from __future__ import annotations

import logging


class JsonFormatter(logging.Formatter): ...
