"""A known and an unknown person wait equally long at every door that asks who you are; what the portal's pages cost.

Interleaved requests from networks of their own, against a portal of its own with production's password cost. The
medians may differ by 5 %. That the bytes are the same is a test (tests/house/test_alike.py).
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.servers import ROOT, Portal
from tests.visits import Answer, Visit
from tools.bench.load import app_code

REQUESTS, TOLERANCE = 200, 0.05
#: Known people take turns, or the limits of one account would answer instead of the door.
PEOPLE = 50
SIGN_INS, PAGE_VIEWS = 40, 20
DOORS: dict[str, dict[str, str]] = {
    "/sign-in/": {"login_view-current_step": "auth", "auth-email": "EMAIL", "auth-password": "a wrong password 2026"},
    "/password/forgot/": {"email": "EMAIL"},
    "/sign-up/": {"email": "EMAIL"},
    "/recovery/start/?situation=new_number": {"email": "EMAIL", "phone": ""},
}
OPEN_PAGES = ("/", "/help/", "/sign-in/", "/sign-up/", "/password/forgot/", "/recovery/", "/recovery/policy/",
              "/recovery/?situation=new_number", "/recovery/start/?situation=new_number")  # fmt: skip
OWN_PAGES = ("/account/", "/account/security/", "/account/authenticators/", "/account/recovery-codes/",
             "/account/addresses/", "/account/sessions/", "/account/activity/", "/account/withdrawal/")  # fmt: skip


def inside(portal: Portal, *words: str) -> Any:
    """Run the half that needs the portal's own environment."""
    line = [sys.executable, "-m", "tools.bench.inside", *words]
    done = subprocess.run(line, cwd=ROOT, env=portal.environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def milliseconds(seconds: list[float]) -> float:
    return round(statistics.median(seconds) * 1000, 2)


def visit(portal: Portal, number: int, kind: int = 0) -> Visit:
    """A fresh browser in a network that nobody else has."""
    return Visit(portal.port, network=f"10.{number >> 8}.{number & 255}.{kind + 1}")


def knock(portal: Portal, door: str, number: int, email: str) -> Answer:
    browser = visit(portal, number)
    browser.get(door)  # not timed: the page and its CSRF cookie
    return browser.post(door, **{name: value.replace("EMAIL", email) for name, value in DOORS[door].items()})


def compare(portal: Portal, door: str, requests: int, first: int) -> dict[str, Any]:
    """One door: how long known and unknown people wait, taking turns at being first."""
    seconds: dict[str, list[float]] = {"known": [], "unknown": []}
    statuses = set()
    for number in range(-2, requests):  # the first visits pay for imports and templates
        for kind in ("known", "unknown") if number % 2 else ("unknown", "known"):
            name = "member" if kind == "known" else "nobody"
            answer = knock(portal, door, first + number + 2, f"{name}{number % PEOPLE:03d}@example.jp")
            statuses.add(answer.status)
            if number >= 0:
                seconds[kind].append(answer.seconds)
    known, unknown = (milliseconds(seconds[kind]) for kind in ("known", "unknown"))
    # How far two halves of the same people lie apart says how much of a difference is this machine's noise.
    halves = [milliseconds(seconds["known"][start::4] + seconds["known"][start + 1 :: 4]) for start in (0, 2)]
    return {
        "door": door, "requests": requests, "known_ms": known, "unknown_ms": unknown, "statuses": sorted(statuses),
        "apart": round(abs(known - unknown) / max(known, unknown), 4),
        "noise": round(abs(halves[0] - halves[1]) / max(halves), 4),
    }  # fmt: skip


def sign_ins(portal: Portal, people: list[dict[str, str]], first: int) -> tuple[dict[str, float], Visit]:
    """Both POSTs of a sign-in with the app, each by somebody else; and a browser that is signed in."""
    password, code, browser = [], [], visit(portal, first)
    for number, person in enumerate(people[:SIGN_INS]):
        browser = visit(portal, first + number)
        password.append(browser.sign_in(person["email"], person["password"]).seconds)
        step = "login_view__current_step"
        answer = browser.post("/sign-in/", **{step: "token", "token__code": app_code(person["seed"])})
        code.append(answer.seconds)
        if answer.leads_to != "/account/":
            sys.exit(f"{person['email']} was not let in: {answer.status}")
    return {"password_ms": milliseconds(password), "code_ms": milliseconds(code)}, browser


def pages(portal: Portal, browser: Visit, session: str, paths: tuple[str, ...]) -> list[dict[str, Any]]:
    """What each page costs: milliseconds from outside, statements from inside."""
    counted = inside(portal, "queries", session, *paths)
    found = []
    for path in paths:
        answers = [browser.get(path) for _ in range(PAGE_VIEWS)]
        spent = milliseconds([answer.seconds for answer in answers])
        found.append({"page": path, "status": answers[-1].status, "ms": spent, **counted[path]})
    return found


def measure(requests: int, doors: list[str]) -> dict[str, Any]:
    """A portal of its own, each door in turn, and the pages when every door is asked for."""
    with tempfile.TemporaryDirectory(prefix="modoru-bench-") as folder:
        portal = Portal(var=Path(folder), more={"TRUSTED_PROXIES": "1", "ARGON2_MEMORY_KIB": str(46 * 1024)})
        try:
            portal.start()
            for name in ("beat", "worker"):  # their work would be noise, and letters are not what is measured
                portal.stop_process(name)
            people = inside(portal, "people", "modoru", str(PEOPLE))
            found: dict[str, Any] = {
                "doors": [compare(portal, door, requests, 4096 * index) for index, door in enumerate(doors)]
            }
            if set(doors) == set(DOORS):
                found["hashes"] = inside(portal, "hashes", "40")
                found["sign_in"], browser = sign_ins(portal, people, 4096 * len(doors))
                found["pages"] = [
                    *pages(portal, visit(portal, 0, 1), "-", OPEN_PAGES),
                    *pages(portal, browser, browser.cookies["session"], OWN_PAGES),
                ]
            return found
        finally:
            portal.stop()


def uneven(found: list[dict[str, Any]]) -> list[str]:
    """The doors at which who measures could tell who has an account."""
    return [one["door"] for one in found if one["apart"] > TOLERANCE or max(one["statuses"]) >= 400]
