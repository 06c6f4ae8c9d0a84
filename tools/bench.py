"""`make bench`: a known and an unknown person wait equally long at every door that asks who you are; what pages cost.

Interleaved requests from networks of their own, against a portal of its own with production's password cost. The
medians may differ by 5 %, else this ends with 1. That the bytes are the same is a test (tests/house/test_alike.py).
Everything measured is written to var/bench.json. `make bench ARGS="40 /sign-in/"` is a quick look at one door.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import platform
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.servers import ROOT, Portal
from tests.visits import Answer, Visit

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
    line = [sys.executable, "-m", "tools.bench_inside", *words]
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


def app_code(seed: str) -> str:
    """RFC 6238 in five lines, so that the bench does not measure with the portal's own ruler."""
    digest = hmac.digest(base64.b32decode(seed), struct.pack(">Q", int(time.time()) // 30), "sha1")
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def pages(portal: Portal, browser: Visit, session: str, paths: tuple[str, ...]) -> list[dict[str, Any]]:
    """What each page costs: milliseconds from outside, statements from inside."""
    counted = inside(portal, "queries", session, *paths)
    found = []
    for path in paths:
        answers = [browser.get(path) for _ in range(PAGE_VIEWS)]
        spent = milliseconds([answer.seconds for answer in answers])
        found.append({"page": path, "status": answers[-1].status, "ms": spent, **counted[path]})
    return found


def table(result: dict[str, Any]) -> str:
    lines = [f"{'door':<40}{'known':>10}{'unknown':>10}{'apart':>8}{'noise':>8}"]
    for one in result["doors"]:
        times = f"{one['known_ms']:>7.1f} ms{one['unknown_ms']:>7.1f} ms"
        lines.append(f"{one['door']:<40}{times}{one['apart']:>8.1%}{one['noise']:>8.1%}")
    if "pages" in result:
        hashed, signed = result["hashes"], result["sign_in"]
        lines += [
            f"\nsign-in: password {signed['password_ms']:.1f} ms, code {signed['code_ms']:.1f} ms",
            f"passwords checked: {hashed['one_at_a_time']}/s one at a time, {hashed['all_cores']}/s on all cores",
            f"\n{'page':<40}{'time':>10}{'queries':>10}{'writes':>8}",
        ]
        for one in result["pages"]:
            lines.append(f"{one['page']:<40}{one['ms']:>7.1f} ms{one['queries']:>10}{one['writes']:>8}")
    lines.append("\nload of this machine: {:.1f} before, {:.1f} after, on {} cores".format(*result["load"]))
    return "\n".join(lines)


def measure(portal: Portal, requests: int, doors: list[str]) -> dict[str, Any]:
    people = inside(portal, "people", str(PEOPLE))
    before = os.getloadavg()[0]
    result: dict[str, Any] = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "doors": [compare(portal, door, requests, 4096 * index) for index, door in enumerate(doors)],
    }
    if set(doors) == set(DOORS):
        result["hashes"] = inside(portal, "hashes", "40")
        result["sign_in"], browser = sign_ins(portal, people, 4096 * len(doors))
        result["pages"] = [
            *pages(portal, visit(portal, 0, 1), "-", OPEN_PAGES),
            *pages(portal, browser, browser.cookies["session"], OWN_PAGES),
        ]
    result["load"] = [before, os.getloadavg()[0], os.cpu_count()]
    return result


def main() -> None:
    requests = next((int(word) for word in sys.argv[1:] if word.isdigit()), REQUESTS)
    doors = [word for word in sys.argv[1:] if word.startswith("/")] or list(DOORS)
    with tempfile.TemporaryDirectory(prefix="modoru-bench-") as folder:
        portal = Portal(var=Path(folder), more={"TRUSTED_PROXIES": "1", "ARGON2_MEMORY_KIB": str(46 * 1024)})
        try:
            portal.start()
            for name in ("beat", "worker"):  # their work would be noise, and letters are not what is measured
                portal.stop_process(name)
            result = measure(portal, requests, doors)
        finally:
            portal.stop()
    target = Path(os.environ.get("VAR_DIR") or ROOT / "var") / "bench.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(table(result), flush=True)
    bad = [one for one in result["doors"] if one["apart"] > TOLERANCE or max(one["statuses"]) >= 400]
    sys.exit(f"Who measures could tell who has an account: {', '.join(one['door'] for one in bad)}" if bad else None)


if __name__ == "__main__":
    main()
