"""From the row to the gateway: once, later, never, and who is told of it."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection

from accounts import clock, events
from accounts.gateways.base import Accepted, Failed
from accounts.models import OutboxMessage, User
from accounts.outbox import enqueue, transport
from accounts.services import delivery
from tests.accounts.outbox.conftest import CTX, Remembers, change_of, code_for, letter_with, person

Status = OutboxMessage.Status
BUSY = Failed("connect: ConnectionRefusedError")


def fresh(row: OutboxMessage) -> OutboxMessage:
    return OutboxMessage.objects.get(pk=row.pk)


def test_a_letter_is_sent_once(hanako: User, gateway: Remembers, bells: list) -> None:
    row = letter_with(code_for(hanako))
    assert delivery.deliver(row.pk) == "sent"
    assert delivery.deliver(row.pk) == "busy"
    assert delivery.sweep() == 0
    assert len(gateway.mails) == 1
    assert fresh(row).sent_at and fresh(row).provider_id == "kept"


def test_a_retry_sends_the_same_code_and_message_id(hanako: User, gateway: Remembers, bells: list) -> None:
    row = letter_with(code_for(hanako))
    gateway.answers = [BUSY]
    assert delivery.deliver(row.pk) == "queued"
    assert delivery.deliver(row.pk) == "busy", "not before its next try"
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        assert delivery.sweep() == 1
    first, second = gateway.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert first.get_body(("plain",)).get_content() == second.get_body(("plain",)).get_content()
    assert fresh(row).error == ""


def test_the_waits_between_tries_grow(hanako: User, gateway: Remembers, bells: list) -> None:
    row = enqueue("sign_up/known", channel="mail", to="hanako@example.jp", dedupe="one")
    gateway.answers = [BUSY] * 6
    waits = []
    with time_machine.travel("2026-11-22T03:00:00Z", tick=False) as traveller:
        OutboxMessage.objects.update(next_try_at=clock.now())
        for _ in range(5):
            delivery.deliver(row.pk)
            waits.append(fresh(row).next_try_at - clock.now())
            traveller.move_to(fresh(row).next_try_at)
    assert waits == sorted(waits) and waits[-1] > 8 * waits[0]


def test_a_letter_that_never_goes_is_parked_and_seen(
    hanako: User, gateway: Remembers, bells: list, caplog: pytest.LogCaptureFixture
) -> None:
    row = enqueue("sign_up/known", channel="mail", to="hanako@example.jp", dedupe="one", change=change_of(hanako))
    OutboxMessage.objects.update(attempts=delivery.TRIES - 1)
    gateway.answers = [BUSY]
    assert delivery.deliver(row.pk) == "parked"
    assert [record.levelno for record in caplog.records if record.name == "modoru.outbox"] == [logging.ERROR]
    assert "hanako" not in caplog.text, "failures carry no personal data"
    assert ("accounts.settle_change", str(row.change_id)) in bells


def test_what_the_other_side_refuses_for_good_is_not_tried_again(hanako: User, gateway: Remembers, bells: list) -> None:
    row = letter_with(code_for(hanako))
    gateway.answers = [Failed("recipient 550", permanent=True)]
    assert delivery.deliver(row.pk) == "refused"
    assert fresh(row).refused_at and fresh(row).error == "recipient 550"
    with time_machine.travel(clock.now() + timedelta(days=1)):
        assert delivery.sweep() == 0


@pytest.mark.parametrize("over", ["expires_at", "spent_at", "superseded_at"])
def test_a_code_that_no_longer_works_is_not_sent(over: str, hanako: User, gateway: Remembers, bells: list) -> None:
    row = letter_with(code_for(hanako, **{over: clock.now()}), expires_at=None)
    assert delivery.deliver(row.pk) == "refused"
    assert not gateway.mails


def test_an_expired_letter_is_not_sent(hanako: User, gateway: Remembers, bells: list) -> None:
    row = letter_with(code_for(hanako), expires_at=clock.now())
    assert delivery.deliver(row.pk) == "refused"
    assert fresh(row).error == "expired" and not gateway.mails


def test_a_letter_whose_worker_died_is_taken_up_again(hanako: User, gateway: Remembers, bells: list) -> None:
    row = letter_with(code_for(hanako))
    OutboxMessage.objects.update(status=Status.CLAIMED, claimed_at=clock.now(), attempts=1)
    assert delivery.sweep() == 0, "its worker may still be at it"
    with time_machine.travel(clock.now() + delivery.STALE + timedelta(seconds=1)):
        assert delivery.deliver(row.pk) == "sent"


def test_a_worker_that_wakes_up_late_does_not_overwrite_the_other_ones_word(
    hanako: User, bells: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = letter_with(code_for(hanako))

    def slow(_: OutboxMessage) -> Failed:
        OutboxMessage.objects.update(status=Status.SENT, attempts=2)  # taken up and sent by another one meanwhile
        return BUSY

    monkeypatch.setattr(transport, "hand_over", slow)
    delivery.deliver(row.pk)
    assert fresh(row).status == Status.SENT


def test_codes_go_before_notices(hanako: User, gateway: Remembers, bells: list) -> None:
    events.record("totp.added", hanako, CTX)
    letter_with(code_for(hanako))
    delivery.sweep()
    assert "コード" in gateway.mails[0]["Subject"]


def test_those_who_wait_for_the_notices_are_told(hanako: User, gateway: Remembers, bells: list) -> None:
    change = change_of(hanako)
    events.record("case.cancelled", hanako, CTX, change=change, case_reference="")
    bells.clear()
    OutboxMessage.objects.update(case_reference="MD-7K3M-9QX2", kind="sign_up/known", channel="mail", data={})
    delivery.sweep()
    assert set(bells) == {("accounts.settle_change", str(change.pk)), ("recovery.settle_notice", "MD-7K3M-9QX2")}


def test_a_fault_of_ours_keeps_the_letter_and_tells_no_name(
    hanako: User, gateway: Remembers, bells: list, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: OutboxMessage) -> None:
        raise ValueError("hanako@example.jp")

    monkeypatch.setattr(transport, "render", broken)
    row = letter_with(code_for(hanako))
    assert delivery.deliver(row.pk) == "queued"
    assert fresh(row).error == "render: ValueError"
    assert "hanako@" not in caplog.text


def test_numbers_outside_the_allowed_countries_are_never_texted(hanako: User, gateway: Remembers, bells: list) -> None:
    row = letter_with(code_for(hanako, channel="sms"), to="+8825551234")
    assert delivery.deliver(row.pk) == "refused"
    assert not gateway.texts


def test_an_address_no_header_can_carry_is_refused(hanako: User, gateway: Remembers, bells: list) -> None:
    row = letter_with(code_for(hanako), to="hanako@example.jp\nBcc: mallory@example.com")
    assert delivery.deliver(row.pk) == "refused"
    assert fresh(row).error == "address" and not gateway.mails


def test_without_a_gateway_letters_wait(hanako: User, bells: list, settings: object) -> None:
    settings.EMAIL_URL = ""
    row = letter_with(code_for(hanako))
    assert delivery.deliver(row.pk) == "queued"
    assert fresh(row).error == "no gateway configured"


def at_one_instant(row: OutboxMessage) -> list[str]:
    start, said = threading.Barrier(2), []

    def work() -> None:
        start.wait()
        said.append(delivery.deliver(row.pk))
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    [one.start() for one in workers]
    [one.join() for one in workers]
    return said


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_one_instant_send_a_letter_once(gateway: Remembers, bells: list) -> None:
    user = person("hanako")
    for _ in range(50):
        assert sorted(at_one_instant(letter_with(code_for(user)))) == ["busy", "sent"]
    assert len(gateway.mails) == 50


def test_accepted_is_the_only_word_that_means_sent(hanako: User, gateway: Remembers, bells: list) -> None:
    row = letter_with(code_for(hanako, channel="sms"))
    gateway.answers = [Accepted("SM123")]
    delivery.deliver(row.pk)
    assert (fresh(row).status, fresh(row).provider_id) == (Status.SENT, "SM123")
