"""The activity page: every kind of event has its sentence."""

from __future__ import annotations

import re

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import clock, events, history
from accounts.models import Phone, SecurityEvent
from accounts.outbox.notices import NOTICES, SILENT
from tests.accounts.hands import CTX, app_of, person, sign_in

ALL = sorted(NOTICES.keys() | SILENT)


@pytest.mark.parametrize("kind", ALL)
def test_every_kind_of_event_has_a_sentence(kind: str) -> None:
    assert kind in history.SENTENCES


def test_no_sentence_is_left_over() -> None:
    assert not history.SENTENCES.keys() - set(ALL)


@pytest.mark.django_db
def test_the_page_shows_every_kind_newest_first_and_leads_back_in_time(client: Client) -> None:
    hanako, taro = person("hanako"), person("taro")
    app_of(hanako)
    sign_in(client, hanako)
    events.record("withdrawal.made", taro, CTX)
    for kind in ALL:
        events.record(kind, hanako, CTX)
    page = client.get(reverse("activity"))
    assert page.context["events"][0]["title"] == str(history.SENTENCES[ALL[-1]])
    assert "Firefox" in page.text
    titles, url = [], reverse("activity")
    while url:
        page = client.get(url)
        titles += [event["title"] for event in page.context["events"]]
        url = reverse("activity") + page.context["older_url"] if page.context["older"] else ""
    assert len(titles) == len(ALL)


@pytest.mark.django_db
def test_only_what_is_important_is_shown_page_by_page(client: Client) -> None:
    hanako = person("hanako")
    app_of(hanako)
    sign_in(client, hanako)
    assert "Nothing important yet" in client.get(reverse("activity"), {"only": "important"}).text
    for _ in range(40):
        events.record("session.signed_out", hanako, CTX)
        events.record("password.changed", hanako, CTX)
    first = client.get(reverse("activity"), {"only": "important"})
    assert {event["title"] for event in first.context["events"]} == {"The password was changed."}
    second = client.get(reverse("activity") + first.context["older_url"])
    assert {event["title"] for event in second.context["events"]} == {"The password was changed."}
    assert len(first.context["events"]) + len(second.context["events"]) == 40
    assert second.context["newest_url"] == "?only=important"


@pytest.mark.django_db
def test_a_page_stays_the_same_while_events_arrive(client: Client) -> None:
    """By place, a new event would push one row onto the next page and show it twice."""
    hanako = person("hanako")
    sign_in(client, hanako)
    made = [events.record("session.signed_out", hanako, CTX).pk for _ in range(70)]
    second = reverse("activity") + client.get(reverse("activity")).context["older_url"]
    before = [row["at"] for row in client.get(second).context["events"]]
    events.record("session.signed_out", hanako, CTX)
    assert [row["at"] for row in client.get(second).context["events"]] == before
    assert len(before) == 30
    assert made == sorted(made)


@pytest.mark.django_db
def test_each_event_names_the_thing_it_is_about_masked_and_the_persons_own(client: Client) -> None:
    hanako, taro = person("hanako"), person("taro")
    app, strange = app_of(hanako, "Pixel 8"), app_of(taro, "Taros phone")
    number = Phone.objects.create(user=hanako, number="+819012345678", bound_at=clock.now(), confirmed_at=clock.now())
    sign_in(client, hanako)
    events.record("totp.added", hanako, CTX, means=app.means_id)
    events.record("phone.changed", hanako, CTX, means=number.means_id)
    events.record("totp.removed", hanako, CTX, means=strange.means_id)
    events.record("totp.removed", hanako, CTX, means="totp:999999")
    events.record("password.reset", hanako, CTX, means="no such thing")
    page = client.get(reverse("activity"))
    assert [row["about"] for row in page.context["events"]] == ["", "", "", "•••-••••-5678", "Pixel 8"]
    assert "Taros phone" not in page.text
    assert "Firefox, network 192.0.2.0/24" in page.text


@pytest.mark.django_db
def test_what_was_perhaps_not_the_owner_leads_to_what_stops_it(client: Client) -> None:
    hanako = person("hanako")
    sign_in(client, hanako)
    events.record("password.reset", hanako, CTX)
    page = client.get(reverse("activity"))
    assert page.text.count(f'href="{reverse("not_me")}"') == 2
    assert f'href="{reverse("moving_lost")}"' in page.text


@pytest.mark.django_db
def test_times_stand_in_the_persons_own_zone(client: Client) -> None:
    berlin = person("berlin", timezone="Europe/Berlin")
    sign_in(client, berlin)
    with time_machine.travel("2026-07-01 10:00:00+00:00", tick=False):
        events.record("session.signed_out", berlin, CTX)
    assert "12:00" in client.get(reverse("activity")).text


@pytest.mark.django_db
def test_a_page_costs_the_same_however_long_the_history_is(client: Client) -> None:
    hanako = person("hanako")
    app = app_of(hanako)
    sign_in(client, hanako)
    for _ in range(90):
        events.record("totp.renamed", hanako, CTX, means=app.means_id)
    with CaptureQueriesContext(connection) as seen:
        client.get(reverse("activity"))
    asked = [query["sql"] for query in seen if "accounts_securityevent" in query["sql"]]
    assert len(asked) == 1
    assert not re.search("COUNT|OFFSET", asked[0])
    plan = SecurityEvent.objects.filter(user=hanako, pk__lt=80).order_by("-pk")[:31].explain()
    assert "event_of_user" in plan


@pytest.mark.django_db
@pytest.mark.parametrize("before", ["", "x", "-1", "٣", "9" * 30, "1"])
def test_a_strange_place_in_time_is_no_fault(client: Client, before: str) -> None:
    sign_in(client, person())
    assert client.get(reverse("activity"), {"before": before}).status_code == 200
