"""mallory with a stolen session, a password and a live code, the mailbox, the unlocked phone: every change, by the web.

The attentive owner of docs/threat-model.md reads a mail at an address outside the theft and presses once.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts import clock
from accounts.models import (
    Address,
    Change,
    OutboxMessage,
    PasswordReset,
    PayoutAddress,
    Phone,
    SavedCodeSet,
    Session,
    Totp,
    User,
    Withdrawal,
)
from accounts.services import changes, delivery
from policy.acts import STEP_UP_KINDS
from policy.rules import RULES
from tests.accounts.changes.test_stories import shape
from tests.attacks import deeds
from tests.attacks.deeds import PLAYS
from tests.recovery import people

pytestmark = pytest.mark.django_db
BOUND: tuple[type[Model], ...] = (User, Totp, Phone, Address, SavedCodeSet, PayoutAddress, PasswordReset, Change)
IN_A_SESSION = {kind: play for kind, play in PLAYS.items() if play.deed}
#: Deeds with a step-up that are no change, played beneath; one that recovery's tests play; one whose page comes later;
#: one that opens the agents' pages (tests/support/test_agents_doors.py).
OTHER_DEEDS = {"withdraw", "export", "cancel_case", "lock_settings", "file_identity", "agent_entry"}


@pytest.fixture
def hanako() -> User:
    return deeds.hanako()


def test_every_deed_that_asks_for_a_step_up_is_played() -> None:
    """A new one has to be attacked here before it can be."""
    assert {play.deed for play in IN_A_SESSION.values()} | OTHER_DEEDS == STEP_UP_KINDS


# A stolen session


def test_a_stolen_session_cookie_changes_nothing_and_pays_nothing(hanako: User) -> None:
    hers = deeds.browser()
    assert deeds.sign_in(hers, hanako)
    thief = deeds.browser()
    thief.cookies[settings.SESSION_COOKIE_NAME] = deeds.session_of(hers)
    assert thief.get(reverse("account")).status_code == 200, "she is in"
    before = state()
    for kind, play in IN_A_SESSION.items():
        answer = play.do(thief, hanako)
        assert refused(answer), f"{kind}: {answer.status_code}"
    assert refused(deeds.withdraw(thief, hanako, deeds.HERS))
    assert refused(thief.post(reverse("export")))
    assert state() == before
    assert not Withdrawal.objects.exists()
    assert letters() == [], "and nobody was woken for it"


def test_a_password_and_the_one_code_that_was_phished_open_a_session_and_no_more(hanako: User) -> None:
    """The code is spent at the door: it steps nothing up (R2), and neither does the password."""
    thief, code = deeds.browser(), deeds.app_code(hanako)
    assert deeds.sign_in(thief, hanako, code)
    before = state()
    for kind, play in IN_A_SESSION.items():
        assert not deeds.step_up(thief, play.deed, code), kind
        assert refused(play.do(thief, hanako)), kind
    assert state() == before


# A proxy that coaxes code after code, and the unlocked phone: the same proofs, one place


@pytest.fixture
def thief(hanako: User) -> Client:
    """In, with a fresh proof by the app for whatever she is about to do."""
    client = deeds.browser()
    assert deeds.sign_in(client, hanako)
    return client


def play_all(client: Client, user: User) -> None:
    """Every change one after the other, in one session."""
    for kind, play in IN_A_SESSION.items():
        assert deeds.step_up(client, play.deed, deeds.app_code(user)), kind
        answer = play.do(client, user)
        user.refresh_from_db()
        assert Change.objects.filter(user=user, what=kind).exists(), f"{kind}: {answer.status_code}"


def test_with_the_unlocked_phone_nothing_is_final_for_three_days_and_one_not_me_undoes_all(
    thief: Client, hanako: User
) -> None:
    """The phone holds her app, her first mail, her SMS and her passwords. hanako reads another mailbox at work."""
    before = shape(hanako)
    play_all(thief, hanako)
    made = list(Change.objects.filter(user=hanako))
    assert {change.what for change in made} == IN_A_SESSION.keys()
    assert {change.two_custodies for change in made} == {False}
    delivery.sweep()
    outside = {deeds.OTHER, deeds.FORMER}
    for change in made:
        sent = set(change.letters.filter(status="sent").values_list("to", flat=True))
        assert outside <= sent, f"{change.what} was told outside the theft in one sweep"
    with time_machine.travel(clock.now() + timedelta(hours=71), tick=False):
        changes.complete_due(clock.now())
        assert not [change.what for change in Change.objects.filter(user=hanako) if change.is_final(clock.now())]
        assert not Withdrawal.objects.exists()
        answer = deeds.not_me(hanako, deeds.OTHER)
        assert answer.status_code == 200
        hanako.refresh_from_db()
        assert shape(hanako) == before
        assert thief.get(reverse("account")).status_code == 302
    assert {change.undone_at is not None for change in Change.objects.filter(user=hanako)} == {True}
    assert not Session.objects.filter(user=hanako).exists()
    assert deeds.sign_in(deeds.browser(), hanako), "her own password and app open as before"


def test_no_money_goes_to_her_address_before_everybody_had_three_days(thief: Client, hanako: User) -> None:
    assert deeds.step_up(thief, "add_payout", deeds.app_code(hanako))
    deeds.add_payout(thief, hanako)
    delivery.sweep()
    change = Change.objects.get(user=hanako)
    out = max(letter.sent_at for letter in change.letters.all())
    for hours in (0, 24, 71):
        with time_machine.travel(clock.now() + timedelta(hours=hours), tick=False):
            changes.complete_due(clock.now())
            again = deeds.browser()
            assert deeds.sign_in(again, hanako)
            assert deeds.step_up(again, "withdraw", deeds.app_code(hanako))
            deeds.withdraw(again, hanako)
            assert not Withdrawal.objects.exists(), hours
    change.refresh_from_db()
    assert change.final_at == out + RULES.final_else


def test_a_new_number_or_app_of_hers_confirms_nothing_while_it_is_new(thief: Client, hanako: User) -> None:
    """She signs in with what she bound, and stands before every door as with a bare session (R7)."""
    assert deeds.step_up(thief, "bind_authenticator", deeds.app_code(hanako))
    deeds.add_app(thief, hanako)
    hers = Totp.objects.get(user=hanako, name="theirs")
    again = deeds.browser()
    Totp.objects.filter(pk=hers.pk).update(last_step=-1)
    assert deeds.sign_in(again, hanako, deeds.code_of(hers))
    for play in IN_A_SESSION.values():
        Totp.objects.filter(pk=hers.pk).update(last_step=-1)
        assert not deeds.step_up(again, play.deed, deeds.code_of(hers))


def test_a_flood_of_changes_ends_at_twenty_and_codes_still_go_first(thief: Client, hanako: User) -> None:
    """Bounded: 20 changes a day, each told once to each address. Her own code is not behind them in the queue."""
    assert deeds.step_up(thief, "add_payout", deeds.app_code(hanako))
    for number in range(40):
        address = f"bc1q{number:02d}" + "x" * 36
        thief.post(reverse("payout_add"), {"name": "theirs", "address": address})
    made = Change.objects.filter(user=hanako).count()
    assert made == RULES.changes_per_day
    addresses = 7  # three mailboxes, the removed one, three numbers
    assert len(letters()) == made * addresses
    assert "Many things were changed in the last day" in thief.get(reverse("payout_add")).text
    step = "login_view-current_step"
    owner = deeds.browser()
    owner.post("/sign-in/", {step: "auth", "auth-email": hanako.email, "auth-password": people.PASSWORD})
    owner.post("/sign-in/", {step: "token", "challenge": hanako.phones.get(number=people.OLD).means_id})
    delivery.sweep(limit=1)
    assert OutboxMessage.objects.get(status="sent").kind == "codes/sign_in"
    delivery.sweep()
    assert letters() == [], "and all of the rest in one sweep"
    assert deeds.not_me(hanako, deeds.OTHER).status_code == 200
    assert Change.objects.filter(user=hanako, undone_at=None).count() == 0
    again = deeds.browser()
    assert deeds.sign_in(again, hanako)
    assert deeds.step_up(again, "add_payout", deeds.app_code(hanako))
    assert deeds.add_payout(again, hanako).status_code == 302
    assert Change.objects.filter(user=hanako, undone_at=None).count() == 1, "the owner goes on at once"


# The mailbox


def test_with_the_mailbox_she_sets_a_password_that_opens_nothing_and_ends_no_other(hanako: User) -> None:
    """R3: worth a mail code, told everywhere, the former one still proves; one press gives it back."""
    before, thief = shape(hanako), deeds.browser()
    deeds.reset_password(thief, hanako)
    hanako.refresh_from_db()
    assert hanako.check_password(deeds.NEW_PASSWORD)
    step = "login_view-current_step"
    thief.post("/sign-in/", {step: "auth", "auth-email": hanako.email, "auth-password": deeds.NEW_PASSWORD})
    assert thief.get(reverse("account")).status_code == 302
    before_changes = state()
    for kind, play in IN_A_SESSION.items():
        assert play.do(thief, hanako).status_code in (302, 405), kind
    assert state() == before_changes
    delivery.sweep()
    told = OutboxMessage.objects.filter(kind="notices/password_reset", status="sent").values_list("to", flat=True)
    assert {deeds.OTHER, deeds.FORMER, people.OLD} <= set(told)
    assert deeds.not_me(hanako, deeds.OTHER).status_code == 200
    hanako.refresh_from_db()
    assert shape(hanako) == before
    assert hanako.check_password(people.PASSWORD)


# Hands


def refused(answer: object) -> bool:
    """Sent to give a fresh proof; or, where the form itself went through, nothing done."""
    where = getattr(answer, "headers", {}).get("Location", "")
    return "step-up" in where


def state() -> list[object]:
    """Every row that a change could touch, but when a means was last used."""
    skip = {"last_used_at", "last_step", "session_epoch", "failures_in_row", "last_login"}
    rows = [list(model._default_manager.order_by("pk").values()) for model in BOUND]
    return [[{key: one[key] for key in one if key not in skip} for one in found] for found in rows]


def letters() -> list[str]:
    return list(OutboxMessage.objects.filter(status="queued").values_list("kind", flat=True))
