"""The form for language and time zone."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from typing import Any

from babel.dates import get_timezone_location
from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import clock, wording

#: Where people of a Japanese service live and travel, from west to east. An account's own zone is offered beside them.
ZONES = (
    "Pacific/Honolulu", "America/Anchorage", "America/Los_Angeles", "America/Denver", "America/Chicago",
    "America/Mexico_City", "America/New_York", "America/Sao_Paulo", "UTC", "Europe/London", "Europe/Paris",
    "Europe/Berlin", "Africa/Cairo", "Europe/Istanbul", "Africa/Nairobi", "Asia/Dubai", "Asia/Kolkata",
    "Asia/Bangkok", "Asia/Jakarta", "Asia/Ho_Chi_Minh", "Asia/Singapore", "Asia/Shanghai", "Asia/Hong_Kong",
    "Asia/Taipei", "Asia/Manila", "Australia/Perth", "Asia/Seoul", "Asia/Tokyo", "Australia/Sydney", "Pacific/Auckland",
)  # fmt: skip


def zones(own: str) -> Iterator[tuple[str, str]]:
    """Each zone by its city in the reader's language, with the distance from UTC that holds today."""
    listed = ZONES if own in ZONES or own not in zoneinfo.available_timezones() else (own, *ZONES)
    now = clock.now()
    for name in listed:
        city = "UTC" if name == "UTC" else get_timezone_location(name, locale=wording.spoken(), return_city=True)
        away = f"{timezone.localtime(now, zoneinfo.ZoneInfo(name)):%z}"
        yield name, f"{city} (UTC{away[:3]}:{away[3:]})"


class LanguageForm(forms.Form):
    """In which language, and by which clock."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    timezone = forms.ChoiceField(
        label=_("Time zone"), help_text=_("Every time on our pages and in our letters is said in this zone.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["timezone"].choices = list(zones(self.initial.get("timezone", "")))  # type: ignore[attr-defined]
