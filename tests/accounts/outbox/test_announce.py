"""Who is told, with which say, how often."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from accounts import clock, events
from accounts.models import Address, Link, OutboxMessage, Phone, User
from accounts.outbox import enqueue, messages, notices, progress
from accounts.outbox.recipients import notification_addresses
from policy.rules import RULES
from tests.accounts.outbox.conftest import CTX, change_of, person

pytestmark = pytest.mark.usefixtures("bells")


def add_address(user: User, email: str, **fields: object) -> Address:
    now = clock.now()
    words = {"bound_at": now, "confirmed_at": now, **fields}
    return Address.objects.create(user=user, email=email, key=email, **words)


def told(user: User) -> set[str]:
    return {one.to for one in notification_addresses(user)}


def test_every_confirmed_address_and_number_is_told(hanako: User) -> None:
    add_address(hanako, "second@example.jp")
    add_address(hanako, "unconfirmed@example.jp", confirmed_at=None)
    assert told(hanako) == {"hanako@example.jp", "second@example.jp", "+819012345678"}


def test_a_removed_address_is_told_for_thirty_days(hanako: User) -> None:
    add_address(hanako, "old@example.jp", revoked_at=clock.now())
    assert "old@example.jp" in told(hanako)
    with time_machine.travel(clock.now() + RULES.removed_address_told_for + timedelta(minutes=1)):
        assert "old@example.jp" not in told(hanako)


def test_a_suspended_or_lost_number_is_told(hanako: User) -> None:
    Phone.objects.update(suspended_by=change_of(hanako), lost_at=clock.now())
    assert "+819012345678" in told(hanako)


def test_a_number_whose_holder_said_stop_is_not_told(hanako: User) -> None:
    Phone.objects.update(stopped_at=clock.now())
    assert told(hanako) == {"hanako@example.jp"}


def test_an_address_whose_addition_was_undone_is_not_told(hanako: User) -> None:
    change = change_of(hanako, undone_at=clock.now())
    add_address(hanako, "mallory@example.com", added_by=change, revoked_at=clock.now())
    assert "mallory@example.com" not in told(hanako)


def test_an_address_on_probation_is_told_but_has_no_say(hanako: User) -> None:
    add_address(hanako, "mallory@example.com", added_by=change_of(hanako))
    events.record("totp.added", hanako, CTX)
    assert "link" not in OutboxMessage.objects.get(to="mallory@example.com").data
    assert Link.objects.get(to="hanako@example.jp").kind == "not_me"


def test_the_same_address_twice_gets_one_letter(hanako: User) -> None:
    add_address(hanako, "hanako@example.jp", revoked_at=clock.now())
    events.record("totp.added", hanako, CTX)
    assert OutboxMessage.objects.filter(to="hanako@example.jp").count() == 1


def test_nobody_else_is_told(hanako: User) -> None:
    person("taro", number="+819087654321")
    events.record("password.changed", hanako, CTX)
    assert set(OutboxMessage.objects.values_list("to", flat=True)) == told(hanako)


def test_each_recipient_has_a_link_of_his_own_to_the_change(hanako: User) -> None:
    change = change_of(hanako)
    events.record("totp.added", hanako, CTX, change=change)
    links = Link.objects.all()
    assert {link.to for link in links} == told(hanako)
    assert {link.subject for link in links} == {f"change:{change.pk}"}
    assert {str(link.pk) for link in links} == {row.data["link"] for row in OutboxMessage.objects.all()}


def test_what_a_stranger_can_cause_is_told_once_a_day(hanako: User) -> None:
    with time_machine.travel("2026-11-22T03:00:00Z", tick=False) as traveller:
        for _ in range(5):
            events.record("password.reset_requested", hanako, CTX)
        assert OutboxMessage.objects.count() == Link.objects.count() == 1
        traveller.shift(timedelta(days=1))
        events.record("password.reset_requested", hanako, CTX)
    assert OutboxMessage.objects.count() == 2


def test_an_event_type_that_nobody_thought_about_is_a_mistake(hanako: User) -> None:
    with pytest.raises(LookupError, match="neither in NOTICES nor in SILENT"):
        events.record("phone.painted", hanako, CTX)


def test_a_silent_event_writes_no_letter(hanako: User) -> None:
    events.record("session.sign_in.succeeded", hanako, CTX)
    assert not OutboxMessage.objects.exists()


def test_a_type_named_twice_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="named twice"):
        notices.register({}, {"totp.added"})


def test_telling_costs_a_fixed_number_of_queries(hanako: User, django_assert_max_num_queries: object) -> None:
    for number in range(10):
        add_address(hanako, f"more-{number}@example.jp")
    with django_assert_max_num_queries(6):  # the event, addresses, numbers, links, letters, their dedupe keys
        events.record("totp.added", hanako, CTX)


def test_a_letter_of_the_same_occasion_is_written_once(hanako: User) -> None:
    first = enqueue("sign_up/known", channel="mail", to="hanako@example.jp", dedupe="once")
    assert first is not None
    assert enqueue("sign_up/known", channel="mail", to="hanako@example.jp", dedupe="once") is None


def test_a_short_id_taken_twice_is_chosen_anew(hanako: User, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = iter(["7K3M9QX2", "7K3M9QX2", "AAAA0000"])
    monkeypatch.setattr(messages, "short_id", lambda: next(ids))
    enqueue("sign_up/known", channel="mail", to="hanako@example.jp", dedupe="one")
    second = enqueue("sign_up/known", channel="mail", to="hanako@example.jp", dedupe="two")
    assert second is not None and OutboxMessage.objects.get(pk=second.pk).short_id == "AAAA0000"


def test_a_page_never_says_sent_before_a_gateway_took_it(hanako: User) -> None:
    def word() -> str | None:
        found = progress("one")
        return found.word if found else None

    assert word() is None
    enqueue("sign_up/known", channel="mail", to="hanako@example.jp", dedupe="one")
    assert word() == "waiting"
    OutboxMessage.objects.update(error="connect: ConnectionRefusedError", attempts=1)
    assert word() == "trying"
    OutboxMessage.objects.update(error="no gateway configured")
    assert word() == "no_way"
    OutboxMessage.objects.update(status="refused", error="recipient 550")
    assert word() == "failed"
    OutboxMessage.objects.update(status="sent", error="")
    assert word() == "handed"
    OutboxMessage.objects.update(gateway="preview")
    assert word() == "preview"
    OutboxMessage.objects.update(gateway="sms.example.jp", channel="sms", delivery_state="undelivered")
    assert word() == "failed"
    OutboxMessage.objects.update(delivery_state="delivered")
    assert word() == "delivered"
