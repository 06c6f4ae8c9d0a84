"""Risk facts about one claim, gathered once by the worker that resolves it (R17). What each does is the policy's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from accounts import clock, countries
from accounts.models import KnownBrowser, SecurityEvent, User
from policy.rules import RULES
from recovery.models import Case

#: Wrong codes of so long ago are no news.
_CODES_LATELY = timedelta(days=1)
#: Ends that say nothing against the next claim: the claimant's own, a better set of proofs, time.
_ORDINARY = ("claimant", "overtaken", "expire", "complete")


def of_claim(case: Case, user: User | None) -> set[str]:
    """The names of what is unusual about this claim; nothing for nobody's account. Never shown before a proof."""
    return set(_found(case, user)) if user else set()


def _found(case: Case, user: User) -> Iterator[str]:
    now = clock.now()
    known = list(KnownBrowser.objects.counting(now).filter(user=user).values_list("digest", "network"))
    if known and not {digest for digest, _ in known} & set(case.browsers):
        yield "new_browser"
    if countries.is_new(case.network, [network for _, network in known]):
        yield "new_country"
    ended = Case.objects.filter(user=user, ended_at__gt=now - RULES.veto_bars).exclude(suffices_at=None)
    if ended.exclude(ended_why__in=_ORDINARY).exists():
        yield "stopped_lately"
    limits = SecurityEvent.objects.filter(user=user, type="limit.exceeded", at__gt=now - _CODES_LATELY)
    if limits.exists():
        yield "failed_codes"
