"""A real SMTP server on the other side: what it says decides, and what it got is parsed by somebody else's parser."""

from __future__ import annotations

import email
import email.policy
import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from aiosmtpd.controller import Controller
from django.core.exceptions import ImproperlyConfigured

from accounts import clock
from accounts.gateways import mail_gateway, sms_gateway
from accounts.gateways.smtp import SmtpMail
from accounts.models import OutboxMessage, User
from accounts.services import delivery
from tests.accounts.outbox.conftest import code_for, letter_with

pytestmark = pytest.mark.usefixtures("bells")


class Server:
    """Accepts, unless told what to answer."""

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.rcpt: list[str] = []
        self.data: list[str] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.rcpt:
            return self.rcpt.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.data:
            return self.data.pop(0)
        self.got.append(envelope.content)
        return "250 OK"


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    handler = Server()
    port = free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_URL = f"smtp://127.0.0.1:{port}?tls=none"
    yield handler
    controller.stop()


def fresh(row: OutboxMessage) -> OutboxMessage:
    return OutboxMessage.objects.get(pk=row.pk)


def test_a_mail_arrives_once_with_the_headers_machines_look_at(hanako: User, server: Server, settings: Any) -> None:
    settings.MAIL_FROM = "戻る Modoru <account@account.example.jp>"
    challenge = code_for(hanako)
    row = letter_with(challenge)
    assert delivery.deliver(row.pk) == "sent"
    [raw] = server.got
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert mail["Subject"] == "【Modoru】回復の手続きのコード"
    assert mail["From"].addresses[0].addr_spec == "account@account.example.jp"
    assert mail["From"].addresses[0].display_name == "戻る Modoru"
    assert mail["To"] == "hanako@example.jp"
    assert mail["Reply-To"] == settings.REPLY_TO
    assert mail["Message-ID"] == f"<{row.pk.hex}@account.example.jp>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["Content-Language"] == "ja"
    assert mail["Date"].datetime
    assert mail["List-Unsubscribe"] is None, "security mail cannot be switched off"
    assert mail.get_content_type() == "multipart/alternative"
    plain, html = mail.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert plain.get_content_charset() == html.get_content_charset() == "utf-8"
    assert challenge.code in plain.get_content() and challenge.code in html.get_content()
    assert max(map(len, raw.splitlines())) <= 998
    assert raw.isascii(), "no server on the way has to know 8BITMIME"


def test_a_refused_recipient_is_refused_for_good(hanako: User, server: Server) -> None:
    server.rcpt = ["550 5.1.1 <hanako@example.jp> no such person"]
    row = letter_with(code_for(hanako))
    assert delivery.deliver(row.pk) == "refused"
    assert fresh(row).error == "recipient 550", "and the server's prose, which names the person, is not kept"


@pytest.mark.parametrize("stage", ["rcpt", "data"])
def test_a_temporary_no_is_tried_again_and_nothing_doubled(stage: str, hanako: User, server: Server) -> None:
    setattr(server, stage, ["451 4.7.1 try again later"])
    row = letter_with(code_for(hanako))
    assert delivery.deliver(row.pk) == "queued"
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        assert delivery.deliver(row.pk) == "sent"
        assert delivery.sweep() == 0
    assert len(server.got) == 1


def test_a_text_refused_as_spam_is_refused_for_good(hanako: User, server: Server) -> None:
    server.data = ["554 5.7.1 looks like spam"]
    assert delivery.deliver(letter_with(code_for(hanako)).pk) == "refused"


def test_a_dead_server_costs_a_try_and_no_letter(hanako: User, server: Server, settings: Any) -> None:
    alive = settings.EMAIL_URL
    settings.EMAIL_URL = f"smtp://127.0.0.1:{free_port()}?tls=none"
    row = letter_with(code_for(hanako))
    assert delivery.deliver(row.pk) == "queued"
    assert fresh(row).error == "connect: ConnectionRefusedError"
    settings.EMAIL_URL = alive
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        assert delivery.sweep() == 1
    assert len(server.got) == 1


def test_tls_is_demanded_and_not_merely_tried(hanako: User, server: Server, settings: Any) -> None:
    settings.EMAIL_URL = settings.EMAIL_URL.replace("none", "starttls")
    row = letter_with(code_for(hanako))
    assert delivery.deliver(row.pk) == "queued"
    assert fresh(row).error == "connect: SMTPNotSupportedError" and not server.got


def test_an_address_the_server_cannot_write_is_refused(hanako: User, server: Server) -> None:
    assert delivery.deliver(letter_with(code_for(hanako), to="花子@example.jp").pk) in {"sent", "refused"}


@pytest.mark.parametrize("url", ["", "smtp://", "pigeon://x", "smtp://host?tls=perhaps", "smtps://host"])
def test_a_wrong_url_says_what_a_right_one_looks_like(url: str, settings: Any) -> None:
    settings.EMAIL_URL = settings.SMS_URL = url
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL must be"):
        mail_gateway()
    with pytest.raises(ImproperlyConfigured, match="SMS_URL must be"):
        sms_gateway()


def test_a_full_url_is_read_in_all_its_parts(settings: Any) -> None:
    settings.EMAIL_URL = "smtp://robot%40example.jp:p%2Fw@mail.example.jp?tls=ssl"
    gateway = mail_gateway()
    assert isinstance(gateway, SmtpMail)
    assert (gateway.host, gateway.port, gateway.tls) == ("mail.example.jp", 465, "ssl")
    assert (gateway.user, gateway.password) == ("robot@example.jp", "p/w")
