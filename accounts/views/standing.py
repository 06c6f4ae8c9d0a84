"""How an account stands, in words for its pages: rows, waits as paths, and the next best step."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts import assurance, clock, history, wording
from accounts.errors import Refused, Why
from accounts.models import Address, Change, Means
from accounts.models.change import CLOSING
from accounts.operations import Standing
from accounts.refusals import reason_text, refusal_text
from accounts.selectors import Holdings
from accounts.views import rows
from policy.deeds import Deed, Verdict, Withdraw, may, rests, step_up_kind
from policy.facts import Facts, Kind
from policy.proofs import bar, counting
from policy.rules import RULES

_NOTHING = SafeString()


def to_step_up(request: HttpRequest, deed: Deed) -> HttpResponse:
    """To the step-up page for this deed, and back to this page with its question."""
    return redirect(assurance.step_up_url(step_up_kind(deed), request.get_full_path()))


def refused_page(request: HttpRequest, refused: Refused, deed: Deed, title: str) -> HttpResponse:
    """The answer to a deed that may not be done now: to the step-up, or the reasons and what helps."""
    if refused.why is Why.STEP_UP:
        return to_step_up(request, deed)
    stuck = isinstance(refused.verdict, Verdict) and refused.verdict.has("no_step_up_left")
    page = {"title": title, "reason": refusal_text(refused), "until": refused.until, "stuck": stuck}
    return render(request, "accounts/account/refused.html", page)


def address(row: Address, held: Holdings) -> dict[str, Any]:
    """One mail address."""
    own = row.key == held.user.email_key
    note = _("This one names your account.") if own else ""
    return {"icon": "mail", "name": row.email, "note": note, "row": row, "own": own, **rows.standing(row, held)}


def password(held: Holdings, facts: Facts) -> dict[str, Any]:
    """The password."""
    change = {"url": reverse("password_change"), "label": _("Change")}
    row: dict[str, Any] = {"icon": "password", "name": _("Password"), "actions": [change]}
    row["added"] = held.user.password_changed_at or held.user.created_at
    if facts.password_unsettled:
        row |= {"state": _("Set by mail"), "tone": "hold"}
        row["note"] = _(
            "It counts in full %(span)s after it was set, once you have signed in with your app or a saved code."
        )
        row["note"] %= {"span": wording.duration(RULES.reset_settles_after)}
    elif held.password.replaced:
        row |= {"state": pgettext("authenticator", "New"), "tone": "hold"}
        row["note"] = rows.counts_from(held.password.final_at)
        row["note"] += " " + _("Until then the former password still counts in a recovery.")
    return row


def losable(row: Means, held: Holdings, page: dict[str, Any]) -> dict[str, Any]:
    """A thing reported lost offers one deed, bringing it back; one that is going offers none."""
    if row.lost_at is None:
        return page | {"actions": []} if held.suspended(row) else page
    back = reverse("authenticator_found", args=[row._meta.model_name, row.pk])
    return page | {"actions": [{"url": back, "label": _("It is here")}]}


def hold(facts: Facts) -> dict[str, Any] | None:
    """Does money rest now: until when, and why. Every reason, the longest first (R8)."""
    resting = rests(facts)
    verdict = may(Withdraw(), facts)
    if shut := [one for one in verdict.reasons if one.code in ("reset_moves_no_money", "closing_moves_no_money")]:
        return {"until": None, "reasons": [reason_text(reason) for reason in shut]}
    if not resting:
        return None
    return {"until": resting[0][0], "reasons": [reason_text(reason) for _at, reason in resting]}


def why(one: Standing) -> str:
    """Why an operation rests, in the policy's words."""
    return " ".join(reason_text(reason) for reason in one.reasons)


def pending(held: Holdings) -> list[dict[str, Any]]:
    """Every change that can still be undone, as a short path with its times; `views.pending` tells more."""
    return [{"change": change, "stations": path(change)} for change in held.pending()]


