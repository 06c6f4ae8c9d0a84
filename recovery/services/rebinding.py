"""What the claimant is about to bind, station by station. Nothing reaches the account before completion (R16)."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts import clock, crypto, normalise, numbers, throttling
from accounts import selectors as accounts
from accounts.authenticators.totp import code_at, present_step
from accounts.context import ActorContext
from accounts.errors import Refused, Why
from accounts.models import Challenge, LineType, Means, Phone
from accounts.selectors import Holdings
from accounts.services import challenges, passwords, saved_codes, verify
from accounts.services.totp import SEED_BYTES
from policy.deeds import Rebind, Verdict, may
from policy.facts import Facts, Kind
from policy.proofs import counting
from policy.rules import RULES
from recovery import selectors
from recovery.models import Case, Rebinding
from recovery.states import State

STATIONS = ("number", "app", "codes", "password", "finish")


@dataclass(frozen=True, slots=True)
class Sheet:
    """New saved codes in clear, which one to type back, and the token by which the page keeps them."""

    codes: tuple[str, ...]
    ask: int
    token: str


@dataclass(frozen=True, slots=True)
class Look:
    """The account behind a case that may bind, read once for a page."""

    held: Holdings
    facts: Facts
    verdict: Verdict

    @property
    def lost(self) -> list[Means]:
        """What was named lost and stops at completion."""
        gone = self.facts.case.lost if self.facts.case else frozenset()
        return [row for row in (*self.held.phones, *self.held.totps, *self.held.passkeys) if row.means_id in gone]

    @property
    def kept(self) -> frozenset[Kind]:
        """The factors that live on: counting, and not named lost."""
        return frozenset(one.kind for one in counting(self.facts) if one.kind in (Kind.TOTP, Kind.SMS, Kind.PASSKEY))


def look(case: Case) -> Look | Refused:
    """May this case bind now? Asked at every step: what was reported lost meanwhile carries nothing (R13)."""
    if case.state != State.READY or case.user is None or case.is_over(clock.now()):
        return Refused(Why.STATE)
    held = accounts.holdings(case.user)
    given = selectors.facts(case, held)
    verdict = may(Rebind(), given)
    if not verdict.allowed:
        return Refused(Why.POLICY, until=verdict.hold, verdict=verdict)
    return Look(held, given, verdict)


def draft(case: Case) -> Rebinding:
    """What has been prepared so far; an empty one, not yet written, before the first step."""
    return Rebinding.objects.filter(case=case).first() or Rebinding(case=case)


def next_station(row: Rebinding, *, needs_password: bool) -> str:
    """The first station that is neither done nor left out."""
    if not (row.number_confirmed_at or row.number_skipped):
        return "number"
    if not (row.app_confirmed_at or row.app_skipped):
        return "app"
    if not row.codes:
        return "codes"
    if not (row.password or (row.password_skipped and not needs_password)):
        return "password"
    return "finish"


def needs_password(case: Case) -> bool:
    """Was the password that counts not shown? Then a new one is part of coming back."""
    return not any(proof.kind == Kind.PASSWORD and not proof.reset for proof in case.proofs.all())


# The new number


def number_scope(case: Case, number: str) -> str:
    """A code sent to one number never confirms another, also where the newer code could not be sent (P28)."""
    return f"case:{case.reference}:number:{number}"


def set_number(case: Case, typed: str, ctx: ActorContext) -> Challenge | Refused:
    """Send a code to the number typed. It is bound at completion, once its code came back (SP 800-63B-4 §3.1.3)."""
    number = numbers.parse(typed)
    if isinstance(number, Refused):
        return number
    if number.line_type != LineType.MOBILE:
        return Refused(Why.UNFIT, detail="voip")
    if number.e164 == case.lost_number:
        return Refused(Why.UNFIT, detail="lost")
    if Phone.objects.standing().filter(user=case.user_id, number=number.e164).exists():
        return Refused(Why.TAKEN)
    _prepare(case, number=number.e164, number_confirmed_at=None, number_skipped=False)
    return send_number_code(case, ctx)


def send_number_code(case: Case, ctx: ActorContext) -> Challenge | Refused:
    """The code for the new number; a newer one replaces the older."""
    row = draft(case)
    if not row.number or case.user is None:
        return Refused(Why.STATE)
    return challenges.issue(
        "confirm",
        number_scope(case, row.number),
        "sms",
        row.number,
        ctx=ctx,
        user=case.user,
        language=case.language,
        timezone=case.timezone,
    )


def confirm_number(case: Case, code: str, ctx: ActorContext) -> bool | Refused:
    """The code came back from the new number."""
    number = draft(case).number
    proof = verify.verify(case.user, "sms", code, purpose="confirm", scope=number_scope(case, number), ctx=ctx)
    if isinstance(proof, Refused):
        return proof
    same = Rebinding.objects.filter(case=case, number=number)  # not if another was typed at the same moment
    return bool(same.update(number_confirmed_at=clock.now())) or Refused(Why.STATE)


# The new app


def seed(case: Case, row: Rebinding | None = None) -> bytes:
    """The seed of the new app, made with the first step: an error or a reload never changes the QR code (P19)."""
    return crypto.unseal((row or Rebinding.objects.get(case=case)).seed_sealed, _place(case))


def confirm_app(case: Case, code: str, name: str, ctx: ActorContext) -> bool | Refused:
    """The app shows the right code. Its time step is kept, so the same code opens nothing afterwards (pitfall P3)."""
    plain = normalise.code(code)
    if len(plain) != 6 or not (plain.isascii() and plain.isdecimal()):
        return Refused(Why.SHAPE)
    charge = throttling.charge(("confirm.account", str(case.user_id)), ("confirm.network", ctx.network))
    if not charge:
        return Refused(Why.THROTTLED, until=charge.until)
    row = draft(case)
    if not row.seed_sealed:
        return Refused(Why.STATE)
    own, now = seed(case, row), present_step()
    right = [step for step in (now - 1, now, now + 1) if crypto.same(code_at(own, step), plain)]
    if not right:
        return Refused(Why.WRONG)
    charge.refund()
    short = normalise.person_name(name)[:64]
    _prepare(case, app_step=max(right), app_name=short, app_confirmed_at=clock.now(), app_skipped=False)
    return True


# The new sheet of codes


def make_codes(case: Case) -> Sheet:
    """A new sheet, shown once. The server keeps nothing of it: the page carries it, sealed for this case."""
    codes = saved_codes.fresh_codes()
    ask = secrets.randbelow(len(codes)) + 1
    body = json.dumps({"codes": codes, "ask": ask}).encode()
    return Sheet(tuple(codes), ask, crypto.seal(body, f"{_place(case)}:codes"))


def open_codes(case: Case, token: str) -> Sheet | None:
    """The sheet a page carries; None when it is another case's or was changed."""
    try:
        body = json.loads(crypto.unseal(token, f"{_place(case)}:codes"))
    except crypto.Tampered:
        return None
    return Sheet(tuple(body["codes"]), body["ask"], token)


