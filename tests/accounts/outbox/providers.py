"""SMS providers of the world as fakes: real HTTP servers on this machine that speak the published contracts."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl


@dataclass
class Request:
    """One request as it came over the wire."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def json(self) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self.body)
        return said

    @property
    def basic(self) -> str:
        return base64.b64decode(self.headers["Authorization"].removeprefix("Basic ")).decode()


@dataclass
class FakeProvider:
    """Takes texts, unless told what to answer: (status, body), or a word for what a network can do."""

    got: list[Request] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)
    port: int = 0

    @property
    def texts(self) -> list[str]:
        return [self.text_of(one) for one in self.got]

    def text_of(self, request: Request) -> str:
        raise NotImplementedError

    def taken(self) -> tuple[int, bytes]:
        """What a provider answers that took the text."""
        raise NotImplementedError

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        self.got.append(Request(handler.path, dict(handler.headers.items()), body))
        what = self.answers.pop(0) if self.answers else self.taken()
        if what == "hang up":
            handler.close_connection = True
            return
        if what == "silence":
            time.sleep(1.5)
            handler.close_connection = True
            return
        status, text = what
        handler.send_response(status)
        if 300 <= status < 400:
            handler.send_header("Location", f"http://127.0.0.1:{self.port}/elsewhere")
        if text == "drip":  # a body that never ends
            handler.end_headers()
            for _ in range(200):
                handler.wfile.write(b" ")
                time.sleep(0.02)
            return
        data = text if isinstance(text, bytes) else json.dumps(text).encode()
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)


class FakeTwilio(FakeProvider):
    """POST /2010-04-01/Accounts/{sid}/Messages.json; answers with a sid, signs its callbacks with the token."""

    token = "to/ken"

    def text_of(self, request: Request) -> str:
        return request.form["Body"]

    def taken(self) -> tuple[int, bytes]:
        return 201, json.dumps({"sid": f"SM{len(self.got):032x}", "status": "queued", "error_code": None}).encode()

    @property
    def url(self) -> str:
        return f"twilio://AC0123:to%2Fken@127.0.0.1:{self.port}?from=+15005550006&tls=0"

    def signature(self, url: str, fields: dict[str, str], token: str = "") -> str:
        """As Twilio documents it: the URL, then each field's name and value in order of names; HMAC-SHA1, base64."""
        text = url + "".join(f"{name}{fields[name]}" for name in sorted(fields))
        return base64.b64encode(hmac.new((token or self.token).encode(), text.encode(), hashlib.sha1).digest()).decode()


class FakeGeneric(FakeProvider):
    """POST {to, text, id, callback}; may answer {"id"}; signs its callbacks with the secret of the URL."""

    secret = "s3cret"

    def text_of(self, request: Request) -> str:
        return str(request.json["text"])

    def taken(self) -> tuple[int, bytes]:
        return 202, json.dumps({"id": f"msg-{len(self.got)}"}).encode()

    @property
    def url(self) -> str:
        return f"http://shop:s3cret@127.0.0.1:{self.port}/send?route=jp"

    def signed(self, body: bytes, at: int, secret: str = "") -> dict[str, str]:
        mac = hmac.new((secret or self.secret).encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        return {"X-Timestamp": str(at), "X-Signature": f"sha256={mac}"}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is no news here."""


@contextmanager
def listening(fake: FakeProvider) -> Iterator[FakeProvider]:
    """Serve until the block ends; the port stays the fake's own afterwards, so that nobody answers there."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802
            fake.answer(self)

        def log_message(self, *args: Any) -> None:
            pass

    server = _Server(("127.0.0.1", fake.port), Handler)
    fake.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
