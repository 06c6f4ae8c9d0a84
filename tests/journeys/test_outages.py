"""Redis killed, the mail server away, a worker killed: pages go on, nothing is lost, nothing comes twice (pitfall P55).

Every process is real, and so is the SMTP server that counts what arrives.
"""

from __future__ import annotations

import asyncio
import contextlib
import email
import email.policy
import shutil
import signal
import sqlite3
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.journeys.walk import Person, somebody, totp
from tests.servers import CODE, Portal, free_port, wait_for
from tests.visits import Answer, Visit

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("outages")]
PROCESSES = ("beat", "worker", "web", "broker")
PATIENCE = 90.0  # beat sweeps each 20 seconds, and a letter that failed waits before it is tried again


class Mailbox:
    """The mail server of the world: keeps what it took, can be away, can keep a client waiting."""

    def __init__(self) -> None:
        self.port, self.mails = free_port(), list[EmailMessage]()
        self.hold_at, self.reached, self.go_on = "", threading.Event(), threading.Event()
        self.open()

    def open(self) -> None:
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    def close(self) -> None:
        self.controller.stop()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        await self._wait_at("RCPT")
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        await self._wait_at("DATA")
        return "250 OK"

    async def _wait_at(self, point: str) -> None:
        if self.hold_at == point:
            self.reached.set()
            while not self.go_on.is_set():
                await asyncio.sleep(0.05)

    def came(self) -> Counter[str]:
        """How often each letter came, by Message-ID."""
        return Counter(mail["Message-ID"] for mail in self.mails)

    def code(self, to: str) -> str:
        def found() -> list[str]:
            return [text for mail in self.mails if mail["To"] == to for text in CODE.findall(text_of(mail))]

        wait_for(found, 30, lambda: f"no code for {to} in {[mail['Subject'] for mail in self.mails]}")
        return found()[-1]


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@pytest.fixture(scope="module")
def mail_server() -> Iterator[Mailbox]:
    box = Mailbox()
    yield box
    with contextlib.suppress(AssertionError):
        box.close()


@pytest.fixture(scope="module")
def running_house(mail_server: Mailbox) -> Iterator[Portal]:
    folder = Path(tempfile.mkdtemp(prefix="modoru-outage-"))
    house = Portal(var=folder, more={"EMAIL_URL": f"smtp://127.0.0.1:{mail_server.port}?tls=none"})
    try:
        house.start()
        yield house
    finally:
        house.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def mailbox(mail_server: Mailbox) -> Mailbox:
    mail_server.mails.clear()
    return mail_server


@pytest.fixture
def house(running_house: Portal) -> Portal:
    """A portal of our own, whose processes a test may kill, on a fresh morning and complete."""
    running_house.reset()
    for name in set(PROCESSES) - running_house.processes.keys():
        running_house.start_process(name)
    return running_house


def test_redis_killed_and_smtp_refused_in_the_middle_of_a_recovery(house: Portal, mailbox: Mailbox) -> None:
    hanako = somebody(house, "hanako")
    anna, case = begin_recovery(house, hanako)
    code = mailbox.code(hanako.email)
    mailbox.close()
    works(Visit(house.port).post("/password/forgot/", email="taro@example.jp"))
    wait_for(lambda: tried(house, "password/reset"), 30, lambda: f"the worker did not try: {letters(house)}")
    house.stop_process("broker", signal.SIGKILL)
    arrived = len(mailbox.mails)

    works(anna.post(f"{case}prove/email/", code=code))
    works(anna.post(f"{case}prove/totp/", code=totp(hanako.seeds[0])))
    assert "72" in anna.get(case).text
    other = Visit(house.port)
    works(other.post("/sign-up/", email="nana@example.jp"))
    works(other.get(other.post("/recovery/start/?situation=new_number", email="mei@example.jp", phone="").leads_to))
    works(Visit(house.port).post(f"{case}resume/", email=hanako.email))
    signed_in = Visit(house.port)
    works(signed_in.sign_in("mei@example.jp", somebody(house, "mei").password, totp(somebody(house, "mei").seeds[0])))
    for path in ("/account/", "/account/security/", "/help/", "/recovery/", case):
        works((anna if path == case else signed_in).get(path))
    assert len(mailbox.mails) == arrived, "nothing can have come while both were away"

    mailbox.open()
    house.start_process("broker")
    wait_for(lambda: all_settled(house), PATIENCE, lambda: f"{letters(house)}\n{house.log()}")
    assert [name for name, one in house.processes.items() if one.poll() is not None] == [], "nobody died of it"
    kinds = {"password/reset", "case/opened", "case/resume", "codes/sign_up", "codes/recovery"}
    assert kinds <= {kind for kind, *_ in letters(house)}
    each_came_once(house, mailbox)
    second = Visit(house.port)
    works(second.post("/password/forgot/", email=hanako.email))
    wait_for(lambda: sent_to(mailbox, hanako.email, "password"), 30, "bells are heard again")


