"""One theft, one stranger: what neither takes, learns nor uses up on the way back (R1, R12, R16, R18)."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import Client

from accounts import throttling
from accounts.models import Challenge, LimitCounter, OutboxMessage, SavedCodeSet
from accounts.throttling import DAY, Limit
from policy.rules import RULES
from recovery.models import CaseProof, Rebinding
from recovery.services import rebinding
from recovery.views import holder
from tests.recovery.people import NEW, OLD, PASSWORD, SECOND, Claimant, app_code, person
from tests.recovery.test_resume import link_of, ready
from tests.recovery.test_story import rebind_all

pytestmark = pytest.mark.django_db

SAVED = "0001ABCDEFGH01234567"
TRIES = RULES.wrong_codes_account[0][0]


def by_link(claimant: Claimant) -> Client:
    """Another browser that came by the mailed link."""
    other = Client(headers={"accept-language": "en"})
    other.get(link_of(claimant, other))
    return other


def from_elsewhere() -> None:
    """The next request comes from another network."""
    LimitCounter.objects.filter(key__contains="network").delete()


def test_the_finder_of_the_lost_phone_does_not_move_the_case_with_its_mail_and_its_app() -> None:
    person()
    claimant = Claimant(situation="lost_phone")
    claimant.prove("saved-code", SAVED)
    claimant.prove("password", PASSWORD)
    assert claimant.case.state == "ready"
    mallory = by_link(claimant)
    answer = mallory.post(f"{claimant.url}prove/totp/", {"code": app_code()})
    assert answer.status_code == 200
    assert claimant.client.get(claimant.url).status_code == 200, "the case is where it was"
    assert not CaseProof.objects.filter(kind="T").exists()
    seen = rebinding.look(claimant.case)
    assert {row.kind for row in seen.lost} == {"T", "M"}, "and what was named lost still stops at its end"


def test_the_finder_of_the_lost_phone_does_not_move_it_with_its_number_either() -> None:
    person()
    claimant = Claimant(situation="lost_phone")
    claimant.prove("saved-code", SAVED)
    claimant.prove("password", PASSWORD)
    mallory = by_link(claimant)
    mallory.post(f"{claimant.url}prove/sms/", {"phone": OLD, "send": "1"})
    from accounts import clock
    from recovery.services import requests

    requests.sweep(clock.now(), 10)
    code = Challenge.objects.filter(scope=f"case:{claimant.reference}:sms").first()
    assert mallory.post(f"{claimant.url}prove/sms/", {"code": code.code if code else "123456"}).status_code == 200
    assert claimant.client.get(claimant.url).status_code == 200


def test_what_one_browser_was_about_to_bind_does_not_move_with_the_case() -> None:
    person()
    claimant = ready()
    rebind_all(claimant)
    assert Rebinding.objects.exists()
    other = by_link(claimant)
    assert other.post(f"{claimant.url}prove/totp/", {"code": app_code(steps=-1)}).status_code == 302
    assert "Your new phone number" in other.get(f"{claimant.url}rebind/").content.decode()
    assert not Rebinding.objects.exists()


def test_a_code_sent_to_one_number_never_confirms_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    person()
    claimant = ready()
    claimant.step("number", phone=SECOND)
    sent = Challenge.objects.get(to=SECOND)
    monkeypatch.setitem(throttling.LIMITS, "sms.account", (Limit(1, DAY),))
    claimant.step("number", phone=NEW)
    assert not Challenge.objects.filter(to=NEW).exists(), "too many were sent"
    claimant.step("number_code", code=sent.code)
    assert Rebinding.objects.get().number_confirmed_at is None


def test_codes_are_not_handed_out_as_a_file_once_they_are_bound() -> None:
    person()
    claimant = ready()
    claimant.step("skip:number")
    claimant.step("skip:app")
    page = claimant.client.get(f"{claimant.url}rebind/").content.decode()
    token = re.search(r'name="sheet" value="([^"]+)"', page)[1]
    claimant.step("codes", sheet=token, code=rebinding.open_codes(claimant.case, token).codes[0])
    claimant.step("skip:password")
    claimant.step("finish")
    assert claimant.case.state == "completed"
    answer = claimant.client.post(f"{claimant.url}rebind/codes.txt", {"sheet": token})
    assert answer.status_code == 302
    assert not Rebinding.objects.exists()
    assert SavedCodeSet.objects.order_by("pk").last().downloaded_at is None, "so the sheet is on paper alone"


def test_links_to_other_cases_push_no_held_case_out_of_a_browser(rf) -> None:  # type: ignore[no-untyped-def]
    from django.http import HttpResponse

    request = rf.get("/")
    request.COOKIES[settings.CASE_COOKIE_NAME] = "MD-AAAA-AAAA:s:mine"
    for index in range(8):
        response = HttpResponse()
        holder.show(response, request, f"MD-BBBB-BBB{index}", "token")
        request.COOKIES[settings.CASE_COOKIE_NAME] = response.cookies[settings.CASE_COOKIE_NAME].value
    entries = holder._entries(request)
    assert entries["MD-AAAA-AAAA"] == ("s", "mine")
    assert "MD-BBBB-BBB7" in entries and len(entries) <= 5


@pytest.mark.parametrize("name", ["hanako@example.jp", "nobody@example.jp"])
def test_wrong_app_codes_in_several_claims_are_counted_alike_for_known_and_unknown(name: str) -> None:
    """Counted by account they would add up for hanako and begin anew for nobody."""
    person()
    answers = []
    for _ in range(2):
        claimant = Claimant(email=name)
        for _try in range(TRIES):
            page = claimant.client.post(f"{claimant.url}prove/totp/", {"code": "000000"}).content.decode()
            answers.append("too many" in page)
        from_elsewhere()
    half = -(-TRIES // 2)
    assert answers == [False] * half + [True] * (2 * TRIES - half)


def test_a_wrong_proof_costs_known_and_unknown_the_same_look_at_the_account(
    django_assert_num_queries,  # type: ignore[no-untyped-def]
) -> None:
    person(app=False)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for name in ("hanako@example.jp", "nobody@example.jp"):
        claimant = Claimant(email=name)
        with CaptureQueriesContext(connection) as queries:
            claimant.prove("password", "not the one at all")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_strangers_wrong_codes_leave_half_of_the_tries_to_who_has_shown_something() -> None:
    person()
    for _ in range(4):
        mallory = Claimant()
        for _try in range(TRIES):
            mallory.prove("totp", "000000")
        from_elsewhere()
    hanako = Claimant()
    assert hanako.prove("totp", app_code()) == 200, "a stranger to us as well"
    assert hanako.by_mail() == 302
    assert hanako.prove("totp", app_code()) == 302


def test_strangers_claims_use_up_no_code_of_who_has_shown_something() -> None:
    person()
    for _ in range(RULES.claims_per_day + 2):
        Claimant()
    sent = OutboxMessage.objects.filter(kind="codes/recovery").count()
    assert sent == RULES.claims_per_day
    hanako = Claimant()
    assert hanako.prove("totp", app_code()) == 302
    hanako.ask("email", "hanako@example.jp")
    assert OutboxMessage.objects.filter(kind="codes/recovery").count() == sent + 1


def test_strangers_claims_leave_a_number_half_of_its_codes() -> None:
    person(phones=(OLD, SECOND))
    for _ in range(4):
        Claimant(phone=OLD).ask("sms", SECOND)
    assert Challenge.objects.filter(to=SECOND).count() == -(-RULES.sms_per_number_hour // 2)
    hanako = Claimant(phone=OLD)
    hanako.prove("totp", app_code())
    hanako.ask("sms", SECOND)
    assert Challenge.objects.filter(to=SECOND).count() == -(-RULES.sms_per_number_hour // 2) + 1
