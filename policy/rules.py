"""The numbers of the product (§13 and every ◇ of §4): one frozen table, each with its unit and its source.

Durations are `timedelta`, counts are `int`, limits are `(how many, within)` pairs. Sources: R = product §4,
§ = product, N63A/N63B = NIST SP 800-63A-4/-63B-4, ASVS = OWASP ASVS 5.0.0, "house" = our own judgement.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import TypeVar

T = TypeVar("T")

Limits = tuple[tuple[int, timedelta], ...]

NONE = timedelta()


def minutes(n: int) -> timedelta:
    return timedelta(minutes=n)


def hours(n: int) -> timedelta:
    return timedelta(hours=n)


def days(n: int) -> timedelta:
    return timedelta(days=n)


def _rule(default: T, source: str) -> T:
    value: T = field(default=default, metadata={"source": source})
    return value


@dataclass(frozen=True, slots=True)
class Rules:
    """Every number the portal decides by. Change one with `dataclasses.replace`; `problems()` refuses nonsense."""

    # What counts (R1–R3)
    contacts_needed: int = _rule(2, "R1")
    contacts_asked: int = _rule(3, "R1")
    number_confirmed_within: timedelta = _rule(days(180), "R2")
    mail_confirmed_within: timedelta = _rule(days(180), "R2: older is lapsed, counts at lapsed_mail_wait")
    step_up_fresh: timedelta = _rule(minutes(10), "R2; ASVS 7.5.3")
    reset_settles_after: timedelta = _rule(hours(72), "R3; ASVS 6.4.3")

    # Waits of a recovery (R5)
    wait_two_custodies: timedelta = _rule(NONE, "R5")
    wait_people: timedelta = _rule(hours(24), "R5")
    wait_one_place: timedelta = _rule(hours(72), "R5")
    wait_identity_video: timedelta = _rule(days(7), "R5")
    lapsed_mail_wait: timedelta = _rule(days(7), "R2")
    wait_without_other_address: timedelta = _rule(hours(72), "R5; N63B 4.2.3 (notice to an address not used)")

    # Finality, probation (R6, R7)
    final_two_custodies: timedelta = _rule(hours(24), "R6")
    final_else: timedelta = _rule(hours(72), "R6")
    contact_probation: timedelta = _rule(days(7), "R7")
    identity_probation: timedelta = _rule(days(30), "R7")

    # Money (R8)
    money_after_number_change: timedelta = _rule(hours(24), "R8")
    money_after_recovery: timedelta = _rule(hours(48), "R8 (until final, and at least this)")

    # Notices and "not me" (R9, R10)
    removed_address_told_for: timedelta = _rule(days(30), "R9; N63B 4.6")
    last_notice_before_end: timedelta = _rule(hours(1), "R9")
    not_me_link_life: timedelta = _rule(days(10), "R9; Login.gov")
    not_me_undoes: timedelta = _rule(hours(72), "R10")
    not_me_undoes_recovery: timedelta = _rule(days(7), "R10")
    changes_per_day: int = _rule(20, "house: each is told everywhere, so it bounds the letters one theft can cause")

    # Vetoes (R11)
    veto_bars: timedelta = _rule(days(30), "R11")
    veto_stretches_to: timedelta = _rule(days(7), "R11")

    # Claims and cases (R12, §13)
    claims_per_day: int = _rule(5, "R12")
    claim_life: timedelta = _rule(hours(1), "R12")
    proving_life: timedelta = _rule(days(7), "§13")
    ready_life: timedelta = _rule(days(7), "R12")

    # Loss, freeze, settings lock (R13, R14)
    loss_one_place_per: timedelta = _rule(hours(24), "R13; N63B 4.3")
    loss_undoes: timedelta = _rule(hours(72), "R13")
    freeze_ends_after: timedelta = _rule(hours(72), "R14")
    freeze_again_after: timedelta = _rule(days(30), "R14")
    lock_shortest: timedelta = _rule(days(1), "R14; Kraken")
    lock_longest: timedelta = _rule(days(30), "R14; Kraken")
    lock_not_after_change: timedelta = _rule(hours(72), "R14")

    # Review and risk (R15, R17)
    contact_alarm_once_in: timedelta = _rule(days(30), "R15")
    contact_alarm_stretches_to: timedelta = _rule(days(7), "R15")
    risk_contact_changed_within: timedelta = _rule(days(30), "R17; N63A 3.2.1-R9")
    risk_wait: timedelta = _rule(days(7), "R17")

    # Codes and links (§13, §3)
    sms_code_life: timedelta = _rule(minutes(10), "§13; N63B 4.2.1.2")
    sms_code_digits: int = _rule(6, "§13; N63B 3.1.3.2")
    sms_cooldown: timedelta = _rule(timedelta(seconds=60), "§13")
    email_code_life: timedelta = _rule(minutes(30), "§13; N63B 4.2.1.2 (at most 24 h)")
    email_code_digits: int = _rule(6, "N63B 4.2.1.2")
    confirm_link_life: timedelta = _rule(hours(24), "§13; N63B 4.2.1.2")
    reset_link_life: timedelta = _rule(hours(1), "§13; OWASP Forgot Password")
    saved_code_count: int = _rule(10, "§3; N63B 4.2.1.1")
    saved_code_characters: int = _rule(20, "§3: 100 bits, 80 of them under the slow hash; N63B 4.2.1.1 (64)")
    saved_codes_low_at: int = _rule(3, "§3")
    vouch_code_life: timedelta = _rule(minutes(15), "§13")
    contact_invite_life: timedelta = _rule(days(7), "§13")

    # Limits (R18, §13; charged in accounts/throttling.py)
    sms_per_number_hour: int = _rule(3, "§13; pitfall P14")
    sms_per_number_day: int = _rule(6, "§13; pitfall P14")
    sms_per_account_day: int = _rule(10, "§13; pitfall P14")
    sms_per_network_hour: int = _rule(20, "§13; pitfall P14")
    wrong_codes_account: Limits = _rule(((5, minutes(5)), (20, hours(1)), (50, days(1))), "§13; PyPI")
    wrong_codes_network: Limits = _rule(((10, minutes(5)), (50, hours(1))), "§13; PyPI")
    wrong_passwords_account: Limits = _rule(((10, minutes(5)), (50, days(1))), "§13; PyPI")
    wrong_passwords_network: Limits = _rule(((30, hours(1)),), "§13; PyPI")
    authenticator_disabled_after: int = _rule(100, "R18; N63B 3.2.2 (at most 100 in a row)")

    # Sessions and browsers (§13)
    pending_sign_in: timedelta = _rule(minutes(10), "§13; N63B 3.1.3.2")
    session_idle: timedelta = _rule(minutes(30), "§13; N63B 2.2.3 (at most 1 h)")
    session_absolute: timedelta = _rule(hours(12), "§13; N63B 2.2.3 (at most 24 h)")
    agent_session_idle: timedelta = _rule(minutes(15), "§13")
    agent_session_absolute: timedelta = _rule(hours(8), "§13")
    idle_warning: timedelta = _rule(minutes(2), "§13; WCAG 2.2.1")
    known_browser_counts_after: timedelta = _rule(days(30), "§13")
    known_browser_life: timedelta = _rule(days(180), "§13")

    # Papers and service (§7, §13)
    file_bytes: int = _rule(12 * 1024 * 1024, "§7; ASVS 5.2.1")
    file_pixels: int = _rule(40_000_000, "§7; ASVS 5.2.6")
    files_per_window: int = _rule(5, "§7; Login.gov")
    files_window: timedelta = _rule(hours(6), "§7; Login.gov")
    video_bytes: int = _rule(40 * 1024 * 1024, "house: 20 s from a phone; ASVS 5.2.1")
    papers_kept: timedelta = _rule(days(30), "§7; N63A 3.3.2")
    papers_unseen_kept: timedelta = _rule(hours(1), "§6")
    papers_undecided_kept: timedelta = _rule(days(90), "house: nothing waits for people longer than this")
    video_words_life: timedelta = _rule(minutes(15), "§7")
    first_look_promised: timedelta = _rule(hours(24), "§6")
    status_mail_every: timedelta = _rule(hours(48), "§13")
    review_mail_every: timedelta = _rule(days(90), "§1 row 9")
    review_mail_unanswered: int = _rule(3, "§8 (then yearly)")
    quiet_from_hour: int = _rule(21, "§13")
    quiet_until_hour: int = _rule(8, "§13")

    def problems(self) -> list[str]:
        """What is nonsense in these settings, as English sentences for the start-up check; empty when all is well."""
        return [*self._not_positive(), *self._out_of_order(), *self._beyond_the_standards(), *self._limits_that_slip()]

    def _not_positive(self) -> Iterator[str]:
        may_be_zero = {"wait_two_custodies"}
        for rule in fields(self):
            value = getattr(self, rule.name)
            if isinstance(value, timedelta) and (value < NONE or (value == NONE and rule.name not in may_be_zero)):
                yield f"{rule.name} must be longer than nothing."
            if isinstance(value, int) and value < 1:
                yield f"{rule.name} must be at least 1."

    def _out_of_order(self) -> Iterator[str]:
        """Pairs that must not cross: (smaller, larger, why)."""
        for smaller, larger, why in (
            ("wait_two_custodies", "wait_people", "less trust never waits less"),
            ("wait_people", "wait_one_place", "less trust never waits less"),
            ("wait_one_place", "wait_identity_video", "less trust never waits less"),
            ("wait_one_place", "lapsed_mail_wait", "a lapsed address never waits less"),
            ("wait_people", "wait_without_other_address", "an owner nobody can tell never waits less"),
            ("final_two_custodies", "final_else", "one custody is never final sooner than two"),
            ("final_else", "not_me_undoes", "a change must not be final before a 'not me' stops reaching it"),
            ("not_me_undoes", "not_me_undoes_recovery", "a recovery stays undoable at least as long as a change"),
            ("not_me_undoes_recovery", "not_me_link_life", "the link must live as long as it can undo"),
            ("final_two_custodies", "money_after_recovery", "money must not move before a recovery can be final"),
            ("money_after_number_change", "money_after_recovery", "a recovery rests at least as long as a change"),
            ("claim_life", "proving_life", "a claim is shorter than a case"),
            ("email_code_life", "claim_life", "a code must not outlive its claim"),
            ("sms_cooldown", "sms_code_life", "a new code must be possible before the old one dies"),
            ("idle_warning", "session_idle", "the warning comes before the end"),
            ("session_idle", "session_absolute", "idle time is shorter than the session"),
            ("agent_session_idle", "agent_session_absolute", "idle time is shorter than the session"),
            ("lock_shortest", "lock_longest", "the lock's shortest is not longer than its longest"),
            ("last_notice_before_end", "wait_people", "the last notice falls inside the wait"),
            ("papers_unseen_kept", "papers_kept", "papers nobody saw are kept shorter"),
            ("contacts_needed", "contacts_asked", "no more contacts are needed than asked"),
            ("saved_codes_low_at", "saved_code_count", "the low mark lies below the full set"),
        ):
            if getattr(self, smaller) > getattr(self, larger):
                yield f"{smaller} must not exceed {larger}: {why}."

    def _beyond_the_standards(self) -> Iterator[str]:
        """Bounds a setting may not cross, whatever the operator wishes (product R6, NIST SP 800-63B-4)."""
        for name, limit, why in (
            ("sms_code_life", minutes(10), "N63B 4.2.1.2"),
            ("email_code_life", hours(24), "N63B 4.2.1.2"),
            ("confirm_link_life", hours(24), "N63B 4.2.1.2"),
            ("reset_link_life", hours(24), "N63B 4.2.1.2"),
            ("pending_sign_in", minutes(10), "N63B 3.1.3.2"),
            ("session_idle", hours(1), "N63B 2.2.3"),
            ("session_absolute", hours(24), "N63B 2.2.3"),
            ("authenticator_disabled_after", 100, "N63B 3.2.2"),
        ):
            if getattr(self, name) > limit:
                yield f"{name} must not exceed {limit} ({why})."
        for name, floor, why in (
            ("sms_code_digits", 6, "N63B 3.1.3.2"),
            ("email_code_digits", 6, "N63B 4.2.1.2"),
            ("saved_code_characters", 17, "4 locate the row, the other 13 carry 64 bits: N63B 4.2.1.1"),
            ("contacts_needed", 2, "one contact must never be enough: R1"),
        ):
            if getattr(self, name) < floor:
                yield f"{name} must be at least {floor} ({why})."
        if not (0 <= self.quiet_from_hour <= 23 and 0 <= self.quiet_until_hour <= 23):
            yield "quiet_from_hour and quiet_until_hour must be hours of the day."

    def _limits_that_slip(self) -> Iterator[str]:
        for rule in fields(self):
            value = getattr(self, rule.name)
            if not isinstance(value, tuple):
                continue
            if not value or any(count < 1 or within <= NONE for count, within in value):
                yield f"{rule.name} must hold at least one limit, each above nothing."
            elif any(a[0] >= b[0] or a[1] >= b[1] for a, b in zip(value, value[1:], strict=False)):
                yield f"{rule.name}: a longer time must allow more tries than a shorter one."
        if not self.sms_per_number_hour <= self.sms_per_number_day <= self.sms_per_account_day:
            yield "sms_per_number_hour, sms_per_number_day and sms_per_account_day must not fall."


RULES = Rules()

#: Where each number comes from, by field name (the public policy page prints it).
SOURCES: dict[str, str] = {rule.name: str(rule.metadata["source"]) for rule in fields(Rules)}