def path(
    change: Change, *, money: datetime | None = None, about: SafeString = _NOTHING, told: SafeString = _NOTHING
) -> list[dict[str, Any]]:
    """A change as a path: done (`about` it), everyone told (`told`: who), undoable until, final (R6)."""
    out = change.notices_out_at
    stations = [{"state": "done", "title": _sentence(change), "at": change.made_at, "body": about}]
    if out is None:
        text = _("We are writing to every address of yours. The time to the end counts from when all of it is out.")
        later = _("%(span)s after that") % {"span": wording.duration(change.wait)}
        body = format_html("<p>{}</p>{}", text, told)
        stations.append({"state": "now", "title": _("Everyone is being told"), "body": body})
        return [*stations, {"state": "next", "title": _("Final"), "time": later}]
    lines = [_("If it was not you, use “this was not me” in our letters: everything goes back to how it was.")]
    if money and money > clock.now():
        lines.append(_("Withdrawals open again at %(moment)s.") % {"moment": wording.moment(money)})
    wait = {"until": change.final_at, "since": out, "until_text": until_text(change.final_at)}
    body = format_html_join("", "<p>{}</p>", ((line,) for line in lines))
    if change.what == CLOSING:
        body += format_html('<p><a href="{}">{}</a></p>', reverse("close"), _("Keep the account open"))
    stations.append({"state": "done", "title": _("Everyone was told"), "at": out, "body": told})
    stations.append({"state": "now", "title": _("It can still be undone"), "body": body, **wait})
    return [*stations, {"state": "next", "title": _("Final"), "at": change.final_at, "text": _final(change)}]


def next_step(held: Holdings, facts: Facts) -> dict[str, str] | None:
    """The one thing that would help most if the phone were gone tomorrow; None when all is in place."""
    kinds = {means.kind for means in facts.means if not (means.suspended or means.lost or means.disabled or means.weak)}
    if Kind.SAVED_CODE not in kinds:
        text = _("They bring you back when the phone is gone. It takes a sheet of paper and two minutes.")
        return _step(_("Keep recovery codes on paper"), text, "recovery_codes", _("Make codes"))
    if sum(sheet.left for sheet in held.sheets) <= RULES.saved_codes_low_at:  # type: ignore[attr-defined]
        return _step(
            _("Few recovery codes are left"),
            _("A new sheet replaces the old one."),
            "recovery_codes",
            _("Make new codes"),
        )
    if any((why := bar(means, facts)) and why.code == "number_lapsed" for means in facts.means):
        text = _("It was confirmed long ago. Until you confirm it again, a code sent there proves nothing.")
        return _step(_("Is this still your number?"), text, "phone_change", _("Confirm the number"))
    if not kinds & {Kind.TOTP, Kind.PASSKEY}:
        text = _("It works without a number, also abroad and without a network.")
        return _step(_("Add an authenticator app"), text, "authenticators", _("Add an app"))
    if len([means for means in counting(facts) if means.kind is Kind.EMAIL]) < 2:
        text = _("One that opens without your phone. Then a stolen phone alone can do nothing unnoticed.")
        return _step(_("Add a second email address"), text, "addresses", _("Add an address"))
    return None


def _step(title: str, text: str, name: str, label: str) -> dict[str, str]:
    return {"title": title, "text": text, "url": reverse(name), "label": label}


def _sentence(change: Change) -> str:
    return str(history.SENTENCES.get(change.what, history.SENTENCES["case.completed"]))


def until_text(moment: datetime | None) -> str:
    """The end of a wait in which something can still be taken back; nothing while it has none."""
    return _("Until %(moment)s") % {"moment": wording.moment(moment)} if moment else ""


def _final(change: Change) -> str:
    return {
        "phone.changed": _("The old number is gone for good. The new one counts wherever you prove that it is you."),
        "phone.added": _("From then on the number counts wherever you prove that it is you."),
        "address.added": _("From then on the address counts wherever you prove that it is you."),
        "address.removed": _("The address is gone for good. It is told of changes for 30 days more."),
        "password.reset": _(
            "From then on the password counts in full, once you have signed in with your app or a saved code."
        ),
        "password.changed": _("From then on the new password proves who you are, and the former one nothing."),
        "payout.added": _("From then on you can withdraw to this address."),
        "account.closing": _("The account is closed. Nobody can sign in to it any more."),
    }.get(change.what, _("From then on nothing needs to be watched any more."))
