"""`manage.py api_key create NAME | list | revoke NAME`: the bearer keys of the host platform."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.context import system
from accounts.errors import Refused
from accounts.models import ApiKey
from accounts.services import api_keys


class Command(BaseCommand):
    help = "Make, list and revoke the keys with which the host platform asks how an account stands."

    def add_arguments(self, parser: ArgumentParser) -> None:
        deeds = parser.add_subparsers(dest="deed", required=True)
        deeds.add_parser("create", help="make a key; its text is printed once").add_argument("name")
        deeds.add_parser("list", help="names, prefixes, when made, used and revoked; never a key")
        deeds.add_parser("revoke", help="end a key at once").add_argument("name", help="its name or prefix")

    def handle(self, *args: Any, **options: Any) -> None:
        getattr(self, f"_{options['deed']}")(options.get("name", ""))

    def _create(self, name: str) -> None:
        made = api_keys.create(name, ctx=system("api_key"))
        if isinstance(made, Refused):
            raise CommandError(f'A living key is called "{name}". Revoke it first, or choose another name.')
        self.stderr.write("This is the only time the key is shown. Keep it in the host platform's secret store.")
        self.stdout.write(made.text)

    def _list(self, _name: str) -> None:
        for key in ApiKey.objects.order_by("created_at", "pk"):
            used = f"last used {key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never used"
            state = f"revoked {key.revoked_at:%Y-%m-%d %H:%M}" if key.revoked_at else used
            self.stdout.write(f"{key.prefix}  {key.created_at:%Y-%m-%d %H:%M}  {state:<28}  {key.name}")

    def _revoke(self, name: str) -> None:
        ended = api_keys.revoke(name, ctx=system("api_key"))
        if isinstance(ended, Refused):
            raise CommandError(f'No living key is called "{name}".')
        self.stdout.write(f"{ended.prefix} ({ended.name}) opens nothing any more.")
