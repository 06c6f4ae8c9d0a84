"""Saved recovery codes: made, shown once, one typed back, kept on paper (product §3; conventions §1.8).

Attack stopped: a database dump that opens accounts. Only hashes are stored; while the person writes the codes down,
the page itself carries them, sealed for this person and this sheet.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts import clock, crypto, events, normalise
from accounts.context import ActorContext
from accounts.errors import Refused, Why
from accounts.models import Change, SavedCode, SavedCodeSet, User
from accounts.services import binding, changes
from policy.deeds import BindAuthenticator, Outcome, Reason, ReplaceCodes, Verdict
from policy.facts import Kind, Session
from policy.rules import RULES

LOCATOR = 4
#: How long a sheet may take to be written down. Longer than a step-up stays fresh: it is 200 characters.
SHEET_LIFE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet in the making: its codes in clear, which one to type back, and the token by which the page keeps it."""

    pk: int
    codes: tuple[str, ...]
    ask: int
    made_at: datetime
    token: str
    downloaded: bool = False


def standing(user: User) -> list[SavedCodeSet]:
    """The sheets that count, will count, or still count for a while, newest first."""
    return list(SavedCodeSet.objects.standing().filter(user=user).select_related("added_by").order_by("-confirmed_at"))


def remaining(user: User) -> int:
    """Unused codes on the newest usable sheet: what the person's paper still holds."""
    sheet = (
        SavedCodeSet.objects.standing()
        .filter(user=user, lost_at=None, disabled_at=None)
        .order_by("-confirmed_at")
        .first()
    )
    return sheet.codes.filter(used_at=None).count() if sheet else 0


def note_use(user: User, sheet_id: int, ctx: ActorContext) -> int:
    """After a code was spent, in its transaction: say so, and louder when few are left. Returns how many are left."""
    left = SavedCode.objects.filter(sheet_id=sheet_id, used_at=None).count()
    events.record("codes.used", user, ctx, means=f"savedcodeset:{sheet_id}", left=left)
    if left == RULES.saved_codes_low_at:
        events.record("codes.low", user, ctx, means=f"savedcodeset:{sheet_id}", left=left)
    return left


def deed_for(user: User, session: Session) -> BindAuthenticator | ReplaceCodes:
    """What making a sheet amounts to: the first one is bound, a further one replaces; a set-up session only binds."""
    if session.set_up or not SavedCodeSet.objects.standing().filter(user=user).exists():
        return BindAuthenticator(Kind.SAVED_CODE)
    return ReplaceCodes()


def make(user: User, *, session: Session) -> Sheet | Refused:
    """A new sheet, shown once. It counts for nothing before one of its codes was typed back."""
    verdict = changes.ask(user, deed_for(user, session), session)
    if isinstance(verdict, Refused):
        return verdict
    codes = fresh_codes()
    hashed = [(code[:LOCATOR], make_password(code[LOCATOR:])) for code in codes]  # slow, so before the transaction
    now = clock.now()
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        SavedCodeSet.objects.pending().filter(user=user).delete()
        row = SavedCodeSet.objects.create(user=user, bound_at=now)
        SavedCode.objects.bulk_create(SavedCode(sheet=row, locator=locator, hash=slow) for locator, slow in hashed)
    two = verdict.has("final_two_custodies")
    wait = int(verdict.final_after.total_seconds())
    ask = secrets.randbelow(len(codes)) + 1
    body = {"codes": codes, "ask": ask, "wait": wait, "two": two}
    token = f"{row.pk}.{crypto.seal(json.dumps(body).encode(), _place(user, row.pk))}"
    return Sheet(row.pk, tuple(codes), ask, now, token)


def opened(user: User, token: str) -> Sheet | None:
    """The sheet a page carries; None when it is another person's, was confirmed or replaced, or took too long."""
    found = _open(user, token)
    return found[0] if found else None


def confirm(user: User, token: str, typed: str, *, keep: str | None, ctx: ActorContext) -> SavedCodeSet | Refused:
    """Let the sheet count, because one of its codes came back from the paper.

    The judgement was made, with step-up, when the sheet was made; the sealed token carries it. Nothing is charged:
    whoever has the token has the codes. The code typed back stays unused.
    """
    found = _open(user, token)
    if found is None:
        return Refused(Why.STATE)
    sheet, verdict = found
    plain = normalise.saved_code(typed)
    if len(plain) != RULES.saved_code_characters:
        return Refused(Why.SHAPE)
    if not any(crypto.same(plain, code) for code in sheet.codes):
        return Refused(Why.WRONG)
    with transaction.atomic():
        owner = User.objects.select_for_update().get(pk=user.pk)
        row = SavedCodeSet.objects.pending().select_for_update().filter(pk=sheet.pk).first()
        if row is None:
            return Refused(Why.STATE)
        others = list(SavedCodeSet.objects.standing().filter(user=owner).select_related("added_by"))
        kind = "codes.replaced" if others else "codes.added"
        change = binding.bind(owner, row, kind, verdict, ctx, keep=keep)
        retire(others, change)
    user.refresh_from_db()
    return row


def note_download(user: User, token: str, *, ctx: ActorContext) -> Sheet | None:
    """The sheet was saved as a file: from now on a thief of mailbox or phone may find it too (R1)."""
    sheet = opened(user, token)
    with transaction.atomic():
        fresh = SavedCodeSet.objects.filter(pk=sheet.pk if sheet else 0, downloaded_at=None)
        if fresh.update(downloaded_at=clock.now()):
            events.record("codes.downloaded", user, ctx)
    return sheet


def retire(others: list[SavedCodeSet], change: Change | None) -> None:
    """An old sheet stays valid until the new one is final (R7); one on probation never counted and goes at once."""
    now = clock.now()
    kept = [sheet.pk for sheet in others if change and sheet.final_at(now) is None]
    rows = SavedCodeSet.objects.filter(pk__in=[sheet.pk for sheet in others])
    rows.filter(pk__in=kept).update(suspended_by=change)
    rows.exclude(pk__in=kept).update(revoked_at=now)


def fresh_codes() -> list[str]:
    """Random Crockford codes of which no two share their locator."""
    codes: dict[str, str] = {}
    while len(codes) < RULES.saved_code_count:
        code = "".join(secrets.choice(crypto.CROCKFORD) for _ in range(RULES.saved_code_characters))
        codes.setdefault(code[:LOCATOR], code)
    return list(codes.values())


def _open(user: User, token: str) -> tuple[Sheet, Verdict] | None:
    number, _, sealed = token.partition(".")
    if not number.isascii() or not number.isdecimal():
        return None
    try:
        body = json.loads(crypto.unseal(sealed, _place(user, int(number))))
    except crypto.Tampered:
        return None
    young = clock.now() - SHEET_LIFE
    row = SavedCodeSet.objects.pending().filter(user=user, pk=int(number), bound_at__gt=young).first()
    if row is None:
        return None
    sheet = Sheet(row.pk, tuple(body["codes"]), body["ask"], row.bound_at, token, row.downloaded_at is not None)
    reasons = (Reason("R6", "final_two_custodies"),) if body["two"] else ()
    return sheet, Verdict(Outcome.ALLOWED, final_after=timedelta(seconds=body["wait"]), reasons=reasons)


def _place(user: User, pk: int) -> str:
    return f"codes:{user.pk}:{pk}"
