"""The bench's half that runs in the portal's own environment: people to be known, the price of a hash, queries a page.

`python -m tools.bench_inside people 40` and so on print JSON; tools/bench.py starts it.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

PASSWORD = "a long and unusual sentence"  # noqa: S105 - of people who live for one bench


def people(many: int) -> list[dict[str, str]]:
    """Accounts with a password and an app, each good for one sign-in in thirty seconds."""
    from django.contrib.auth.hashers import make_password

    from accounts import clock
    from accounts.models import Address, Totp, User

    now, hashed = clock.now(), make_password(PASSWORD)
    made = []
    for index in range(many):
        email, seed = f"member{index:03d}@example.jp", os.urandom(20)
        user = User.objects.create_user(email, None, ever_had_factor=True, created_at=now)
        User.objects.filter(pk=user.pk).update(password=hashed)
        Address.objects.create(user=user, email=email, key=email, bound_at=now, confirmed_at=now)
        app = Totp.objects.create(user=user, name="bench", bound_at=now, confirmed_at=now)
        app.set_seed(seed)
        app.save()
        made.append({"email": email, "password": PASSWORD, "seed": base64.b32encode(seed).decode()})
    return made


def hashes(many: int) -> dict[str, float]:
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
            list(pool.map(check, range(many)))
            found[name] = round(many / (time.perf_counter() - begun), 1)
    return found


def queries(session: str, *paths: str) -> dict[str, dict[str, int]]:
    """Statements of each page, transaction control not counted, and how many of them write."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    control = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")
    found: dict[str, dict[str, int]] = {}
    for path in paths:
        client = Client()
        if session != "-":
            client.cookies[settings.SESSION_COOKIE_NAME] = session
        with CaptureQueriesContext(connection) as seen:
            client.get(path)
        said = [query["sql"] for query in seen if not query["sql"].startswith(control)]
        writes = sum(sql.startswith(("INSERT", "UPDATE", "DELETE")) for sql in said)
        found[path] = {"queries": len(said), "writes": writes}
    return found


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    name, *words = sys.argv[1:]
    answer: Any = queries(*words) if name == "queries" else {"people": people, "hashes": hashes}[name](int(words[0]))
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
