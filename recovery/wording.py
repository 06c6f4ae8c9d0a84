"""Recovery in words: situations, proofs, roads, what was sent. One place, so that pages and letters say the same."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts import wording
from accounts.errors import Refused, Why
from accounts.refusals import reason_text, refusal_text
from policy.facts import Kind
from policy.roads import Road
from policy.verdict import Reason

SITUATIONS: dict[str, Promise] = {
    "new_number": gettext_lazy("I have a new number and cannot use the old one"),
    "lost_phone": gettext_lazy("My phone is lost, stolen or broken"),
    "stolen_sim": gettext_lazy("My SIM was stolen, or my number was taken over"),
    "abroad": gettext_lazy("I live abroad now and no SMS arrives"),
    "code_missing": gettext_lazy("The number works, but no code arrives"),
    "nothing_left": gettext_lazy("I can use none of it any more"),
}
SITUATION_HINTS: dict[str, Promise] = {
    "new_number": gettext_lazy("A change of contract or carrier, or a number that was cancelled"),
    "lost_phone": gettext_lazy("The app on it is gone too"),
    "stolen_sim": gettext_lazy("The line went dead all of a sudden, or somebody else gets your SMS"),
    "nothing_left": gettext_lazy("No number, no app, no mail, no saved codes"),
}

PROOFS: dict[Kind, Promise] = {
    Kind.PASSWORD: pgettext_lazy("proof", "password"),
    Kind.TOTP: pgettext_lazy("proof", "authenticator app"),
    Kind.PASSKEY: pgettext_lazy("proof", "passkey"),
    Kind.SAVED_CODE: pgettext_lazy("proof", "saved recovery code"),
    Kind.EMAIL: pgettext_lazy("proof", "email"),
    Kind.SMS: pgettext_lazy("proof", "SMS to another number"),
    Kind.CONTACTS: pgettext_lazy("proof", "recovery contacts"),
    Kind.IDENTITY: pgettext_lazy("proof", "identity papers"),
}

#: What a person ticks to say what is at hand, in the order pages ask.
AT_HAND: dict[Kind, Promise] = {
    Kind.PASSWORD: gettext_lazy("I know the password"),
    Kind.TOTP: gettext_lazy("I have the authenticator app"),
    Kind.PASSKEY: gettext_lazy("I have a device with a passkey"),
    Kind.SAVED_CODE: gettext_lazy("I have the saved recovery codes on paper"),
    Kind.EMAIL: gettext_lazy("I can read the registered mail"),
    Kind.SMS: gettext_lazy("I can read SMS on another registered number"),
}

#: For whom a road is, by its id (policy.roads). What is not named says what it needs.
_WHO_FOR: dict[str, Promise] = {
    "sign-in-p": gettext_lazy("People who have made a passkey on a phone, computer or key"),
    "sign-in-kt": gettext_lazy("People who have set up an app such as Google Authenticator"),
    "sign-in-ks": gettext_lazy("People who keep saved codes on paper"),
    "sign-in-km": gettext_lazy("People who have registered another number too"),
    "se": gettext_lazy("People who keep saved codes on paper and have forgotten the password"),
    "st": gettext_lazy("People who have forgotten the password and cannot read the mail"),
    "sm": gettext_lazy("People who have forgotten the password and cannot read the mail"),
    "sk": gettext_lazy("People who keep saved codes on paper"),
    "et": gettext_lazy("People who have forgotten the password"),
    "ek": gettext_lazy("People with neither app nor saved codes"),
    "mt": gettext_lazy("People who have forgotten the password and cannot read the mail"),
    "mk": gettext_lazy("People who cannot read the mail"),
    "i": gettext_lazy("People who have nothing else left and have identity papers on file"),
}

_METHOD_HINTS: dict[str, Promise] = {
    "email": gettext_lazy("We send a code to a confirmed address of yours."),
    "totp": gettext_lazy("The 6 digits that your app shows now. Works offline."),
    "saved-code": gettext_lazy("One of the codes you wrote down or printed."),
    "password": gettext_lazy("The one you signed in with before."),
    "sms": gettext_lazy("A number that you registered and confirmed before, not the lost one."),
}

_LETTERS: dict[str, Promise] = {
    "case/opened": gettext_lazy("Your recovery has begun"),
    "case/in_review": gettext_lazy("People look at it first"),
    "case/approved": gettext_lazy("People agreed"),
    "case/denied": gettext_lazy("People did not agree"),
    "review/asked_again": gettext_lazy("Please send one of your documents again"),
    "case/given_back": gettext_lazy("Your recovery is being looked at again"),
    "case/halfway": gettext_lazy("Half of the wait is over"),
    "case/hour_left": gettext_lazy("One hour is left"),
    "case/ready": gettext_lazy("You can go on now"),
    "case/completed": gettext_lazy("Recovery completed"),
    "case/cancelled": gettext_lazy("Recovery stopped"),
    "case/expired": gettext_lazy("Recovery ran out of time"),
}


def joined(kinds: Iterable[Kind]) -> str:
    """The names of proofs in a row: メールと認証アプリ, email and authenticator app."""
    names = [str(PROOFS[kind]) for kind in kinds]
    text = names[0] if names else ""
    for name in names[1:]:
        text = _("%(first)s and %(second)s") % {"first": text, "second": name}
    return text[:1].upper() + text[1:]


def proved(kind: Kind) -> str:
    """What a done station says: メールで確認しました."""
    return _("Shown: %(proof)s") % {"proof": PROOFS[kind]}


def who_for(road: Road) -> str:
    """For whom a road is."""
    known = _WHO_FOR.get(road.id)
    return str(known) if known else _("People who have: %(proofs)s") % {"proofs": joined(road.proofs)}


def method_hint(code: str) -> str:
    """One line on what a method asks."""
    return str(_METHOD_HINTS[code])


def letter_name(kind: str) -> str:
    """What a letter of a case was about."""
    return str(_LETTERS.get(kind, ""))


def reasons(given: Iterable[Reason], *, only: Collection[str] = ()) -> list[str]:
    """The policy's reasons as sentences, each once; `only` keeps those rules."""
    return list(dict.fromkeys(reason_text(one) for one in given if not only or one.rule in only))


