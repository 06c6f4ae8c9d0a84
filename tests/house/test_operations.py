"""Every door at which a signed-in person changes something is an important operation's, or harmless and here is why."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client

from accounts.models import Means, SecurityEvent
from accounts.operations import OPERATIONS
from accounts.services import export
from policy.acts import STEP_UP_KINDS
from tests.house import doors as house
from tests.house.doors import url_names

pytestmark = pytest.mark.django_db

#: Doors that take a POST of a signed-in person and need no step-up, each with the reason.
HARMLESS: dict[str, str] = {
    "sign_out": "ends the session that asks",
    "sessions": "ends sessions: it only takes away",
    "session_end": "ends a session: it only takes away",
    "session_stay": "the same session goes on, as by opening any page",
    "browsers_forget": "takes away what a known browser was spared",
    "browser_forget": "takes away what a known browser was spared",
    "step_up": "is the step-up",
    "account_language": "language and zone of the pages; letters go on in both",
    "authenticator_rename": "a name that the owner alone sees",
    "passkey_rename": "a name that the owner alone sees",
    "authenticator_backed_up": "a note that a copy exists; the policy does not read it",
    "authenticator_lost": "a loss report takes out and binds nothing (R13)",
    "moving_new_phone": "a note that the phone is new, and that a copy exists; the policy reads neither",
    "moving_lost": "a loss report takes out and binds nothing (R13)",
    "close_keep": "leaves the account open as it is",
}
#: Kinds of step-up that stand for no operation, because nothing holds them.
NO_OPERATION: dict[str, str] = {
    "cancel_case": "stopping a recovery leaves the account as it is",
    "lock_settings": "locking only takes away, for a time",
    "agent_entry": "opens the pages of agents, who change nothing of their own account there",
}
#: What a visit writes that changes nothing about an account.
TABLES_OF_NO_MATTER = {"accounts_session", "accounts_securityevent", "accounts_limitcounter"}


def posts_of_the_signed_in() -> set[str]:
    """Doors that ask for a sign-in and take a POST, each tried in a session of its own: some of them end sessions."""
    doors, found = house.build(), set()
    for name in url_names():
        doors.hanako.refresh_from_db()
        client = doors.clients["owner"] = Client()
        house.enter(client, doors.hanako, stepped_up=False)
        shut = ("403", "405")  # agents' doors let nobody else in: tests/support/test_agents_doors.py
        if doors.answer("anonymous", name) == "→ sign_in" and doors.answer("owner", name, "post") not in shut:
            found.add(name)
    return found


def test_every_post_of_the_signed_in_is_an_operation_or_harmless() -> None:
    """A new page that changes something goes into `accounts.operations.OPERATIONS`, or into HARMLESS with a reason."""
    doors = [door for operation in OPERATIONS for door in operation.doors]
    assert len(doors) == len(set(doors)), "a door belongs to one operation"
    assert not HARMLESS.keys() & set(doors)
    assert posts_of_the_signed_in() == HARMLESS.keys() | set(doors)


def test_every_kind_of_step_up_belongs_to_one_operation() -> None:
    kinds = [kind for operation in OPERATIONS for kind in operation.step_up_kinds]
    assert len(kinds) == len(set(kinds))
    assert STEP_UP_KINDS - set(kinds) == NO_OPERATION.keys()


@pytest.mark.parametrize("door", sorted(door for operation in OPERATIONS for door in operation.doors))
def test_no_operation_changes_anything_without_a_fresh_proof(door: str) -> None:
    """Attack stopped: a stolen session cookie, at every door at once."""
    doors = house.build()
    before = everything()
    doors.answer("owner", door, "post")
    assert everything() == before
    assert not SecurityEvent.objects.filter(user=doors.hanako, type="account.exported").exists()


def test_the_copy_of_ones_data_names_every_kind_of_means() -> None:
    """A new kind of means that is forgotten there would be held without its owner learning of it."""
    assert {model for model, *_ in export.BOUND.values()} == set(Means.__subclasses__())


def everything() -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table that says how an account stands."""
    tables = set(connection.introspection.table_names()) - TABLES_OF_NO_MATTER
    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608  our own tables
            found[table] = sorted(cursor.fetchall(), key=str)
    return found
