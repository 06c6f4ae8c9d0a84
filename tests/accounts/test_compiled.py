"""Querysets composed once still read what stands now, for who is asked for."""

from __future__ import annotations

import pytest
from django.db.models import Count

from accounts import clock
from accounts.models import User
from accounts.models.compiled import Compiled
from accounts.models.totp import Totp

pytestmark = pytest.mark.django_db


def someone(name: str) -> User:
    return User.objects.create_user(f"{name}@example.jp")


def app(user: User, name: str) -> Totp:
    return Totp.objects.create(user=user, name=name, bound_at=clock.now())


def test_each_call_reads_the_rows_of_whom_it_is_asked_for_as_they_stand_then(django_assert_num_queries) -> None:
    hanako, taro = someone("hanako"), someone("taro")
    apps: Compiled[Totp] = Compiled(lambda pk: Totp.objects.filter(user_id=pk).order_by("pk"))
    first = app(hanako, "phone")
    assert apps(hanako.pk) == [first]
    assert apps(taro.pk) == []
    second = app(hanako, "tablet")
    Totp.objects.filter(pk=first.pk).update(name="old phone")
    with django_assert_num_queries(1):
        found = apps(hanako.pk)
    assert found == [first, second]
    assert [(one.name, one.bound_at) for one in found] == [("old phone", first.bound_at), ("tablet", second.bound_at)]


def test_it_keeps_annotations_and_asks_by_text_too() -> None:
    hanako = someone("hanako")
    app(hanako, "phone")
    counted = User.objects.annotate(n=Count("totps"))
    by_key: Compiled[User] = Compiled(lambda key: counted.filter(email_key=key), text=True)
    found = by_key.first("hanako@example.jp")
    assert found == hanako
    assert found.n == 1  # type: ignore[union-attr]
    assert by_key.first("x' OR 1=1 --") is None


def test_it_refuses_what_would_read_columns_of_two_tables_or_forget_its_argument() -> None:
    joined: Compiled[Totp] = Compiled(lambda pk: Totp.objects.filter(user_id=pk).select_related("user"))
    everybody: Compiled[Totp] = Compiled(lambda _: Totp.objects.filter(revoked_at=None))
    for one in (joined, everybody):
        with pytest.raises(TypeError):
            one(1)
