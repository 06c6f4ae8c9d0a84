"""The session engine: one row a session, one statement a deed, and no row that was cleared comes back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Session
from accounts.sessions import SessionStore

pytestmark = pytest.mark.django_db


def kept(**words: str) -> SessionStore:
    store = SessionStore()
    store.update(words)
    store.save()
    return store


def test_a_new_key_takes_the_contents_along_and_leaves_the_old_key_nothing(django_assert_num_queries) -> None:
    store = kept(colour="blue")
    old = store.session_key
    store = SessionStore(old)
    assert store["colour"] == "blue"
    with django_assert_num_queries(1):  # the old row goes at once
        store.cycle_key()
    assert store.session_key != old
    assert store.modified  # so the middleware writes it and sends the cookie
    store["shape"] = "round"
    with django_assert_num_queries(3):  # one insert in a savepoint
        store.save()
    again = SessionStore(store.session_key)
    assert (again["colour"], again["shape"]) == ("blue", "round")
    assert SessionStore(old).load() == {}
    assert Session.objects.count() == 1


def test_after_a_new_key_was_written_it_is_updated_in_place() -> None:
    store = kept(colour="blue")
    store.cycle_key()
    store.save()
    store["colour"] = "red"
    store.save()
    assert SessionStore(store.session_key)["colour"] == "red"
    assert Session.objects.count() == 1


def test_a_session_past_its_end_or_flushed_is_empty() -> None:
    late, gone = kept(colour="blue"), kept(colour="red")
    Session.objects.filter(pk=late.session_key).update(expire_date=timezone.now() - timedelta(seconds=1))
    flushed = gone.session_key
    gone.flush()
    for key in (late.session_key, flushed):
        store = SessionStore(key)
        assert store.load() == {}
        assert store.session_key is None
