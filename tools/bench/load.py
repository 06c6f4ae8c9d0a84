"""The visitors: browsers as light as can be, because they share the machine with what they measure."""

from __future__ import annotations

import base64
import hmac
import socket
import struct
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tools.bench.systems import STEPS, Kind, System

Person = dict[str, str]
#: Visitors at once: enough to keep two cores busy, too few to queue long.
CLIENTS = 4


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    leads_to: str
    seconds: float
    size: int


class Browser:
    """Keeps cookies and posts forms. One connection a request, as a plain reverse proxy makes them."""

    def __init__(self, port: int, network: str = "10.0.0.1") -> None:
        self.port, self.cookies = port, dict[str, str]()
        self.head = f"Host: localhost\r\nAccept-Language: en\r\nX-Forwarded-For: {network}\r\nConnection: close\r\n"

    def ask(self, path: str, fields: dict[str, str] | None = None) -> Answer:
        """GET, or POST where fields are given."""
        body = ""
        if fields:
            body = urlencode({"csrfmiddlewaretoken": self.cookies["csrftoken"], **fields})
        kind = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n" if fields else ""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        text = f"{'POST' if fields else 'GET'} {path} HTTP/1.1\r\n{self.head}{kind}Cookie: {cookies}\r\n\r\n{body}"
        begun = time.perf_counter()
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as wire:
            wire.sendall(text.encode())
            parts = []
            while part := wire.recv(65536):
                parts.append(part)
        seconds = time.perf_counter() - begun
        return self._read(b"".join(parts), seconds)

    def _read(self, raw: bytes, seconds: float) -> Answer:
        head, _, page = raw.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        leads_to = ""
        for line in lines:
            name, _, value = line.partition(": ")
            if name.lower() == "set-cookie":
                cookie, _, content = value.partition(";")[0].partition("=")
                self.cookies[cookie] = content
            elif name.lower() == "location":
                leads_to = value
        return Answer(int(status.split(" ")[1]), leads_to, seconds, len(page))


def app_code(seed: str) -> str:
    """RFC 6238 in five lines, so that the bench does not measure with the portal's own ruler."""
    digest = hmac.digest(base64.b32decode(seed), struct.pack(">Q", int(time.time()) // 30), "sha1")
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def filled(fields: dict[str, str], person: Person) -> dict[str, str]:
    """A step's fields with this person's words."""
    words = {"EMAIL": person["email"], "PASSWORD": person["password"], "CODE": app_code(person["seed"])}
    return {name: words.get(value, value) for name, value in fields.items()}


def sign_in(kind: Kind, port: int, person: Person) -> tuple[Browser, dict[str, float]]:
    """The whole way of one person from the sign-in page to the first page of the account; what each step took."""
    browser, spent = Browser(port, person["network"]), dict.fromkeys(STEPS, 0.0)
    for step in kind.steps:
        answer = browser.ask(step.path, filled(step.fields, person) if step.fields else None)
        if answer.status != (302 if step.leads_to else 200) or answer.leads_to != step.leads_to:
            raise RuntimeError(f"{kind.name}, {step.name}: {answer.status} {answer.leads_to} for {person['email']}")
        spent[step.name] += answer.seconds
    return browser, spent


@dataclass(slots=True)
class Crowd:
    """Many visitors at one system, a few at a time: what each took, and how long all took together."""

    found: list[Any]
    seconds: float
    server_cpu: float
    database_cpu: float


def crowd(system: System, work: Callable[[Any], Any], each: Sequence[Any], database: Callable[[], float]) -> Crowd:
    """Do the work for each, CLIENTS at a time, in a closed loop."""
    before, stored, begun = system.cpu(), database(), time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        found = list(pool.map(work, each))
    seconds = time.perf_counter() - begun
    return Crowd(found, seconds, system.cpu() - before, database() - stored)


def reader(browsers: Sequence[Browser], path: str) -> Callable[[int], float]:
    """Reads the page again and again, each time with the browser of this thread."""
    mine, free = threading.local(), list(browsers)

    def read(_: int) -> float:
        if not hasattr(mine, "browser"):
            mine.browser = free.pop()
        answer: Answer = mine.browser.ask(path)
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status}")
        return answer.seconds

    return read
