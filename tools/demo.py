"""`make demo`: load the demo people beside a running portal and print how to sign in as them."""

from __future__ import annotations

from tools.run import manage, prepare_environment, read_port

if __name__ == "__main__":
    prepare_environment(read_port())
    manage("migrate", "--verbosity", "0")
    print(manage("demo"), end="")  # noqa: T201
