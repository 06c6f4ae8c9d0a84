"""The laws of docs/architecture.md that a search can hold. Import directions are import-linter's (pyproject.toml)."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import ROOT

APPS = ("config", "support", "recovery", "accounts", "policy")


def sources(*folders: str, ending: str = ".py") -> Iterator[tuple[str, str]]:
    """Path and text of every source file, migrations left out: Django writes those."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob(f"*{ending}")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def breaches(pattern: str, allowed: tuple[str, ...], *folders: str, ending: str = ".py") -> list[str]:
    """`file:line: text` wherever the pattern stands outside the allowed files."""
    law = re.compile(pattern)
    return [
        f"{path}:{number}: {line.strip()}"
        for path, text in sources(*(folders or APPS), ending=ending)
        if not path.startswith(allowed)
        for number, line in enumerate(text.splitlines(), 1)
        if law.search(line)
    ]


LAWS: dict[str, tuple[str, tuple[str, ...]]] = {
    "one clock: accounts.clock.now(), and time.time() for authenticator codes alone": (
        r"timezone\.now\b|datetime\.(now|today|utcnow)\(|date\.today\(|\blocaldate\(|\blocaltime\(\)|\btime\.time\(",
        ("accounts/clock.py", "accounts/authenticators/totp.py", "accounts/services/totp.py"),
    ),
    "one bell: nothing else starts a task": (
        r"\.delay(_on_commit)?\(|\.apply_async(_on_commit)?\(|send_task\(",
        ("accounts/bell.py",),
    ),
    "only gateways talk outward": (
        r"^\s*(import|from) (smtplib|http\.client|urllib\.request|requests|httpx|socket|telnetlib|ftplib)\b"
        r"|django\.core\.mail",
        ("accounts/gateways/",),
    ),
    "the environment is read in settings, through config.env": (
        r"os\.environ(?!\.setdefault\(\"DJANGO_SETTINGS_MODULE\")|os\.getenv\(",
        ("config/env.py",),
    ),
    "only services, the outbox claim, the limits and the event log open transactions": (
        r"transaction\.atomic|\batomic\(",
        (
            "accounts/services/", "recovery/services/", "support/services/", "accounts/outbox/",
            "accounts/throttling.py", "accounts/events.py", "accounts/management/", "recovery/management/",
        ),
    ),
    "only the history's own module writes events": (
        r"SecurityEvent\.objects\.(create|bulk_create|update|get_or_create)|SecurityEvent\(",
        ("accounts/events.py", "accounts/history.py", "accounts/models/security_event.py"),
    ),
    "only transition.move() writes the state of a case": (
        r"\b(case|row|claim)\.state = |\.update\([^)]*\bstate=|update_fields=[^)]*\"state\"",
        ("recovery/services/transition.py", "support/services/papers.py"),  # papers have states of their own
    ),
    "secrets come from the secrets module; delivery spreads its retries by chance": (
        r"^\s*(import|from) random\b",
        ("accounts/services/delivery.py",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("law", LAWS)
def test_the_source_keeps_the_law(law: str) -> None:
    pattern, allowed = LAWS[law]
    assert breaches(pattern, allowed) == []


def test_no_template_carries_script_or_style_of_its_own() -> None:
    """What the Content-Security-Policy would stop in a browser. Letters are read in mail programs, which need it."""
    pattern = r"<script(?![^>]*\bsrc=)|<style\b|\sstyle=|\son[a-z]+=\"|javascript:"
    assert breaches(pattern, ("templates/letters/",), "templates", ending=".html") == []


def test_no_template_sends_a_browser_to_another_host() -> None:
    pattern = r"<(script|img|link|iframe|source)\b[^>]*\b(src|href)=\"(https?:)?//"
    assert breaches(pattern, (), "templates", ending=".html") == []


def test_every_module_with_annotations_defers_them() -> None:
    late = "from __future__ import annotations"
    holds_code = re.compile(r"^(async )?(def|class) ", re.MULTILINE)
    without = [path for path, text in sources(*APPS, "tools", "tests") if holds_code.search(text) and late not in text]
    assert without == []


def tracked() -> list[Path]:
    """The files of the repository; of the folder, where it is no git checkout."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    folders = [path for path in ROOT.iterdir() if path.name != "var" and not path.name.startswith(".")]
    return [path for folder in folders for path in (folder, *folder.rglob("*")) if path.is_file()]


def test_nothing_tracked_names_one_machine() -> None:
    """A path or a registry of ours in the repository would break a stranger's clone, and tells about us."""
    machine = re.compile(r"/work/(main|shared)|/root/\.|/opt/(pypi|wheels)|/home/[a-z]+/")
    texts = {".py", ".md", ".txt", ".in", ".toml", ".html", ".css", ".js", ".po", ""}
    found = [path for path in tracked() if path.suffix in texts and path != Path(__file__)]
    found = [path for path in found if machine.search(path.read_text(encoding="utf-8", errors="replace"))]
    assert found == []