def test_a_wait_of_72_hours_outlives_every_process(house: Portal, mailbox: Mailbox) -> None:
    hanako = somebody(house, "hanako")
    anna, case = begin_recovery(house, hanako)
    works(anna.post(f"{case}prove/email/", code=mailbox.code(hanako.email)))
    works(anna.post(f"{case}prove/totp/", code=totp(hanako.seeds[0])))
    wait_for(lambda: all_settled(house), PATIENCE, lambda: str(letters(house)))
    before = moments(anna.get(case))
    assert before
    for name in PROCESSES:
        house.stop_process(name, signal.SIGKILL)
    for name in reversed(PROCESSES):
        house.start_process(name)
    wait_for(house.answers, 60, house.log)
    assert moments(anna.get(case)) == before, "this browser still holds the case, and its end has not moved"
    for hours in ("37h", "34h30m"):
        house.manage("travel", hours)
    assert anna.get(f"{case}rebind/").status == 302, "half an hour is missing"
    house.manage("travel", "45m")
    assert anna.get(f"{case}rebind/").status == 200
    wait_for(lambda: all_settled(house), PATIENCE, lambda: str(letters(house)))
    told = Counter(kind for kind, to, *_ in letters(house) if to == hanako.email and kind.startswith("case/"))
    assert told == dict.fromkeys(("case/opened", "case/halfway", "case/hour_left", "case/ready"), 1)
    each_came_once(house, mailbox)


@pytest.mark.parametrize("moment", ["RCPT", "DATA"])
def test_a_worker_killed_in_the_middle_of_a_letter(moment: str, house: Portal, mailbox: Mailbox) -> None:
    """Before the server has the letter it comes once; after that nobody can know, and the same letter comes again."""
    mailbox.hold_at = moment
    mailbox.reached.clear()
    mailbox.go_on.clear()
    works(Visit(house.port).post("/password/forgot/", email="hanako@example.jp"))
    assert mailbox.reached.wait(30), letters(house)
    house.stop_process("worker", signal.SIGKILL)
    held = len(mailbox.mails)
    mailbox.hold_at = ""
    mailbox.go_on.set()
    house.start_process("worker")
    house.manage("travel", "6m")  # a claim of five minutes belongs to a worker that died
    wait_for(lambda: all_settled(house), PATIENCE, lambda: str(letters(house)))
    if moment == "RCPT":
        assert held == 0
        each_came_once(house, mailbox)
    else:
        assert held > 0
        assert len(mailbox.mails) == held + len(mailbox.came())
        texts = {(mail["Message-ID"], text_of(mail)) for mail in mailbox.mails}
        assert len(texts) == len(mailbox.came()), "the same letter, word for word"
        assert set(mailbox.came()) == ids(house)


# --- hands ------------------------------------------------------------------------------------------------------------
def begin_recovery(house: Portal, person: Person) -> tuple[Visit, str]:
    visit = Visit(house.port)
    answer = visit.post("/recovery/start/?situation=new_number", email=person.email, phone="")
    works(answer)
    return visit, answer.leads_to


def works(answer: Answer) -> None:
    """A page, or the way to the next one, without a wait for what is away."""
    assert answer.status in (200, 302), answer.text
    assert answer.seconds < 5


def moments(answer: Answer) -> list[str]:
    """Every time the page names, as machines read it."""
    return [part.split('"')[0] for part in answer.text.split('<time datetime="')[1:]]


# --- eyes -------------------------------------------------------------------------------------------------------------
def query(house: Portal, question: str) -> list[Any]:
    with contextlib.closing(sqlite3.connect(house.var / "portal.sqlite3", timeout=20)) as database:
        return database.execute(question).fetchall()


def letters(house: Portal) -> list[tuple[str, str, str, int, str]]:
    """kind, recipient, state, tries, last fault"""
    return query(house, 'SELECT kind, "to", status, attempts, error FROM accounts_outboxmessage ORDER BY created_at')


def tried(house: Portal, kind: str) -> bool:
    return any(one == kind and state == "queued" and tries and fault for one, _, state, tries, fault in letters(house))


def all_settled(house: Portal) -> bool:
    """Every letter went out and every request was looked at."""
    waiting = (
        "accounts_outboxmessage WHERE status IN ('queued', 'claimed')",
        "accounts_addressrequest WHERE resolved_at IS NULL",
        "recovery_case WHERE resolved_at IS NULL",
        "recovery_caserequest WHERE handled_at IS NULL",
    )
    return bool(letters(house)) and not any(query(house, f"SELECT 1 FROM {rows} LIMIT 1") for rows in waiting)


def ids(house: Portal) -> set[str]:
    """The Message-IDs of all mails that went out."""
    rows = query(house, "SELECT id FROM accounts_outboxmessage WHERE channel = 'mail' AND status = 'sent'")
    return {f"<{key}@localhost>" for (key,) in rows}


def each_came_once(house: Portal, mailbox: Mailbox) -> None:
    assert {state for _, _, state, *_ in letters(house)} == {"sent"}, letters(house)
    assert mailbox.came() == dict.fromkeys(ids(house), 1)


def sent_to(mailbox: Mailbox, to: str, link: str) -> bool:
    return any(mail["To"] == to and f"/{link}/" in text_of(mail) for mail in mailbox.mails)
