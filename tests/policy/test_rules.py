"""The table of numbers: complete, sourced, refused when it is nonsense; and a package that stands alone."""

from __future__ import annotations

import ast
import re
import string
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import pytest

import policy
from policy.facts import NEVER
from policy.reasons import REASONS
from policy.rules import RULES, SOURCES
from tests.policy.people import DAY, HOUR

FILES = sorted(Path(policy.__file__).parent.glob("*.py"))
MINUTE = timedelta(minutes=1)


def test_the_defaults_are_sound() -> None:
    assert RULES.problems() == []


def test_every_number_has_a_source() -> None:
    assert set(SOURCES) == {rule.name for rule in fields(RULES)}
    assert all(SOURCES.values())


def test_the_defaults_are_those_of_the_product() -> None:
    """§13, read off the page."""
    r = RULES
    assert (r.sms_code_life, r.sms_code_digits, r.sms_cooldown) == (10 * MINUTE, 6, MINUTE)
    assert (r.sms_per_number_hour, r.sms_per_number_day) == (3, 6)
    assert (r.sms_per_account_day, r.sms_per_network_hour) == (10, 20)
    assert (r.email_code_life, r.confirm_link_life, r.reset_link_life) == (30 * MINUTE, DAY, HOUR)
    assert r.wrong_codes_account == ((5, 5 * MINUTE), (20, HOUR), (50, DAY))
    assert r.wrong_codes_network == ((10, 5 * MINUTE), (50, HOUR))
    assert r.wrong_passwords_account == ((10, 5 * MINUTE), (50, DAY))
    assert r.wrong_passwords_network == ((30, HOUR),)
    assert r.authenticator_disabled_after == 100
    assert (r.pending_sign_in, r.step_up_fresh, r.session_idle, r.session_absolute) == (
        10 * MINUTE,
        10 * MINUTE,
        30 * MINUTE,
        12 * HOUR,
    )
    assert (r.agent_session_idle, r.agent_session_absolute, r.idle_warning) == (15 * MINUTE, 8 * HOUR, 2 * MINUTE)
    assert (r.final_two_custodies, r.final_else) == (24 * HOUR, 72 * HOUR)
    assert (r.wait_two_custodies, r.wait_people, r.wait_one_place, r.wait_identity_video) == (
        timedelta(),
        24 * HOUR,
        72 * HOUR,
        7 * DAY,
    )
    assert (r.money_after_recovery, r.money_after_number_change) == (48 * HOUR, 24 * HOUR)
    assert (r.not_me_link_life, r.not_me_undoes, r.not_me_undoes_recovery) == (10 * DAY, 72 * HOUR, 7 * DAY)
    assert (r.claims_per_day, r.claim_life, r.proving_life, r.ready_life) == (5, HOUR, 7 * DAY, 7 * DAY)
    assert (r.known_browser_counts_after, r.known_browser_life) == (30 * DAY, 180 * DAY)
    assert (r.contacts_needed, r.contacts_asked) == (2, 3)
    assert (r.vouch_code_life, r.contact_invite_life) == (15 * MINUTE, 7 * DAY)
    assert (r.file_bytes, r.file_pixels, r.files_per_window, r.files_window) == (12 * 2**20, 40_000_000, 5, 6 * HOUR)
    assert (r.papers_kept, r.papers_unseen_kept) == (30 * DAY, HOUR)
    assert (r.first_look_promised, r.status_mail_every, r.review_mail_every) == (DAY, 2 * DAY, 90 * DAY)
    assert (r.review_mail_unanswered, r.quiet_from_hour, r.quiet_until_hour) == (3, 21, 8)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("final_two_custodies", timedelta()),
        ("final_two_custodies", 80 * HOUR),
        ("final_else", 80 * HOUR),
        ("wait_one_place", HOUR),
        ("wait_people", 100 * HOUR),
        ("wait_two_custodies", -HOUR),
        ("wait_identity_video", HOUR),
        ("step_up_fresh", timedelta()),
        ("sms_code_life", 11 * MINUTE),
        ("sms_code_digits", 4),
        ("email_code_life", 2 * HOUR),
        ("session_idle", 2 * HOUR),
        ("session_absolute", 30 * HOUR),
        ("idle_warning", HOUR),
        ("authenticator_disabled_after", 101),
        ("claims_per_day", 0),
        ("saved_code_characters", 16),
        ("contacts_needed", 1),
        ("not_me_link_life", 6 * DAY),
        ("money_after_recovery", 23 * HOUR),
        ("quiet_from_hour", 24),
        ("wrong_codes_account", ()),
        ("wrong_codes_account", ((20, 5 * MINUTE), (5, HOUR))),
        ("sms_per_number_hour", 7),
    ],
)
def test_nonsense_is_refused_by_name(name: str, value: object) -> None:
    problems = replace(RULES, **{name: value}).problems()  # type: ignore[arg-type]
    assert any(name in problem for problem in problems), problems


def test_never_can_be_shown_in_every_zone_and_waited_upon() -> None:
    from zoneinfo import ZoneInfo

    assert NEVER.astimezone(ZoneInfo("Pacific/Kiritimati")) == NEVER == NEVER.astimezone(ZoneInfo("Pacific/Niue"))
    assert NEVER + 30 * DAY > NEVER


def test_every_reason_has_a_sentence_and_every_sentence_a_reason() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in FILES if path.name != "reasons.py")
    given = set(re.findall(r'(?:Reason|refused)\("R\d+", "([a-z_0-9]+)"', code))
    given |= set(re.findall(r'(?:code = |"R\d+", )"([a-z_]+)" if', code)) | set(re.findall(r' else "([a-z_]+)"', code))
    for dated in re.findall(r'dated\("R\d+", "([a-z_]+)"', code):
        given |= {dated, f"{dated}_once_told"}
    # A number change is always at a known moment; the others are no reasons.
    assert set(REASONS) == given - {"rests_after_number_once_told", "on_hold", "ready", "self"}


def test_sentences_use_only_the_placeholders_pages_know() -> None:
    for code, sentence in REASONS.items():
        names = {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
        assert names <= {"until", "minutes", "hours", "days", "count"}, code


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_policy_stands_alone(path: Path) -> None:
    """No Django, no clock, no I/O: whoever asks brings the facts."""
    allowed = {"__future__", "collections.abc", "dataclasses", "datetime", "enum", "itertools", "typing", "policy"}
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names]
            assert {n if n in allowed else n.split(".")[0] for n in names} <= allowed, ast.unparse(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr not in {"now", "today", "utcnow"}, ast.unparse(node)
