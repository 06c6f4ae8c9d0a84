"""The ground of the race tests: a database on which two writers really meet."""

from __future__ import annotations

import threading

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_two_threads_write_different_rows_at_the_same_moment() -> None:
    rows = [ContentType.objects.create(app_label="races", model=name).pk for name in ("one", "two")]
    both_hold_a_row = threading.Barrier(2, timeout=10)
    failures: list[BaseException] = []

    def hold(pk: int) -> None:
        try:
            with transaction.atomic():
                ContentType.objects.select_for_update().get(pk=pk)
                both_hold_a_row.wait()
        except BaseException as failure:  # a thread's failure must fail the test
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=hold, args=(pk,)) for pk in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
