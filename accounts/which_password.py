"""Which of an account's passwords counts as what, now (R3, R6, R7): one answer for pages, policy and verification."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import PasswordReset
from policy.facts import NEVER
from policy.rules import RULES

#: The policy's names: the first password of an account, and one that was set by mail and is not settled (R3).
#: Every later password bears the key of the row that brought it, so that a proof by one is never taken for another's.
PASSWORD, PASSWORD_RESET = "password", "password:reset"  # noqa: S105  names, no secrets


@dataclass(frozen=True, slots=True)
class Which:
    """The password that proves (K), and the one that signs in; mostly the same."""

    counting: str  # the policy's name for the one that is K
    since: datetime | None  # when it was set; None: with the account
    former: str | None  # its hash, while another one signs in already
    present: str  # the policy's name for the one that signs in
    present_since: datetime | None
    final_at: datetime | None  # when the present one counts (R7); None: it does, or R3 says when
    unsettled: tuple[PasswordReset, ...]  # by mail, or in a session on one

    @property
    def replaced(self) -> bool:
        """Was it replaced in a session or a recovery, and is that not final yet (R6)?"""
        return self.former is not None and not self.unsettled


def which(user_id: int, now: datetime) -> Which:
    """One query, whoever is asked for.

    R3, R6: until what replaced it is settled and final, the former password still counts in recovery and the present
    one does not. Attack stopped: a thief of mailbox or phone who sets a password to lock its owner's K out of recovery,
    or to make a K of his own.
    """
    standing = PasswordReset.objects.filter(user_id=user_id, undone_at=None).select_related("change")
    rows = list(standing.order_by("made_at", "pk"))
    unsettled = [row for row in rows if row.settled_at is None]
    if settled(unsettled, now):
        unsettled = []
    before = rows[: rows.index(unsettled[0])] if unsettled else rows
    closed = [place for place, row in enumerate(before, 1) if not row.is_pending(now)]
    place = closed[-1] if closed else 0  # how many rows led to the password that counts
    counting = _name(rows[place - 1]) if place else PASSWORD
    since = rows[place - 1].made_at if place else None
    if place == len(rows):
        return Which(counting, since, None, counting, since, None, ())
    last = rows[-1]
    present, final_at = PASSWORD_RESET, None
    if not unsettled:
        present, final_at = _name(last), (last.change.final_at if last.change else None) or NEVER
    return Which(counting, since, rows[place].previous_hash, present, last.made_at, final_at, tuple(unsettled))


def settled(resets: Sequence[PasswordReset], now: datetime) -> bool:
    """R3: no reset is open, or the last is 72 h old, nobody said "not me", and a sign-in with T, P or S happened."""
    if not resets:
        return True
    return resets[-1].signed_in_at is not None and now - resets[-1].made_at >= RULES.reset_settles_after


def _name(row: PasswordReset) -> str:
    return f"{PASSWORD}:{row.pk}"
