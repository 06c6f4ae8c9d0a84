"""`manage.py travel 72h`: move the portal's one clock, so that a wait can be lived through in a minute."""

from __future__ import annotations

import re
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts import clock

UNITS = {"m": "minutes", "h": "hours", "d": "days"}
SWEEPS = ("accounts.sweep_outbox", "accounts.sweep_changes", "recovery.sweep_cases")


def parse(text: str) -> timedelta | None:
    """A time such as "72h", "2d12h" or "90m"; "back" is the present."""
    if text == "back":
        return None
    parts = re.findall(r"(\d{1,5})([mhd])", text)
    if not parts or "".join(n + u for n, u in parts) != text:
        raise CommandError(f'"{text}" is not a time: write 72h, 3d, 90m, 2d12h or back.')
    return timedelta(**{UNITS[unit]: sum(int(n) for n, u in parts if u == unit) for _, unit in parts})


class Command(BaseCommand):
    help = "Move the portal's clock by 72h, 3d or 90m (DEBUG only); `travel back` returns to the present."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("by", help="72h, 3d, 90m, 2d12h or back")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The clock is moved only with DEBUG=1.")
        total = clock.travel(parse(options["by"]))
        # What is due is swept at once and twice: the first sweep opens what the second one tells about.
        current_app.loader.import_default_modules()
        for name in (*SWEEPS, *SWEEPS):
            current_app.tasks[name]()
        self.stdout.write(f"The portal's clock is now {clock.now():%Y-%m-%d %H:%M} UTC (moved by {total}).")
