"""Querysets whose SQL is composed once: Django composes it anew at each call, which costs more than running it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import models

Row = TypeVar("Row", bound=models.Model)
#: Stand in for the argument while the SQL is composed; nothing else in a query looks like them.
SOME_KEY, SOME_TEXT = 2_147_400_001, "\x01 stands for the argument \x01"


class Compiled(Generic[Row]):
    """`Compiled(lambda pk: Totp.objects.filter(user_id=pk))(user.pk)` reads the rows now, by SQL composed once.

    One statement to the database as before, and nothing of its answer is kept. For what each page asks. The argument is
    a number, or a text where `text` is set; no other part may depend on the moment, or the first one would stay.
    """

    def __init__(self, build: Callable[[Any], models.QuerySet[Row]], *, text: bool = False) -> None:
        self.build, self.stand_in = build, SOME_TEXT if text else SOME_KEY

    @cached_property
    def _composed(self) -> tuple[type[Row], str, tuple[Any, ...]]:
        found = self.build(self.stand_in)
        sql, params = found.query.sql_with_params()
        if self.stand_in not in params or found.query.select_related:
            raise TypeError("such a query cannot be composed once")
        return found.model, sql, params

    def __call__(self, value: int | str) -> list[Row]:
        model, sql, params = self._composed
        given = [value if one == self.stand_in else one for one in params]
        return list(model._default_manager.raw(sql, given))

    def first(self, value: int | str) -> Row | None:
        """The first row, or nothing."""
        return next(iter(self(value)), None)
