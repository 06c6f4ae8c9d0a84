"""Every door of the portal, who stands before it, and what it costs to open. A door without a row here fails."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Address, KnownBrowser, OutboxMessage, Passkey, Phone, Session, Totp, User
from tests.accounts.hands import code_of
from tests.house import doors as house
from tests.house.doors import ROLES, Doors, url_names
from tests.recovery import people

pytestmark = pytest.mark.django_db

ALL, NONE, POST_ONLY = ("200",) * 4, ("404",) * 4, ("405",) * 4
#: A page of the signed-in: others are sent to sign in.
OWN = ("→ sign_in", "→ sign_in", "200", "200")
#: A page about one thing of hanako's: for taro it does not exist.
HERS = ("→ sign_in", "→ sign_in", "200", "404")
STEP_UP = ("→ sign_in", "→ sign_in", "→ step_up", "→ step_up")
HER_STEP_UP = ("→ sign_in", "→ sign_in", "→ step_up", "404")
OWN_POST = ("→ sign_in", "→ sign_in", "405", "405")
NO_AGENT = ("→ sign_in", "→ sign_in", "403", "403")
#: The case page opens to the browser that holds the case. Its owner, signed in elsewhere, sees it no more than taro.
HOLDER = ("404", "200", "404", "404")

#: door → what a GET answers to an anonymous browser, the claimant's, hanako's, taro's
DOORS: dict[str, tuple[str, str, str, str]] = {
    **dict.fromkeys(("front", "help", "accessibility", "livez", "readyz", "recovery", "recovery_policy"), ALL),
    **dict.fromkeys(("well_known_passkey_endpoints", "well_known_security_txt"), ALL),
    "well_known_change_password": ("→ password_change",) * 4,
    **dict.fromkeys(("not_me", "not_me_link", "password_forgot", "password_forgot_sent", "password_reset_done"), ALL),
    "password_reset": ("→ password_reset_form",) * 4,
    "password_reset_form": ALL,  # after the link above was opened
    "recovery_start": ("→ recovery",) * 4,  # without a situation
    "sign_in": ("200", "200", "→ account", "→ account"),
    "sign_up": ("200", "200", "→ account", "→ account"),
    **dict.fromkeys(("sign_up_code", "sign_up_password"), ("→ sign_up",) * 4),
    **dict.fromkeys(("set_language", "sign_up_again", "case_codes", "sms_status"), POST_ONLY),
    "sign_out": OWN_POST,
    "step_up": ("→ sign_in", "→ sign_in", "404", "404"),  # for no deed in particular there is none
    **dict.fromkeys(("account", "security", "activity", "sessions", "addresses", "authenticators", "set_up"), OWN),
    **dict.fromkeys(("recovery_codes", "withdrawal", "account_language"), OWN),
    **dict.fromkeys(("holds", "export", "close"), OWN),
    "close_confirm": STEP_UP,
    "close_keep": OWN_POST,
    "standing": ("401",) * 4,  # its key is no cookie: tests/accounts/operations/test_host.py
    "standing_schema": ALL,
    **dict.fromkeys(("moving", "moving_new_phone", "moving_lost", "moving_gone", "moving_clock"), OWN),
    **dict.fromkeys(("authenticator", "passkey", "withdrawal_made"), HERS),
    "address_code": ("→ sign_in", "→ sign_in", "200", "→ addresses"),
    **dict.fromkeys(("address_add", "authenticators_add", "authenticators_add_code", "password_change"), STEP_UP),
    **dict.fromkeys(("payout_add", "recovery_codes_new", "authenticator_found", "authenticator_remove"), STEP_UP),
    "passkey_remove": STEP_UP,
    **dict.fromkeys(("address_remove", "phone_remove"), HER_STEP_UP),
    "phone_change": ("→ sign_in", "→ sign_in", "200", "→ step_up"),  # hanako has two numbers and is asked which
    **dict.fromkeys(("phone_change_code", "phone_changed"), (*OWN[:2], "→ phone_change", "→ phone_change")),
    "recovery_codes_confirm": ("→ sign_in", "→ sign_in", "→ recovery_codes", "→ recovery_codes"),
    **dict.fromkeys(("address_primary", "authenticator_backed_up", "authenticator_lost"), OWN_POST),
    **dict.fromkeys(("authenticator_rename", "passkey_rename", "recovery_codes_download"), OWN_POST),
    **dict.fromkeys(("session_end", "session_stay", "browser_forget", "browsers_forget"), OWN_POST),
    **dict.fromkeys(("case", "case_prove", "case_cancel"), HOLDER),
    **dict.fromkeys(("support_case", "support_documents", "support_video", "support_page"), HOLDER),
    **dict.fromkeys(("identity", "identity_documents"), STEP_UP),
    "identity_page": STEP_UP,
    "identity_remove": STEP_UP,
    **dict.fromkeys(("case_rebind", "case_calendar"), ("404", "→ case", "404", "404")),  # nothing proved yet
    "case_resume": ("→ case",) * 4,  # whoever has the mailed link may look
    "case_resume_ask": NONE,  # the page itself, without a word on whether the case exists
    # Who is no agent gets no further; agents' own table: tests/support/test_agents_doors.py.
    **dict.fromkeys(("agents:index", "agents:review", "agents:review_deed", "agents:paper"), NO_AGENT),
    **dict.fromkeys(("agents:support_review_changelist", "agents:support_decision_changelist"), NO_AGENT),
    **dict.fromkeys(("agents:support_paper_changelist", "agents:recovery_case_changelist"), NO_AGENT),
    **dict.fromkeys(("dev_components", "dev_letter", "dev_letter_html", "dev_outbox", "dev_outbox_json"), NONE),
}  # fmt: skip

#: Doors that act on one thing of hanako's: what a POST of hers and of taro's answers, with a fresh step-up.
DEEDS: dict[str, tuple[str, str]] = {
    "authenticator_rename": ("200", "404"),  # hers is asked for a name
    "passkey_rename": ("200", "404"),
    "passkey_remove": ("→ authenticators", "404"),
    "authenticator_backed_up": ("→ authenticator", "404"),
    "address_primary": ("→ addresses", "404"),
    "authenticator_remove": ("→ authenticators", "404"),
    "authenticator_lost": ("→ authenticators", "404"),
    "authenticator_found": ("404", "404"),  # nothing of hers is lost
    "address_remove": ("→ addresses", "404"),
    "phone_remove": ("→ security", "404"),
    "authenticator": ("405", "405"),
    "session_end": ("→ sessions", "404"),
    "browser_forget": ("→ sessions", "404"),
}

#: More than twelve, and why it is worth it.
DEARER: dict[str, int] = {
    # Every kind of thing an account holds is one query, and these look at all of them beside their own.
    **dict.fromkeys(("case", "case_rebind", "close_confirm", "identity_documents"), 13),
}
NOT_COUNTED = re.compile(r"^(SAVEPOINT|RELEASE|ROLLBACK|BEGIN|COMMIT|PRAGMA|EXPLAIN)\b", re.IGNORECASE)


def statements(seen: CaptureQueriesContext) -> list[str]:
    """What was asked of the database, transaction control left out."""
    return [query["sql"] for query in seen.captured_queries if not NOT_COUNTED.match(query["sql"])]


def test_every_door_is_in_the_table() -> None:
    assert set(DOORS) == url_names()


def test_each_browser_gets_what_is_its_own() -> None:
    doors = house.build()
    # Answered in the order of the table: a reset link opens before the page it leads to.
    found = {name: tuple(doors.answer(role, name) for role in ROLES) for name in DOORS}
    assert {name: answers for name, answers in found.items() if answers != DOORS[name]} == {}


@pytest.mark.parametrize("name", DEEDS)
def test_a_deed_on_somebody_elses_thing_finds_nothing(name: str) -> None:
    doors = house.build(stepped_up=True)
    before = state()
    assert doors.answer("other", name, "post") == DEEDS[name][1]
    assert state() == before
    assert doors.answer("owner", name, "post") == DEEDS[name][0]


def state() -> list[object]:
    models = (User, Totp, Passkey, Phone, Address, KnownBrowser)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.fixture
def opened() -> Doors:
    doors = house.build(stepped_up=True)
    house.ready(doors)
    return doors


def test_no_page_asks_the_database_more_than_twelve_times(opened: Doors) -> None:
    dear: dict[str, list[str]] = {}
    for name in sorted(DOORS):  # the cases before the reset link, which leaves the claimant a session
        for role in ROLES:
            with CaptureQueriesContext(connection) as seen:
                opened.answer(role, name)
            if len(statements(seen)) > DEARER.get(name, 12):
                dear[f"{name} for {role}"] = statements(seen)
    assert dear == {}


def test_reading_as_a_stranger_writes_nothing_and_asks_for_no_user(opened: Doors) -> None:
    """The law of doors: anonymous pages never read the user table. Links and cases are held, so they may."""
    held = {"case", "case_prove", "case_cancel", "case_rebind", "case_calendar", "case_resume", "not_me_link"}
    held |= {"password_reset", "password_reset_form", "readyz"}
    held |= {"support_case", "support_documents", "support_page", "support_video"}
    nosy: dict[str, list[str]] = {}
    for name in set(DOORS) - held:
        opened.clients["anonymous"] = Client()
        with CaptureQueriesContext(connection) as seen:
            opened.answer("anonymous", name)
        if asked := statements(seen):
            nosy[name] = asked
    assert nosy == {}
    assert "sessionid" not in opened.clients["anonymous"].cookies


@pytest.mark.parametrize(("alert", "most"), [(False, 20), (True, 23)], ids=["first", "told_by_letter"])
def test_signing_in_takes_at_most_twenty_questions(opened: Doors, alert: bool, most: int) -> None:
    """From a new browser where another is known, three more: the letter to every address, each with its own link."""
    client, totp = Client(), opened.hanako.totps.get()
    if not alert:
        KnownBrowser.objects.all().delete()
    rows = Session.objects.count()
    with CaptureQueriesContext(connection) as seen:
        client.get("/sign-in/")
    assert statements(seen) == [], "an anonymous visit leaves no session and reads nothing"
    first = {"auth-email": opened.hanako.email, "auth-password": people.PASSWORD, "login_view-current_step": "auth"}
    assert client.post("/sign-in/", first).status_code == 200
    with CaptureQueriesContext(connection) as seen:
        answer = client.post("/sign-in/", {"token-code": code_of(totp), "login_view-current_step": "token"})
    assert answer.status_code == 302
    assert OutboxMessage.objects.filter(kind="notices/new_browser").exists() is alert
    assert len(statements(seen)) <= most, "\n".join(statements(seen))
    assert Session.objects.count() == rows + 1
