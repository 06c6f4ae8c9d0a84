#!/usr/bin/env python
"""Django's command line for the portal.

Any Python will do: without Django it goes on in the portal's own `.venv`. Without a SECRET_KEY nothing can be
production, so the commands then work on the demo portal (DEBUG); the web and the workers never assume that.
"""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path

OWN_PYTHON = Path(__file__).resolve().parent / ".venv" / "bin" / "python"


def main() -> None:
    """Run one command."""
    if find_spec("django") is None and OWN_PYTHON.exists() and Path(sys.executable) != OWN_PYTHON:
        os.execv(OWN_PYTHON, [str(OWN_PYTHON), *sys.argv])  # noqa: S606  no shell, our own interpreter
    if not os.environ.keys() & {"SECRET_KEY", "SECRET_KEY_FILE", "DEBUG", "MODORU_TESTING"}:
        os.environ["DEBUG"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415  after the interpreter is settled

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
