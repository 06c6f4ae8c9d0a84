"""Claims: alike for everybody, and no weapon against an owner (R12, ASVS 6.3.8)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import clock
from accounts.models import Address, Change, OutboxMessage, Phone, SecurityEvent
from recovery.models import Case
from recovery.services import cases, claims, requests
from tests.recovery.people import OLD, PASSWORD, SECOND, Claimant, app_code, person

pytestmark = pytest.mark.django_db


def seen(page: str, claimant: Claimant, email: str) -> str:
    """The page without what differs by its nature: token, echo, reference, the minute."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page)
    page = re.sub(r"\d\d:\d\d(:\d\d\S*)?", "", page)
    return page.replace(claimant.reference, "REFERENCE").replace(email, "ADDRESS")


def test_known_and_unknown_people_see_the_same_at_every_step() -> None:
    person()
    with time_machine.travel(clock.now(), tick=False):
        known, unknown = Claimant(email="hanako@example.jp"), Claimant(email="nobody@example.jp")
        pages: dict[str, list[str]] = {}
        for claimant, email in ((known, "hanako@example.jp"), (unknown, "nobody@example.jp")):
            pages[email] = [seen(claimant.page(), claimant, email)]
            for method, secret in (
                ("email", "000001"),
                ("totp", "000001"),
                ("sms", "000001"),
                ("password", "wrong password"),
                ("saved-code", "0000 0000 0000 0000 0000"),
            ):
                get = claimant.client.get(f"{claimant.url}prove/{method}/")
                field = "password" if method == "password" else "code"
                post = claimant.client.post(f"{claimant.url}prove/{method}/", {field: secret})
                assert (get.status_code, post.status_code) == (200, 200)
                pages[email] += [seen(answer.content.decode(), claimant, email) for answer in (get, post)]
        assert pages["hanako@example.jp"] == pages["nobody@example.jp"]


def test_starting_reads_no_account_and_writes_no_session() -> None:
    person()
    client = Client()
    for email in ("hanako@example.jp", "nobody@example.jp"):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.post("/recovery/start/?situation=new_number", {"email": email, "phone": ""})
        text = " ".join(query["sql"] for query in queries)
        for table in ("accounts_user", "accounts_address", "accounts_phone", "accounts_session"):
            assert table not in text


def test_the_situation_and_its_roads_ask_the_database_nothing() -> None:
    client = Client()
    with CaptureQueriesContext(connection) as queries:
        for path in (
            "",
            "?situation=new_number",
            "?situation=nothing_left",
            "?situation=lost_phone&asked=1&have=E&have=K",
            "?look=1",
        ):
            assert client.get(f"/recovery/{path}").status_code == 200
        assert client.get("/recovery/policy/").status_code == 200
    assert not queries.captured_queries


def test_only_the_worker_sends_the_first_code_and_only_to_a_counting_address() -> None:
    user = person(mails=2)
    Claimant(email="HANAKO@example.jp")
    assert OutboxMessage.objects.get(kind="codes/recovery").to == "hanako@example.jp"
    probation = Change.objects.create(user=user, what="address.added", made_at=clock.now())
    Address.objects.filter(key="hanako+1@example.org").update(added_by=probation)
    Claimant(email="hanako+1@example.org")
    assert OutboxMessage.objects.filter(kind="codes/recovery").count() == 1, "an address on probation gets no code (R7)"


def test_an_address_removed_lately_still_names_the_account_but_gets_no_code() -> None:
    user = person(mails=2)
    Address.objects.filter(key="hanako+1@example.org").update(revoked_at=clock.now() - timedelta(days=29))
    claimant = Claimant(email="hanako+1@example.org")
    assert claimant.case.user == user
    assert not OutboxMessage.objects.exists()
    Address.objects.filter(key="hanako+1@example.org").update(revoked_at=clock.now() - timedelta(days=31))
    assert Claimant(email="hanako+1@example.org").case.user is None


def test_a_number_that_two_accounts_have_names_nobody() -> None:
    person()
    person("taro", phones=(OLD,))
    assert Claimant(email="", phone="090-1234-5601").case.user is None


