"""How far an account is prepared: a factor, and codes on paper; two custodies finish it (R19)."""

from __future__ import annotations

from dataclasses import dataclass

from accounts import selectors
from accounts.models import Passkey, Phone, SavedCodeSet, Totp, User
from policy.deeds import in_set_up, set_up_finished
from policy.facts import Session


@dataclass(frozen=True, slots=True)
class Standing:
    """What is bound already, and whether the set-up may end."""

    apps: tuple[Totp, ...]
    passkeys: tuple[Passkey, ...]
    phones: tuple[Phone, ...]
    sheet: SavedCodeSet | None
    finished: bool
    open: bool  # the session is still a set-up session

    @property
    def factor(self) -> Totp | Passkey | Phone | None:
        found: tuple[Totp | Passkey | Phone, ...] = (*self.apps, *self.passkeys, *self.phones)
        return found[0] if found else None

    @property
    def on_paper(self) -> bool:
        """A sheet saved as a file lies where the mail and the phone lie: it is no second place (R1)."""
        return self.sheet is not None and self.sheet.downloaded_at is None


def standing(user: User, session: Session) -> Standing:
    """Where the set-up of this account stands now."""
    held = selectors.holdings(user)
    facts = selectors.facts_of(held, session=session)
    apps = tuple(row for row in held.totps if row.confirmed_at)
    passkeys = tuple(row for row in held.passkeys if row.confirmed_at)
    phones = tuple(row for row in held.phones if row.confirmed_at and not row.weak)
    sheets = [row for row in held.sheets if row.confirmed_at]
    return Standing(apps, passkeys, phones, sheets[-1] if sheets else None, set_up_finished(facts), in_set_up(facts))