def proof_refused(refused: Refused, method: str) -> str:
    """Why a proof was not taken. The same for known and unknown people, and never which part was wrong (ASVS 6.3.8)."""
    if refused.why is Why.STATE and refused.detail == "resolving":
        return _("We are still getting ready. Try again in a few seconds.")
    if refused.why is Why.STATE:
        return _("This recovery is over.")
    if refused.why is Why.SHAPE:
        return str(_SHAPES.get(method, _("The code has 6 digits. Type all of them.")))
    if refused.why is Why.WRONG:
        return str(_WRONG[method])
    if refused.why is Why.THROTTLED and refused.until:
        return _("There were too many tries. You can go on at %(moment)s.") % {"moment": wording.moment(refused.until)}
    return refusal_text(refused)


_SHAPES: dict[str, Promise] = {
    "saved-code": gettext_lazy("A saved code has 20 letters and digits. Count once more: is something missing?"),
    "password": gettext_lazy("Type the password."),
}
_WRONG: dict[str, Promise] = {
    "email": gettext_lazy("This code is not right. Type the code from our newest mail, or have a new one sent."),
    "sms": gettext_lazy("This code is not right. Type the code from the newest SMS, or have a new one sent."),
    "totp": gettext_lazy("This code is not right. Wait for the next one in the app and type that."),
    "saved-code": gettext_lazy("This code is not right. Look at it once more, or take another one from your paper."),
    "password": gettext_lazy("This password is not right. If you have changed it lately, try the one before, too."),
}


def number_refused(refused: Refused) -> str:
    """Why a new number was not taken."""
    if refused.why is Why.SHAPE:
        return _("Type the whole mobile number, such as 090-1234-5678.")
    if refused.why is Why.TAKEN:
        return _("This number is on your account already. You can leave this step out.")
    if refused.why is Why.UNFIT and refused.detail == "lost":
        return _("This is the number you named as lost. Type a new one, or leave this step out.")
    return refusal_text(refused)
