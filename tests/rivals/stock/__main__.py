"""Run the named plays on the stock part and print what was seen, one line of JSON each."""

from __future__ import annotations

import json
import os
import sys

import django


def main(names: list[str]) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.rivals.stock.settings"
    django.setup()
    from django.core import mail  # noqa: PLC0415 - needs the settings
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import setup_test_environment  # noqa: PLC0415

    from tests.rivals.stock.gateway import Telephone  # noqa: PLC0415
    from tests.rivals.stock.plays import PLAYS  # noqa: PLC0415

    if "P1" in names and connection.vendor != "postgresql":
        sys.exit("SQLite's one writer hides P1: python -m tools.postgres python -m tests.rivals.stock P1")
    setup_test_environment()
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        for name in names:
            call_command("flush", verbosity=0, interactive=False)
            mail.outbox.clear()
            Telephone.codes.clear()
            sys.stdout.write(json.dumps({name: PLAYS[name]()}, ensure_ascii=False) + "\n")
    finally:
        connection.creation.destroy_test_db("", verbosity=0)


if __name__ == "__main__":
    main(sys.argv[1:])
