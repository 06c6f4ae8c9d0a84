"""System checks: wrong settings stop the start with the reason."""

from __future__ import annotations
