"""Important operations in one ordered registry: what each is called, and what the policy says of it now.

Nothing is judged here. Each entry builds the deed and asks `policy.deeds.may`, as the service behind its page does, so
the page "what rests until when", the answer to the host platform and the deed itself cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import registries, selectors
from accounts.selectors import Holdings
from policy.deeds import (
    AddAddress,
    AddNumber,
    AddPayout,
    BindAuthenticator,
    ChangeNumber,
    ChangePassword,
    CloseAccount,
    Deed,
    Export,
    FileIdentity,
    Outcome,
    RemoveAddress,
    RemoveAuthenticator,
    RemoveNumber,
    ReplaceCodes,
    Verdict,
    Withdraw,
    closed,
    may,
    step_up_kind,
)
from policy.facts import NEVER, Facts, Kind, Session, StepUp
from policy.proofs import STEP_UP, counting
from policy.rules import RULES
from policy.verdict import Reason


class State(StrEnum):
    """How an operation stands in a session."""

    OPEN = "open"  # a fresh proof for it was given
    PROOF = "proof"  # it asks one first (R2)
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Operation:
    """One important operation: `deeds` are all kinds of deed behind it, `ask` builds the one the policy is asked about.

    `doors` are the pages whose POST does it. The door of an operation, or a place in the list of harmless ones, is what
    tests/house/test_operations.py asks of every page of the signed-in.
    """

    code: str
    label: str | Promise
    icon: str
    page: str
    deeds: tuple[type, ...]
    ask: Callable[[Holdings], Deed]
    doors: frozenset[str]

    @property
    def step_up_kinds(self) -> frozenset[str]:
        return frozenset(step_up_kind(deed) for deed in self.deeds)


@dataclass(frozen=True, slots=True)
class Standing:
    """What may be done now: open until its proof is too old, after a fresh proof, or held until a moment and why."""

    operation: Operation
    state: State
    until: datetime | None
    reasons: tuple[Reason, ...]

    @property
    def held(self) -> bool:
        return self.state is State.HELD


def _withdraw(held: Holdings) -> Withdraw:
    """To the payout address that is usable first. Without one it is judged as if there were."""
    finals = [held.probation(row) for row in held.payouts]
    return Withdraw(None if None in finals else min((at for at in finals if at), default=None))


OPERATIONS: tuple[Operation, ...] = (
    Operation("withdraw", _("Withdraw"), "save", "withdrawal", (Withdraw,), _withdraw, frozenset({"withdrawal"})),
    Operation(
        "add_payout",
        _("Add a payout address"),
        "paper",
        "payout_add",
        (AddPayout,),
        lambda _held: AddPayout(),
        frozenset({"payout_add"}),
    ),
    Operation(
        "change_contacts",
        _("Change numbers and addresses"),
        "mail",
        "addresses",
        (AddAddress, RemoveAddress, AddNumber, ChangeNumber, RemoveNumber),
        lambda _held: AddAddress(),
        frozenset(
            {"address_add", "address_code", "address_primary", "address_remove", "authenticators_add_code"}
            | {"phone_change", "phone_change_code", "phone_remove"}
        ),
    ),
    Operation(
        "change_factors",
        _("Change password, apps and saved codes"),
        "app",
        "authenticators",
        (BindAuthenticator, RemoveAuthenticator, ReplaceCodes, ChangePassword),
        lambda _held: BindAuthenticator(Kind.TOTP),
        frozenset(
            {"authenticators_add", "authenticator_remove", "authenticator_found", "passkey_remove", "password_change"}
            | {"recovery_codes_new", "recovery_codes_confirm", "recovery_codes_download"}
        ),
    ),
    Operation(
        "file_identity",
        _("Put identity papers on file"),
        "identity",
        "identity",
        (FileIdentity,),
        lambda _held: FileIdentity(),
        frozenset({"identity_documents", "identity_remove"}),
    ),
    Operation(
        "export",
        _("Take a copy of your data"),
        "copy",
        "export",
        (Export,),
        lambda _held: Export(),
        frozenset({"export"}),
    ),
    Operation(
        "close",
        _("Close the account"),
        "stop",
        "close",
        (CloseAccount,),
        lambda _held: CloseAccount(),
        frozenset({"close_confirm"}),
    ),
)
WITHDRAW = OPERATIONS[0]


def facts(held: Holdings, session: Session | None = None, *, case: str | None = None) -> Facts:
    """The account as operations are judged: with the word of the floor above on whether a recovery is under way."""
    case = registries.open_case(held.user) if case is None else case
    return replace(selectors.facts_of(held, session=session), open_case=bool(case))


def standings(held: Holdings, known: Facts) -> list[Standing]:
    """Every operation as this session finds it, in the registry's order."""
    return [_stand(operation, held, known) for operation in OPERATIONS]


def for_anybody(held: Holdings, case: str) -> tuple[Facts, list[Standing]]:
    """Every operation as somebody finds it who gives a fresh proof: what is held then is held in any session.

    A reset password that has not settled holds money whatever the session (R3, R8): whoever signs in now signs in with
    it. Attack stopped: the host paying out on the word of a portal that looked only at its own sessions.
    """
    known = facts(held, case=case)
    return known, [_stand(one, held, _proved(one.ask(held), known, held)) for one in OPERATIONS]


def _proved(deed: Deed, known: Facts, held: Holdings) -> Facts:
    kind = step_up_kind(deed)
    steps = tuple(StepUp(one.kind, one.id, kind, known.now) for one in counting(known) if one.kind in STEP_UP)
    new = not held.user.ever_had_factor
    session = Session(known.now, step_ups=steps, on_reset_password=known.password_unsettled, set_up=new)
    return replace(known, session=session)


def _stand(operation: Operation, held: Holdings, known: Facts) -> Standing:
    if not held.user.is_active or closed(known):
        return Standing(operation, State.HELD, None, (Reason("R6", "account_closed"),))
    deed = operation.ask(held)
    verdict = may(deed, known)
    if verdict.allowed:
        return Standing(operation, State.OPEN, _fresh_until(deed, known), ())
    if verdict.outcome is Outcome.STEP_UP:
        return Standing(operation, State.PROOF, None, verdict.reasons)
    return Standing(operation, State.HELD, until(verdict), verdict.reasons)


def until(verdict: Verdict) -> datetime | None:
    """The moment a rest ends; None while it hangs on something that has not happened."""
    return verdict.hold if verdict.hold and verdict.hold < NEVER else None


def _fresh_until(deed: Deed, known: Facts) -> datetime | None:
    steps = known.session.step_ups if known.session else ()
    given = [step.at for step in steps if step.deed == step_up_kind(deed)]
    return max(given) + RULES.step_up_fresh if given else None


def find(code: str, among: Iterable[Standing]) -> Standing:
    """The standing of one operation."""
    return next(one for one in among if one.operation.code == code)
