"""Facts: everything the policy may look at, as frozen values. Whoever asks gathers them; the policy never fetches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

#: A moment that has not been fixed yet (a notice still waits to be handed over): later than any other. Aware, and far
#: enough from the calendar's end that every zone can show it and every wait can be added to it.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


class Kind(StrEnum):
    """What a proof is (product §4 R1). The letters are the ones of the product's table."""

    PASSWORD = "K"  # noqa: S105 - a letter, no secret
    TOTP = "T"
    PASSKEY = "P"
    SAVED_CODE = "S"
    EMAIL = "E"
    SMS = "M"
    CONTACTS = "C"
    IDENTITY = "I"


@dataclass(frozen=True, slots=True)
class Means:
    """One thing bound to the account: a password, app, passkey, code set, address, number, contacts, identity on file.

    `id` is the owner's name for it, unique in the account ("totp:12"). `confirmed_at` is the last time it was
    confirmed by its own code (None = never). `final_at` is when its probation ends (R7): None = final or exempt,
    NEVER = the notice is not out yet.
    """

    id: str
    kind: Kind
    confirmed_at: datetime | None
    final_at: datetime | None = None
    suspended: bool = False  # replaced or removed, not final yet (R6): no sign-in, still a proof against that change
    lost: bool = False  # reported lost (R13)
    disabled: bool = False  # 100 wrong codes in a row (R18)
    weak: bool = False  # a virtual or VoIP number: notices only, never a proof
    downloaded: bool = False  # saved codes once downloaded as a file (R1)
    printed: bool = True
    device: str = ""  # passkey: the device it was bound on
    synced: bool = True  # passkey: backup-eligible or unknown
    with_video: bool = False  # identity
    reset: bool = False  # a password set by mail and not settled (R3): counts as E
    stolen_at: datetime | None = None  # a number: SIM theft reported then; barred until confirmed again (R17)
    sim_swapped: bool = False  # a number: the network's SIM-swap signal (R17)
    shared: bool = False  # a number that other accounts use too, or a virtual one that may still prove (R17)
    changed_at: datetime | None = None  # a contact: when it was added or replaced another; None at sign-up (R17)


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof shown: which kind, by which means, when. `counts_as` differs from `kind` for a reset password (R3)."""

    kind: Kind
    means_id: str
    at: datetime
    reset: bool = False  # a password set by mail and not settled: counts as E (R3)
    via: str = ""  # for a reset password: the id of the address its link went to


@dataclass(frozen=True, slots=True)
class StepUp:
    """Fresh proof given inside a session for one kind of deed (R2)."""

    kind: Kind
    means_id: str
    deed: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """The signed-in session that asks. A set-up session (R19) binds and nothing else."""

    signed_in_at: datetime
    proofs: tuple[Proof, ...] = ()  # what the sign-in itself showed
    step_ups: tuple[StepUp, ...] = ()
    on_reset_password: bool = False  # signed in with, or password changed in, a reset (R3, R8)
    set_up: bool = False  # an account that never had a factor
    sign_up: bool = False  # the sign-up session itself: exempt from R7


@dataclass(frozen=True, slots=True)
class Change:
    """Something bound, replaced or removed, and its finality (R6). `final_at` NEVER until every notice is out."""

    id: str
    what: str  # "phone", "totp", "codes", "address", "password", "payout", "recovery" …
    made_at: datetime
    final_at: datetime
    two_custodies: bool
    by_recovery: bool = False
    closes: bool = False  # the account itself ends with it
    undone: bool = False
    added: tuple[str, ...] = ()  # ids of means it added: gone when undone
    suspended: tuple[str, ...] = ()  # ids of means it suspended: back when undone, revoked when final
    by: frozenset[str] = frozenset()  # ids of the means that were shown for it (R13)
    weak: frozenset[str] = frozenset()  # a recovery: addresses named lost in it or that gave a proof in it (R11)


@dataclass(frozen=True, slots=True)
class Veto:
    """A veto that ended or stretched something: when, and the kinds of proof the vetoed act had used (R11)."""

    at: datetime
    used: frozenset[Kind]


@dataclass(frozen=True, slots=True)
class Freeze:
    """A freeze that stands (R14). `by`: proof methods ("K") and address ids that keep it; `used`: what a vetoed act,
    if one brought the freeze about, had used (R11)."""

    at: datetime
    by: frozenset[str] = frozenset()
    ends_at: datetime | None = None  # a sign-in has asked for its end
    used: frozenset[Kind] = frozenset()


@dataclass(frozen=True, slots=True)
class FreezeEnd:
    """A proof method or address whose freeze has ended: it may not freeze again for a while (R14)."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Lock:
    """The settings lock (R14)."""

    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Loss:
    """A place reported lost (R13)."""

    place: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ContactAlarm:
    """A recovery contact raised the alarm (R15)."""

    contact: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """A claim or case as the policy sees it (R12)."""

    state: str
    opened_at: datetime
    lost: frozenset[str] = frozenset()  # ids or kinds named lost
    addresses_that_proved: frozenset[str] = frozenset()
    notice_at: datetime | None = None  # first notice accepted for a counting address that gave no proof (R5)
    has_other_address: bool = True  # such an address exists
    ready_at: datetime | None = None
    agents: frozenset[str] = frozenset()  # the agents who agreed to what was shown in it (R15)
    approved: bool = False  # as many agreed as were needed (R1: I counts only then)
    approved_at: datetime | None = None  # the wait runs whole from then on (R15)
    stretch: Veto | None = None  # a veto of little weight: the wait is stretched (R11)
    alarmed: bool = False  # a contact's alarm that counts (R15)
    contested: bool = False  # another case with an equal set: people decide, two of them (R12)
    nothing_left: bool = False  # the claimant said that nothing is left (R15)


@dataclass(frozen=True, slots=True)
class Facts:
    """One account at one moment."""

    now: datetime
    means: tuple[Means, ...] = ()
    shown: tuple[Proof, ...] = ()  # proofs shown in the claim or case; a session's fresh ones are its step_ups
    session: Session | None = None
    case: Case | None = None
    open_case: bool = False  # another case of the account holds the slot
    open_case_two_custodies: bool = False  # … and it was opened with two custodies shown (R12)
    changes: tuple[Change, ...] = ()
    ever_had_factor: bool = True
    number_changed_at: datetime | None = None  # latest number change not undone (R8)
    recovered_at: datetime | None = None  # latest completed recovery not undone (R8)
    claims_today: int = 0
    password_unsettled: bool = False  # an unsettled reset exists (R3)
    reset_at: datetime | None = None  # the latest unsettled reset: its clock counts
    reset_signed_in: bool = False  # since then somebody signed in with it and T, P or S that stands
    risks: frozenset[str] = frozenset()  # risk facts about the whole account or case, by name (R17, policy.risk)
    papers_approved: bool = False  # people approved papers for the number change asked for in this session (R17)
    vetoes: tuple[Veto, ...] = ()  # of the last 30 days (R11)
    freeze: Freeze | None = None
    freeze_ends: tuple[FreezeEnd, ...] = ()  # of the last 30 days (R14)
    lock: Lock | None = None
    losses: tuple[Loss, ...] = ()  # of the last 24 h (R13)
    alarms: tuple[ContactAlarm, ...] = ()  # of the last 30 days (R15)
