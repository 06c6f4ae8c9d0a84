"""Two writers at one instant leave what one would have left: letters, cases, accounts, counters, seals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.contrib.auth.hashers import make_password

from accounts import chain, clock, events
from accounts.context import ActorContext
from accounts.errors import Refused
from accounts.models import (
    Address,
    AddressRequest,
    Challenge,
    Change,
    LimitCounter,
    OutboxMessage,
    SecurityEvent,
    User,
    email_key,
)
from accounts.outbox import enqueue
from accounts.outbox.links import make
from accounts.services import delivery, not_me, sign_up
from accounts.throttling import LIMITS, charge
from recovery.models import Case, CaseProof, Rebinding, Transition
from recovery.services import cases, completion, proofs
from recovery.states import OPEN
from tests.accounts.hands import CTX, person
from tests.races.meeting import MOST, Together
from tests.recovery.people import CODES, NEW, PASSWORD, Claimant
from tests.recovery.people import person as prepared_person
from tests.servers import free_port

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


# --- letters ----------------------------------------------------------------------------------------------------------
class Mailbox:
    """The other end of SMTP: how often each letter came."""

    def __init__(self) -> None:
        self.came: Counter[str] = Counter()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.came[next(line for line in envelope.content.splitlines() if line.lower().startswith(b"message-id:"))] += 1
        return "250 OK"


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    port, box = free_port(), Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_URL = f"smtp://127.0.0.1:{port}?tls=none"
    yield box
    controller.stop()


def test_two_workers_rung_for_one_letter_send_it_once(together: Together, mailbox: Mailbox) -> None:
    for each in range(25):
        row = letter(f"one:{each}")
        assert sorted(together(*[partial(delivery.deliver, row.pk)] * 2)) == ["busy", "sent"]
    assert len(mailbox.came) == 25
    assert set(mailbox.came.values()) == {1}


def test_three_sweeps_at_once_send_every_letter_once(together: Together, mailbox: Mailbox) -> None:
    for each in range(40):
        letter(f"swept:{each}")
    assert sum(together(*[delivery.sweep] * 3)) == 40
    assert len(mailbox.came) == 40
    assert set(mailbox.came.values()) == {1}
    assert set(OutboxMessage.objects.values_list("status", "attempts")) == {("sent", 1)}


def test_a_letter_written_by_two_at_once_is_one_letter(together: Together) -> None:
    for each in range(60):
        written = together(*[partial(letter, f"same:{each}")] * 3)
        assert sum(row is not None for row in written) == 1
    assert OutboxMessage.objects.count() == 60


# --- counters ---------------------------------------------------------------------------------------------------------
def test_parallel_charges_all_count(together: Together) -> None:
    """Guessing in parallel must not slip past a limit (pitfall P4; SP 800-63B-4 §3.2.2)."""

    def charge_often() -> int:
        return sum(bool(charge(("request.network", "198.51.100.0/24"))) for _ in range(25))

    allowed = LIMITS["request.network"][0].count
    assert allowed < MOST * 25
    assert sum(together(*[charge_often] * MOST)) == allowed
    assert LimitCounter.objects.get().count == allowed, "what is over the limit is not kept either"


def test_charges_of_several_limits_wait_for_each_other_in_no_ring(together: Together) -> None:
    pairs = [("sign_in.account", "1"), ("sign_in.network", "2"), ("recovery.claim", "3"), ("recovery.network", "4")]

    def charge_and_refund(pairs: list[tuple[str, str]]) -> int:
        given = [charge(*pairs) for _ in range(10)]
        for each in given:
            each.refund()
        return len(given)

    together(*[partial(charge_and_refund, pairs), partial(charge_and_refund, pairs[::-1])] * (MOST // 2))
    assert set(LimitCounter.objects.values_list("count", flat=True)) == {0}


# --- cases ------------------------------------------------------------------------------------------------------------
def test_two_claims_that_suffice_at_one_instant_open_one_case(together: Together) -> None:
    prepared_person()
    for _ in range(10):
        claims = [Claimant().case for _ in "ab"]
        for case in claims:
            show(case, "E")
        shown = together(*(partial(proofs.prove, case, "password", PASSWORD, CTX) for case in claims))
        assert [type(each).__name__ for each in shown] == ["Shown", "Shown"], "both proofs were right"
        assert sorted(Case.objects.filter(pk__in=[case.pk for case in claims]).values_list("state", flat=True)) == [
            "on_hold",
            "proving",
        ]
        forget_cases()


def test_of_a_strong_and_a_weak_set_at_one_instant_the_strong_one_stays(together: Together) -> None:
    """R12: proofs of two custodies end a waiting case that has none, whichever came first."""
    prepared_person()
    for _ in range(10):
        weak, strong = (Claimant().case for _ in "ab")
        show(weak, "E")
        show(strong, "S")
        together(*(partial(proofs.prove, case, "password", PASSWORD, CTX) for case in (weak, strong)))
        strong.refresh_from_db()
        assert strong.state == "ready"
        assert Case.objects.filter(state__in=OPEN).count() == 1
        forget_cases()


def test_two_sweeps_at_one_instant_take_each_step_and_write_each_letter_once(together: Together) -> None:
    prepared_person()
    claimant = Claimant()
    claimant.by_mail()
    claimant.prove("password", PASSWORD)
    now = clock.now()
    for _ in range(15):
        OutboxMessage.objects.all().delete()
        Transition.objects.all().delete()
        Case.objects.update(state="on_hold", ready_at=now - timedelta(minutes=1), hour_before_noticed_at=now)
        together(*[cases.sweep] * 3)
        assert list(Transition.objects.values_list("event", flat=True)) == ["wait_over"]
        told = OutboxMessage.objects.filter(kind="case/ready").values_list("to", flat=True)
        assert len(told) == len(set(told)) > 0


def test_finishing_in_two_tabs_at_one_instant_binds_once(together: Together) -> None:
    for each in range(4):
        user = prepared_person(f"hanako{each}", app=False)
        claimant = Claimant(email=user.email)
        assert claimant.prove("saved-code", CODES[0]) == 302
        assert claimant.prove("password", PASSWORD) == 302
        case, now = claimant.case, clock.now()
        Rebinding.objects.create(
            case=case, number=NEW, number_confirmed_at=now, app_skipped=True, password_skipped=True,
            codes=[[code[:4], make_password(code[4:])] for code in CODES],
        )  # fmt: skip
        done = together(*[partial(completion.complete, case, CTX)] * 3)
        assert [type(one) for one in done].count(Change) == 1
        assert user.phones.filter(number=NEW).count() == 1
        assert user.savedcodesets.count() == 2


def test_a_not_me_pressed_in_two_mails_at_one_instant_acts_once_for_each_link(together: Together) -> None:
    hanako = person()
    links = [make("not_me", user=hanako, subject="", to=hanako.email, life=timedelta(days=10)) for _ in range(8)]
    for link in links:
        done = together(*[partial(not_me.act, link, ctx=CTX)] * 2)
        assert sum(isinstance(one, not_me.Done) for one in done) == 1


# --- accounts ---------------------------------------------------------------------------------------------------------
def test_an_address_that_signs_up_twice_at_one_instant_gets_one_account(together: Together) -> None:
    for each in range(20):
        email = f"anna{each}@example.jp"
        first, second = (confirmed(email) for _ in "ab")
        made = together(*(join(row) for row in (first, first, second)))
        assert sum(isinstance(one, sign_up.Joined) for one in made) == 1
        assert all(isinstance(one, sign_up.Joined | Refused) for one in made)
        assert User.objects.filter(email_key=email).count() == Address.objects.filter(key=email).count() == 1


def test_two_workers_that_resolve_one_sign_up_send_one_code(together: Together) -> None:
    for each in range(30):
        ctx = ActorContext("anonymous", network=f"198.51.{each}.0/24")
        row = sign_up.ask(f"anna{each}@example.jp", ctx=ctx)
        assert isinstance(row, AddressRequest)
        together(*[partial(sign_up.resolve, str(row.pk))] * 3)
    assert Challenge.objects.count() == OutboxMessage.objects.count() == 30


# --- the history ------------------------------------------------------------------------------------------------------
def test_sealers_at_one_instant_leave_one_unbroken_chain_while_events_go_on(together: Together) -> None:
    hanako = person()

    def happen() -> None:
        for _ in range(4):
            events.record("session.signed_out", hanako, CTX)

    for _ in range(10):
        together(events.seal, happen, events.seal, happen, events.seal)
    events.seal()
    rows = list(SecurityEvent.objects.order_by("sequence"))
    assert [row.sequence for row in rows] == list(range(1, 81))
    found = chain.verify()
    assert (found.sealed, found.fault) == (80, "")


# --- hands ------------------------------------------------------------------------------------------------------------
def letter(dedupe: str) -> OutboxMessage | None:
    return enqueue("sign_up/known", channel="mail", to="hanako@example.jp", dedupe=dedupe)


def show(case: Case, kind: str) -> None:
    """A first proof that was right."""
    assert case.user is not None
    bound = case.user.addresss if kind == "E" else case.user.savedcodesets
    CaseProof.objects.create(case=case, kind=kind, means_id=bound.get().means_id, shown_at=clock.now())
    Case.objects.filter(pk=case.pk).update(state="proving", expires_at=clock.now() + timedelta(days=7))
    case.refresh_from_db()


def forget_cases() -> None:
    for model in (Transition, CaseProof, Case, Challenge, LimitCounter, OutboxMessage):
        model.objects.all().delete()


def confirmed(email: str) -> AddressRequest:
    now = clock.now()
    return AddressRequest.objects.create(
        kind="sign_up", email=email, key=email_key(email), language="ja", timezone="Asia/Tokyo", created_at=now,
        expires_at=now + timedelta(hours=1), resolved_at=now, confirmed_at=now,
    )  # fmt: skip


def join(row: AddressRequest) -> Any:
    return partial(sign_up.create, str(row.pk), name="Anna", password="a long and unusual sentence", ctx=CTX)
