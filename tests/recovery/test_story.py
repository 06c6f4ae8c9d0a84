"""hanako's way back, through the pages."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine

from accounts.models import Change, OutboxMessage, PasswordReset, Phone, SavedCodeSet, Session, Totp, User
from accounts.services import changes
from recovery.services import cases
from tests.recovery.people import NEW, OLD, PASSWORD, SECOND, Claimant, app_code, letters_out, person

pytestmark = pytest.mark.django_db(transaction=True)


def rebind_all(claimant: Claimant, *, app: bool = True, password: str = "") -> None:
    """Walk the stations to the end."""
    from accounts.models import Challenge
    from recovery.services import rebinding

    assert claimant.step("number", phone="080-1111-2222").status_code == 302
    code = Challenge.objects.filter(to=NEW).latest("created_at").code
    assert claimant.step("number_code", code=code).status_code == 302
    if app:
        assert b"otpauth" in claimant.client.get(f"{claimant.url}rebind/").content
        seed = rebinding.seed(claimant.case)
        assert claimant.step("app", code=app_code(seed), name="iPhone").status_code == 302
    else:
        assert claimant.step("skip:app").status_code == 302
    page = claimant.client.get(f"{claimant.url}rebind/").content.decode()
    token = re.search(r'name="sheet" value="([^"]+)"', page)[1]
    first = rebinding.open_codes(claimant.case, token).codes[0]
    assert claimant.step("codes", sheet=token, code=first).status_code == 302
    if password:
        assert claimant.step("password", password=password).status_code == 302
    else:
        assert claimant.step("skip:password").status_code == 302


def test_a_saved_code_and_the_password_open_at_once_and_bind_everything_together() -> None:
    user = person()
    claimant = Claimant()
    assert claimant.prove("saved-code", "0003 ABCD EFGH 0123 4567") == 302
    assert claimant.case.state == "proving"
    assert claimant.prove("password", PASSWORD) == 302
    assert claimant.case.state == "ready"
    assert "You can go on now." in claimant.page()
    rebind_all(claimant)
    before = user.session_epoch
    assert claimant.step("finish").status_code == 302
    page = claimant.page()
    assert "Welcome back." in page
    user.refresh_from_db()
    change = Change.objects.get()
    assert change.by_recovery and change.two_custodies and change.wait == timedelta(hours=24)
    assert user.session_epoch > before and user.recovered_at == change.made_at
    assert Phone.objects.get(number=NEW).added_by == change
    assert Phone.objects.get(number=OLD).suspended_by == change
    assert Totp.objects.filter(user=user, suspended_by=None).count() == 2
    old, new = SavedCodeSet.objects.order_by("pk")
    assert (old.suspended_by, new.added_by) == (change, change)
    told = set(OutboxMessage.objects.filter(kind="case/completed").values_list("to", flat=True))
    assert told == {"hanako@example.jp", OLD, NEW}
    assert not Session.objects.filter(user=user).exists(), "recovery signs nobody in"


def test_mail_and_app_wait_72_hours_and_the_page_says_until_when() -> None:
    person()
    with time_machine.travel("2026-11-22 05:20:00+00:00", tick=False) as clock:
        claimant = Claimant()
        assert claimant.by_mail() == 302
        assert "One more is needed" in claimant.page()
        assert claimant.prove("totp", app_code()) == 302
        assert claimant.case.state == "on_hold"
        # The only mail gave a proof and the number is lost: nobody else can be told, so it counts from the opening.
        assert "14:20 on Wed 25 Nov (Tokyo time)" in claimant.page()
        assert claimant.client.get(f"{claimant.url}rebind/").status_code == 302
        clock.shift(timedelta(hours=36, seconds=1))
        cases.sweep()
        cases.sweep()
        clock.shift(timedelta(hours=35))
        cases.sweep()
        clock.shift(timedelta(hours=1))
        cases.sweep()
        assert claimant.case.state == "ready"
        kinds = list(
            OutboxMessage.objects.filter(case_reference=claimant.reference, channel="mail").order_by("created_at")
        )
        assert [row.kind for row in kinds] == ["case/opened", "case/halfway", "case/hour_left", "case/ready"]
        rebind_all(claimant, password="atarashii kotoba 42")
        assert claimant.step("finish").status_code == 302
        change = Change.objects.get()
        assert change.wait == timedelta(hours=72) and not change.two_custodies
        assert PasswordReset.objects.get().change == change
        user = User.objects.get()
        assert user.check_password("atarashii kotoba 42")
        changes.undo(user, ctx=__import__("accounts.context", fromlist=["system"]).system("test"))
        assert user.check_password(PASSWORD)
        assert Phone.objects.get(number=OLD).suspended_by is None


def test_the_wait_counts_from_the_first_notice_taken_for_an_address_that_gave_no_proof() -> None:
    person(mails=2, phones=(OLD, SECOND))
    with time_machine.travel("2026-11-22 05:20:00+00:00", tick=False) as clock:
        claimant = Claimant(phone="090-1234-5601")
        claimant.by_mail()
        claimant.prove("password", PASSWORD)
        assert claimant.case.ready_at is None
        assert "We are telling everybody first" in claimant.page()
        letters_out(claimant.reference, "hanako@example.jp")
        letters_out(claimant.reference, OLD)
        assert claimant.case.ready_at is None, "an address that proved, or a lost number, starts no clock"
        clock.shift(timedelta(minutes=7))
        letters_out(claimant.reference, SECOND)
        assert claimant.case.notice_at.isoformat() == "2026-11-22T05:27:00+00:00"
        assert claimant.case.ready_at.isoformat() == "2026-11-25T05:27:00+00:00"
        clock.shift(timedelta(hours=1))
        assert claimant.prove("saved-code", "0001ABCDEFGH01234567") == 302
        assert claimant.case.state == "ready", "a proof from a second place ends the wait"


def test_a_case_whose_proof_fell_away_meanwhile_says_so_instead_of_leading_in_a_circle() -> None:
    user = person()
    claimant = Claimant()
    claimant.prove("saved-code", "0003 ABCD EFGH 0123 4567")
    claimant.prove("password", PASSWORD)
    assert "You can go on now." in claimant.page()
    SavedCodeSet.objects.filter(user=user).update(revoked_at=claimant.case.created_at)
    assert claimant.client.get(f"{claimant.url}rebind/").status_code == 302
    page = claimant.page()
    assert "This case cannot go on." in page
    assert f"{claimant.url}cancel/" in page
    assert "You can go on now." not in page
