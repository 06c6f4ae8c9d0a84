"""Passwords: judged, changed in a session, reset by a mailed link (R3).

What is typed is hashed after Unicode normalisation to NFC (accounts/hashers.py), and changed in no other way: the same
word from another keyboard stays the same password (SP 800-63B-4 §3.1.1.2), and no character is dropped (ASVS 6.2.8).
"""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from accounts import bell, clock, events, throttling
from accounts.context import ActorContext
from accounts.errors import Refused, Why
from accounts.models import Address, AddressRequest, Change, Link, PasswordReset, User, email_key
from accounts.outbox import enqueue
from accounts.password_blocklist import Weakness, weakness
from accounts.selectors import facts, has_factor
from accounts.services import changes, links, verify
from accounts.which_password import which
from policy.deeds import ChangePassword, ResetPassword, may
from policy.facts import Session
from policy.rules import RULES

#: Far above what anybody types; nothing is ever cut off without a word (ASVS 6.2.9).
MOST_BYTES = 1024
_WHY = {
    Weakness.REPEATED: gettext_lazy("This repeats the same characters, so it is guessed quickly."),
    Weakness.SEQUENCE: gettext_lazy("This runs along the keyboard, the alphabet or the digits, so it is tried first."),
    Weakness.NUMBER: gettext_lazy("Dates and telephone numbers are tried first."),
    Weakness.COMMON: gettext_lazy("Many people use this password, so it is tried first."),
    Weakness.TWO_WORDS: gettext_lazy("These are two common words in a row, and such pairs are tried early."),
    Weakness.PERSONAL: gettext_lazy("This is made of your address, your name or our name."),
}


def problems(password: str, *, user: User | None, email: str, with_factor: bool, name: str = "") -> list[str]:
    """Why this password is not taken, and what to do; empty when it is. No composition rules.

    8 characters beside a factor, 15 without (SP 800-63B-4 §3.1.1.2); common, patterned and personal ones are refused,
    each with its reason (ASVS 6.2.4, 6.2.11). The words never repeat what was typed.
    """
    plain = unicodedata.normalize("NFC", password)
    least = settings.PASSWORD_MIN_WITH_FACTOR if with_factor else settings.PASSWORD_MIN_ALONE
    if len(plain) < least:
        return [_("Use at least %(count)s characters. Several words in a row work well.") % {"count": least}]
    if len(plain.encode()) > MOST_BYTES:
        return [
            _("This is longer than we can take: %(most)d letters, or a third of that in kanji.") % {"most": MOST_BYTES}
        ]
    personal = (settings.SERVICE_NAME, settings.PUBLIC_HOST, email, user.name if user else name)
    found = weakness(plain, personal)
    if found is None:
        return []
    advice = _("Three or four words that have nothing to do with each other are easy to keep and hard to guess.")
    return [pgettext("sentences", "%(first)s %(second)s") % {"first": _WHY[found], "second": advice}]


def change(
    user: User, current: str, new: str, *, session: Session, keep: str | None, ctx: ActorContext
) -> Change | Refused:
    """A new password from a session, with the present one typed again. Other sessions end, everybody is told.

    UNFIT: `detail` says in words why the new one is not taken. It signs in at once and proves nothing before it is
    final; until then the one it replaced still counts in recovery (R6, R7): stops a thief of the phone from taking its
    owner's K away. Changed in a session on a reset password it is itself unsettled (R3): stops a thief of the mailbox
    from laundering his reset into a password that counts.
    """
    if found := _same(current, new) or problems(new, user=user, email=user.email, with_factor=has_factor(user)):
        return Refused(Why.UNFIT, detail="\n".join(found))
    verdict = changes.ask(user, ChangePassword(), session)
    if isinstance(verdict, Refused):
        return verdict
    scope = f"confirm:password:{user.pk}"
    proof = verify.verify(user, "password", current, purpose="confirm", scope=scope, ctx=ctx)
    if isinstance(proof, Refused):
        return proof
    hashed = make_password(new)  # slow, so before the transaction
    with transaction.atomic():
        owner = User.objects.select_for_update().get(pk=user.pk)
        made = changes.begin(owner, "password.changed", verdict=verdict, ctx=ctx)
        clean = not which(owner.pk, made.made_at).unsettled and not session.on_reset_password
        _replace(owner, hashed, made, by_mail=False, settled_at=made.made_at if clean else None)
        changes.end_sessions(owner, keep=keep)
        changes.end_codes(owner)
        events.record("password.changed", owner, ctx, change=made)
    user.refresh_from_db()
    return made


