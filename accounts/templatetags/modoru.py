"""Template words: moments, waits and codes in the reader's language, links that may not exist, components.

A builtin library (settings.TEMPLATES): no page has to load it.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django import template
from django.conf import settings
from django.forms import BaseForm, BoundField
from django.template.context import Context
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, pgettext

from accounts import assurance, clock, wording
from accounts import session_end as ends
from accounts.drawings import ICONS, PROOF_ICONS
from policy.rules import RULES

register = template.Library()

register.filter("grouped", wording.grouped)
register.filter("masked_email", wording.masked_email)
register.filter("masked_phone", wording.masked_phone)
register.filter("phone", wording.phone)


@register.filter(expects_localtime=False)
def moment(value: datetime | None) -> str:
    """{{ case.ends_at|moment }} → 11月25日（水）14:20（日本時間）."""
    return wording.moment(value) if value else ""


@register.filter
def short_moment(value: datetime | None) -> str:
    """The same without the zone, for a place that has already named it."""
    return wording.moment(value, zone=False) if value else ""


@register.filter(expects_localtime=False)
def clock_face(value: datetime) -> str:
    """{{ now|clock_face }} → 14:20:05（日本時間）, for comparing clocks."""
    return wording.clock_face(value)


@register.filter
def day(value: datetime | None) -> str:
    return wording.day(value) if value else ""


@register.filter
def duration(value: timedelta | None) -> str:
    """{{ rules.wait|duration }} → 72時間."""
    return wording.duration(value) if value is not None else ""


@register.filter
def wait(value: timedelta | None) -> str:
    """{{ road.wait|wait }} → いますぐ, 72時間後."""
    return wording.wait(value) if value is not None else ""


@register.filter
def left(value: datetime | None) -> str:
    """{{ case.ends_at|left }} → 2日と23時間40分."""
    return wording.time_left(value) if value else ""


@register.simple_tag
def time(value: datetime | None) -> str:
    """{% time event.at %} → <time datetime=…>11月25日（水）14:20（日本時間）</time>."""
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), wording.moment(value)) if value else ""


@register.simple_tag
def countdown(until: datetime, done: str = "") -> SafeString:
    """{% countdown case.ends_at %}: the time left, kept fresh by countdown.js and right without it.

    The seconds left are the server's: the reader's clock may be wrong, and the portal's may have travelled.
    """
    return format_html(
        '<span role="timer" data-until="{}" data-left="{}" data-units="{}" data-join="{}" data-done="{}">{}</span>',
        until.isoformat(),
        max(0, int((until - clock.now()).total_seconds())),
        json.dumps(wording.unit_patterns(), ensure_ascii=False),
        wording.spoken(),
        done,
        wording.time_left(until),
    )


@register.simple_tag
def wait_bar(since: datetime, until: datetime) -> SafeString:
    """How far a wait has come, as a progress element: no script, no inline style."""
    whole = max(1, int((until - since).total_seconds()))
    passed = min(whole, max(0, int((clock.now() - since).total_seconds())))
    return format_html(
        '<progress max="{}" value="{}" aria-label="{}"></progress>',
        whole,
        passed,
        gettext("How much of the wait has passed"),
    )


@register.simple_tag
def link_if(name: str, *args: Any, **kwargs: Any) -> str:
    """{% link_if "bulletins" as url %}{% if url %}…: a page's address, or nothing when it is not routed."""
    if args or kwargs:
        return _address(name, *args, **kwargs)
    return _plain_address(name, get_urlconf(), get_script_prefix())


@cache
def _plain_address(name: str, urlconf: str | None, prefix: str) -> str:
    """Every page asks for the same dozen addresses, which hang on nothing but these."""
    return _address(name)


def _address(name: str, *args: Any, **kwargs: Any) -> str:
    try:
        return reverse(name, args=args, kwargs=kwargs)
    except NoReverseMatch:
        return ""


@register.simple_tag
def service_name() -> str:
    return getattr(settings, "SERVICE_NAME", "Modoru")


@register.simple_tag
def error_prefix(*forms: Any) -> str:
    """ "Error: " for the title of a page whose form came back (GOV.UK), so that a screen reader says it first."""
    return gettext("Error: ") if any(isinstance(form, BaseForm) and form.errors for form in forms) else ""


