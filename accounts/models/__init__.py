"""Nouns: one a file."""

from accounts.models.address import Address
from accounts.models.api_key import ApiKey
from accounts.models.challenge import Challenge, Link
from accounts.models.change import Change
from accounts.models.gateway import GatewayCircuit
from accounts.models.identity import Identity
from accounts.models.known_browser import KnownBrowser
from accounts.models.limit import LimitCounter
from accounts.models.means import Means
from accounts.models.outbox_message import OutboxMessage
from accounts.models.passkey import Passkey, UsedChallenge
from accounts.models.password_reset import PasswordReset
from accounts.models.payout import PayoutAddress, Withdrawal
from accounts.models.phone import LineType, Phone
from accounts.models.request import AddressRequest
from accounts.models.saved_code import SavedCode, SavedCodeSet
from accounts.models.security_event import SecurityEvent
from accounts.models.session import Session
from accounts.models.totp import Totp
from accounts.models.user import User, email_key

__all__ = [
    "Address",
    "AddressRequest",
    "ApiKey",
    "Challenge",
    "Change",
    "GatewayCircuit",
    "KnownBrowser",
    "Identity",
    "LimitCounter",
    "LineType",
    "Link",
    "Means",
    "OutboxMessage",
    "Passkey",
    "PasswordReset",
    "PayoutAddress",
    "Phone",
    "SavedCode",
    "SavedCodeSet",
    "SecurityEvent",
    "Session",
    "Totp",
    "UsedChallenge",
    "User",
    "Withdrawal",
    "email_key",
]
