"""The agents' work in words: why a button is not there, what was found, what was decided. Codes stand in the rows."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

#: Why something may not be done now (support/judging.py).
BARS: dict[str, Promise] = {
    "no_right": _("Your role may look at reviews, and takes none."),
    "decided": _("This is decided."),
    "persons_turn": _("Another picture was asked for. It is the person’s turn."),
    "own_case": _("This is your own account. A colleague decides."),
    "related": _("This account shares a number or an address with yours. A colleague decides."),
    "was_first": _("You have agreed to this. A different person confirms it."),
    "for_lead": _("This was handed on. A lead takes it."),
    "with_another": _("A colleague has this on the desk."),
    "case_over": _("The recovery has ended or gone on. There is nothing left to decide."),
    "take_first": _("Take this first. Papers and what is on file open to whoever has it on the desk."),
    "with_lead": _("This is with a lead already."),
    "not_looked": _("Open every paper first. Nobody decides on what was not seen."),
    "no_papers": _("There are no papers that could be asked for again."),
    "reason": _("Choose the reason."),
    "checklist": _("Answer every line of the comparison."),
    "core_differs": _("A line differs or cannot be read. Papers like these cannot be agreed to: ask again, or refuse."),
    "attributes": _("Type what the papers say: names, birth date, kind and number of the document."),
    "duplicate": _("The same document is on file for another account. Hand this on to a lead."),
}
ATTRIBUTES: dict[str, Promise] = {
    "family": _("Family name"),
    "given": _("Given name"),
    "born": _("Date of birth"),
    "number": _("Document number"),
    "expires": _("Valid until"),
    "face": _("Face, in the video and on the paper"),
    "document": _("Kind of document"),
}
ANSWERS: dict[str, Promise] = {
    "same": pgettext_lazy("comparison", "Same"),
    "differs": pgettext_lazy("comparison", "Differs"),
    "unreadable": pgettext_lazy("comparison", "Unreadable"),
}
DECISIONS: dict[str, Promise] = {
    "approve": pgettext_lazy("decision", "Agree"),
    "ask_again": pgettext_lazy("decision", "Ask again"),
    "deny": pgettext_lazy("decision", "Refuse"),
    "escalate": pgettext_lazy("decision", "Hand on to a lead"),
    "flag_fraud": pgettext_lazy("decision", "Report as fraud"),
}
DECIDED: dict[str, Promise] = {
    "approve": _("Agreed"),
    "ask_again": _("Asked again"),
    "deny": _("Refused"),
    "escalate": _("Handed on to a lead"),
    "flag_fraud": _("Reported as fraud"),
}
REASONS: dict[str, Promise] = {
    "all_fits": _("Everything fits"),
    "renewed": _("The document was renewed, everything else fits"),
    "glare": _("Glare hides a part"),
    "blurred": _("The picture is blurred"),
    "cut_off": _("A corner is cut off"),
    "wrong_document": _("Another document or side is needed"),
    "out_of_date": _("The document is out of date"),
    "video_unclear": _("The video does not show face and paper clearly"),
    "video_words": _("The words in the video are not the ones asked for"),
    "another_person": _("The papers name another person"),
    "not_genuine": _("The papers do not look genuine"),
    "not_the_face": _("The face is another one"),
    "still_unclear": _("Still not clear after asking again"),
    "unsure": _("I am not sure"),
    "two_accounts": _("The same document or face on several accounts"),
    "pressure": _("The person seems to be under pressure"),
    "stolen_papers": _("The papers seem to be stolen"),
    "for_another": _("Somebody acts for the person"),
    "told_what_to_do": _("Somebody tells the person what to do"),
}
WHAT: dict[str, Promise] = {
    "recovery": _("Recovery"),
    "filing": _("Identity to be put on file"),
}
PURPOSES = {"recovery": WHAT["recovery"], "file": WHAT["filing"]}
OUTCOMES: dict[str, Promise] = {
    "approved": _("Agreed"),
    "denied": _("Refused"),
    "closed": _("Ended by itself"),
}
SIDES: dict[str, Promise] = {"front": _("front"), "back": _("back")}


def bar(code: str) -> str:
    """Why not, as a sentence; nothing when nothing stands against it."""
    return str(BARS[code]) if code else ""
