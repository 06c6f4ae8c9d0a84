"""Moments, waits, codes, addresses and numbers in words, the same on pages, in letters and on paper.

The forms of dates and units are grammar, not phrases, so they stand here in one table per language. Everything speaks
the active language and the active time zone, and time left is measured by the portal's one clock.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import phonenumbers
from babel.dates import get_timezone_name
from django.utils import timezone
from django.utils.translation import get_language

from accounts import clock

HIDDEN = "•"


@dataclass(frozen=True, slots=True)
class _Grammar:
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    day: Callable[[datetime, bool], str]
    moment: Callable[[str, str, str], str]
    unit: Callable[[str, int], str]
    join: Callable[[list[str]], str]
    tokyo: str
    almost: str
    now: str
    after: str


def _ja_day(at: datetime, year: bool) -> str:
    return f"{f'{at.year}年' if year else ''}{at.month}月{at.day}日（{JA.weekdays[at.weekday()]}）"


def _en_day(at: datetime, year: bool) -> str:
    return f"{EN.weekdays[at.weekday()]} {at.day} {EN.months[at.month - 1]}{f' {at.year}' if year else ''}"


def _ja_join(parts: list[str]) -> str:
    """2日と23時間40分: days stand apart, the rest runs together."""
    return "と".join([parts[0], "".join(parts[1:])]) if len(parts) > 1 and parts[0].endswith("日") else "".join(parts)


def _en_join(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


JA = _Grammar(
    weekdays=("月", "火", "水", "木", "金", "土", "日"),
    months=(),
    day=_ja_day,
    moment=lambda day, hour, zone: f"{day}{hour}（{zone}）" if zone else f"{day}{hour}",
    unit=lambda unit, count: f"{count}{ {'day': '日', 'hour': '時間', 'minute': '分', 'second': '秒'}[unit] }",
    join=_ja_join,
    tokyo="日本時間",
    almost="1分未満",
    now="いますぐ",
    after="{duration}後",
)
EN = _Grammar(
    weekdays=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    months=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    day=_en_day,
    moment=lambda day, hour, zone: f"{hour} on {day} ({zone})" if zone else f"{hour} on {day}",
    unit=lambda unit, count: f"{count} {unit}{'' if count == 1 else 's'}",
    join=_en_join,
    tokyo="Tokyo time",
    almost="less than a minute",
    now="at once",
    after="in {duration}",
)


def _grammar() -> _Grammar:
    return JA if (get_language() or "ja").startswith("ja") else EN


def zone_name(at: datetime) -> str:
    """How people call the active time zone at that moment: 日本時間, Tokyo time, Central European Standard Time."""
    zone = timezone.get_current_timezone()
    if str(zone) == "Asia/Tokyo":
        return _grammar().tokyo
    return get_timezone_name(timezone.localtime(at, zone), locale=spoken())


def moment(at: datetime, *, zone: bool = True) -> str:
    """A clock time that cannot be misread: 11月25日（水）14:20（日本時間）; with the year when it is not this one."""
    here = timezone.localtime(at)
    year = here.year != timezone.localtime(clock.now()).year
    grammar = _grammar()
    return grammar.moment(grammar.day(here, year), f"{here:%H:%M}", zone_name(at) if zone else "")


def clock_face(at: datetime) -> str:
    """The time to the second, with its zone: 14:20:05（日本時間） / 14:20:05 (Tokyo time)."""
    face = f"{timezone.localtime(at):%H:%M:%S}"
    return f"{face}（{zone_name(at)}）" if _grammar() is JA else f"{face} ({zone_name(at)})"


def day(at: datetime) -> str:
    """The day alone: 11月25日（水） / Wed 25 Nov; with the year when it is not this one."""
    here = timezone.localtime(at)
    return _grammar().day(here, here.year != timezone.localtime(clock.now()).year)


def duration(span: timedelta) -> str:
    """A rule's span as people say it: 72時間 and not 3日, 7日 and not 168時間, 10分, 60秒."""
    seconds = max(0, round(span.total_seconds()))
    if seconds % 86400 == 0 and seconds > 3 * 86400:
        return _units(("day", seconds // 86400))
    if 0 < seconds <= 90 and seconds % 60 or seconds == 60:
        return _units(("second", seconds))
    hours, rest = divmod(seconds, 3600)
    return _units(("hour", hours), ("minute", -(-rest // 60))) or _grammar().unit("minute", 0)


def time_left(until: datetime) -> str:
    """What remains until a moment, rounded up to the minute: 2日と23時間40分; never "0"."""
    minutes = -(-int((until - clock.now()).total_seconds()) // 60)
    days, rest = divmod(max(0, minutes), 1440)
    hours, minutes = divmod(rest, 60)
    return _units(("day", days), ("hour", hours), ("minute", minutes)) or _grammar().almost


def wait(span: timedelta) -> str:
    """How long until one can go on: いますぐ / at once, 72時間後 / in 72 hours."""
    grammar = _grammar()
    return grammar.after.format(duration=duration(span)) if span > timedelta() else grammar.now


def unit_patterns() -> dict[str, list[str]]:
    """The units with {n} for the number, singular first: a page's countdown speaks with the server's words."""
    unit = _grammar().unit
    return {
        name: [unit(name, 1).replace("1", "{n}"), unit(name, 2).replace("2", "{n}")]
        for name in ("day", "hour", "minute")
    }


def spoken() -> str:
    """The language all this is said in: ja, or en for everybody else."""
    return "ja" if _grammar() is JA else "en"


def grouped(code: str, size: int = 4) -> str:
    """A code in groups that an eye can hold: JBSW Y3DP EHPK. What the reader may have typed between them goes."""
    plain = re.sub(r"[\s-]", "", str(code))
    return " ".join(plain[start : start + size] for start in range(0, len(plain), size))


def masked_email(address: str) -> str:
    """Enough to recognise one's own address, too little to learn it: y•••@example.jp."""
    local, _, domain = str(address).rpartition("@")
    return f"{local[:1]}{HIDDEN * 3}@{domain}" if local else HIDDEN * 3


def phone(number: str) -> str:
    """A number as its owner writes it: national for Japan, international elsewhere."""
    try:
        parsed = phonenumbers.parse(str(number), "JP")
    except phonenumbers.NumberParseException:
        return str(number)
    style = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(parsed, style.NATIONAL if parsed.country_code == 81 else style.INTERNATIONAL)


def masked_phone(number: str, shown: int = 2) -> str:
    """The number with only its last digits: 2 before a first factor has been shown, 4 after (conventions §1.2)."""
    written = phone(number)
    hidden = sum(char.isdigit() for char in written) - shown
    out = []
    for char in written:
        if char.isdigit() and hidden > 0:
            char, hidden = HIDDEN, hidden - 1
        out.append(char)
    return "".join(out)


def _units(*parts: tuple[str, int]) -> str:
    grammar = _grammar()
    words = [grammar.unit(unit, count) for unit, count in parts if count]
    return grammar.join(words) if words else ""
