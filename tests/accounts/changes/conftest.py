"""People of the change tests, and their letters."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from accounts import clock
from accounts.models import Address, Challenge, Change, Link, OutboxMessage, Phone, SavedCode, SavedCodeSet, User
from accounts.services import changes
from accounts.services.verify import Verified
from policy.facts import Kind
from tests.accounts.hands import app_of, person, sign_in, step_up


@pytest.fixture
def hanako(db: None) -> User:
    """Password, app, sheet on paper, an old number, two mail addresses."""
    user = person("hanako")
    app_of(user)
    long_ago = clock.now() - timedelta(days=90)
    Phone.objects.create(user=user, number="+819012345601", bound_at=long_ago, confirmed_at=long_ago)
    sheet = SavedCodeSet.objects.create(user=user, bound_at=long_ago, confirmed_at=long_ago)
    SavedCode.objects.create(sheet=sheet, locator="ABCD", hash="!")
    Address.objects.create(
        user=user, email="hanako@second.example", key="hanako@second.example", bound_at=long_ago, confirmed_at=long_ago
    )
    return user


@pytest.fixture
def mallory(db: None) -> User:
    return person("mallory")


def proofs(user: User) -> tuple[Verified, Verified]:
    """What an ordinary sign-in shows: password and app. One phone could hold both."""
    return Verified(Kind.PASSWORD, "password"), Verified(Kind.TOTP, user.totps.get().means_id)


@pytest.fixture
def at_home(client: Client, hanako: User) -> Client:
    """Hanako signed in with password and app."""
    sign_in(client, hanako, *proofs(hanako))
    return client


def confirm(client: Client, user: User, deed: str, *, paper: bool = False) -> None:
    """A fresh step-up: with the app, or with a saved code from the paper."""
    sheet = user.savedcodesets.get(added_by=None)
    proof = Verified(Kind.SAVED_CODE, sheet.means_id) if paper else proofs(user)[1]
    step_up(client, proof, deed)


def newest_code(to: str) -> str:
    """The code of the newest letter to that address."""
    return Challenge.objects.filter(to=to).order_by("-created_at")[0].code


def send_all(user: User) -> None:
    """Every letter is handed over now, and what waits for it is told."""
    OutboxMessage.objects.filter(user=user, status="queued").update(status="sent", sent_at=clock.now())
    for change in Change.objects.filter(user=user, final_at=None):
        changes.settle(change.pk)


def not_me_link(user: User, to: str | None = None) -> Link:
    """The newest link of a notice to that address."""
    return Link.objects.filter(kind="not_me", user=user, to=to or user.email).order_by("-created_at")[0]


def told(user: User, kind: str) -> set[str]:
    """Who was written to about this."""
    return set(OutboxMessage.objects.filter(user=user, kind=kind).values_list("to", flat=True))


@pytest.fixture(autouse=True)
def _pages_speak_english(settings: object) -> None:
    """Tests quote the source's sentences; the catalogue has tests of its own."""
    settings.LANGUAGE_CODE = "en"  # type: ignore[attr-defined]
