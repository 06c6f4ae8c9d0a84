"""Named limits, a sentence each, over one table of counters: charged before verifying, refunded on success.

Counters live in the database, so losing Redis opens nothing (pitfall P55). Keys are keyed digests: no address or number
stands in clear. Sign-in, step-up and recovery have separate limits, so nobody locks an owner out through a public form
(P13, R18).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from accounts import clock, crypto
from accounts.models import LimitCounter
from policy.rules import RULES

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` charges in each window of `per`."""

    count: int
    per: timedelta


def _half(limits: tuple[Limit, ...]) -> tuple[Limit, ...]:
    """What strangers may use up, so that the rest is the owners' (R18)."""
    return tuple(Limit(-(-one.count // 2), one.per) for one in limits)


_PASSWORDS_ACCOUNT = tuple(Limit(*pair) for pair in RULES.wrong_passwords_account)
_CODES_ACCOUNT = tuple(Limit(*pair) for pair in RULES.wrong_codes_account)
_SMS_ALL = (Limit(settings.SMS_PER_MINUTE, MINUTE), Limit(settings.SMS_PER_HOUR, HOUR))
_SMS_RANGE = (Limit(settings.SMS_PER_RANGE, 10 * MINUTE),)
_CODES_NETWORK = tuple(Limit(*pair) for pair in RULES.wrong_codes_network)

LIMITS: dict[str, tuple[Limit, ...]] = {
    # Wrong passwords for one address as typed, known or not: slows guessing, never locks for good.
    "password.account": _PASSWORDS_ACCOUNT,
    # Half of them at most from browsers that the account does not know: the rest is the owner's (R18).
    "password.stranger": _half(_PASSWORDS_ACCOUNT),
    # Wrong passwords from one network: slows spraying many accounts.
    "password.network": tuple(Limit(*pair) for pair in RULES.wrong_passwords_network),
    # Wrong second factors at sign-in; charged only after the right password.
    "sign_in.account": _CODES_ACCOUNT,
    "sign_in.stranger": _half(_CODES_ACCOUNT),
    "sign_in.network": _CODES_NETWORK,
    # Wrong codes inside a signed-in session.
    "step_up.account": _CODES_ACCOUNT,
    "step_up.network": _CODES_NETWORK,
    # Wrong codes when a new authenticator, address or number is confirmed.
    "confirm.account": _CODES_ACCOUNT,
    "confirm.network": _CODES_NETWORK,
    # Wrong codes in recovery: by claim, so that a stranger's claims never use up the owner's tries.
    "recovery.claim": _CODES_ACCOUNT,
    "recovery.network": _CODES_NETWORK,
    # Six digits of an app guessed in recovery, over all claims: bounds a botnet. S, P and K have no such counter.
    # Claims in which nothing was shown use up half of it (R18).
    "recovery.account": _CODES_ACCOUNT,
    "recovery.stranger": _half(_CODES_ACCOUNT),
    # The event "limit exceeded": once an hour per limit and subject, so that nobody floods the history.
    "alert.limit": (Limit(1, HOUR),),
    # Codes sent by SMS: to one number, for one account, from one network (toll fraud, pitfall P14).
    "sms.number": (Limit(RULES.sms_per_number_hour, HOUR), Limit(RULES.sms_per_number_day, DAY)),
    "sms.account": (Limit(RULES.sms_per_account_day, DAY),),
    # Half of them at most by claims in which nothing was shown, and by unknown browsers: the rest is the owner's (R18).
    "sms.stranger": (Limit(-(-RULES.sms_per_number_hour // 2), HOUR), Limit(-(-RULES.sms_per_number_day // 2), DAY)),
    "sms.network": (Limit(RULES.sms_per_network_hour, HOUR),),
    # Codes sent by SMS to everybody, and to numbers that begin alike: pumping is stopped when no one number, account or
    # network stands out (pitfall P14). Claims in which nothing was shown stop at half.
    "sms.global": _SMS_ALL,
    "sms.global_stranger": _half(_SMS_ALL),
    "sms.range": _SMS_RANGE,
    "sms.range_stranger": _half(_SMS_RANGE),
    # Callbacks of SMS providers whose signature is wrong, from one network; right ones are refunded.
    "hook.network": (Limit(60, MINUTE),),
    # Codes sent by mail: to one address, from one network.
    "mail.address": (Limit(10, HOUR), Limit(12, DAY)),
    "mail.stranger": (Limit(5, HOUR), Limit(6, DAY)),
    "mail.network": (Limit(60, HOUR),),
    # Requests of people who are not signed in, from one network.
    "request.network": (Limit(60, HOUR),),
    # Claims that may ask for codes, per account and day (R12: only the sending is limited).
    "claim.account": (Limit(RULES.claims_per_day, DAY),),
    # The host platform asking how accounts stand, by key: a runaway loop stops itself, not the portal.
    "standing.key": (Limit(600, MINUTE),),
    # Papers and videos sent, by account or claim, and four times as many from one network (§7).
    "papers.account": (Limit(RULES.files_per_window, RULES.files_window),),
    "papers.claim": (Limit(RULES.files_per_window, RULES.files_window),),
    "papers.network": (Limit(4 * RULES.files_per_window, RULES.files_window),),
    # Copies of an account's data: each is told to every address of the person.
    "export.account": (Limit(10, DAY),),
    # Stop codes and links tried from one network.
    "stop_code.network": (Limit(20, HOUR),),
}


@dataclass(frozen=True, slots=True)
class Charge:
    """What a charge gave: allowed or not, when again, which limits were full, and how to take it back."""

    allowed: bool
    until: datetime | None = None
    rows: tuple[tuple[str, int], ...] = ()
    full: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return self.allowed

    def refund(self) -> None:
        """Give the charge back, because the try was right."""
        if self.rows:
            _add([(key, window, clock.now() + DAY) for key, window in self.rows], -1)


def charge(*pairs: tuple[str, str]) -> Charge:
    """Charge each (limit name, subject) at once; if one is over its count nothing stays charged, and `until` says when.

    Attack stopped: unlimited guessing or sending, also in parallel, because the counter moves before the try.
    """
    if not pairs:
        return Charge(True)
    now = clock.now()
    limits: dict[tuple[str, int], Limit] = {}
    rows: list[tuple[str, int, datetime]] = []
    for name, subject in sorted(pairs):
        for limit in LIMITS[name]:
            seconds = int(limit.per.total_seconds())
            window = int(now.timestamp()) // seconds * seconds
            key = f"{name}/{seconds}:{crypto.keyed_name('limit', subject)}"
            limits[key, window] = limit
            rows.append((key, window, datetime.fromtimestamp(window + seconds, UTC)))
    with transaction.atomic():
        counts = _add(rows, 1)
        over = {key: end for key, window, end in rows if counts[key, window] > limits[key, window].count}
        if over:
            _add(rows, -1)
    if over:
        return Charge(False, max(over.values()), full=frozenset(key.partition("/")[0] for key in over))
    return Charge(True, rows=tuple((key, window) for key, window, _ in rows))


def _add(rows: list[tuple[str, int, datetime]], by: int) -> dict[tuple[str, int], int]:
    """Atomic upsert of the counters in one statement, in a fixed order so that two never wait in a ring."""
    table, window = connection.ops.quote_name(LimitCounter._meta.db_table), connection.ops.quote_name("window")
    values: list[Any] = []
    for key, begin, end in sorted(rows):
        values += [key, begin, max(by, 0), connection.ops.adapt_datetimefield_value(end)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (key, {window}, count, expires_at) "  # noqa: S608  our own names
            f"VALUES {', '.join(['(%s, %s, %s, %s)'] * len(rows))} "
            f"ON CONFLICT (key, {window}) DO UPDATE SET count = {table}.count + %s RETURNING key, {window}, count",
            [*values, by],
        )
        return {(key, begin): count for key, begin, count in cursor.fetchall()}
