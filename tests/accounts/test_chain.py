"""The history cannot be rewritten: the database refuses, and what is done past it is found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from accounts import chain, events
from accounts.migrations import _history_guard as guard
from accounts.models import SecurityEvent
from tests.accounts.hands import CTX, person

pytestmark = pytest.mark.django_db
TABLE = "accounts_securityevent"


@contextmanager
def past_the_guard() -> Iterator[None]:
    """What the owner of the table can do."""
    with connection.cursor() as cursor:
        for statement in guard.OFF[connection.vendor]:
            cursor.execute(statement)
        yield
        for statement in guard.ON[connection.vendor]:
            cursor.execute(statement)


def sql(statement: str, *params: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, params)


@pytest.fixture
def rows() -> list[SecurityEvent]:
    hanako = person("hanako")
    for number in range(12):
        events.record("session.ended", hanako, CTX, number=number, word="回復")
    assert events.seal() == 12
    return list(SecurityEvent.objects.order_by("sequence"))


def verify(*options: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("verify_history", *options, stdout=out, stderr=out)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue()
    return 0, out.getvalue()


CHANGES = {
    "id": "9999",
    "user_id": "9999",
    "type": "'session.signed_out'",
    "at": "'2020-01-01 00:00:00+00:00'",
    "actor": "'user:1'",
    "network": "'203.0.113.0/24'",
    "agent": "'Safari'",
    "request_id": "'other'",
    "data": "'{}'",
    "sequence": "9999",
    "chain": "'00'",
}


def test_every_column_is_guarded() -> None:
    columns = {field.column for field in SecurityEvent._meta.fields}
    assert columns == CHANGES.keys() == {*guard.COLUMNS, "sequence", "chain"}


@pytest.mark.parametrize("sealed", [True, False])
@pytest.mark.parametrize("column", CHANGES)
def test_the_database_refuses_to_change_an_event(rows: list[SecurityEvent], column: str, sealed: bool) -> None:
    """Not by itself, and not under cover of being sealed."""
    row = rows[4] if sealed else events.record("session.ended", None, CTX, number=1)
    cover = {"sequence": ", chain = ''", "chain": ", sequence = NULL"}.get(column, ", sequence = 77, chain = 'x'")
    for more in ("", cover):
        with pytest.raises(DatabaseError, match="never changed"):
            sql(f"UPDATE {TABLE} SET {column} = {CHANGES[column]}{more} WHERE id = %s", row.pk)


def test_the_database_refuses_to_delete_an_event(rows: list[SecurityEvent]) -> None:
    for statement in (f"DELETE FROM {TABLE} WHERE id = {rows[3].pk}", f"DELETE FROM {TABLE}"):
        with pytest.raises(DatabaseError, match="never deleted"):
            sql(statement)
    with pytest.raises(DatabaseError, match="never deleted"), transaction.atomic():
        SecurityEvent.objects.all().delete()
    assert SecurityEvent.objects.count() == 12


def test_a_whole_history_is_whole_batch_by_batch(rows: list[SecurityEvent], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "BATCH", 5)
    events.record("session.ended", None, CTX)
    code, said = verify()
    assert code == 0
    assert "12 events in the chain, 1 not sealed yet" in said


def test_an_empty_history_is_whole() -> None:
    assert verify()[0] == 0
    assert verify("--head")[1].strip() == "0:"
    assert verify("--expect", "0:")[0] == 0


@pytest.mark.parametrize("column", [column for column in CHANGES if column not in ("id", "sequence")])
def test_a_changed_event_is_found_by_its_id(rows: list[SecurityEvent], column: str) -> None:
    with past_the_guard():
        sql(f"UPDATE {TABLE} SET {column} = {CHANGES[column]} WHERE id = %s", rows[6].pk)
    code, said = verify()
    assert code == 1
    assert f"event {rows[6].pk}: " in said


def test_an_event_taken_out_of_the_middle_is_found(rows: list[SecurityEvent]) -> None:
    with past_the_guard():
        sql(f"DELETE FROM {TABLE} WHERE id = %s", rows[6].pk)
    code, said = verify()
    assert code == 1
    assert f"event {rows[7].pk}: number 7 is missing before it" in said


def test_a_tail_cut_off_is_found_with_a_noted_head_and_only_then(rows: list[SecurityEvent]) -> None:
    head = verify("--head")[1].strip()
    assert head == f"12:{rows[-1].chain}"
    assert verify("--expect", head)[0] == 0
    with past_the_guard():
        sql(f"DELETE FROM {TABLE} WHERE id = %s", rows[-1].pk)
    assert verify()[0] == 0
    code, said = verify("--expect", head)
    assert code == 1
    assert "ends at number 11, and number 12 was noted" in said


def test_a_chain_made_anew_is_found_with_a_noted_head(rows: list[SecurityEvent]) -> None:
    head = chain.head()
    with past_the_guard():
        sql(f"UPDATE {TABLE} SET agent = 'Safari' WHERE id = %s", rows[2].pk)
        sql(f"UPDATE {TABLE} SET sequence = NULL, chain = ''")
    events.seal()
    events.record("session.ended", None, CTX)
    events.seal()
    assert verify()[0] == 0
    code, said = verify("--expect", head)
    assert code == 1
    assert f"event {rows[-1].pk}: the chain up to it" in said


def test_a_head_that_is_none_is_refused() -> None:
    with pytest.raises(CommandError, match="looks like"):
        call_command("verify_history", "--expect", "yesterday")
