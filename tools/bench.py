"""`make bench`: a known and an unknown person get the same answer in the same time at every door that asks who you are.

Interleaved requests from networks of their own against a portal of its own, with production's password cost; the
medians may differ by 5 %, the bytes by nothing but the CSRF token and the echo of what was typed.
`make bench ARGS="40 /sign-in/"` is a quick look at one door.
"""

from __future__ import annotations

import http.client
import re
import statistics
import sys
import tempfile
import time
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

from tests.servers import Portal

DOORS = ("/sign-in/", "/password/forgot/", "/sign-up/", "/recovery/start/?situation=new_number")
KNOWN, UNKNOWN = "hanako@example.jp", "nobody@example.jp"
REQUESTS, TOLERANCE = 200, 0.05
#: The demo people are set back after so many pairs, or the limits would answer instead of the door.
PAIRS_PER_MORNING = 4


class Form(HTMLParser):
    """The fields of the page's own form: the last one that posts to the page itself and asks for an address."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[dict[str, dict[str, str]]] = []
        self.feed(page)
        self.fields = next(form for form in reversed(self.forms) if any("email" in name for name in form))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append({})
        elif tag in ("input", "select") and self.forms and have.get("name"):
            self.forms[-1].setdefault(have["name"], have)

    def filled(self, email: str) -> dict[str, str]:
        values = {name: have.get("value", "") for name, have in self.fields.items()}
        for name, have in self.fields.items():
            if "email" in name:
                values[name] = email
            elif have.get("type") == "password":
                values[name] = "a wrong password 2026"
        return values


def ask(portal: Portal, door: str, email: str, network: str) -> tuple[float, int, str]:
    """One visit from a fresh browser: seconds of the POST, its status, and its body without token and echo."""
    connection = http.client.HTTPConnection("127.0.0.1", portal.port, timeout=30)
    headers = {"X-Forwarded-For": network, "Accept-Language": "en", "Host": f"localhost:{portal.port}"}
    connection.request("GET", door, headers=headers)
    answer = connection.getresponse()
    form = Form(answer.read().decode())
    cookies = "; ".join(each.split(";")[0] for each in answer.headers.get_all("Set-Cookie", []))
    headers |= {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
    body = urlencode(form.filled(email))
    begun = time.perf_counter()
    connection.request("POST", door, body=body, headers=headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    seconds = time.perf_counter() - begun
    status, led_to = answer.status, answer.headers["Location"] or ""
    if led_to:  # the page behind the redirect must not tell either; it is not timed
        headers["Cookie"] = "; ".join([cookies, *(e.split(";")[0] for e in answer.headers.get_all("Set-Cookie", []))])
        connection.request("GET", led_to, headers=headers)
        text += connection.getresponse().read().decode()
    connection.close()
    reference = re.search(r"/cases/([^/]+)/", led_to)
    for own in (email, reference.group(1) if reference else email):
        text = text.replace(own, "")
    # Two visits are never at the same microsecond, and the page says when.
    return seconds, status, re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"|<time .*?</time>', "", text)


def measure(portal: Portal, door: str, requests: int) -> bool:
    """Print one door's medians; False when somebody could tell the known from the unknown."""
    seconds: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}
    answers: dict[str, set[tuple[int, str]]] = {KNOWN: set(), UNKNOWN: set()}
    for number in range(requests // 2 + 2):
        if number % PAIRS_PER_MORNING == 0:
            portal.reset()
        # Who comes first changes, or the second would always profit from a warm cache.
        for email in (KNOWN, UNKNOWN) if number % 2 else (UNKNOWN, KNOWN):
            spent, status, text = ask(portal, door, email, f"10.{number >> 8}.{number & 255}.{len(email)}")
            if number >= 2:  # the first visits pay for imports
                seconds[email].append(spent)
                answers[email].add((status, text))
    known, unknown = (statistics.median(seconds[email]) for email in (KNOWN, UNKNOWN))
    apart = abs(known - unknown) / max(known, unknown)
    same = answers[KNOWN] == answers[UNKNOWN]
    statuses = sorted({status for status, _text in answers[KNOWN] | answers[UNKNOWN]})
    print(f"{door:<40}{known * 1000:8.1f} ms known {unknown * 1000:8.1f} ms unknown {apart:7.1%} apart, "
          f"{'same bytes' if same else 'DIFFERENT BYTES'}, status {statuses}", flush=True)  # fmt: skip
    return apart <= TOLERANCE and same and max(statuses) < 400


def main() -> None:
    requests = next((int(word) for word in sys.argv[1:] if word.isdigit()), REQUESTS)
    doors = [word for word in sys.argv[1:] if word.startswith("/")] or list(DOORS)
    with tempfile.TemporaryDirectory(prefix="modoru-bench-") as folder:
        portal = Portal(var=Path(folder), more={"TRUSTED_PROXIES": "1", "ARGON2_MEMORY_KIB": str(46 * 1024)})
        try:
            portal.start()
            for name in ("beat", "worker"):  # their work would be noise, and letters are not what is measured
                portal.stop_process(name)
            good = [measure(portal, door, requests) for door in doors]
        finally:
            portal.stop()
    sys.exit(None if all(good) else "Somebody who measures could tell who has an account.")


if __name__ == "__main__":
    main()
