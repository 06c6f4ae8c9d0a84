"""`manage.py demo`: the demo people of the product, with fixed passwords and seeds. DEBUG only, safe to repeat."""

from __future__ import annotations

import base64
from argparse import ArgumentParser
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts import browser_cookie, clock, crypto
from accounts.models import Address, Identity, KnownBrowser, Phone, SavedCode, SavedCodeSet, Totp, User, email_key
from policy.rules import RULES


@dataclass(frozen=True, slots=True)
class Person:
    """One demo person: what is bound, and what the story is."""

    name: str
    full_name: str
    story: str
    phones: tuple[tuple[str, int], ...] = ()  # number, days since it was confirmed
    apps: tuple[str, ...] = ()
    sheet: bool = False
    browser: str = ""  # one it is known by, used every day
    mails: int = 1
    role: str = ""  # a group of the agents' site
    identity: tuple[tuple[str, str], ...] = ()  # what the host platform passed on
    language: str = "ja"

    @property
    def email(self) -> str:
        return f"{self.name}@example.jp"

    @property
    def password(self) -> str:
        return f"{self.name}-modoru-2026"


PEOPLE = (
    Person(
        "hanako",
        "佐藤 花子",
        "番号が変わった。メール、認証アプリ、紙の回復コードがある / number dead; has mail, app and printed sheet",
        phones=(("+819012345601", 100),),
        apps=("Pixel 8",),
        sheet=True,
        browser="Chrome, Windows",
    ),
    Person(
        "taro",
        "鈴木 太郎",
        "番号が変わった。パスワードとメールだけ残る / number dead; password and one mail left",
        phones=(("+819012345602", 400),),
    ),
    Person(
        "yuki",
        "高橋 ゆき",
        "書類のほか何も残っていない。本人情報はサービスから届いた / nothing left but papers; identity from the host",
        phones=(("+819012345603", 300),),
        identity=(
            ("family", "高橋"),
            ("given", "ゆき"),
            ("born", "1990-05-04"),
            ("document", "licence"),
            ("number", "305012345670"),
            ("expires", "2029-06-04"),
        ),
    ),
    Person(
        "ken",
        "田中 健",
        "SIMを盗まれた / SIM stolen",
        phones=(("+819012345604", 40),),
        apps=("iPhone",),
        language="en",
    ),
    Person(
        "mei",
        "伊藤 芽衣",
        "すべて備えてある / prepared in every way",
        phones=(("+819012345605", 20), ("+818012345606", 20)),
        apps=("iPhone", "iPad"),
        sheet=True,
        mails=2,
    ),
    Person("grace", "Grace", "担当者 / agent", apps=("Work phone",), role="agent", language="en"),
    Person("heidi", "Heidi", "担当者 / agent", apps=("Work phone",), role="agent", language="en"),
    Person("ada", "Ada", "責任者 / lead", apps=("Work phone",), role="lead", language="en"),
)


def seed_of(person: Person, app: str) -> bytes:
    """The same seed at every run on this machine: derived from its development key."""
    return crypto.digest("demo/seed", person.name, app)[:20]


def code_of(person: Person, index: int) -> str:
    """The saved code of that index, the same at every run on this machine."""
    return crypto.derived_crockford("demo/codes", person.name, str(index), 20)


class Command(BaseCommand):
    help = "Load the demo people (DEBUG only). Repeating it changes nobody; --reset puts them back to the start."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reset", action="store_true", help="delete the demo people and load them afresh")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo people are loaded only with DEBUG=1.")
        if options["reset"]:
            for staff in (False, True):  # agents last: what they decided about the others holds them
                names = [person.email for person in PEOPLE if bool(person.role) is staff]
                User.objects.filter(email_key__in=names).delete()
        for person in PEOPLE:
            if not User.objects.filter(email_key=email_key(person.email)).exists():
                load(person, clock.now())
        self.stdout.write("\n".join(report(PEOPLE)))


@transaction.atomic
def load(person: Person, now: datetime) -> User:
    """Create one demo person with everything bound long ago and final."""
    long_ago = now - timedelta(days=400)
    user = User.objects.create_user(
        person.email,
        person.password,
        name=person.full_name,
        language=person.language,
        is_staff=bool(person.role),
        ever_had_factor=True,
        created_at=long_ago,
    )
    if person.role:
        user.groups.add(Group.objects.get(name=person.role))
    for index in range(person.mails):
        mail = person.email if index == 0 else person.email.replace("@", f"+{index + 1}@")
        reviewed = now - timedelta(days=60)
        Address.objects.create(user=user, email=mail, key=email_key(mail), bound_at=long_ago, confirmed_at=reviewed)
    for number, days in person.phones:
        confirmed = now - timedelta(days=days)
        Phone.objects.create(user=user, number=number, bound_at=long_ago, confirmed_at=confirmed)
    for app in person.apps:
        totp = Totp.objects.create(user=user, name=app, bound_at=long_ago, confirmed_at=long_ago)
        totp.set_seed(seed_of(person, app))
        totp.save(update_fields=["seed_sealed"])
    if person.sheet:
        sheet = SavedCodeSet.objects.create(user=user, bound_at=long_ago, confirmed_at=long_ago)
        codes = (code_of(person, index) for index in range(10))
        SavedCode.objects.bulk_create(
            SavedCode(sheet=sheet, locator=code[:4], hash=make_password(code[4:])) for code in codes
        )
    if person.identity:
        identity = Identity.objects.create(
            user=user, source=Identity.Source.HOST, bound_at=long_ago, confirmed_at=long_ago
        )
        identity.set_attributes(dict(person.identity))
        identity.save(update_fields=["attributes_sealed", "number_digest"])
    if person.browser:
        KnownBrowser.objects.create(
            user=user,
            digest=browser_cookie.digest(browser_cookie.fresh()),
            name=person.browser,
            first_seen=long_ago,
            last_used=now,
            expires_at=now + RULES.known_browser_life,
        )
    return user


def report(people: Iterable[Person]) -> list[str]:
    """What a visitor needs to play them: passwords, authenticator seeds, two saved codes."""
    lines = ["", "Demo people (password · authenticator seed · saved codes)"]
    for person in people:
        lines.append(f"\n  {person.email}  {person.story}")
        lines.append(f"      password  {person.password}")
        for app in person.apps:
            lines.append(f"      seed      {base64.b32encode(seed_of(person, app)).decode()}  ({app})")
        if person.sheet:
            for index in (0, 1):
                code = code_of(person, index)
                lines.append("      code      " + "-".join(code[i : i + 4] for i in range(0, 20, 4)))
        for number, _ in person.phones:
            lines.append(f"      number    {number}")
    return lines