def request_reset(email: str, *, timezone: str, ctx: ActorContext) -> AddressRequest | Refused:
    """Note that somebody asked; a worker finds out whether the address is known. The page never learns it.

    Attack stopped: reading from answer or timing who has an account (ASVS 6.3.8).
    """
    charge = throttling.charge(("request.network", ctx.network))
    if not charge:
        return Refused(Why.THROTTLED, until=charge.until)
    now = clock.now()
    with transaction.atomic():
        request = AddressRequest.objects.create(
            kind="password_reset",
            email=email,
            key=email_key(email),
            language=ctx.language,
            timezone=timezone,
            network=ctx.network,
            created_at=now,
            expires_at=now + RULES.reset_link_life,
        )
        bell.ring("accounts.resolve_request", str(request.pk))
    return request


def resolve(request_id: str) -> None:
    """Worker: mail a link when the address is one of a living account; otherwise nothing happens. Idempotent."""
    with transaction.atomic():
        waiting = AddressRequest.objects.select_for_update().filter(kind="password_reset", resolved_at=None)
        request = waiting.filter(pk=request_id).first()
        if request is None:
            return
        request.resolved_at = clock.now()
        address = Address.objects.usable().select_related("user").filter(key=request.key, user__is_active=True).first()
        if address is not None and throttling.charge(("mail.stranger", address.key), ("mail.address", address.key)):
            request.user = address.user
            _mail_link(address, request)
        request.save(update_fields=["resolved_at", "user"])


def reset(token: str, new: str, *, ctx: ActorContext) -> Change | Refused:
    """Set the password by a mailed link, once. Signs nobody in and leaves every factor alone (pitfall P32).

    Attack stopped: a thief of the mailbox becoming the owner. The password counts as a code by mail until it settles,
    and the one before it still counts in recovery (R3; ASVS 6.4.3).
    """
    link = links.find("password_reset", token)
    if isinstance(link, Refused):
        return link
    user = _owner(link)
    if found := problems(new, user=user, email=user.email, with_factor=has_factor(user)):
        return Refused(Why.UNFIT, detail="\n".join(found))
    hashed = make_password(new)
    with transaction.atomic():
        owner = User.objects.select_for_update().get(pk=user.pk)
        verdict = changes.ask(owner, ResetPassword(link.subject), None)
        if isinstance(verdict, Refused):
            return verdict
        if not links.use(link):
            return Refused(Why.SPENT)
        verdict = replace(verdict, final_after=max(RULES.final_else, RULES.reset_settles_after))
        made = changes.begin(owner, "password.reset", verdict=verdict, two_custodies=False, ctx=ctx)
        _replace(owner, hashed, made, by_mail=True, settled_at=None, via=link.subject)
        changes.end_sessions(owner)
        changes.end_codes(owner)
        events.record("password.reset", owner, ctx, change=made, means=link.subject)
    return made


def with_factor(token: str) -> bool:
    """Does the account of this link have a second factor? Tells the page how long the password must be."""
    link = links.find("password_reset", token)
    return not isinstance(link, Refused) and has_factor(_owner(link))


def _same(current: str, new: str) -> list[str]:
    """The new one is the present one again? Two typed texts are compared, nothing stored.

    A reset does not ask this: it would tell a thief of the mailbox whether a guess is the owner's password, uncharged.
    """
    same = unicodedata.normalize("NFC", current) == unicodedata.normalize("NFC", new)
    return [_("This is the password you have now. Choose another one.")] if same else []


def _replace(
    user: User, hashed: str, made: Change, *, by_mail: bool, settled_at: datetime | None, via: str = ""
) -> None:
    PasswordReset.objects.create(
        user=user,
        previous_hash=user.password,
        made_at=made.made_at,
        by_mail=by_mail,
        change=made,
        settled_at=settled_at,
        via=via,
    )
    user.password, user.password_changed_at = hashed, made.made_at
    user.save(update_fields=["password", "password_changed_at"])


def _mail_link(address: Address, request: AddressRequest) -> None:
    user = address.user
    if not may(ResetPassword(address.means_id), facts(user)).allowed:
        return
    life = RULES.reset_link_life
    link = links.make("password_reset", user=user, subject=address.means_id, to=address.email, life=life)
    enqueue(
        "password/reset",
        channel="mail",
        to=address.email,
        user=user,
        language=user.language,
        timezone=user.timezone,
        data={"link": str(link.pk)},
        dedupe=f"password_reset:{request.pk}",
        urgent=True,
        expires_at=link.expires_at,
    )
    events.record("password.reset_requested", user, ActorContext(actor="claimant", network=request.network))


def _owner(link: Link) -> User:
    if link.user is None:
        raise TypeError("A reset link always belongs to an account.")
    return link.user
