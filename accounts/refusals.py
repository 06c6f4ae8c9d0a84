"""Refusals and the policy's reasons in words: state first, then what to do, then when."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from accounts import wording
from accounts.errors import Refused, Why
from policy.reasons import REASONS
from policy.verdict import Reason, Verdict


def refusal_text(refused: Refused) -> str:
    """One sentence or two for a page: what is so, and what helps."""
    if isinstance(refused.verdict, Verdict) and refused.verdict.reasons:
        return " ".join(reason_text(reason) for reason in refused.verdict.reasons)
    if refused.why is Why.SHAPE:
        return _shape_text(refused.detail)
    if refused.until and (text := _unsent_texts().get(refused.detail)):
        return text.format(moment=wording.moment(refused.until))
    if refused.why is Why.UNFIT:
        return _unfit_text(refused.detail)
    text = _texts()[refused.why]
    return text.format(moment=wording.moment(refused.until)) if refused.until else text


def _unsent_texts() -> dict[str, str]:
    """Why no code was sent, and when the next may be asked for (pitfall P15)."""
    return {
        "sent_just_now": _("The last code still counts. You can ask for another at {moment}."),
        "sent_too_often": _(
            "Too many codes went there. The next can be sent at {moment}. Until then another way works."
        ),
        "sms_paused": _("No codes leave by SMS until {moment}. Another way works now."),
    }


def _texts() -> dict[Why, str]:
    return {
        Why.WRONG: _("This code is not right. Type the newest code once more."),
        Why.EXPIRED: _("This code is too old. Ask for a new one and type that."),
        Why.SPENT: _("This code was used before. Each code works once: type a new one."),
        Why.SUPERSEDED: _("A newer code was sent after this one. Type the newest."),
        Why.THROTTLED: _("There were too many tries. You can go on at {moment}."),
        Why.DISABLED: _("This was switched off after too many wrong codes. Use another way."),
        Why.UNVERIFIED: _("The passkey did not check your finger, face or PIN. Use another way."),
        Why.COPIED: _("This passkey was switched off, because it may have been copied. Use another way."),
        Why.CLOCK: _("The clock of your phone is off. Set it to automatic, then type the code it shows."),
        Why.NOT_SENT: _("The code could not be sent. Try again in a minute, or choose another way."),
        Why.STEP_UP: _("Confirm first that it is you."),
        Why.POLICY: _("This is not possible now."),
        Why.TAKEN: _("This is on an account already."),
        Why.STATE: _("This page is too old. Begin again from here."),
        Why.SHAPE: "",
        Why.UNFIT: "",
    }


def passkey_text(refused: Refused) -> str:
    """The same for a passkey, of which nothing can be typed anew. Never which part was wrong (ASVS 6.3.8)."""
    if refused.why in (Why.EXPIRED, Why.SPENT):
        return _("That took too long. Try once more.")
    if refused.why in (Why.WRONG, Why.SHAPE):
        return _("This passkey was not accepted. Try once more, or use another way.")
    return refusal_text(refused)


def _shape_text(detail: str) -> str:
    return {
        "empty": _("Type the code."),
        "not_digits": _("A code has digits only. Look at the newest one again."),
        "too_short": _("This is too short. Count once more: is something missing?"),
        "too_long": _("This is too long. Look whether something was typed twice."),
    }.get(detail, _("The code has 6 digits. Type all of them."))


def _unfit_text(detail: str) -> str:
    return {
        "country": _("We send codes to Japanese mobile numbers only. An authenticator app works everywhere."),
        "fixed_line": _("A fixed line gets no SMS. Type a mobile number, or use an authenticator app."),
        "line_type": _("This kind of number gets no SMS. Type a mobile number, or use an authenticator app."),
        "no_sms": _("No code can go to this number. Choose another way."),
        "voip": _("A virtual number can be taken over too easily to carry codes. Use a mobile number or an app."),
    }.get(detail, detail)


def reason_text(reason: Reason) -> str:
    """The sentence of a policy reason, its moments written in the reader's zone."""
    values = {name: _moment(value) if name == "until" else value for name, value in reason.params}
    return _(REASONS[reason.code]).format(**values)


def _moment(value: str) -> str:
    try:
        return wording.moment(datetime.fromisoformat(value))
    except ValueError:
        return value
