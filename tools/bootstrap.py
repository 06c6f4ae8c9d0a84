"""From a bare Python to a ready .venv, then on to the tool asked for: `bootstrap.py <run|test|check|…> [words]`.

Standard library only, and readable by old Pythons too, so that they can say in one line that they are too old.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
OLDEST = (3, 11)
NAMES = ("python3.14", "python3.13", "python3.12", "python3.11", "python3")
#: What each tool needs installed.
NEEDS = {"run": "requirements.txt", "demo": "requirements.txt"}


def find_python(version=sys.version_info, current=sys.executable):
    # type: (tuple, str) -> str | None
    """A Python that is new enough: the one running now, else the newest on PATH; None when there is none."""
    if tuple(version[:2]) >= OLDEST:
        return current
    probe = "import sys; sys.exit(sys.version_info < {})".format(OLDEST)
    for name in NAMES:
        path = shutil.which(name)
        if path and subprocess.call([path, "-c", probe], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0:
            return path
    return None


def venv_python():
    # type: () -> str
    return str(VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))


def digest(name):
    # type: (str) -> str
    return hashlib.sha256((ROOT / name).read_bytes()).hexdigest()


def make_venv(python):
    # type: (str) -> None
    """Create .venv unless one that starts is there already."""
    if os.path.exists(venv_python()) and subprocess.call([venv_python(), "-c", ""], stderr=subprocess.DEVNULL) == 0:
        return
    say("Creating .venv")
    shutil.rmtree(str(VENV), ignore_errors=True)
    made = subprocess.run(
        [python, "-m", "venv", str(VENV)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True
    )
    if made.returncode:
        shutil.rmtree(str(VENV), ignore_errors=True)
        hint = "install its venv part (Debian: apt install python3-venv)" if "ensurepip" in made.stdout else made.stdout
        sys.exit("{} could not make a virtual environment: {}".format(python, hint.strip()))


def install(name):
    # type: (str) -> None
    """Install exactly what the lock file pins, hashes checked, unless the same file was installed before.

    `--require-hashes` stops a registry or mirror that serves another file than the one we tested.
    """
    stamp = VENV / "installed"
    done = stamp.read_text().split() if stamp.exists() else []
    if digest(name) in done:
        return
    say("Installing {} (once; it takes about a minute)".format(name))
    pip = [venv_python(), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input"]
    if subprocess.call(pip + ["--require-hashes", "--no-deps", "-r", str(ROOT / name)]):
        sys.exit("The installation did not finish; the lines above say why. Run the same command again.")
    # The tests' file holds the portal's whole file, in the same versions.
    held = [name, "requirements.txt"] if name == "requirements-dev.txt" else [name]
    stamp.write_text("\n".join(digest(each) for each in held) + "\n")


def say(text):
    # type: (str) -> None
    print("· " + text, flush=True)


def main():
    # type: () -> None
    tool = sys.argv[1]
    python = find_python()
    if python is None:
        sys.exit(
            "Modoru needs Python {}.{} or newer, and this is {}.{}. Install one, or name it: make {} PYTHON=…".format(
                OLDEST[0], OLDEST[1], sys.version_info[0], sys.version_info[1], tool
            )
        )
    make_venv(python)
    install(NEEDS.get(tool, "requirements-dev.txt"))
    os.chdir(str(ROOT))
    os.environ["PATH"] = os.path.dirname(venv_python()) + os.pathsep + os.environ.get("PATH", "")
    sys.stdout.flush()
    os.execv(venv_python(), [venv_python(), "-m", "tools." + tool] + sys.argv[2:])  # noqa: S606 - our own words


if __name__ == "__main__":
    main()
