"""`manage.py verify_history`: is the history what was written? Exit 0 when it is, 1 when it is not."""

from __future__ import annotations

import re
import sys
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand

from accounts import chain


def noted(text: str) -> str:
    """A head as `--head` prints it."""
    if not re.fullmatch(r"0:|[1-9]\d{0,17}:[0-9a-f]{64}", text):
        raise ArgumentTypeError("a head looks like 120:9f86d0…, as --head prints it")
    return text


class Command(BaseCommand):
    help = "Walk the history's hash chain: exit 0 when it is whole, 1 with the first broken event when it is not."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--head", action="store_true", help="only print the head, to be noted elsewhere")
        parser.add_argument("--expect", type=noted, metavar="HEAD", help="a head noted before")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["head"]:
            self.stdout.write(chain.head())
            return
        found = chain.verify(options["expect"] or "")
        self.stdout.write(f"{found.sealed} events in the chain, {found.unsealed} not sealed yet. Head {found.head}")
        if found.fault:
            self.stderr.write(f"BROKEN. {found.fault}")
            sys.exit(1)
