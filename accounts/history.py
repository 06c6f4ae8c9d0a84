"""Every kind of event in one sentence, for the activity page. A kind without a sentence fails a test."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import clock, wording
from accounts.errors import Why
from accounts.models import Address, Passkey, PayoutAddress, Phone, SavedCodeSet, SecurityEvent, Totp, User
from accounts.outbox.notices import NOTICES

#: Events that open, change or end something the owner would want to see at a glance.
GRAVE = frozenset(
    {
        "authenticator.lost",
        "passkey.copied",
        "not_me.used",
        "phone.stopped",
        "case.opened",
        "password.reset",
        "session.sign_in.throttled",
        "session.new_browser",
        "account.closing",
        "account.exported",
    }
)

SENTENCES = {
    "account.created": _("The account was created."),
    "account.exported": _("A copy of the account’s data was taken."),
    "account.closing": _("Closing the account was begun."),
    "account.closing_halfway": _("Half of the time in which the account can be kept open has passed."),
    "account.closing_hour_left": _("One hour is left in which the account can be kept open."),
    "account.kept_open": _("The account stays open after all."),
    "account.closed": _("The account was closed."),
    "api_key.created": _("A key for the host platform was made."),
    "api_key.revoked": _("A key for the host platform was revoked."),
    "session.sign_in.succeeded": _("Signed in."),
    "session.sign_in.failed": _("Somebody tried to sign in and did not get in."),
    "session.sign_in.throttled": _("Too many wrong tries to sign in. Further tries had to wait."),
    "session.second_factor.failed": _("The password was right, but the code beside it was not."),
    "session.new_browser": _("A browser we had not seen signed in. All addresses were told."),
    "session.signed_out": _("Signed out."),
    "session.ended": _("A session was ended from another browser."),
    "session.others_ended": _("All other sessions were ended."),
    "browser.forgotten": _("Known browsers were forgotten."),
    "step_up.succeeded": _("A fresh confirmation was given for an important step."),
    "step_up.failed": _("A confirmation for an important step did not succeed."),
    "code.refused": _("A wrong code was typed."),
    "limit.exceeded": _("A limit was reached. Further tries had to wait."),
    "sms.sending.paused": _("Codes by SMS were paused, because unusually many were asked for."),
    "totp.added": _("An authenticator app was added."),
    "totp.removed": _("An authenticator app was removed."),
    "device.replaced": _("A new phone was noted."),
    "totp.renamed": _("An authenticator app was given another name."),
    "passkey.added": _("A passkey was added."),
    "passkey.removed": _("A passkey was removed."),
    "passkey.renamed": _("A passkey was given another name."),
    "passkey.copied": _("A passkey was switched off, because it may have been copied."),
    "codes.added": _("Saved recovery codes were made."),
    "codes.replaced": _("New saved recovery codes were made."),
    "codes.removed": _("Saved recovery codes were removed."),
    "codes.used": _("A saved recovery code was used."),
    "codes.low": _("Few saved recovery codes are left."),
    "codes.downloaded": _("The saved recovery codes were saved as a file."),
    "phone.added": _("A phone number was added."),
    "phone.changed": _("The phone number was changed."),
    "phone.removed": _("A phone number was removed."),
    "phone.stopped": _("The holder of a phone number told us not to write there any more."),
    "phone.confirmed": _("A phone number was confirmed again."),
    "phone.renamed": _("A phone number was given another name."),
    "address.added": _("An email address was added."),
    "address.removed": _("An email address was removed."),
    "address.renamed": _("An email address was given another name."),
    "address.made_primary": _("Another email address became the one for signing in."),
    "password.changed": _("The password was changed."),
    "password.reset": _("The password was set anew through a mailed link."),
    "password.reset_requested": _("A link for setting the password anew was asked for."),
    "payout.added": _("A payout address was added."),
    "payout.removed": _("A payout address was removed."),
    "paper.received": _("A document was sent to us."),
    "paper.checked": _("A document was opened and drawn anew by a machine."),
    "paper.refused": _("A document could not be used and was destroyed."),
    "paper.destroyed": _("A document was destroyed, with proof."),
    "identity.filed": _("Identity papers were sent to our people to be put on file."),
    "identity.added": _("Identity papers were put on file."),
    "identity.removed": _("The identity on file was removed."),
    "paper.opened": _("One of our people opened a document of yours."),
    "review.taken": _("One of our people began to look at your papers."),
    "review.released": _("Your papers were put back for another of our people."),
    "review.opened": _("One of our people opened your papers’ file and what is on file about you."),
    "review.agreed": _("One of our people agreed to your papers. A second one looks at them."),
    "review.asked_again": _("Our people asked for another picture of a document."),
    "review.denied": _("Our people did not accept papers that were to be put on file."),
    "review.handed_on": _("Your papers were handed to a more experienced colleague."),
    "withdrawal.made": _("A withdrawal was asked for."),
    "withdrawal.refused": _("A withdrawal was asked for and not made."),
    "authenticator.lost": _("Something was reported lost."),
    "authenticator.disabled": _("Something was switched off after too many wrong codes."),
    "authenticator.found": _("Something reported lost was found again."),
    "not_me.used": _("Somebody said “this was not me”. Recent changes were undone."),
    "claim.proved": _("A proof was given in a recovery that has not begun yet."),
    "claim.refused": _("A proof in a recovery was not right."),
    "claim.cancelled": _("A recovery was stopped before it began."),
    "claim.expired": _("A recovery ended before it began."),
    "case.opened": _("A recovery of the account began."),
    "case.in_review": _("A recovery was handed to people. They look at it first."),
    "case.approved": _("Two people agreed to the papers of a recovery. Its waiting time began."),
    "case.denied": _("People refused the papers of a recovery."),
    "case.given_back": _("A recovery went back to people, because somebody signed in."),
    "case.proved": _("A further proof was given in the recovery."),
    "case.moved": _("The recovery was opened in another browser."),
    "case.halfway": _("Half of the recovery’s waiting time has passed."),
    "case.hour_left": _("One hour of the recovery’s waiting time is left."),
    "case.ready": _("The recovery’s waiting time is over."),
    "case.completed": _("The recovery was completed."),
    "case.cancelled": _("The recovery was stopped."),
    "case.expired": _("The recovery ran out of time and ended."),
}


_RECENT = timedelta(days=7)
#: What of a thing its owner knows it by; numbers and addresses are masked, as everywhere.
_THINGS: dict[str, tuple[type[Model], str]] = {
    "totp": (Totp, "name"),
    "passkey": (Passkey, "name"),
    "phone": (Phone, "number"),
    "address": (Address, "email"),
    "savedcodeset": (SavedCodeSet, "name"),
    "payoutaddress": (PayoutAddress, "name"),
}
_MASKS = {"phone": lambda number: wording.masked_phone(number, 4), "address": wording.masked_email}


def page(user: User, *, before: int | None, important: bool, size: int) -> tuple[list[SecurityEvent], int | None]:
    """One page of an account's history, newest first, and where the next begins: by id, so nothing shifts.

    `important`: only what everybody was told about.
    """
    found = SecurityEvent.objects.filter(user=user)
    if before is not None:
        found = found.filter(pk__lt=before)
    if important:
        found = found.filter(type__in=NOTICES)
    rows = list(found.order_by("-pk")[: size + 1])
    return rows[:size], rows[size - 1].pk if len(rows) > size else None


def things(user: User, events: Iterable[SecurityEvent]) -> dict[str, str]:
    """What the events are about, as its owner knows it: at most one query for each sort of thing.

    Only the person's own, whatever an event names; what has no name any more is left out.
    """
    wanted: dict[str, set[str]] = {}
    for event in events:
        sort, _colon, key = means_of(event).partition(":")
        if sort in _THINGS and key.isdecimal():
            wanted.setdefault(sort, set()).add(key)
    found: dict[str, str] = {}
    for sort, keys in wanted.items():
        model, field = _THINGS[sort]
        rows: Any = model._default_manager.filter(user=user, pk__in=keys)
        for key, value in rows.values_list("pk", field):
            if value:
                found[f"{sort}:{key}"] = _MASKS.get(sort, str)(value)
    return found


def last_of_another_clock(user: User) -> datetime | None:
    """When a code of this account was last refused because it belonged to another time; None in the last days."""
    recent = SecurityEvent.objects.filter(user=user, type="code.refused", at__gte=clock.now() - _RECENT)
    return recent.filter(data__why=Why.CLOCK.value).order_by("-pk").values_list("at", flat=True).first()


def means_of(event: SecurityEvent) -> str:
    """The policy's name of the thing an event is about; empty when it is about none."""
    return str(event.data.get("means") or event.data.get("payout") or "")


def place(event: SecurityEvent) -> str:
    """From which browser and which part of the network, coarsely."""
    network = "" if event.network == "unknown" else event.network
    if event.agent and network:
        return gettext("%(browser)s, network %(network)s") % {"browser": event.agent, "network": network}
    return event.agent or (gettext("Network %(network)s") % {"network": network} if network else "")


def sentence(event: SecurityEvent) -> str:
    """What happened, in words."""
    return str(SENTENCES[event.type])


def grave_word(event: SecurityEvent) -> str:
    """A badge for what the owner should recognise or stop."""
    return gettext("Was this you?") if event.type in GRAVE else ""


def detail(event: SecurityEvent) -> str:
    """What the event's own data adds, where it adds something: how many codes are left, whether we knew the browser."""
    left = event.data.get("left")
    if event.type in {"codes.used", "codes.low"} and isinstance(left, int):
        return ngettext("%(count)s code is left.", "%(count)s codes are left.", left) % {"count": left}
    if event.type == "session.sign_in.succeeded":
        seen = {"known": gettext("From a browser we know."), "new": gettext("From a browser we had not seen.")}
        return seen.get(event.data.get("browser", ""), "")
    return ""
