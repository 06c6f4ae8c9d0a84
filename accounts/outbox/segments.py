"""How many segments a text costs. One is the rule: of several, phones may show the last before the first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.outbox import letters, notices
from policy.rules import RULES

#: GSM 03.38: one septet each, and two for what stands in the extension table. Anything else makes the text UCS-2.
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")
#: Codes that go by SMS; an account is opened by mail alone
CODES = ("sign_in", "step_up", "recovery", "confirm")
STOP_CODE = 12  # characters (accounts.models.Link.stop_code)


def size(text: str) -> tuple[int, int]:
    """Units used and units that one segment holds: septets of 160, or UTF-16 units of 70."""
    if set(text) <= BASIC | EXTENDED:
        return len(text) + sum(text.count(sign) for sign in EXTENDED), 160
    return len(text.encode("utf-16-le")) // 2, 70


def long_codes() -> Iterator[str]:
    """Which texts with a code take more than one segment with this service's name and host, in every language."""
    words = {"code": "0" * RULES.sms_code_digits, "life": RULES.sms_code_life}
    return _too_long({f"codes/{one}": words for one in CODES})


def long_notices() -> Iterator[str]:
    """The same of the notices, with a stop code where they carry one."""
    stop = {"stop_code": "X" * STOP_CODE, "stop_page": settings.PUBLIC_HOST + reverse("not_me").rstrip("/")}
    told = [one for one in notices.NOTICES.values() if one.sms]
    return _too_long({one.letter: stop if one.not_me else {} for one in sorted(told, key=lambda one: one.not_me)})


def _too_long(kinds: dict[str, dict[str, Any]]) -> Iterator[str]:
    for language, _name in settings.LANGUAGES:
        for kind, words in kinds.items():
            used, room = size(letters.short_text(kind, language, words))
            if used > room:
                yield f"{kind} ({language}) takes {used} of {room}"
