"""docs/threat-model.md names a test for every pitfall, and each test it names exists."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tests.servers import ROOT

TEXT = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::([\w:]+)`")
#: The last table: pitfall → its whole row.
ROWS = dict(re.findall(r"^\| (P\d+) (\|.*)$", TEXT.partition("## Every pitfall")[2], re.MULTILINE))


@cache
def defined_in(path: str) -> frozenset[str]:
    """`name` and `Class::name` of every test in a file."""
    found = set()
    for node in ast.parse((ROOT / path).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}::{one.name}" for one in node.body if isinstance(one, ast.FunctionDef)}
        elif isinstance(node, ast.FunctionDef):
            found.add(node.name)
    return frozenset(found)


@pytest.mark.parametrize("number", range(1, 40))
def test_every_pitfall_has_a_row_and_a_test(number: int) -> None:
    """Where the thing itself is not here, the test shows that it is not."""
    what = [cell.strip() for cell in ROWS[f"P{number}"].strip("|").split("|")]
    assert len(what) == 3 and all(what)
    assert NAMED.search(what[2])


def test_every_test_named_exists() -> None:
    named = NAMED.findall(TEXT)
    assert len(named) > 60
    missing = [f"{path}::{name}" for path, name in named if not (ROOT / path).is_file() or name not in defined_in(path)]
    assert missing == []


def test_a_test_is_named_in_no_other_way() -> None:
    """A name written otherwise would be looked at by nobody."""
    assert len(re.findall(r"\btest_\w+`", TEXT)) == len(NAMED.findall(TEXT))
