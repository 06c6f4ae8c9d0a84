"""`make bench` writes var/bench.json and a table; it ends with 1 when known and unknown people wait differently long.

`make bench` measures all of it in about eight minutes, `ARGS=quick` in two. `ARGS=doors` asks only the doors,
`ARGS="40 /sign-in/"` only that one with 40 requests; `ARGS=race` only the rivals; `ARGS=profile` says where the
portal's time goes.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.servers import ROOT
from tools.bench import doors, profiling, race, report

PACKAGES = ("django", "django-two-factor-auth", "django-allauth", "gunicorn", "psycopg", "argon2-cffi")
QUICK_REQUESTS = 60


def machine() -> dict[str, Any]:
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "versions": {name: version(name) for name in PACKAGES},
    }


def main() -> None:
    words = sys.argv[1:]
    if "profile" in words:
        print(profiling.measure())
        return
    quick = "quick" in words
    number = next((int(word) for word in words if word.isdigit()), QUICK_REQUESTS if quick else doors.REQUESTS)
    asked = [word for word in words if word.startswith("/")]
    result, before = machine(), os.getloadavg()[0]
    if "race" not in words:
        result |= doors.measure(number, asked or list(doors.DOORS))
    if "doors" not in words and not asked:
        result["race"] = race.race(race.QUICK if quick else race.FULL)
    result["load"] = [before, os.getloadavg()[0]]
    target = Path(os.environ.get("VAR_DIR") or ROOT / "var") / "bench.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(report.table(result), flush=True)
    bad = doors.uneven(result.get("doors", []))
    sys.exit(f"Who measures could tell who has an account: {', '.join(bad)}" if bad else None)


if __name__ == "__main__":
    main()
