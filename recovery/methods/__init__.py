"""The registry of recovery methods: explicit and ordered as pages offer them."""

from __future__ import annotations

from recovery.methods.base import Method
from recovery.methods.email import Email
from recovery.methods.password import Password
from recovery.methods.saved_code import SavedCode
from recovery.methods.sms import Sms
from recovery.methods.totp import Totp

METHODS: tuple[Method, ...] = (Email(), Totp(), SavedCode(), Password(), Sms())

_BY_CODE = {method.code: method for method in METHODS}
if len(_BY_CODE) != len(METHODS) or len({method.kind for method in METHODS}) != len(METHODS):
    raise ValueError("two recovery methods share a code or a kind")


def get(code: str) -> Method:
    """The method of that code; LookupError for any other: there is no silent default."""
    return _BY_CODE[code]


def of_kind(kind: str) -> Method | None:
    """The method that shows this kind of proof, if people can show it themselves."""
    return next((method for method in METHODS if method.kind == kind), None)


__all__ = ["METHODS", "Method", "get", "of_kind"]
