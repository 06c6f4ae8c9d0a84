"""Somebody at a running portal without a screen, for outages and the bench: cookies kept, forms posted."""

from __future__ import annotations

import http.client
import time
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    text: str
    leads_to: str  # the path of a redirect, or empty
    seconds: float


class Visit:
    """One browser. `network` is the address a trusted proxy would report."""

    def __init__(self, port: int, *, network: str = "", language: str = "en") -> None:
        self.port, self.cookies = port, dict[str, str]()
        self.headers = {"Host": f"localhost:{port}", "Accept-Language": language}
        if network:
            self.headers["X-Forwarded-For"] = network

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, "", self.headers)

    def post(self, path: str, **fields: str) -> Answer:
        """Post a form as its page does; `__` in a name stands for the hyphen."""
        if "csrftoken" not in self.cookies:
            self.get(path)
        words = {name.replace("__", "-"): value for name, value in fields.items()}
        body = urlencode({"csrfmiddlewaretoken": self.cookies["csrftoken"], **words})
        return self._ask("POST", path, body, {**self.headers, "Content-Type": "application/x-www-form-urlencoded"})

    def sign_in(self, email: str, password: str, code: str = "") -> Answer:
        """The password, and the code where one is given; what the last of them was answered."""
        step = "login_view__current_step"
        answer = self.post("/sign-in/", **{step: "auth", "auth__email": email, "auth__password": password})
        return self.post("/sign-in/", **{step: "token", "token__code": code}) if code else answer

    def _ask(self, method: str, path: str, body: str, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        begun = time.perf_counter()
        try:
            connection.request(method, path, body or None, {**headers, "Cookie": cookies})
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        seconds = time.perf_counter() - begun
        for line in answer.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return Answer(answer.status, text, answer.headers["Location"] or "", seconds)
