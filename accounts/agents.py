"""Which browser, coarsely: what a person recognises in a list, never a security signal."""

from __future__ import annotations

from functools import lru_cache

LONGEST = 80


@lru_cache(maxsize=1024)
def coarse(header: str) -> str:
    """The browser's and system's names from a User-Agent header: "Chrome, Windows"; "" when nothing is known of it."""
    if not header:
        return ""
    import ua_parser  # noqa: PLC0415  its tables take a while to load: only when somebody acts

    parsed = ua_parser.parse(header[:512])
    names = [part.family for part in (parsed.user_agent, parsed.os) if part is not None]
    return ", ".join(name for name in names if name and name != "Other")[:LONGEST]
