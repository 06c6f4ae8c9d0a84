"""The pages: what they cost, what they change, what they may be read as."""

from __future__ import annotations

import re

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from accounts.models import Session
from recovery.services import rebinding
from tests.recovery.people import OLD, PASSWORD, SECOND, Claimant, app_code, person
from tests.recovery.test_resume import ready

pytestmark = pytest.mark.django_db

BUDGET = 13  # every kind of thing an account holds is one query


def cost(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(url)
    assert answer.status_code == 200, url
    assert not [query["sql"] for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))], url
    control = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
    return len([query for query in queries if not query["sql"].startswith(control)])


def test_no_page_asks_the_database_more_than_thirteen_times_and_no_get_writes() -> None:
    person(mails=2, phones=(OLD, SECOND))
    claimant = Claimant()
    found = {"claim": cost(claimant.client, claimant.url)}
    for method in ("email", "sms", "totp", "saved-code", "password"):
        found[method] = cost(claimant.client, f"{claimant.url}prove/{method}/")
    claimant.by_mail()
    found["proving"] = cost(claimant.client, claimant.url)
    claimant.prove("totp", app_code())
    found["hold"] = cost(claimant.client, claimant.url)
    found["cancel"] = cost(claimant.client, f"{claimant.url}cancel/")
    claimant.prove("saved-code", "0001ABCDEFGH01234567")
    found["ready"] = cost(claimant.client, claimant.url)
    found["number"] = cost(claimant.client, f"{claimant.url}rebind/")
    claimant.step("skip:number")
    found["app"] = cost(claimant.client, f"{claimant.url}rebind/")
    claimant.step("skip:app")
    found["codes"] = cost(claimant.client, f"{claimant.url}rebind/")
    token = re.search(r'name="sheet" value="([^"]+)"', claimant.client.get(f"{claimant.url}rebind/").content.decode())[
        1
    ]
    claimant.step("codes", sheet=token, code=rebinding.open_codes(claimant.case, token).codes[0])
    found["password"] = cost(claimant.client, f"{claimant.url}rebind/")
    claimant.step("password", password="kirei na sora no iro")
    found["finish"] = cost(claimant.client, f"{claimant.url}rebind/")
    claimant.step("finish")
    found["completed"] = cost(claimant.client, claimant.url)
    assert {name: count for name, count in found.items() if count > BUDGET} == {}
    assert not Session.objects.exists(), "nobody on the way back needs a session"


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("situation", ["new_number", "lost_phone", "stolen_sim", "abroad", "code_missing"])
def test_every_situation_shows_roads_the_quickest_first(language: str, situation: str) -> None:
    page = Client(headers={"accept-language": language}).get(f"/recovery/?situation={situation}").content.decode()
    now, later = page.find('class="when now"'), page.find('class="when later"')
    assert 0 < now < later
    assert page.find('href="/sign-in/"', page.find('class="roads"')) < page.find("/recovery/start/")


def test_with_nothing_left_the_road_of_papers_is_told_in_general_words() -> None:
    page = Client(headers={"accept-language": "en"}).get("/recovery/?situation=nothing_left").content.decode()
    assert page.count('<article class="road') == 1 and "have identity papers on file" in page


def test_what_is_ticked_narrows_the_roads() -> None:
    client = Client(headers={"accept-language": "en"})
    page = client.get("/recovery/?situation=new_number&asked=1&have=E&have=K").content.decode()
    assert page.count('<article class="road') == 1 and "Email and password" in page


def test_a_reference_typed_on_the_first_page_leads_to_its_case() -> None:
    claimant = Claimant()
    answer = claimant.client.get("/recovery/", {"reference": claimant.reference.lower().replace("-", " ")})
    assert answer.headers["Location"] == claimant.url
    assert (
        "not one of our references" in claimant.client.get("/recovery/", {"reference": "MD-0000-0001"}).content.decode()
    )


def test_the_calendar_entry_keeps_its_uid_grows_its_sequence_and_hides_the_reason() -> None:
    person(mails=1)
    with time_machine.travel("2026-11-22 05:20:00+00:00", tick=False):
        claimant = Claimant()
        claimant.by_mail()
        claimant.prove("totp", app_code())
        first = claimant.client.get(f"{claimant.url}wait.ics")
        claimant.prove("password", PASSWORD)
        second = claimant.client.get(f"{claimant.url}wait.ics")
    assert first.headers["Content-Type"] == "text/calendar; charset=utf-8; method=PUBLISH"
    one, two = (Calendar.from_ical(answer.content).walk("VEVENT")[0] for answer in (first, second))
    assert one["UID"] == two["UID"] and two["SEQUENCE"] > one["SEQUENCE"]
    assert one.decoded("DTSTART").isoformat() == "2026-11-25T05:20:00+00:00"
    text = first.content.decode().lower()
    assert "recover" not in text.replace("/recovery/cases/", "") and "hanako" not in text


def test_no_calendar_entry_where_nothing_waits() -> None:
    person()
    claimant = ready()
    assert claimant.client.get(f"{claimant.url}wait.ics").headers["Location"] == claimant.url


def test_personal_pages_are_kept_by_no_cache() -> None:
    person()
    claimant = Claimant()
    for path in ("", "prove/email/", "cancel/"):
        assert "no-store" in claimant.client.get(f"{claimant.url}{path}").headers["Cache-Control"]


def test_unknown_methods_and_situations_do_not_exist() -> None:
    claimant = Claimant()
    assert claimant.client.get(f"{claimant.url}prove/questions/").status_code == 404
    assert claimant.client.post(f"{claimant.url}prove/totp/", {"send": "1"}).status_code == 404
    assert claimant.client.get("/recovery/start/?situation=magic").status_code == 302


@pytest.mark.parametrize(
    "typed", [{"email": "", "phone": ""}, {"email": "hanako", "phone": ""}, {"email": "", "phone": "12"}]
)
def test_a_start_that_names_nothing_usable_comes_back_with_what_to_do(typed: dict[str, str]) -> None:
    answer = Client(headers={"accept-language": "en"}).post("/recovery/start/?situation=abroad", typed)
    page = answer.content.decode()
    assert answer.status_code == 200 and "There is a problem" in page and "<title>Error: " in page


def test_the_policy_page_is_the_policy() -> None:
    page = Client(headers={"accept-language": "en"}).get("/recovery/policy/").content.decode()
    assert "Saved recovery code and email" in page and "72 hours" in page and "your drawer" in page
