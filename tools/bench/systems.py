"""The three systems that are measured: what a visitor does in each, and how each is served.

All run the portal's own server line (Procfile) with DEBUG off, on databases of one PostgreSQL, with one hasher.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from tests.servers import ROOT, die_with_us, free_port, outer_environment


@dataclass(frozen=True, slots=True)
class Step:
    """One request of a sign-in. EMAIL, PASSWORD and CODE in its fields are the person's; `leads_to` is its redirect."""

    name: str
    path: str
    fields: dict[str, str] = field(default_factory=dict)
    leads_to: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the systems: its settings, the steps of a whole sign-in, and its pages that are compared."""

    name: str
    settings: str
    application: str
    steps: tuple[Step, ...]
    security: str

    @property
    def open_page(self) -> str:
        """The page of the first step, which everybody may read."""
        return self.steps[0].path


FACTORY = '"django.core.wsgi:get_wsgi_application()"'
PORTAL = Kind(
    "modoru",
    "config.settings",
    "config.wsgi",
    (
        Step("page", "/sign-in/"),
        Step("password", "/sign-in/",
             {"login_view-current_step": "auth", "auth-email": "EMAIL", "auth-password": "PASSWORD"}),
        Step("code", "/sign-in/", {"login_view-current_step": "token", "token-code": "CODE"}, "/account/"),
        Step("landing", "/account/"),
    ),
    "/account/security/",
)  # fmt: skip
TWO_FACTOR = Kind(
    "two-factor-auth",
    "tools.rivals.two_factor_settings",
    FACTORY,
    (
        Step("page", "/account/login/"),
        Step("password", "/account/login/",
             {"login_view-current_step": "auth", "auth-username": "EMAIL", "auth-password": "PASSWORD"}),
        Step("code", "/account/login/", {"login_view-current_step": "token", "token-otp_token": "CODE"},
             "/account/two_factor/"),
        Step("landing", "/account/two_factor/"),
    ),
    "/account/two_factor/",
)  # fmt: skip
ALLAUTH = Kind(
    "allauth",
    "tools.rivals.allauth_settings",
    FACTORY,
    (
        Step("page", "/accounts/login/"),
        Step("password", "/accounts/login/", {"login": "EMAIL", "password": "PASSWORD"}, "/accounts/2fa/authenticate/"),
        Step("password", "/accounts/2fa/authenticate/"),  # where the others answer with the next page at once
        Step("code", "/accounts/2fa/authenticate/", {"code": "CODE"}, "/accounts/2fa/"),
        Step("landing", "/accounts/2fa/"),
    ),
    "/accounts/2fa/",
)
KINDS = {kind.name: kind for kind in (PORTAL, TWO_FACTOR, ALLAUTH)}
STEPS = ("page", "password", "code", "landing")


@dataclass
class System:
    """One system, served on a port of its own from an empty database until `stop`."""

    kind: Kind
    folder: Path
    database_url: str
    memory_kib: int
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What every process of this system sees: production's settings, on this machine's loopback."""
        url = f"http://localhost:{self.port}"
        return outer_environment() | server_words()[0] | {
            "DJANGO_SETTINGS_MODULE": self.kind.settings,
            "DATABASE_URL": self.database_url,
            "ARGON2_MEMORY_KIB": str(self.memory_kib),
            "VAR_DIR": str(self.folder),
            "PORT": str(self.port),
            "BASE_URL": url,
            "DEBUG": "0",
            "TRUSTED_PROXIES": "1",
            "ALLOWED_HOSTS": "localhost,testserver",
            "SECRET_KEY": "a made-up key of a portal that lives for one bench, long enough",
            "ENCRYPTION_KEYS": "bench:" + base64.b64encode(b"thirty-two bytes for the bench..").decode(),
            "EMAIL_URL": "preview:",
            "SMS_URL": "preview:",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        }  # fmt: skip

    def prepare(self) -> None:
        """Make its tables and its static files."""
        self._django("migrate", "--verbosity", "0")
        if self.kind is PORTAL:
            self._django("collectstatic", "--noinput", "--verbosity", "0")

    def start(self) -> None:
        """Prepare it, serve it, and wait until it answers."""
        self.prepare()
        line = server_words()[1].replace("config.wsgi", self.kind.application)
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S602 - the Procfile's line
                f"exec {line}", shell=True, cwd=ROOT, env=self.environment, stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=die_with_us,
            )  # fmt: skip
        self._wait()

    def stop(self) -> None:
        if self.process is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(8)
                break
        self.process = None

    def inside(self, *words: str) -> Any:
        """Run the half that needs this system's own settings, and read the JSON it prints."""
        line = [sys.executable, "-m", "tools.bench.inside", *words]
        done = subprocess.run(line, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, text=True, check=True)
        return json.loads(done.stdout.splitlines()[-1])

    def cpu(self) -> float:
        """Seconds of processor its server has used so far."""
        return cpu_of(self.process.pid) if self.process else 0.0

    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def _django(self, *words: str) -> None:
        line = [sys.executable, "-m", "django", *words]
        done = subprocess.run(line, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{self.kind.name}: {words[0]} failed:\n{done.stdout}{done.stderr}")

    def _wait(self) -> None:
        from tools.bench.load import Browser

        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process and self.process.poll() is None:
            with contextlib.suppress(OSError, ValueError):
                if Browser(self.port).ask(self.kind.open_page).status == 200:
                    return
            time.sleep(0.1)
        sys.exit(f"{self.kind.name} did not start:\n{self.log()}")


def server_words() -> tuple[dict[str, str], str]:
    """The environment and the command of the Procfile's web line, apart: tools beside the server need the first."""
    lines = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    line = dict(each.split(": ", 1) for each in lines)["web"].removeprefix("exec ").removeprefix("env ")
    words = line.split(" ")
    named = [word for word in words if word[0].isupper() and "=" in word]
    return dict(word.split("=", 1) for word in named), " ".join(word for word in words if word not in named)


def cpu_of(pid: int) -> float:
    """Seconds of processor, user and system, of a process, its children, and those of them that have ended."""
    family, ticks = {pid}, 0
    stats = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it ended while we looked
            stats.append((int(stat.parent.name), stat.read_text(errors="replace").rpartition(")")[2].split()))
    for _ in range(3):  # a family of three generations at most
        family |= {one for one, words in stats if int(words[1]) in family}
    for one, words in stats:
        if one in family:
            ticks += sum(int(word) for word in words[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def make_database(server: str, name: str) -> str:
    """Create an empty database on that server and say its address."""
    import psycopg

    host = unquote(urlsplit(server).netloc.rpartition("@")[2])
    with psycopg.connect(host=host, user="postgres", dbname="postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return f"postgres://postgres@{quote(host, safe='')}/{name}"


def postmaster(server: str) -> int:
    """The process id of that database server, whose processor time is counted too."""
    import psycopg

    host = unquote(urlsplit(server).netloc.rpartition("@")[2])
    with psycopg.connect(host=host, user="postgres", dbname="postgres") as connection:
        row = connection.execute("SELECT pg_read_file('postmaster.pid')").fetchone()
    return int(str(row[0]).split()[0]) if row else 0
