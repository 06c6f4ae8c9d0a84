"""A letter is written once, in `templates/letters/<kind>.html`, and read three ways: text, HTML, SMS.

The template prints nothing. Its tags (`accounts/templatetags/letters.py`) fill a `Draft` with a subject, blocks and a
short text; two renderers print the blocks. Everything the template says is plain text until the HTML layout escapes it.
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import css_inline
from django.conf import settings
from django.template import Context, Template
from django.template.loader import get_template, render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext

from accounts import wording
from accounts.models import OutboxMessage
from policy.rules import RULES


class Obsolete(Exception):
    """What the letter is about is gone or over: a spent code, a link replaced by a newer one. It must not go out."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it goes out. A mail has subject, text and html; a text message has sms alone."""

    subject: str = ""
    text: str = ""
    html: str = ""
    sms: str = ""


@dataclass(slots=True)
class Draft:
    """What the template's tags fill in."""

    subject: str = ""
    sms: str = ""
    blocks: list[dict[str, Any]] = field(default_factory=list)

    def add(self, kind: str, **what: Any) -> None:
        self.blocks.append({"type": kind, **what})


#: What a letter's data names → how it is loaded: (id, row) → words for the template. "obsolete": why it must not go.
Loader = Callable[[Any, OutboxMessage], dict[str, Any]]
LOADERS: dict[str, Loader] = {}
_inline = css_inline.CSSInliner(
    keep_style_tags=True, keep_at_rules=True, remove_inlined_selectors=True, load_remote_stylesheets=False
)


def register_loader(name: str, loader: Loader) -> None:
    """Let an app load what its letters speak of; a name taken twice is a mistake."""
    if name in LOADERS:
        raise ValueError(f"letter data loaded twice: {name}")
    LOADERS[name] = loader


def render(row: OutboxMessage, *, even_obsolete: bool = False) -> Letter:
    """The letter in its recipient's language and time zone. Raises `Obsolete` when it must not go out any more."""
    with translation.override(row.language), timezone.override(zoneinfo.ZoneInfo(row.timezone)):
        words = _load(row)
        if words.get("obsolete") and not even_obsolete:
            raise Obsolete(words["obsolete"])
        draft = _written(row.kind, words)
        if row.channel == "sms":
            if not draft.sms:
                raise Obsolete("no text message of this kind")
            return Letter(sms=draft.sms)
        subject = gettext("%(service)s: %(subject)s") % {"service": settings.SERVICE_NAME, "subject": draft.subject}
        page = {**words, "subject": subject, "headline": draft.subject, "blocks": draft.blocks}
        text = re.sub(r"\n{3,}", "\n\n", render_to_string("letters/_layout.txt", page)).strip() + "\n"
        return Letter(subject=subject, text=text, html=_inline.inline(render_to_string("letters/_layout.html", page)))


def short_text(kind: str, language: str, words: dict[str, Any]) -> str:
    """What a kind of letter says by SMS with these words, "" when it has no short text."""
    with translation.override(language):
        return _written(kind, {**_house(), **words}).sms


def _written(kind: str, words: dict[str, Any]) -> Draft:
    draft = Draft()
    template = cast(Template, get_template(f"letters/{kind}.html").template)  # type: ignore[attr-defined]
    template.render(Context({**words, "letter": draft}, autoescape=False))
    return draft


def _house() -> dict[str, Any]:
    return {
        "service": settings.SERVICE_NAME,
        "host": settings.PUBLIC_HOST,
        "base_url": settings.BASE_URL,
        "reply_to": settings.REPLY_TO,
        "rules": RULES,
    }


def _load(row: OutboxMessage) -> dict[str, Any]:
    words: dict[str, Any] = {
        **_house(),
        "row": row,
        "to": row.to,
        "short_id": wording.grouped(row.short_id).replace(" ", "-"),
        "language": row.language,
        "phrase": "",  # the person's own phrase, once there is one (product §9)
    }
    named = {**row.data, **({"case": row.case_reference} if row.case_reference else {})}
    for name, identity in named.items():
        if name in LOADERS:
            words |= LOADERS[name](identity, row)
    return words
