"""The running portal for stories in a browser: every process of the Procfile on a database of its own.

`portal` is the running portal set back to its freshly loaded demo people, so that each test meets the same morning.
"""

from __future__ import annotations

import contextlib
import ctypes
import http.client
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
RUN_TASKS = """
import sys, django
django.setup()
from celery import current_app as app
app.loader.import_default_modules()
for name in sys.argv[1:]:
    app.tasks[name].apply(throw=True)
"""


@dataclass
class Portal:
    """A portal of our own, in its own folder and on its own port."""

    var: Path
    port: int = field(default_factory=lambda: free_port())
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    read_log_to: int = 0
    more: dict[str, str] = field(default_factory=dict)  # environment beyond what `make run` sets

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What `make run` would set, and nothing of the tests' own settings."""
        return (
            outer_environment()
            | {
                "DEBUG": "1",
                "VAR_DIR": str(self.var),
                "PORT": str(self.port),
                "BASE_URL": self.url,
                "ARGON2_MEMORY_KIB": "64",
                "PYTHONUNBUFFERED": "1",
                "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
            }
            | self.more
        )

    # --- starting and stopping ---------------------------------------------------------------------------------------
    def start(self) -> None:
        """Migrate, load the demo people, start every process, wait until the server answers."""
        self.manage("migrate", "--verbosity", "0")
        self.demo = self.manage("demo")
        copy_database(self.var / "portal.sqlite3", self.var / "morning.sqlite3")
        for line in (ROOT / "Procfile").read_text(encoding="utf-8").splitlines():
            self.start_process(*line.split(": ", 1))
        wait_for(self.answers, 60, f"the portal did not start:\n{self.log()}")

    def start_process(self, name: str, line: str = "") -> None:
        """Start one process of the Procfile; `stop_process` and this live through a broker's death."""
        line = line or dict(each.split(": ", 1) for each in (ROOT / "Procfile").read_text().splitlines())[name]
        with (self.var / "portal.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                line, shell=True, cwd=ROOT, env=self.environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                start_new_session=True, preexec_fn=die_with_us,
            )  # fmt: skip

    def stop_process(self, name: str, number: int = signal.SIGTERM) -> None:
        process = self.processes.pop(name)
        for each in (number, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, each)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(8)
                return

    def stop(self) -> None:
        for name in ("beat", "worker", "web", *self.processes):
            if name in self.processes:
                self.stop_process(name)

    def answers(self) -> bool:
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.get("/livez")[0] < 500
        return False

    def reset(self) -> None:
        """Back to the freshly loaded demo people and the present time, within milliseconds and without a restart."""
        (self.var / "clock-offset").unlink(missing_ok=True)
        copy_database(self.var / "morning.sqlite3", self.var / "portal.sqlite3")

    # --- talking to it -----------------------------------------------------------------------------------------------
    def manage(self, *words: str) -> str:
        """A management command in the portal's environment, such as `portal.manage("travel", "72h")`."""
        return self._python("manage.py", *words)

    def run_tasks(self, *names: str) -> None:
        """Run sweeps now instead of waiting for beat: `portal.run_tasks("recovery.sweep_cases")`."""
        self._python("-c", RUN_TASKS, *names)

    def _python(self, *words: str) -> str:
        line = [sys.executable, *words]
        done = subprocess.run(line, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{' '.join(words)} failed:\n{done.stdout}{done.stderr}"
        return done.stdout

    def get(self, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    # --- what it sent ------------------------------------------------------------------------------------------------
    def outbox(self, **wanted: str) -> list[dict[str, Any]]:
        """The messages sent so far, newest first; `to=`, `kind=`, `channel=`, `language=` narrow them."""
        messages: list[dict[str, Any]] = json.loads(self.get("/dev/outbox.json")[1])["messages"]
        return [each for each in messages if all(each[name] == value for name, value in wanted.items())]

    def letter(self, *, beyond: int = 0, timeout: float = 25, **wanted: str) -> dict[str, Any]:
        """The newest message that fits, waited for: the worker sends it, not the page.

        `beyond` is how many fitting messages there were before, when an older one would fit too.
        """
        wait_for(lambda: len(self.outbox(**wanted)) > beyond, timeout, lambda: f"no letter {wanted} in {self._kinds()}")
        return self.outbox(**wanted)[0]

    def code(self, **wanted: Any) -> str:
        """The six digits in the newest message that fits."""
        text = self.letter(**wanted)["text"]
        found = CODE.search(text)
        assert found, f"no code in {text!r}"
        return found.group()

    def _kinds(self) -> list[tuple[str, str]]:
        return [(each["to"], each["kind"]) for each in self.outbox()]

    # --- what it wrote -----------------------------------------------------------------------------------------------
    def log(self) -> str:
        """Everything the processes have written."""
        path = self.var / "portal.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def new_log(self) -> str:
        """What was written since this was last asked. A test that provokes tracebacks reads it before its end."""
        whole = self.log()
        fresh, self.read_log_to = whole[self.read_log_to :], len(whole)
        return fresh


@pytest.fixture(scope="session")
def running_portal() -> Iterator[Portal]:
    """One portal for all browser tests of this worker, started at first use."""
    folder = Path(tempfile.mkdtemp(prefix="modoru-portal-"))  # short: a socket lies in it
    server = Portal(var=folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def portal(running_portal: Portal) -> Iterator[Portal]:
    """The running portal on a fresh morning. A traceback in its log fails the test."""
    running_portal.reset()
    running_portal.new_log()
    yield running_portal
    assert "Traceback" not in (log := running_portal.new_log()), log


def outer_environment() -> dict[str, str]:
    """The developer's environment as it was before tests/settings.py changed it, for programs started from a test."""
    ours = {"MODORU_TESTING", "DEBUG", "VAR_DIR", "DATABASE_URL", "ARGON2_MEMORY_KIB", "DJANGO_SETTINGS_MODULE"}
    return {name: value for name, value in os.environ.items() if name not in ours}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def copy_database(source: Path, target: Path) -> None:
    """SQLite's own online copy: other processes go on and see the copied pages with their next statement."""
    with (
        contextlib.closing(sqlite3.connect(source, timeout=20)) as one,
        contextlib.closing(sqlite3.connect(target, timeout=20)) as other,
    ):
        one.backup(other)


def wait_for(condition: Any, seconds: float, otherwise: Any = "it did not happen in time") -> None:
    """Return as soon as the condition holds, fail with a sentence when it never does."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(otherwise() if callable(otherwise) else otherwise)
        time.sleep(0.1)


def die_with_us() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM, 0, 0, 0)
