"""The checks check: what the catalogue's look finds, and that the closing line counts both runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Message

from tools import catalogue
from tools.test import tally


def message(identity: str | tuple[str, str], *strings: str, flags: tuple[str, ...] = ()) -> Message:
    return Message(identity, strings[0] if isinstance(identity, str) else strings, flags=flags)


@pytest.mark.parametrize(
    ("faulty", "fault"),
    [
        (message("Help", ""), "untranslated: 'Help'"),
        (message("Help", "　"), "untranslated: 'Help'"),
        (message("Help", "ヘルプ", flags=("fuzzy",)), "fuzzy: 'Help'"),
        (message("Until %(time)s", "まで"), "placeholders differ"),
        (message("Until %(time)s", "%(times)sまで"), "placeholders differ"),
        (message("Until {time}", "{moment}まで"), "placeholders differ"),
        (message(("%(n)s code", "%(n)s codes"), "%(m)s個のコード"), "placeholders differ"),
    ],
)
def test_it_finds_the_fault_in_a_translation(faulty: Message, fault: str) -> None:
    assert any(found.startswith(fault) for found in catalogue.faults([faulty]))


@pytest.mark.parametrize(
    "sound",
    [
        message("Until %(time)s", "%(time)sまで"),
        message(("One code", "%(n)s codes"), "%(n)s個のコード"),
        message("100 %", "100 %"),
    ],
)
def test_it_lets_a_sound_translation_pass(sound: Message) -> None:
    assert list(catalogue.faults([sound])) == []


def test_the_closing_line_counts_both_runs(tmp_path: Path) -> None:
    sqlite, postgres = tmp_path / "sqlite.xml", tmp_path / "postgres.xml"
    sqlite.write_text('<testsuites><testsuite tests="10" failures="1" errors="2" skipped="3"/></testsuites>')
    postgres.write_text('<testsuites><testsuite tests="4" failures="0" errors="0" skipped="0"/></testsuites>')
    assert tally([sqlite, postgres, tmp_path / "never-written.xml"]) == {
        "failed": 1, "errors": 2, "skipped": 3, "passed": 8
    }  # fmt: skip
