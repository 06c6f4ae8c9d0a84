"""The bench's half that runs in a system's own environment: people to be known, the price of a hash, queries.

`python -m tools.bench.inside people modoru 40` and so on print JSON; the other half starts it.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tools.bench.load import filled
from tools.bench.profiling import profiled
from tools.bench.systems import KINDS, Step

PASSWORD = "a long and unusual sentence"  # noqa: S105 - of people who live for one bench


def people(kind: str, many: str, name: str = "member") -> list[dict[str, str]]:
    """Accounts with a password and an app, each good for one sign-in in thirty seconds."""
    from django.contrib.auth.hashers import make_password
    from django.db import transaction

    hashed, made = make_password(PASSWORD), []
    make = {"modoru": modoru_person, "two-factor-auth": two_factor_person, "allauth": allauth_person}[kind]
    with transaction.atomic():
        for index in range(int(many)):
            email, seed = f"{name}{index:03d}@example.jp", os.urandom(20)
            make(email, hashed, seed)
            made.append({"email": email, "password": PASSWORD, "seed": base64.b32encode(seed).decode()})
    return made


def modoru_person(email: str, hashed: str, seed: bytes) -> None:
    from accounts import clock
    from accounts.models import Address, Totp, User

    now = clock.now()
    user = User(email=email, email_key=email, ever_had_factor=True, created_at=now, language="en", password=hashed)
    user.save()
    Address.objects.create(user=user, email=email, key=email, bound_at=now, confirmed_at=now)
    app = Totp.objects.create(user=user, name="bench", bound_at=now, confirmed_at=now)
    app.set_seed(seed)
    app.save()


def two_factor_person(email: str, hashed: str, seed: bytes) -> None:
    from django.contrib.auth.models import User
    from django_otp.plugins.otp_totp.models import TOTPDevice

    user = User.objects.create(username=email, email=email, password=hashed)
    TOTPDevice.objects.create(user=user, name="default", key=seed.hex())


def allauth_person(email: str, hashed: str, seed: bytes) -> None:
    from allauth.account.models import EmailAddress
    from allauth.mfa.models import Authenticator
    from django.contrib.auth.models import User

    user = User.objects.create(username=email, email=email, password=hashed)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    secret = base64.b32encode(seed).decode()
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": secret})


def hashes(many: str) -> dict[str, float]:
    """How many passwords this machine checks in a second, one after the other and as many at once as it has cores."""
    from django.contrib.auth.hashers import check_password, make_password

    hashed = make_password(PASSWORD)

    def check(_: int) -> bool:
        return check_password(PASSWORD, hashed)

    found = {}
    for name, workers in (("one_at_a_time", 1), ("all_cores", os.cpu_count() or 1)):
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(check, range(workers)))  # the first pays for its memory
            begun = time.perf_counter()
            list(pool.map(check, range(int(many))))
            found[name] = round(int(many) / (time.perf_counter() - begun), 1)
    return found


def queries(session: str, *paths: str) -> dict[str, dict[str, int]]:
    """Statements of each page, and how many of them write."""
    from django.conf import settings
    from django.test import Client

    found: dict[str, dict[str, int]] = {}
    for path in paths:
        client = Client()
        if session != "-":
            client.cookies[settings.SESSION_COOKIE_NAME] = session
        found[path], _ = counted(lambda client=client, path=path: client.get(path))  # type: ignore[misc]
    return found


def steps(kind: str) -> dict[str, dict[str, int]]:
    """Statements of each step of a sign-in and of the pages that are compared."""
    from django.test import Client

    system, person, client = KINDS[kind], people(kind, "1", "counted")[0], Client(HTTP_X_FORWARDED_FOR="10.0.0.1")
    found: dict[str, dict[str, int]] = {}
    for step in (*system.steps, Step("security", system.security)):
        count, answer = counted(lambda step=step: asked(client, step, person))  # type: ignore[misc]
        if answer.status_code != (302 if step.leads_to else 200):
            sys.exit(f"{kind}, {step.name}: {answer.status_code}")
        before = found.get(step.name, {})
        found[step.name] = {name: number + before.get(name, 0) for name, number in count.items()}
    found["open_page"], _ = counted(lambda: Client().get(system.open_page))
    return found


def asked(client: Any, step: Step, person: dict[str, str]) -> Any:
    return client.post(step.path, filled(step.fields, person)) if step.fields else client.get(step.path)


def counted(work: Callable[[], Any]) -> tuple[dict[str, int], Any]:
    """Statements sent meanwhile, transaction control not counted, and what the work gave."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    control = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")
    with CaptureQueriesContext(connection) as seen:
        answer = work()
    said = [query["sql"] for query in seen if not query["sql"].startswith(control)]
    writes = sum(sql.startswith(("INSERT", "UPDATE", "DELETE")) for sql in said)
    return {"queries": len(said), "writes": writes}, answer


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    name, *words = sys.argv[1:]
    deeds: dict[str, Callable[..., Any]] = {
        "people": people, "hashes": hashes, "queries": queries, "steps": steps, "profile": profiled,
    }  # fmt: skip
    print(json.dumps(deeds[name](*words)))


if __name__ == "__main__":
    main()
