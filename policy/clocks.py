"""The clocks of probation, finality and payout, which a freeze stops (R6, R7, R14)."""

from __future__ import annotations

from datetime import datetime

from policy.facts import NEVER, Facts


def runs(final_at: datetime | None, facts: Facts) -> bool:
    """Is this not final yet? None is final; a freeze stops every clock that had not run out when it began."""
    if final_at is None:
        return False
    if facts.freeze is not None and final_at > facts.freeze.at:
        return True
    return final_at > facts.now


def thawed(final_at: datetime, since: datetime, facts: Facts) -> datetime:
    """When this is final once the freeze ends now: the time of the freeze does not count. `since`: its own beginning.

    Stops a thief from letting the owner's freeze run out and finding all his changes final.
    """
    if facts.freeze is None or final_at >= NEVER or final_at <= facts.freeze.at:
        return final_at
    return final_at + (facts.now - max(since, facts.freeze.at))
