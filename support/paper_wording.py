"""Papers in words: kinds, sides, what to look at before sending, how far each has come. One place for all pages."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts import wording
from accounts.errors import Refused, Why
from accounts.refusals import refusal_text
from support.evidence.faults import SENTENCES, Fault
from support.models import Document, Paper


@dataclass(frozen=True, slots=True)
class Rules:
    """What one kind of document asks for, and nothing about the others."""

    hint: Promise
    sides: dict[str, Promise]
    show: list[Promise] = field(default_factory=list)
    cover: list[Promise] = field(default_factory=list)


_WHOLE = gettext_lazy("All four corners, nothing cut off, no finger on it")
_SHARP = gettext_lazy("Every letter sharp, no glare: turn the flash off and tilt the lamp away")

KINDS: dict[str, Rules] = {
    Document.LICENCE: Rules(
        gettext_lazy("Front and back"),
        {"front": gettext_lazy("Front of the driving licence"), "back": gettext_lazy("Back of the driving licence")},
        [_WHOLE, _SHARP],
        [gettext_lazy("On the back: the field on organ donation. Lay a strip of paper over it")],
    ),
    Document.ID_CARD: Rules(
        gettext_lazy("The front only. Never send the back: it shows your Individual Number, which we may not take"),
        {"front": gettext_lazy("Front of the My Number card")},
        [_WHOLE, _SHARP],
        [gettext_lazy("Leave the card in its sleeve: what the sleeve hides we do not need")],
    ),
    Document.RESIDENCE_CARD: Rules(
        gettext_lazy("Front and back"),
        {"front": gettext_lazy("Front of the residence card"), "back": gettext_lazy("Back of the residence card")},
        [_WHOLE, _SHARP],
    ),
    Document.PASSPORT: Rules(
        gettext_lazy("The page with the photo"),
        {"front": gettext_lazy("Page with the photo")},
        [gettext_lazy("The whole page with the two lines of letters and < at its foot"), _SHARP],
        [gettext_lazy("No other page: stamps and visas are not needed")],
    ),
}

STATES: dict[str, tuple[Promise, str]] = {
    Paper.State.RECEIVED: (gettext_lazy("Being checked"), "hold"),
    Paper.State.CHECKED: (pgettext_lazy("paper", "Fit to be read"), "done"),
    Paper.State.REFUSED: (gettext_lazy("Take it again"), "stop"),
    Paper.State.DESTROYED: (gettext_lazy("Destroyed"), "quiet"),
}

WHY_DESTROYED: dict[str, Promise] = {
    "unseen": gettext_lazy("Nobody looked at it."),
    "replaced": gettext_lazy("Another one took its place."),
    "refused": gettext_lazy("It could not be used."),
    "due": gettext_lazy("Its day had come."),
}


def side_name(document: str, side: str) -> str:
    """What a picture shows: 運転免許証のおもて."""
    rules = KINDS.get(document)
    return str(rules.sides.get(side, "")) if rules else str(Document(document).label)


def fault_text(fault: str) -> str:
    """Why a file was not taken, and what to do."""
    return str(SENTENCES[Fault(fault)]) if fault else ""


def upload_refused(refused: Refused) -> str:
    """Why nothing more is taken now."""
    if refused.why is Why.THROTTLED and refused.until:
        when = wording.moment(refused.until)
        return _("Enough files have come for now. The next one can be sent at %(moment)s.") % {"moment": when}
    if refused.why is Why.STATE:
        return _("Nothing can be sent here now. Open the page of the case to see how it stands.")
    return refusal_text(refused)
