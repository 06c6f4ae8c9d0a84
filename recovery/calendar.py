"""The end of a wait for a calendar."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event

from accounts import clock, crypto
from recovery.models import Case


def entry(case: Case, ends: datetime) -> bytes:
    """An .ics file that says when to come back and nothing of why: calendars are shared and read by others.

    The UID stays the same and SEQUENCE grows when a further proof brings the end forward, so calendars move the entry.
    """
    event = Event()
    event.add("uid", f"{crypto.keyed_name('calendar', case.reference)}@{settings.PUBLIC_HOST}")
    event.add("sequence", case.proofs.count())
    event.add("dtstamp", clock.now())
    event.add("dtstart", ends)
    event.add("dtend", ends + timedelta(minutes=15))
    event.add(
        "summary",
        _("%(service)s: go on (%(reference)s)") % {"service": settings.SERVICE_NAME, "reference": case.reference},
    )
    event.add("url", settings.BASE_URL + reverse("case", args=[case.reference]))
    event.add("transp", "TRANSPARENT")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", settings.SERVICE_NAME)
    alarm.add("trigger", timedelta(0))
    event.add_component(alarm)
    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.SERVICE_NAME}//Modoru//")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
