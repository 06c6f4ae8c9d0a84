"""Every deed the policy judges, as frozen values: what is asked for, never how it is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from policy.facts import Kind, Proof


@dataclass(frozen=True, slots=True)
class SignIn:
    """Open a session with these proofs (verified already)."""

    proofs: tuple[Proof, ...]


@dataclass(frozen=True, slots=True)
class EndSessions:
    """End other sessions, or all."""


@dataclass(frozen=True, slots=True)
class BindAuthenticator:
    """Add an app, a passkey or the first set of saved codes from a session."""

    kind: Kind
    means_id: str = ""


@dataclass(frozen=True, slots=True)
class RemoveAuthenticator:
    means_id: str


@dataclass(frozen=True, slots=True)
class ReplaceCodes:
    """A new set of saved codes; the old one stays valid until the new one is final (R7)."""

    means_id: str = ""


@dataclass(frozen=True, slots=True)
class FileIdentity:
    """Put identity papers on file from a session; people look at them before anything is on file."""

    means_id: str = ""


@dataclass(frozen=True, slots=True)
class AddNumber:
    means_id: str = ""


@dataclass(frozen=True, slots=True)
class ChangeNumber:
    """Put a new number in the place of an old one (product §1 row 6)."""

    old_id: str
    means_id: str = ""


@dataclass(frozen=True, slots=True)
class RemoveNumber:
    means_id: str


@dataclass(frozen=True, slots=True)
class AddAddress:
    means_id: str = ""


@dataclass(frozen=True, slots=True)
class RemoveAddress:
    means_id: str


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """A new password from a session."""

    means_id: str = ""


@dataclass(frozen=True, slots=True)
class ResetPassword:
    """A new password through a mailed link; signs nobody in (R3)."""

    address_id: str = ""
    means_id: str = ""


@dataclass(frozen=True, slots=True)
class AddPayout:
    payout_id: str = ""


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Move money to a payout address. `payout_final_at`: None = final already, NEVER = its notice is not out yet."""

    payout_final_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Export:
    """Take away a copy of everything the account holds about its person."""


@dataclass(frozen=True, slots=True)
class CloseAccount:
    """Close the account: it works until the closing is final, and moves no money meanwhile (R6)."""


@dataclass(frozen=True, slots=True)
class KeepOpen:
    """Take a closing back before it is final. It needs no step-up: it only leaves things as they are."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Begin a claim. A refusal limits only the sending of codes; the page is the same, S and P are still taken."""


@dataclass(frozen=True, slots=True)
class ShowProof:
    """Show one proof in a claim or case, or, with `for_deed` (see `step_up_kind`), as step-up in the session."""

    proof: Proof
    for_deed: str = ""


@dataclass(frozen=True, slots=True)
class OpenCase:
    """Make a case of what is in `facts.shown`. ALLOWED: no wait. WAIT: opens, and waits `wait`."""

    lost: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rebind:
    """Go on to bind anew in the browser that holds the case.

    `by_resume_link`: this browser got the case by a mailed link; `fresh` are the proofs shown in it since (R12).
    """

    by_resume_link: bool = False
    fresh: tuple[Proof, ...] = ()


@dataclass(frozen=True, slots=True)
class Complete:
    """Finish: these kinds have been bound in the case (R16)."""

    bound: frozenset[Kind]


@dataclass(frozen=True, slots=True)
class CancelCase:
    """Stop a case: by whoever holds it, or from a signed-in session with step-up. A link or stop code is NotMe."""

    by: Literal["claimant", "session"] = "claimant"
    not_mine: bool = False  # from a session: the answer to "is this case yours?" (R11)


@dataclass(frozen=True, slots=True)
class NotMe:
    """ "This was not me", by a link or stop code made at `made_at` (R10).

    `by` is the id of the address it was sent to ("" = one that counts and has no part in any case); `proofs` are those
    that go with it (R11).
    """

    made_at: datetime
    by: str = ""
    proofs: tuple[Proof, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportLoss:
    """ "I lost this": everything at one place, or `only` one thing of it; by one proof, or by the session (R13)."""

    place: str
    only: str = ""
    proof: Proof | None = None


@dataclass(frozen=True, slots=True)
class ReportFound:
    """ "It is here": a thing reported lost counts again, by a proof that lies elsewhere (R13)."""

    means_id: str
    proof: Proof


@dataclass(frozen=True, slots=True)
class FreezeAccount:
    """Stop money, additions and clocks: by one proof, by a link or stop code to `address_id`, or by the session."""

    proof: Proof | None = None
    address_id: str = ""


@dataclass(frozen=True, slots=True)
class EndFreeze:
    """End a freeze: at once by proofs of two custodies, else from a session, 72 h from now (R14)."""

    proofs: tuple[Proof, ...] = ()


@dataclass(frozen=True, slots=True)
class LockSettings:
    """Lock one's own settings for some days (R14)."""

    days: int = 1


@dataclass(frozen=True, slots=True)
class OpenLock:
    """Open the settings lock early with a saved code (R14)."""

    proof: Proof


@dataclass(frozen=True, slots=True)
class EnterAgents:
    """Open the pages of agents, for as long as an agent's session lives."""


@dataclass(frozen=True, slots=True)
class Approve:
    """An agent agrees to what was shown in a case under review (R15)."""

    agent: str


@dataclass(frozen=True, slots=True)
class RaiseAlarm:
    """A recovery contact says that something is wrong with the case (R15)."""

    contact: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Let time pass; what falls due on the way happens."""

    until: datetime


Deed = (
    SignIn
    | EndSessions
    | BindAuthenticator
    | RemoveAuthenticator
    | ReplaceCodes
    | FileIdentity
    | AddNumber
    | ChangeNumber
    | RemoveNumber
    | AddAddress
    | RemoveAddress
    | ChangePassword
    | ResetPassword
    | AddPayout
    | Withdraw
    | Export
    | CloseAccount
    | KeepOpen
    | Claim
    | ShowProof
    | OpenCase
    | Rebind
    | Complete
    | CancelCase
    | NotMe
    | ReportLoss
    | ReportFound
    | FreezeAccount
    | EndFreeze
    | LockSettings
    | OpenLock
    | EnterAgents
    | Approve
    | RaiseAlarm
    | Wait
)

_STEP_UP_KINDS: dict[type, str] = {
    BindAuthenticator: "bind_authenticator",
    RemoveAuthenticator: "remove_authenticator",
    ReplaceCodes: "replace_codes",
    FileIdentity: "file_identity",
    AddNumber: "add_number",
    ChangeNumber: "change_number",
    RemoveNumber: "remove_number",
    AddAddress: "add_address",
    RemoveAddress: "remove_address",
    ChangePassword: "change_password",
    AddPayout: "add_payout",
    Withdraw: "withdraw",
    Export: "export",
    CloseAccount: "close_account",
    CancelCase: "cancel_case",
    LockSettings: "lock_settings",
    EnterAgents: "agent_entry",
}

#: Every kind of deed a step-up can be given for (R2): what `StepUp.deed` may hold.
STEP_UP_KINDS: frozenset[str] = frozenset(_STEP_UP_KINDS.values())


def step_up_kind(deed: Deed | type) -> str:
    """R2: the kind of deed a step-up is given for; "" when the deed asks for none.

    Stops a proof coaxed out for one thing from serving for another (OWASP Transaction Authorization).
    """
    return _STEP_UP_KINDS.get(deed if isinstance(deed, type) else type(deed), "")
