"""`make run`: the whole portal on this machine, until Ctrl-C. It needs no terminal and asks nothing."""

from __future__ import annotations

import ctypes
import fcntl
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import TextIO

from tools import catalogue

ROOT = Path(__file__).resolve().parent.parent
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
#: honcho gives its processes 5 seconds after SIGTERM, then kills them; after this long we kill what is left.
GRACE = 10.0


class StopAsked(Exception):
    """Somebody asked for the end."""


def main() -> None:
    port = read_port()
    prepare_environment(port)
    lock = only_one_here(Path(os.environ["VAR_DIR"]))
    if not port_is_free(port):
        sys.exit(f"Port {port} is in use. Choose another one: make run PORT={port + 1}")
    for number in STOPS:
        signal.signal(number, stop)
    try:
        serve(port)
    except StopAsked:
        print("Stopping.", flush=True)
    finally:
        for number in STOPS:
            signal.signal(number, signal.SIG_IGN)
        end_children()
        lock.close()


def read_port() -> int:
    """The port from the environment; nonsense is one clear line."""
    value = os.environ.get("PORT", "") or "8000"
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= 65535:
        sys.exit(f"PORT must be a number from 1 to 65535, not {value!r}.")
    return int(value)


def prepare_environment(port: int) -> None:
    """What every process of the portal sees: DEBUG on unless said otherwise, .venv first on PATH."""
    os.environ["PORT"] = str(port)
    os.environ["PYTHONUNBUFFERED"] = "1"
    os.environ["PATH"] = str(Path(sys.executable).parent) + os.pathsep + os.environ.get("PATH", "")
    # In a container one is often root, and on this machine that harms nobody.
    os.environ.setdefault("PYTHONWARNINGS", "ignore:You're running the worker with superuser privileges")
    os.environ.setdefault("DEBUG", "1")
    os.environ.setdefault("VAR_DIR", str(ROOT / "var"))
    # Said here because honcho gives each process a PORT of its own, and letters are written by the worker.
    os.environ.setdefault("BASE_URL", f"http://localhost:{port}")
    Path(os.environ["VAR_DIR"]).mkdir(parents=True, exist_ok=True)


def only_one_here(folder: Path) -> TextIO:
    """Hold the folder's lock: two portals on one database and one broker socket would take each other's work."""
    lock = (folder / "run.lock").open("w", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(f"A portal already runs on {folder}. Stop it first, or give this one its own folder by VAR_DIR.")
    return lock


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def stop(number: int, frame: FrameType | None) -> None:
    raise StopAsked


def serve(port: int) -> None:
    """Migrate, start every process of the Procfile, load the demo people, print the way in, wait for the end."""
    make = os.getppid()
    make_listens = catches_sigint(make)
    catalogue.compile_all()
    manage("migrate", "--verbosity", "0")
    processes = [line.split(":")[0] for line in (ROOT / "Procfile").read_text(encoding="utf-8").splitlines() if line]
    if os.environ.get("REDIS_URL"):
        processes.remove("broker")
    honcho = start_honcho(processes)
    people = manage("demo") if os.environ["DEBUG"] == "1" else ""
    if answers(port, honcho):
        print(f"\n{people}\nModoru is open at {os.environ['BASE_URL']}/  Stop it with Ctrl-C.\n", flush=True)
    while honcho.poll() is None:
        if make_listens and (os.getppid() != make or not catches_sigint(make)):
            raise StopAsked
        time.sleep(0.2)
    sys.exit(f"The portal stopped by itself (code {honcho.returncode}); the lines above say why.")


def manage(*words: str) -> str:
    """Run one management command to its end and hand back what it printed; its failure ends the start."""
    line = [sys.executable, "manage.py", *words]
    done = subprocess.run(line, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603
    if done.returncode:
        sys.exit(f"{done.stdout}`manage.py {words[0]}` failed; the lines above say why.")
    return done.stdout


def start_honcho(processes: list[str]) -> subprocess.Popen[bytes]:
    """Start the Procfile's processes so that none can outlive us, however we or honcho end."""
    on_linux = sys.platform == "linux"

    def die_with_us() -> None:
        if on_linux:
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)

    if on_linux:
        # Whatever a dying process leaves behind becomes our child, so that end_children() finds it.
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    return subprocess.Popen(  # noqa: S603 - our own command line
        [sys.executable, "-m", "honcho", "--env", os.devnull, "start", *processes],
        cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=die_with_us,
    )  # fmt: skip


def answers(port: int, honcho: subprocess.Popen[bytes]) -> bool:
    """True as soon as the server answers anything at all; False when a process ended before that."""
    while honcho.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/livez")
            connection.getresponse()
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
        else:
            return True
        finally:
            connection.close()
    return False


def catches_sigint(pid: int) -> bool:
    """Whether that process has a handler for SIGINT (bit 2 of the kernel's SigCgt); False when unknown.

    A terminal sends Ctrl-C to make and to us. `kill -INT <make>` reaches make only, which drops its handler and then
    waits for us for ever: this is how we learn of it.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
        return bool(int(status.split("SigCgt:")[1].split()[0], 16) & 0b10)
    except (OSError, IndexError):
        return False


def end_children() -> None:
    """Ask all children to end, wait, then kill what is left, orphaned grandchildren included."""
    deadline = time.monotonic() + GRACE
    for pid in children():
        signal_to(pid, signal.SIGTERM)
    while left := children():
        if time.monotonic() > deadline:
            for pid in left:
                signal_to(pid, signal.SIGKILL)
        reap()
        time.sleep(0.05)


def children() -> list[int]:
    """Our children that have not ended. Where the kernel has no /proc, honcho alone, which ends its own."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[:2]
        except OSError:  # it ended while we looked
            continue
        if int(parent) == os.getpid() and state != "Z":
            found.append(int(stat.parent.name))
    if not found and sys.platform != "linux":
        listed = subprocess.run(["pgrep", "-P", str(os.getpid())], capture_output=True, text=True, check=False)  # noqa: S603, S607
        found = [int(pid) for pid in listed.stdout.split()]
    return found


def signal_to(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


if __name__ == "__main__":
    main()
