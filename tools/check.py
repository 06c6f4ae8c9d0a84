"""`make check`: every look at the source that needs no browser, each named, all run even when one fails."""

from __future__ import annotations

import base64
import os
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tools import catalogue

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
TESTING = {"DJANGO_SETTINGS_MODULE": "tests.settings"}

STATIC: dict[str, list[str]] = {
    "format": ["ruff", "format", "--check", "--quiet", "."],
    "lint": ["ruff", "check", "--quiet", "."],
    "types": ["mypy", "--no-error-summary"],
    "floors and rooms": ["lint-imports", "--no-logo"],
    "migrations": [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run", "--verbosity", "1"],
    "catalogue": [PYTHON, "-m", "tools.catalogue", "check"],
    "lock": [PYTHON, "-m", "tools.lock", "--check"],
    "deployment": [PYTHON, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
}
TESTS = {"tests": ["pytest", "-q", "-n", "2", "--dist", "loadgroup", "-m", "not browser and not slow and not postgres"]}


def production(folder: str) -> dict[str, str]:
    """An environment such as an operator would write it."""
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEBUG": "0",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "ENCRYPTION_KEYS": f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}",
        "BASE_URL": "https://account.example.jp",
        "DATABASE_URL": "postgres://portal:secret@db.example.jp/portal",
        "REDIS_URL": "rediss://broker.example.jp/0",
        "EMAIL_URL": "smtp://portal:secret@mail.example.jp:587?tls=1",
        "SMS_URL": "https://sms.example.jp/send",
        "VAR_DIR": folder,
    }


def run(name: str, words: list[str], environment: dict[str, str]) -> bool:
    begun = time.monotonic()
    done = subprocess.run(
        words, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False,
    )  # fmt: skip
    print(f"{'✗' if done.returncode else '✓'} {name}  {time.monotonic() - begun:.1f} s", flush=True)
    if done.returncode or name == "tests":
        print(done.stdout.rstrip() + "\n", flush=True)
    return done.returncode == 0


def main() -> None:
    catalogue.compile_all()  # a fresh clone has none, and the checks of deployment read the letters in Japanese
    steps = STATIC if "--static" in sys.argv else STATIC | TESTS
    with tempfile.TemporaryDirectory() as folder:
        settings = {"deployment": production(folder), "tests": {}}
        good = [run(name, words, settings.get(name, TESTING)) for name, words in steps.items()]
    sys.exit(None if all(good) else 1)


if __name__ == "__main__":
    main()
