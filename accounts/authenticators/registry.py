"""The authenticators, in the order pages offer them. No silent default: an unknown or doubled code raises."""

from __future__ import annotations

from accounts.authenticators.base import Authenticator
from accounts.authenticators.email import EmailCode
from accounts.authenticators.passkey import Passkey
from accounts.authenticators.password import Password
from accounts.authenticators.saved_codes import SavedCodes
from accounts.authenticators.sms import SmsCode
from accounts.authenticators.totp import AuthenticatorApp

REGISTRY: tuple[Authenticator, ...] = (
    Password(), Passkey(), AuthenticatorApp(), SmsCode(), SavedCodes(), EmailCode(),
)  # fmt: skip
#: What may stand beside the password at sign-in. Never mail (SP 800-63B-4 §3.1.3.1).
SECOND_FACTORS: tuple[Authenticator, ...] = tuple(one for one in REGISTRY if one.second_factor)


def by_code(authenticators: tuple[Authenticator, ...]) -> dict[str, Authenticator]:
    """The authenticators by code; raises when two share one, because the second would never be asked."""
    found = {one.code: one for one in authenticators}
    if len(found) != len(authenticators):
        raise ValueError(f"authenticator codes named twice: {[one.code for one in authenticators]}")
    return found


_BY_CODE = by_code(REGISTRY)


def get(code: str) -> Authenticator:
    """The authenticator of that code; raises LookupError for any other."""
    try:
        return _BY_CODE[code]
    except KeyError:
        raise LookupError(f"no authenticator is called {code!r}") from None
