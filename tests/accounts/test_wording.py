"""Moments, waits, codes and addresses in words, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.template import Context, Template
from django.utils import timezone, translation

from accounts import wording

NOW = datetime(2026, 11, 22, 5, 20, tzinfo=UTC)  # 14:20 in Tokyo, a Sunday
WAIT_ENDS = datetime(2026, 11, 25, 5, 20, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _a_sunday_in_november():
    with time_machine.travel(NOW, tick=False), timezone.override("Asia/Tokyo"):
        yield


def both(function, *args, **kwargs) -> tuple[str, str]:
    said = []
    for language in ("ja", "en"):
        with translation.override(language):
            said.append(function(*args, **kwargs))
    return said[0], said[1]


def test_a_moment_names_weekday_hour_and_zone():
    assert both(wording.moment, WAIT_ENDS) == ("11月25日（水）14:20（日本時間）", "14:20 on Wed 25 Nov (Tokyo time)")


def test_a_moment_of_another_year_names_the_year():
    far = datetime(2027, 1, 4, 0, 5, tzinfo=UTC)
    assert both(wording.moment, far) == ("2027年1月4日（月）09:05（日本時間）", "09:05 on Mon 4 Jan 2027 (Tokyo time)")


def test_the_year_is_judged_where_the_reader_lives():
    """New Year's Eve in London is already the new year in Tokyo."""
    turn = datetime(2026, 12, 31, 15, 30, tzinfo=UTC)
    assert both(wording.day, turn)[0] == "2027年1月1日（金）"
    with time_machine.travel(turn, tick=False):
        assert both(wording.day, turn) == ("1月1日（金）", "Fri 1 Jan")
    with timezone.override("Europe/London"):
        assert both(wording.moment, turn) == (
            "12月31日（木）15:30（グリニッジ標準時）",
            "15:30 on Thu 31 Dec (Greenwich Mean Time)",
        )


@pytest.mark.parametrize(
    ("left", "ja", "en"),
    [
        (timedelta(days=2, hours=23, minutes=40), "2日と23時間40分", "2 days, 23 hours and 40 minutes"),
        (timedelta(days=3), "3日", "3 days"),
        (timedelta(days=1, minutes=1), "1日と1分", "1 day and 1 minute"),
        (timedelta(hours=1, minutes=5), "1時間5分", "1 hour and 5 minutes"),
        (timedelta(minutes=4, seconds=1), "5分", "5 minutes"),
        (timedelta(seconds=1), "1分", "1 minute"),
        (timedelta(0), "1分未満", "less than a minute"),
        (timedelta(hours=-3), "1分未満", "less than a minute"),
    ],
)
def test_time_left_is_said_in_days_hours_and_minutes_and_never_as_nothing(left, ja, en):
    assert both(wording.time_left, NOW + left) == (ja, en)


@pytest.mark.parametrize(
    ("span", "ja", "en"),
    [
        (timedelta(hours=72), "72時間", "72 hours"),
        (timedelta(hours=24), "24時間", "24 hours"),
        (timedelta(days=7), "7日", "7 days"),
        (timedelta(days=180), "180日", "180 days"),
        (timedelta(minutes=10), "10分", "10 minutes"),
        (timedelta(seconds=60), "60秒", "60 seconds"),
        (timedelta(hours=1), "1時間", "1 hour"),
        (timedelta(minutes=90), "1時間30分", "1 hour and 30 minutes"),
        (timedelta(0), "0分", "0 minutes"),
    ],
)
def test_a_rule_is_said_as_people_say_it(span, ja, en):
    assert both(wording.duration, span) == (ja, en)


def test_no_wait_is_at_once_and_a_wait_is_its_length():
    assert both(wording.wait, timedelta()) == ("いますぐ", "at once")
    assert both(wording.wait, timedelta(hours=72)) == ("72時間後", "in 72 hours")


@pytest.mark.parametrize("typed", ["jbswy3dpehpk3pxp", "jbsw y3dp ehpk 3pxp", "jbsw-y3dp-ehpk-3pxp"])
def test_a_code_is_grouped_whatever_stood_between(typed):
    assert wording.grouped(typed) == "jbsw y3dp ehpk 3pxp"


def test_addresses_and_numbers_show_only_what_their_owner_needs():
    assert wording.masked_email("hanako@example.jp") == "h•••@example.jp"
    assert wording.masked_email("nonsense") == "•••"
    assert wording.phone("+819012345678") == "090-1234-5678"
    assert wording.phone("+442071838750") == "+44 20 7183 8750"
    assert wording.masked_phone("+819012345678") == "•••-••••-••78"
    assert wording.masked_phone("+819012345678", 4) == "•••-••••-5678"
    assert not set("4420718387") & set(wording.masked_phone("+442071838750")[:-2])


def test_a_countdown_carries_the_seconds_of_the_servers_clock():
    with translation.override("ja"):
        drawn = Template("{% countdown until %}").render(Context({"until": WAIT_ENDS}))
    assert f'data-left="{72 * 3600}"' in drawn
    assert ">3日</span>" in drawn