def test_five_claims_a_day_send_codes_and_the_sixth_still_takes_a_saved_code() -> None:
    person()
    for _ in range(5):
        Claimant()
        OutboxMessage.objects.all().update(created_at=clock.now())
        from accounts.models import LimitCounter

        LimitCounter.objects.filter(key__startswith="mail.").delete()
    sent = OutboxMessage.objects.filter(kind="codes/recovery").count()
    sixth = Claimant()
    assert sixth.case.codes_allowed is False
    assert OutboxMessage.objects.filter(kind="codes/recovery").count() == sent
    assert sixth.prove("saved-code", "0001ABCDEFGH01234567") == 302
    assert sixth.prove("password", PASSWORD) == 302
    assert sixth.case.state == "ready"


def test_a_claim_is_dead_after_an_hour_and_tells_the_owner_nothing() -> None:
    user = person()
    with time_machine.travel("2026-11-22 05:20:00+00:00", tick=False) as moment:
        claimant = Claimant()
        moment.shift(timedelta(hours=1, seconds=1))
        assert claimant.prove("saved-code", "0001ABCDEFGH01234567") == 302
        assert not claimant.case.proofs.exists(), "out of time before the sweep has been there"
        cases.sweep()
        assert claimant.case.state == "expired"
        assert "This recovery is over" in claimant.page()
    assert not SecurityEvent.objects.filter(user=user).exists()
    assert not OutboxMessage.objects.exclude(kind="codes/recovery").exists()


def test_the_sweep_resolves_and_answers_what_the_bell_missed() -> None:
    person(phones=(OLD, SECOND))
    client = Client()
    client.post("/recovery/start/?situation=new_number", {"email": "hanako@example.jp", "phone": "090-1234-5601"})
    case = Case.objects.get()
    client.post(f"/recovery/cases/{case.reference}/prove/sms/", {"phone": "070-3333-4444", "send": "1"})
    cases.sweep()
    assert set(OutboxMessage.objects.values_list("to", flat=True)) == {"hanako@example.jp", SECOND}
    cases.sweep()
    assert OutboxMessage.objects.count() == 2


def test_no_code_goes_to_the_number_named_lost_nor_to_a_strangers_number() -> None:
    person(phones=(OLD, SECOND))
    person("taro", phones=("+819012345699",))
    claimant = Claimant(phone="090-1234-5601")
    claimant.ask("sms", "090-1234-5601")
    claimant.ask("sms", "090-1234-5699")
    claimant.ask("email", "taro@example.jp")
    assert not OutboxMessage.objects.exclude(to="hanako@example.jp").exists()
    claimant.ask("sms", "０７０ー３３３３ー４４４４")
    assert OutboxMessage.objects.filter(to=SECOND).exists()


def test_a_claim_can_begin_with_the_dead_number_alone() -> None:
    user = person()
    claimant = Claimant(email="", phone="+81 (0)90 1234 5601")
    assert (claimant.case.user, claimant.case.lost_number) == (user, OLD)
    assert not OutboxMessage.objects.exists()
    assert claimant.prove("totp", app_code()) == 302


def test_nobody_is_locked_out_by_a_strangers_wrong_tries() -> None:
    person()
    mallory = Claimant()
    for _ in range(8):
        mallory.prove("totp", "000000")
        mallory.prove("saved-code", "0001ABCDEFGH0123456Z")
    from accounts.models import LimitCounter, Totp

    assert Totp.objects.get().failures_in_row == 0
    LimitCounter.objects.filter(key__startswith="recovery.network").delete()  # the owner comes from another network
    hanako = Claimant()
    assert hanako.prove("saved-code", "0002ABCDEFGH01234567") == 302


def test_requests_wait_for_nothing_after_an_hour() -> None:
    person()
    with time_machine.travel("2026-11-22 05:20:00+00:00", tick=False) as moment:
        claimant = Claimant(email="", phone="090-1234-5601")
        claimant.client.post(f"{claimant.url}prove/email/", {"email": "hanako@example.jp", "send": "1"})
        moment.shift(timedelta(hours=1, minutes=1))
        requests.sweep(clock.now(), 10)
    assert not OutboxMessage.objects.exists()
    claims.resolve(10**9)
    requests.answer(10**9)


def test_a_number_is_not_the_lost_one_where_it_works() -> None:
    person()
    claimant = Claimant(situation="code_missing", phone="090-1234-5601")
    assert claimant.case.lost_number == ""
    assert Phone.objects.get().number == OLD
