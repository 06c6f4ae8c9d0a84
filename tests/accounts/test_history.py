"""The activity page: every kind of event has its sentence."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts import events, history
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
        url = f"{reverse('activity')}?before={page.context['older']}" if page.context["older"] else ""
    assert len(titles) == len(ALL)


@pytest.mark.django_db
@pytest.mark.parametrize("before", ["", "x", "-1", "٣", "9" * 30, "1"])
def test_a_strange_place_in_time_is_no_fault(client: Client, before: str) -> None:
    sign_in(client, person())
    assert client.get(reverse("activity"), {"before": before}).status_code == 200
