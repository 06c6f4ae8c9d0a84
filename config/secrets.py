"""Keys for development: made once, kept under var/, never in the repository."""

from __future__ import annotations

import base64
import secrets
from pathlib import Path


def development_secret(folder: Path, name: str) -> str:
    """The key of that name, made at first use. Only called with DEBUG or in tests."""
    path = folder / name
    if not path.exists():
        raw = secrets.token_bytes(32)
        value = f"dev1:{base64.b64encode(raw).decode()}" if name.startswith("encryption") else raw.hex()
        try:
            with path.open("x", encoding="ascii") as file:
                path.chmod(0o600)
                file.write(value)
        except FileExistsError:  # two processes started at once
            pass
    return path.read_text(encoding="ascii")
