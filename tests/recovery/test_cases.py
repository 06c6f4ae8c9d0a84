"""The life of a case: one open per account, told once, ended once (R5, R9, R10, R12)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from accounts import clock
from accounts.context import system
from accounts.models import Address, Link, OutboxMessage, SecurityEvent
from accounts.registries import NOT_ME_HOOKS
from accounts.services import not_me
from recovery.models import Case
from recovery.services import cases, holds, transition
from recovery.states import TRANSITIONS, State
from tests.recovery.people import OLD, PASSWORD, Claimant, app_code, letters_out, person

pytestmark = pytest.mark.django_db
START = "2026-11-22 05:20:00+00:00"


def on_hold(**more: str) -> Claimant:
    """Mail and password: one place."""
    claimant = Claimant(**more)
    assert claimant.by_mail() == 302
    assert claimant.prove("password", PASSWORD) == 302
    assert claimant.case.state == "on_hold"
    return claimant


def kinds(claimant: Claimant) -> list[str]:
    rows = OutboxMessage.objects.filter(case_reference=claimant.reference, channel="mail", to="hanako@example.jp")
    return list(rows.order_by("created_at", "kind").values_list("kind", flat=True))


def test_every_state_and_event_outside_the_table_is_refused_and_writes_nothing() -> None:
    user = person()
    for state in State:
        for event, (sources, _) in TRANSITIONS.items():
            if state in sources:
                continue
            case = Case.objects.create(
                reference=f"{event}{state}"[:16],
                user=user if state != "ready" else None,
                state=state,
                created_at=clock.now(),
                expires_at=clock.now(),
                situation="new_number",
                identifier="",
                identifier_kind="email",
            )
            assert transition.move(case, event, system("test")) is False
            assert not case.transitions.exists()
            case.delete()


def test_the_database_itself_allows_one_open_case_per_account() -> None:
    user = person()
    row = {
        "user": user,
        "created_at": clock.now(),
        "expires_at": clock.now(),
        "situation": "",
        "identifier": "",
        "identifier_kind": "",
    }
    Case.objects.create(reference="one", state="on_hold", **row)
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.create(reference="two", state="ready", **row)


def test_two_custodies_end_a_waiting_case_that_has_none_and_equal_ones_do_not() -> None:
    person()
    weak = on_hold()
    equal = Claimant()
    equal.by_mail()
    equal.prove("totp", app_code())
    assert equal.case.state == "proving" and weak.case.state == "on_hold"
    assert "Another recovery is under way" in equal.page()
    strong = Claimant()
    strong.prove("saved-code", "0001ABCDEFGH01234567")
    strong.prove("password", PASSWORD)
    assert (strong.case.state, weak.case.state, weak.case.ended_why) == ("ready", "cancelled", "overtaken")
    assert "took the place of this one" in weak.page()


def test_each_notice_goes_once_however_often_the_sweep_runs() -> None:
    person()
    with time_machine.travel(START, tick=False) as moment:
        claimant = on_hold()
        for hours in range(74):
            moment.move_to("2026-11-22 05:20:01+00:00")
            moment.shift(timedelta(hours=hours))
            cases.sweep()
            cases.sweep()
    assert kinds(claimant) == ["case/opened", "case/halfway", "case/hour_left", "case/ready"]
    assert claimant.case.state == "ready"


def test_after_an_outage_only_what_still_makes_sense_is_sent() -> None:
    person()
    with time_machine.travel(START, tick=False) as moment:
        claimant = on_hold()
        moment.shift(timedelta(days=20))
        cases.sweep()
        assert kinds(claimant) == ["case/opened", "case/ready"]
        assert claimant.case.expires_at == clock.now() + timedelta(days=7), "the claimant loses nothing by our outage"
        moment.shift(timedelta(days=7, seconds=1))
        cases.sweep()
    assert claimant.case.state == "expired"
    assert kinds(claimant)[-1] == "case/expired"


def test_after_an_outage_into_the_last_hour_the_halfway_notice_is_left_out() -> None:
    person()
    with time_machine.travel(START, tick=False) as moment:
        claimant = on_hold()
        moment.shift(timedelta(hours=71, minutes=30))
        cases.sweep()
        assert kinds(claimant) == ["case/opened", "case/hour_left"]


def test_a_person_who_is_there_when_the_wait_ends_need_not_wait_for_the_sweep() -> None:
    person()
    with time_machine.travel(START, tick=False) as moment:
        claimant = on_hold()
        moment.shift(timedelta(hours=72, seconds=1))
        assert "The wait is over" in claimant.page()
        assert claimant.case.state == "on_hold", "a GET changes nothing"
        assert claimant.step("").status_code == 302
        assert claimant.case.state == "ready"


def test_where_every_notice_is_refused_the_wait_is_still_three_days_from_then() -> None:
    person(mails=2)
    with time_machine.travel(START, tick=False) as moment:
        claimant = on_hold()
        assert claimant.case.ready_at is None
        moment.shift(timedelta(hours=5))
        rows = OutboxMessage.objects.filter(case_reference=claimant.reference)
        rows.exclude(to="hanako+1@example.org").update(status="sent", sent_at=clock.now())
        holds.settle_notice(claimant.reference)
        assert claimant.case.ready_at is None
        rows.filter(to="hanako+1@example.org").update(status="refused", refused_at=clock.now())
        cases.sweep()
        assert claimant.case.ready_at == clock.now() + timedelta(hours=72)
        moment.shift(timedelta(hours=72))
        cases.sweep()
        assert claimant.client.get(f"{claimant.url}rebind/").status_code == 200


def test_a_lapsed_address_makes_the_wait_seven_days() -> None:
    person()
    Address.objects.update(confirmed_at=clock.now() - timedelta(days=181))
    assert on_hold().case.wait == timedelta(days=7)


def test_the_claimant_may_stop_the_case_and_everybody_is_told() -> None:
    person()
    claimant = on_hold()
    assert claimant.client.get(f"{claimant.url}cancel/").status_code == 200
    assert claimant.case.state == "on_hold"
    assert claimant.client.post(f"{claimant.url}cancel/").status_code == 302
    assert (claimant.case.state, kinds(claimant)[-1]) == ("cancelled", "case/cancelled")
    assert claimant.client.post(f"{claimant.url}cancel/").status_code == 302
    assert kinds(claimant).count("case/cancelled") == 1


def test_not_me_from_the_notice_ends_the_case_and_every_claim() -> None:
    user = person(mails=2)
    assert cases.end_all in NOT_ME_HOOKS
    claim, claimant = Claimant(), on_hold()
    link = Link.objects.filter(kind="not_me", subject=f"case:{claimant.reference}").first()
    assert link is not None
    done = not_me.act(link, ctx=system("test"))
    assert claimant.reference in done.cases
    assert (claimant.case.state, claimant.case.ended_why, claim.case.state) == ("cancelled", "not_me", "cancelled")
    assert "was not them" in claimant.page()
    assert SecurityEvent.objects.filter(user=user, type="case.cancelled").exists()


def test_a_means_reported_lost_meanwhile_carries_the_case_no_longer() -> None:
    user = person()
    with time_machine.travel(START, tick=False) as moment:
        claimant = Claimant()
        claimant.by_mail()
        claimant.prove("totp", app_code())
        user.totps.update(lost_at=clock.now())
        moment.shift(timedelta(hours=73))
        cases.sweep()
        assert claimant.client.get(f"{claimant.url}rebind/").status_code == 302


def test_the_first_notice_reaches_every_address() -> None:
    person(mails=2)
    claimant = on_hold()
    told = set(OutboxMessage.objects.filter(kind="case/opened").values_list("to", flat=True))
    assert told == {"hanako@example.jp", "hanako+1@example.org", OLD}
    letters_out(claimant.reference)
    assert claimant.case.notice_at is not None
