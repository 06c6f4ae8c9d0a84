"""How recovery works here: generated from the policy itself, so that the page cannot say anything else (product §4)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from accounts import wording as words
from policy.custody import custody_of_means
from policy.facts import Kind, Means
from policy.roads import general_roads
from policy.rules import RULES
from recovery import wording
from recovery.views.roads import AVAILABLE

PLACES = {
    "head": pgettext_lazy("place", "your head"),
    "phone": pgettext_lazy("place", "your phone"),
    "drawer": pgettext_lazy("place", "your drawer"),
    "mailbox": pgettext_lazy("place", "your mailbox"),
    "line": pgettext_lazy("place", "your telephone line"),
}
_HELD = {Kind.PASSWORD, Kind.TOTP, Kind.SAVED_CODE, Kind.EMAIL, Kind.SMS}
_NUMBERS = {
    "wait_one_place": gettext_lazy("Wait when all proofs could come from one place"),
    "wait_two_custodies": gettext_lazy("Wait when they lie in two places"),
    "lapsed_mail_wait": gettext_lazy("Wait when the mail address was not confirmed for long"),
    "final_two_custodies": gettext_lazy("What is bound becomes final after (two places)"),
    "final_else": gettext_lazy("What is bound becomes final after (one place)"),
    "money_after_recovery": gettext_lazy("Withdrawals rest after a recovery for at least"),
    "money_after_number_change": gettext_lazy("Withdrawals rest after a number change for"),
    "not_me_link_life": gettext_lazy("A “this was not me” link works for"),
    "not_me_undoes_recovery": gettext_lazy("It undoes a recovery up to"),
    "email_code_life": gettext_lazy("A code by mail works for"),
    "sms_code_life": gettext_lazy("A code by SMS works for"),
    "claim_life": gettext_lazy("An attempt in which nothing is proved ends after"),
    "proving_life": gettext_lazy("Time to show the further proof"),
    "ready_life": gettext_lazy("Time to bind anew once the wait is over"),
    "number_confirmed_within": gettext_lazy("A number counts when confirmed within"),
}


@login_not_required
@require_safe
def policy(request: HttpRequest) -> HttpResponse:
    """The rules as tables: proofs and places, sets that suffice and their waits, and every number."""
    page = {
        "proofs": [_proof(kind) for kind in wording.PROOFS if kind in _HELD],
        "sets": [
            _set(road) for road in general_roads("code_missing", held=_HELD, offered=AVAILABLE) if not road.sign_in
        ],
        "numbers": [
            {
                "name": name,
                "value": words.wait(getattr(RULES, rule))
                if not getattr(RULES, rule)
                else words.duration(getattr(RULES, rule)),
            }
            for rule, name in _NUMBERS.items()
        ],
        "rules": RULES,
    }
    return render(request, "recovery/policy.html", page)


def _proof(kind: Kind) -> dict[str, Any]:
    places = sorted(custody_of_means(Means("", kind, None)), key=list(PLACES).index)
    return {
        "kind": kind.value,
        "name": wording.joined([kind]),
        "places": _(", ").join(str(PLACES[place]) for place in places),
    }


def _set(road: Any) -> dict[str, Any]:
    return {
        "name": wording.joined(road.proofs),
        "wait": words.wait(road.wait),
        "why": " ".join(wording.reasons(road.reasons, only=("R5",))),
        "money": words.duration(road.money),
    }