@register.simple_tag
def summary_of(form: BaseForm) -> list[dict[str, str]]:
    """The errors of a form in the order of its fields, each with the id of the input it is about."""
    found = [{"target": "", "text": str(text)} for text in form.non_field_errors()]
    for field in form.hidden_fields() + form.visible_fields():
        found += [
            {"target": _first_input(field) if not field.is_hidden else "", "text": str(text)} for text in field.errors
        ]
    return found


def _first_input(field: BoundField) -> str:
    return field.id_for_label or f"{field.auto_id}_0"


@register.simple_tag(takes_context=True)
def account_nav(context: Context) -> list[dict[str, Any]]:
    """The account's pages in quiet groups; those not routed are left out, the present one is marked."""
    match = getattr(context.get("request"), "resolver_match", None)
    here = match.view_name if match else ""
    groups = [
        ("", [("account", gettext("Overview")), ("security", gettext("Security"))]),
        (
            gettext("Ways in"),
            [
                ("authenticators", gettext("Authenticators")),
                ("recovery_codes", gettext("Saved recovery codes")),
                ("phone_change", gettext("Phone number")),
                ("addresses", gettext("Email addresses")),
                ("identity", gettext("Identity papers")),
            ],
        ),
        (gettext("What happened"), [("sessions", gettext("Signed-in devices")), ("activity", gettext("Activity"))]),
        (gettext("Money"), [("withdrawal", gettext("Withdraw")), ("holds", gettext("What rests, and until when"))]),
        (gettext("Your data"), [("export", gettext("Take a copy")), ("close", gettext("Close the account"))]),
    ]
    shown = [
        {
            "title": title,
            "links": [{"url": url, "name": text, "here": n == here} for n, text in links if (url := link_if(n))],
        }
        for title, links in groups
    ]
    return [group for group in shown if group["links"]]


@register.simple_tag(takes_context=True)
def session_end(context: Context) -> dict[str, str | int]:
    """Until when the reader's session lasts (SC 2.2.1); nothing for a page shown without a session."""
    request = context.get("request")
    if request is None or not {assurance.SEEN, "created_at"} <= set(request.session.keys()):
        return {}
    return ends.of(request).as_words()


@register.simple_tag
def warned_before() -> int:
    """How many seconds before its end a session's page warns."""
    return int(RULES.idle_warning.total_seconds())


# --- components that hold other markup --------------------------------------------------------------------------------


@register.simple_block_tag
def path(content: str, label: str = "") -> SafeString:
    """{% path %}{% station "done" … %}{% endstation %}…{% endpath %}: the path, an ordered list of stations."""
    return format_html(
        '<ol class="path"{}>{}</ol>', format_html(' aria-label="{}"', label) if label else "", mark_safe(content)
    )


@register.simple_block_tag
def station(content: str, state: str, title: str, **more: Any) -> SafeString:
    """One station: state done | now | next | stopped; see components/station.html for what else it takes."""
    words = {"state": state, "title": title, "body": mark_safe(content.strip()), **more}
    return render_to_string("components/station.html", words)


@register.simple_block_tag
def notice(content: str, kind: str = "info", title: str = "") -> SafeString:
    """{% notice "hold" title=_("…") %}…{% endnotice %}: info | done | hold | stop."""
    return render_to_string(
        "components/notice.html", {"kind": kind, "title": title, "body": mark_safe(content.strip())}
    )


@register.simple_tag
def state_word(state: str) -> str:
    """The word that says a station's state beside its colour and shape."""
    return {
        "done": pgettext("station", "Done"),
        "now": pgettext("station", "You are here"),
        "next": pgettext("station", "Later"),
        "stopped": pgettext("station", "Stopped"),
    }[state]


@register.simple_tag
def icon(name: str) -> SafeString:
    """{% icon "mail" %}: an inline drawing, hidden from screen readers because words stand beside it."""
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{}</svg>', mark_safe(ICONS[name])
    )


@register.simple_tag
def proof_icon(kind: str) -> SafeString:
    """{% proof_icon "T" %}: the drawing of a proof by its letter."""
    return icon(PROOF_ICONS[str(kind)])
