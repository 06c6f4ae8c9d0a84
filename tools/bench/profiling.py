"""Where the portal's time goes: cProfile inside the process, over many requests of each step of a sign-in.

A profiler makes Python calls dearer and leaves C alone, so these are shares to look for, not times to tell. It counts
processor time, so waiting for the database (which `make bench` counts apart) and other programs do not show.
"""

from __future__ import annotations

import cProfile
import pstats
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from tests.servers import ROOT
from tools.bench.load import filled
from tools.bench.systems import PORTAL, Step, System, make_database
from tools.postgres import database_url

MANY, TOP = 200, 12
#: Whose function it is, by the first of these that its file's path holds.
PARTS = {
    "psycopg": "database driver",
    "django/db": "ORM",
    "django/template": "templates",
    "templatetags": "templates",
    "django/forms": "forms",
    "django/utils/translation": "translation",
    "gettext.py": "translation",
    "django/utils/html": "templates",
    "django/utils/safestring": "templates",
    "django/urls": "URLs",
    "sessions": "sessions",
    "argon2": "hash",
    "hashers": "hash",
    "crypt": "crypto",
    "hmac": "crypto",
    "hashlib": "crypto",
    "csp/": "middleware",
    "middleware": "middleware",
    "logging": "logging",
    "json": "json",
    "django/test": "the test client",
    "/accounts/": "our code",
    "/recovery/": "our code",
    "/policy/": "our code",
    "django/": "rest of Django",
}


def measure() -> str:
    """Start a database, put people into it, and profile the portal on it."""
    with tempfile.TemporaryDirectory(prefix="modoru-profile-") as folder, database_url() as server:
        system = System(PORTAL, Path(folder), make_database(server, "profile"), 8)
        system.prepare()
        return "\n".join(system.inside("profile", str(MANY)))


def profiled(many: str) -> list[str]:
    """Every step by people who sign in one after the other, each step under a profiler of its own."""
    from django.test import Client

    from tools.bench.inside import people

    profiles: dict[str, cProfile.Profile] = defaultdict(lambda: cProfile.Profile(time.process_time))
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    for index, person in enumerate(people(PORTAL.name, str(int(many) + 10))):
        client.cookies.clear()
        client.defaults["HTTP_X_FORWARDED_FOR"] = f"10.{index >> 8}.{index & 255}.9"
        for step in (*PORTAL.steps, Step("security", PORTAL.security)):
            fields = filled(step.fields, person)
            if index < 10:  # imports and templates
                asked(client, step, fields)
            else:
                profiles[step.name].runcall(asked, client, step, fields)
    return [line for name, profile in profiles.items() for line in told(name, profile, int(many))]


def asked(client: Any, step: Step, fields: dict[str, str]) -> None:
    answer = client.post(step.path, fields) if fields else client.get(step.path)
    if answer.status_code != (302 if step.leads_to else 200):
        raise RuntimeError(f"{step.name}: {answer.status_code}")


def told(name: str, profile: cProfile.Profile, many: int) -> list[str]:
    """Shares of a step by part, the dearest functions by themselves, and our own with all they call."""
    stats: dict[Any, Any] = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    whole = sum(row[2] for row in stats.values())
    shares: dict[str, float] = defaultdict(float)
    for (file, _, function), row in stats.items():
        shares[part(file, function)] += row[2]
    lines = [f"\n{name}: {whole / many * 1000:.2f} ms a request under the profiler"]
    ordered = sorted(shares.items(), key=lambda one: -one[1])
    lines.append("  " + " · ".join(f"{one} {spent / whole:.0%}" for one, spent in ordered if spent / whole >= 0.01))
    for title, column, rows in (
        ("by themselves", 2, stats),
        ("ours with all they call", 3, {key: row for key, row in stats.items() if ours(key[0])}),
    ):
        lines.append(f"  dearest functions, {title}")
        for (file, line, function), row in sorted(rows.items(), key=lambda one: -one[1][column])[: TOP * (column - 1)]:
            where = f"{short(file)}:{line} {function}" if line else function
            lines.append(f"    {row[column] / whole:>6.1%} {row[1] / many:>8.1f} calls  {where}")
    return lines


def part(file: str, function: str) -> str:
    if file == "~":
        if "psycopg" in function or "recv" in function or "select" in function or "poll" in function:
            return "database driver"
        return "built-in functions"
    return next((name for piece, name in PARTS.items() if piece in file), "rest of Python")


def ours(file: str) -> bool:
    return file.startswith(str(ROOT)) and "/.venv/" not in file and "/tools/" not in file


def short(file: str) -> str:
    return file.partition("site-packages/")[2] or file.replace(f"{ROOT}/", "")