def note_download(case: Case, token: str) -> Sheet | None:
    """The sheet was saved as a file: a thief of mailbox or phone may find it from now on (R1)."""
    sheet = open_codes(case, token)
    if sheet:
        _prepare(case, codes_downloaded_at=clock.now())
    return sheet


def confirm_codes(case: Case, token: str, typed: str) -> bool | Refused:
    """One code came back from the paper. Only now hashes of the sheet are kept (SP 800-63B-4 §3.1.2.2)."""
    sheet = open_codes(case, token)
    if sheet is None:
        return Refused(Why.STATE)
    plain = normalise.saved_code(typed)
    if len(plain) != RULES.saved_code_characters:
        return Refused(Why.SHAPE)
    if sum(crypto.same(plain, code) for code in sheet.codes) == 0:  # every one is compared
        return Refused(Why.WRONG)
    cut = saved_codes.LOCATOR
    hashed = [[code[:cut], make_password(code[cut:])] for code in sheet.codes]
    _prepare(case, codes=hashed)
    return True


# The password


def set_password(case: Case, typed: str) -> bool | Refused:
    """A new password, kept as its hash until completion. UNFIT: `detail` says in words why it is not taken."""
    faults = passwords.problems(typed, user=case.owner, email=case.owner.email, with_factor=True)
    if faults:
        return Refused(Why.UNFIT, detail="\n".join(faults))
    _prepare(case, password=make_password(typed), password_skipped=False)
    return True


def skip(case: Case, station: str, seen: Look) -> bool | Refused:
    """Leave out what may be left out: the number, the app beside another factor, the password when it was shown."""
    row = draft(case)
    if station == "number":
        _prepare(case, number_skipped=True, number="", number_confirmed_at=None)
    elif station == "app" and (row.number_confirmed_at or seen.kept):
        _prepare(case, app_skipped=True)
    elif station == "password" and not needs_password(case):
        _prepare(case, password_skipped=True)
    else:
        return Refused(Why.STATE)
    return True


def back(case: Case, station: str) -> None:
    """Take a station up again, to answer it differently before completion."""
    fields: dict[str, dict[str, object]] = {
        "number": {"number": "", "number_confirmed_at": None, "number_skipped": False},
        "app": {"app_confirmed_at": None, "app_skipped": False, "app_step": -1, "seed_sealed": ""},
        "codes": {"codes": [], "codes_downloaded_at": None},
        "password": {"password": "", "password_skipped": False},
    }
    _prepare(case, **fields[station])


def _prepare(case: Case, **fields: object) -> None:
    """Write a step. The first makes the seed too, sealed for the case, so that looking at a page writes nothing."""
    with transaction.atomic():
        row, _ = Rebinding.objects.select_for_update().get_or_create(case=case)
        for name, value in fields.items():
            setattr(row, name, value)
        if not row.seed_sealed:
            row.seed_sealed = crypto.seal(secrets.token_bytes(SEED_BYTES), _place(case))
        row.save()


def _place(case: Case) -> str:
    return f"case:{case.reference}:rebinding"
