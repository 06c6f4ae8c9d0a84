"""Named limits, a sentence each, over one table of counters: charged before verifying, refunded on success.

Counters live in the database, so losing Redis opens nothing (pitfall P55). Keys are keyed digests: no address or number stands
in clear. Sign-in, step-up and recovery have separate limits, so nobody locks an owner out through a public form (P13, R18).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

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


_CODES_ACCOUNT = tuple(Limit(*pair) for pair in RULES.wrong_codes_account)
_CODES_NETWORK = tuple(Limit(*pair) for pair in RULES.wrong_codes_network)

LIMITS: dict[str, tuple[Limit, ...]] = {
    # Wrong passwords against one account: slows guessing, never locks for good.
    "password.account": tuple(Limit(*pair) for pair in RULES.wrong_passwords_account),
    # Wrong passwords from one network: slows spraying many accounts.
    "password.network": tuple(Limit(*pair) for pair in RULES.wrong_passwords_network),
    # Wrong second factors at sign-in; charged only after the right password.
    "sign_in.account": _CODES_ACCOUNT,
    "sign_in.network": _CODES_NETWORK,
    # Wrong codes inside a signed-in session.
    "step_up.account": _CODES_ACCOUNT,
    "step_up.network": _CODES_NETWORK,
    # Wrong codes when a new authenticator, address or number is confirmed.
    "confirm.account": _CODES_ACCOUNT,
    "confirm.network": _CODES_NETWORK,
    # Wrong codes in recovery: by claim, so that a stranger's claims never use up the owner's tries; S and P have no account counter.
    "recovery.claim": _CODES_ACCOUNT,
    "recovery.network": _CODES_NETWORK,
    # Codes sent by SMS: to one number, for one account, from one network (toll fraud, pitfall P14).
    "sms.number": (Limit(RULES.sms_per_number_hour, HOUR), Limit(RULES.sms_per_number_day, DAY)),
    "sms.account": (Limit(RULES.sms_per_account_day, DAY),),
    "sms.network": (Limit(RULES.sms_per_network_hour, HOUR),),
    # Codes sent by mail: to one address, from one network.
    "mail.address": (Limit(5, HOUR), Limit(12, DAY)),
    "mail.network": (Limit(60, HOUR),),
    # Requests of people who are not signed in, from one network.
    "request.network": (Limit(60, HOUR),),
    # Claims that may ask for codes, per account and day (R12: only the sending is limited).
    "claim.account": (Limit(RULES.claims_per_day, DAY),),
    # Stop codes and links tried from one network.
    "stop_code.network": (Limit(20, HOUR),),
}


@dataclass(frozen=True, slots=True)
class Charge:
    """What a charge gave: allowed or not, when again, and how to take it back."""

    allowed: bool
    until: datetime | None = None
    rows: tuple[tuple[str, int], ...] = ()

    def __bool__(self) -> bool:
        return self.allowed

    def refund(self) -> None:
        """Give the charge back, because the try was right."""
        for key, window in self.rows:
            _add(key, window, -1, clock.now() + DAY)


def charge(*pairs: tuple[str, str]) -> Charge:
    """Charge each (limit name, subject) at once; if one is over its count nothing stays charged and `until` says when again.

    Attack stopped: unlimited guessing or sending, also in parallel, because the counter moves before the try.
    """
    now = clock.now()
    taken: list[tuple[str, int]] = []
    until: datetime | None = None
    with transaction.atomic():
        for name, subject in sorted(pairs):
            for limit in LIMITS[name]:
                seconds = int(limit.per.total_seconds())
                window = int(now.timestamp()) // seconds * seconds
                key = f"{name}/{seconds}:{crypto.keyed_name('limit', subject)}"
                end = datetime.fromtimestamp(window + seconds, UTC)
                count = _add(key, window, 1, end)
                taken.append((key, window))
                if count > limit.count:
                    until = max(until or end, end)
        if until:
            for key, window in taken:
                _add(key, window, -1, now + DAY)
    return Charge(False, until) if until else Charge(True, rows=tuple(taken))


def _add(key: str, window: int, by: int, expires_at: datetime) -> int:
    """Atomic upsert of one counter; returns its new value."""
    table = connection.ops.quote_name(LimitCounter._meta.db_table)
    stamp = connection.ops.adapt_datetimefield_value(expires_at)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (key, window, count, expires_at) VALUES (%s, %s, %s, %s) "  # noqa: S608  own table name
            f"ON CONFLICT (key, window) DO UPDATE SET count = {table}.count + %s RETURNING count".replace(
                "window", connection.ops.quote_name("window")
            ),
            [key, window, max(by, 0), stamp, by],
        )
        return int(cursor.fetchone()[0])
