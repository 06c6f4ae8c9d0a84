"""`make test`: the whole suite, once on SQLite and the races on PostgreSQL, closed by one line in pytest's manner.

Two runs, because a race only shows on a database with more than one writer while everything else is quicker on
SQLite: tests marked `postgres` run in the second (`python -m tools.postgres pytest -m postgres` by hand), all others
in the first. With CI=true nothing may be missing and nothing may be skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

from tools import postgres

ROOT = Path(__file__).resolve().parent.parent
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
#: Debian's package and what its absence costs.
SYSTEM = {
    "chromium": "the tests in a browser are skipped",
    "fonts-noto-cjk": "pictures show boxes instead of Japanese",
    "gettext": "the catalogue is not compared with the source",
    "oathtool": "the tests against another maker's authenticator are skipped",
}
NOTHING_COLLECTED = 5


def missing() -> list[str]:
    """The packages of SYSTEM that are not here."""
    fonts = shutil.which("fc-list") and subprocess.run(["fc-list", ":lang=ja"], capture_output=True, check=False).stdout
    here = {
        "chromium": any(map(shutil.which, CHROMIUMS)),
        "fonts-noto-cjk": fonts,
        "gettext": shutil.which("xgettext"),
        "oathtool": shutil.which("oathtool"),
    }
    return [package for package in SYSTEM if not here[package]]


def provide() -> None:
    """Install what is missing where we may, else say in one line what that costs."""
    wanted = missing()
    if wanted and os.geteuid() == 0 and Path("/etc/debian_version").exists() and shutil.which("apt-get"):
        print(f"· Installing {' '.join(wanted)} (once)", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update"], ["install", "--yes", "--no-install-recommends", "fontconfig", *wanted]):
            done = subprocess.run(["apt-get", "-qq", *words], env=environment, stdout=subprocess.DEVNULL, check=False)
            if done.returncode:
                break  # the missing() below tells what that means
        wanted = missing()
    for package in wanted:
        print(f"· {package} is not installed: {SYSTEM[package]}.", flush=True)
    if wanted and in_ci():
        sys.exit(f"With CI=true nothing may be skipped, and these are missing: {' '.join(wanted)}.")


def in_ci() -> bool:
    return os.environ.get("CI") == "true"


def pytest(report: Path, expression: str, words: list[str], **environment: str) -> int:
    """One run of pytest over three or four processes."""
    processes = str(max(3, min(4, os.cpu_count() or 2)))  # a browser test waits more than it works: three on two cores
    line = [sys.executable, "-m", "pytest", "-n", processes, "--dist", "loadgroup", "-m", expression]
    return subprocess.run(
        [*line, f"--junitxml={report}", *words], cwd=ROOT, env={**os.environ, **environment}, check=False
    ).returncode


def tally(reports: list[Path]) -> Counter[str]:
    """How many tests passed, failed, broke and were skipped in all runs."""
    counts: Counter[str] = Counter()
    for report in reports:
        if report.exists():
            for suite in ET.parse(report).getroot().iter("testsuite"):  # noqa: S314 - written by our own run
                failed, broken, skipped = (int(suite.get(name, 0)) for name in ("failures", "errors", "skipped"))
                counts.update(failed=failed, errors=broken, skipped=skipped)
                counts["passed"] += int(suite.get("tests", 0)) - failed - broken - skipped
    return counts


def main() -> None:
    begun = time.monotonic()
    provide()
    words = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        reports = [Path(folder) / "sqlite.xml", Path(folder) / "postgres.xml"]
        codes = [pytest(reports[0], "not postgres", words)]
        with postgres.database_url() as url:
            codes.append(pytest(reports[1], "postgres", words, DATABASE_URL=url))
        counts = tally(reports)
    if words:  # a part of the suite may hold no race, or nothing else
        codes = [0 if code == NOTHING_COLLECTED else code for code in codes]
    code = next((code for code in codes if code), 0)
    if in_ci() and counts["skipped"]:
        print("With CI=true nothing may be skipped.", flush=True)
        code = code or 1
    parts = [f"{counts[name]} {name}" for name in ("failed", "passed", "skipped", "errors") if counts[name]]
    print(f" {', '.join(parts) or 'no tests ran'} in {time.monotonic() - begun:.2f}s ".center(80, "="), flush=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
