"""Pin what the .in files ask for, with hashes and without any registry's name; `--check` says whether that is fresh."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
FILES = ("requirements", "requirements-dev")
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)


def digest(name: str) -> str:
    """What the lock was made from: the .in file and those it draws in."""
    sources = ["requirements.in"] if name == "requirements" else ["requirements.in", "requirements-dev.in"]
    return hashlib.sha256(b"".join((ROOT / source).read_bytes() for source in sources)).hexdigest()


def compile_locks(*more: str) -> None:
    """Write both lock files. `more` goes to uv, such as `--upgrade` or `--upgrade-package celery`."""
    for name in FILES:
        output = ROOT / f"{name}.txt"
        subprocess.run(  # noqa: S603 - fixed words and the developer's own options
            [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11",
             "--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--no-annotate", "--no-header",
             f"{name}.in", "--output-file", output.name, *more],
            cwd=ROOT, check=True,
        )  # fmt: skip
        pins = output.read_text(encoding="utf-8")
        header = f"# Made by `make lock` from {name}.in; do not edit.\n# sources sha256:{digest(name)}\n"
        output.write_text(header + pins, encoding="utf-8")


def problems() -> list[str]:
    """What is stale or unsafe in the lock files; no network needed."""
    found = []
    pins: dict[str, dict[str, str]] = {}
    for name in FILES:
        text = (ROOT / f"{name}.txt").read_text(encoding="utf-8")
        pins[name] = {canonicalize_name(project): version for project, version in PIN.findall(text)}
        if f"sha256:{digest(name)}" not in text:
            found.append(f"{name}.txt is older than its .in file. Run `make lock`.")
        if re.search(r"https?://|--(extra-)?index-url|--find-links|file:", text):
            found.append(f"{name}.txt names a registry: a lock must install from any mirror.")
        for line in (ROOT / f"{name}.in").read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith(("#", "-")):
                wanted = Requirement(line)
                version = pins[name].get(canonicalize_name(wanted.name))
                if version is None or not wanted.specifier.contains(version, prereleases=True):
                    found.append(f"{name}.txt pins {wanted.name} {version}, but {name}.in asks for {line!r}.")
    for project, version in pins["requirements"].items():
        if pins["requirements-dev"].get(project) != version:
            found.append(f"requirements-dev.txt tests another {project} than requirements.txt runs ({version}).")
    return found


def main() -> None:
    if "--check" in sys.argv:
        sys.exit("\n".join(problems()) or None)
    compile_locks(*sys.argv[1:])


if __name__ == "__main__":
    main()
