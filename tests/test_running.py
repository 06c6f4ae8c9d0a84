"""`make run` from outside: what it refuses in one line, and that nothing of it stays behind."""

from __future__ import annotations

import ast
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config import broker
from tests.servers import ROOT, free_port, outer_environment, wait_for
from tools import bootstrap, lock

OLD_PYTHON = """
import runpy, sys
sys.version_info = (3, 9, 2, "final", 0)
sys.argv = ["tools/bootstrap.py", "run"]
runpy.run_path("tools/bootstrap.py", run_name="__main__")
"""


def program(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    line, outer = [sys.executable, *words], outer_environment()
    return subprocess.run(
        line, cwd=ROOT, env=outer | environment, capture_output=True, text=True, timeout=60, check=False
    )


# --- refusals ---------------------------------------------------------------------------------------------------------
def test_an_old_python_is_told_so_in_one_line(tmp_path: Path) -> None:
    done = program("-c", OLD_PYTHON, PATH=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr == (
        "Modoru needs Python 3.11 or newer, and this is 3.9. Install one, or name it: make run PYTHON=…\n"
    )


def test_an_old_python_can_read_the_line_it_has_to_say() -> None:
    ast.parse((ROOT / "tools/bootstrap.py").read_text(encoding="utf-8"), feature_version=(3, 7))


def test_an_old_python_hands_over_to_a_newer_one_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, newer = tmp_path / "python3.14", tmp_path / "python3.12"
    broken.write_text("#!/bin/sh\nexit 127\n")  # a version manager's stand-in for a Python that is not installed
    newer.symlink_to(sys.executable)
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert bootstrap.find_python(version=(3, 9), current="/old/python3") == str(newer)


def test_a_port_in_use_is_one_clear_line_that_offers_another(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = program("-m", "tools.run", VAR_DIR=str(tmp_path), PORT=str(port))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"Port {port} is in use. Choose another one: make run PORT={port + 1}\n"


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1", "８０００"])
def test_a_port_that_is_no_port_is_one_clear_line(port: str, tmp_path: Path) -> None:
    done = program("-m", "tools.run", VAR_DIR=str(tmp_path), PORT=port)
    assert done.stderr == f"PORT must be a number from 1 to 65535, not {port!r}.\n"


def test_an_unfinished_installation_is_not_taken_for_a_finished_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    monkeypatch.setattr(bootstrap.subprocess, "call", lambda line: calls.append(line) or len(calls) == 1)
    with pytest.raises(SystemExit):
        bootstrap.install("requirements.txt")
    bootstrap.install("requirements.txt")
    bootstrap.install("requirements.txt")
    assert len(calls) == 2, "failed once, installed once, then found installed"
    assert "--require-hashes" in calls[0]


# --- the lock ---------------------------------------------------------------------------------------------------------
def test_the_lock_is_fresh_and_names_no_registry() -> None:
    assert lock.problems() == []


def test_every_pin_carries_a_hash() -> None:
    for name in lock.FILES:
        pins = re.split(r"\n(?=\S)", (ROOT / f"{name}.txt").read_text(encoding="utf-8"))
        assert [pin for pin in pins if "==" in pin and "--hash=sha256:" not in pin] == []


def test_a_changed_wish_makes_the_lock_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in lock.FILES:
        for ending in ("in", "txt"):
            (tmp_path / f"{name}.{ending}").write_bytes((ROOT / f"{name}.{ending}").read_bytes())
    with (tmp_path / "requirements.in").open("a") as wishes:
        wishes.write("celery<5\n")
    monkeypatch.setattr(lock, "ROOT", tmp_path)
    found = "\n".join(lock.problems())
    assert "requirements.txt is older than its .in file" in found
    assert "asks for 'celery<5'" in found


# --- the broker's socket ----------------------------------------------------------------------------------------------
def test_a_path_too_long_for_a_socket_moves_to_a_private_folder(settings, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(broker.tempfile, "gettempdir", lambda: str(tmp_path)[:60])
    settings.VAR_DIR = tmp_path / ("deep" * 30)
    (short := Path(str(tmp_path)[:60])).mkdir(exist_ok=True)
    path = broker.socket_path()
    assert path.is_relative_to(short)
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert broker.socket_path() == path, "all processes find the same socket"
    path.parent.chmod(0o755)
    with pytest.raises(PermissionError):
        broker.socket_path()
    path.parent.rmdir()


# --- nothing stays ----------------------------------------------------------------------------------------------------
class Run:
    """`make run` as a person starts it, its recipe cut down to what comes after the installation."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        makefile = folder / "Makefile"
        makefile.write_text(f"run:\n\t@cd {ROOT} && exec {sys.executable} -m tools.run\n")
        self.output = folder / "output"
        with self.output.open("w") as output:
            self.make = subprocess.Popen(
                ["make", "-f", makefile, "run"], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                start_new_session=True,
                env=outer_environment() | {"VAR_DIR": str(folder), "PORT": str(self.port), "ARGON2_MEMORY_KIB": "64"},
            )  # fmt: skip
        wait_for(lambda: "Modoru is open" in self.said() or self.make.poll() is not None, 60, self.said)
        assert self.make.poll() is None, self.said()

    def said(self) -> str:
        return self.output.read_text(errors="replace")

    def processes(self) -> dict[int, str]:
        """Every living process of this run, found by its folder (Valkey writes its title over its environment)."""
        found = {}
        for environ in Path("/proc").glob("[0-9]*/environ"):
            try:
                known = environ.read_bytes()
                line = (environ.parent / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if line and (os.fsencode(f"VAR_DIR={self.folder}\0") in known or f"{self.folder}/broker.sock" in line):
                found[int(environ.parent.name)] = line
        return found

    def running(self, words: str) -> list[int]:
        return sorted(pid for pid, line in self.processes().items() if words in line)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    if not Path("/proc/self/environ").exists():
        pytest.skip("needs /proc to see what stayed behind")
    running = Run(tmp_path)
    yield running
    for pid in running.processes():
        os.kill(pid, signal.SIGKILL)
    running.make.wait(5)


ENDS: dict[str, Callable[[Run], None]] = {
    "Ctrl-C": lambda run: os.killpg(run.make.pid, signal.SIGINT),
    "SIGINT to make alone": lambda run: run.make.send_signal(signal.SIGINT),
    "SIGTERM": lambda run: run.make.send_signal(signal.SIGTERM),
    "a closed terminal": lambda run: os.killpg(run.make.pid, signal.SIGHUP),
    "make killed": lambda run: run.make.kill(),
    "the runner killed": lambda run: os.kill(run.running("tools.run")[0], signal.SIGKILL),
    "honcho killed": lambda run: os.kill(run.running("-m honcho")[0], signal.SIGKILL),
    "one process dies": lambda run: os.kill(run.running("valkey-server")[0], signal.SIGKILL),
}


@pytest.mark.slow
@pytest.mark.xdist_group("running")
@pytest.mark.parametrize("end", ENDS)
def test_it_leaves_no_process_after(end: str, run: Run) -> None:
    programs = {"make", "tools.run", "honcho", "gunicorn", " worker ", " beat ", "valkey-server"}
    wait_for(lambda: {each for each in programs if run.running(each)} == programs, 20, run.said)
    begun = time.monotonic()
    ENDS[end](run)
    wait_for(lambda: not run.processes(), 20, lambda: f"after {end}: {run.processes()}\n{run.said()}")
    assert time.monotonic() - begun < 15


@pytest.mark.slow
@pytest.mark.xdist_group("running")
def test_it_prints_the_people_and_refuses_a_second_portal_on_the_same_data(run: Run) -> None:
    said = run.said()
    assert all(f"{name}@example.jp" in said for name in ("hanako", "taro", "yuki", "ken", "mei", "grace", "ada"))
    assert f"Modoru is open at http://localhost:{run.port}/" in said
    second = program("-m", "tools.run", VAR_DIR=str(run.folder), PORT=str(free_port()))
    assert second.stderr == (
        f"A portal already runs on {run.folder}. Stop it first, or give this one its own folder by VAR_DIR.\n"
    )
