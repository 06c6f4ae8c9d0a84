"""When this session ends, and how the page says so (WCAG 2.2.1): the same words with and without a script."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import assurance, clock


@dataclass(frozen=True, slots=True)
class Ends:
    """The two ends of a session: after quiet, which using it moves, and after its longest life, which nothing moves."""

    idle: datetime
    absolute: datetime

    @property
    def at(self) -> datetime:
        return min(self.idle, self.absolute)

    @property
    def line(self) -> str:
        """One sentence at the foot of the page: until what time it stays open."""
        words = {"time": _hour(self.at)}
        if self.absolute <= self.idle:
            return (
                _(
                    "We sign you out at %(time)s for your safety. This time cannot be moved. "
                    "Finish what you are doing before then, or sign in anew."
                )
                % words
            )
        return (
            _(
                "If you do nothing here until %(time)s, we sign you out for your safety. "
                "Opening or sending a page before then gives you more time."
            )
            % words
        )

    def as_words(self) -> dict[str, str | int]:
        """For the page and its script: how many seconds are left of each, the time of day, the sentence."""
        now = clock.now()
        return {
            "idle": _seconds(self.idle, now),
            "absolute": _seconds(self.absolute, now),
            "at": _hour(self.at),
            "line": self.line,
        }


def of(request: HttpRequest) -> Ends:
    """The ends of this signed-in session, as the middleware measures them."""
    seen, began = (datetime.fromisoformat(request.session[name]) for name in (assurance.SEEN, "created_at"))
    idle, absolute = assurance.limits(request.session)
    return Ends(seen + idle, began + absolute)


def _seconds(until: datetime, now: datetime) -> int:
    return max(0, int((until - now).total_seconds()))


def _hour(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M}"
