"""Rebinding and completion: in order, all at once, once (R16)."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts import clock
from accounts import selectors as accounts
from accounts.context import system
from accounts.errors import Refused
from accounts.models import Challenge, Change, Link, OutboxMessage, Passkey, Phone, SavedCode, SavedCodeSet, Totp, User
from accounts.outbox import links as outbox_links
from accounts.services import changes, verify
from recovery import selectors
from recovery.models import Case, Rebinding
from recovery.services import cases, rebinding
from tests.accounts.hands import person as account
from tests.passkeys import passkey_of
from tests.recovery.people import NEW, OLD, PASSWORD, SECOND, Claimant, app_code, person
from tests.recovery.test_resume import ready
from tests.recovery.test_story import rebind_all

pytestmark = pytest.mark.django_db(transaction=True)


def page_of(claimant: Claimant) -> str:
    return claimant.client.get(f"{claimant.url}rebind/").content.decode()


@pytest.mark.parametrize(
    "step", ["finish", "skip:password", "codes", "app", "number_code", "again", "nonsense", "skip:codes"]
)
def test_no_station_can_be_jumped(step: str) -> None:
    person()
    claimant = ready()
    claimant.step(step, code="123456", sheet="", password="x")
    assert not Change.objects.exists()
    assert claimant.case.state == "ready"


def test_before_it_is_ready_nothing_can_be_bound() -> None:
    person()
    claimant = Claimant()
    claimant.by_mail()
    claimant.prove("totp", app_code())
    for step in ("number", "skip:number", "finish"):
        assert claimant.step(step, phone="080-1111-2222").status_code == 302
    assert not Rebinding.objects.exists()
    assert not Challenge.objects.filter(to=NEW).exists()


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("03-1234-5678", "fixed line"),
        ("050-1234-5678", "virtual"),
        ("090-1234-5601", "on your account already"),
        ("12", "whole mobile number"),
        ("", "Type the new mobile number"),
    ],
)
def test_a_number_that_cannot_serve_is_refused_with_its_reason(typed: str, says: str) -> None:
    person()
    claimant = ready()
    answer = claimant.step("number", phone=typed)
    assert answer.status_code == 200 and says in answer.content.decode()
    assert not Challenge.objects.filter(purpose="confirm").exists()


def test_the_seed_stays_the_same_through_errors_and_reloads_and_never_stands_in_clear() -> None:
    person()
    claimant = ready()
    claimant.step("skip:number")
    first = re.search(r"secret=([A-Z2-7]+)", page_of(claimant))[1]
    answer = claimant.step("app", code="000000", name="")
    assert re.search(r"secret=([A-Z2-7]+)", answer.content.decode())[1] == first
    assert re.search(r"secret=([A-Z2-7]+)", page_of(claimant))[1] == first
    import base64

    row = Rebinding.objects.get()
    assert first not in row.seed_sealed and rebinding.seed(claimant.case) == base64.b32decode(first)


def test_the_sheet_on_the_error_page_is_the_same_and_is_nowhere_on_the_server() -> None:
    person()
    claimant = ready()
    claimant.step("skip:number")
    claimant.step("skip:app")
    page = page_of(claimant)
    codes = re.findall(r"<li><code>([0-9A-Z ]+)</code>", page)
    token = re.search(r'name="sheet" value="([^"]+)"', page)[1]
    again = claimant.step("codes", sheet=token, code="00000000000000000000").content.decode()
    assert re.findall(r"<li><code>([0-9A-Z ]+)</code>", again) == codes and len(codes) == 10
    assert not Rebinding.objects.get().codes
    other = Claimant(email="nobody@example.jp")
    assert rebinding.open_codes(other.case, token) is None, "a sheet is sealed for its case"
    assert claimant.step("codes", sheet=token, code=codes[4].lower().replace(" ", "-")).status_code == 302
    assert not any(code.replace(" ", "") in str(Rebinding.objects.get().codes) for code in codes)


def test_a_sheet_saved_as_a_file_is_marked_so() -> None:
    person()
    claimant = ready()
    claimant.step("skip:number")
    claimant.step("skip:app")
    page = page_of(claimant)
    token = re.search(r'name="sheet" value="([^"]+)"', page)[1]
    file = claimant.client.post(f"{claimant.url}rebind/codes.txt", {"sheet": token})
    assert file.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "attachment" in file.headers["Content-Disposition"] and "no-store" in file.headers["Cache-Control"]
    first = re.findall(r"<li><code>([0-9A-Z ]+)</code>", page)[0]
    assert first in file.content.decode()
    claimant.step("codes", sheet=token, code=first)
    claimant.step("skip:password")
    claimant.step("finish")
    assert SavedCodeSet.objects.last().downloaded_at is not None


def test_the_password_may_stay_only_when_it_was_shown() -> None:
    person()
    claimant = Claimant()
    claimant.prove("saved-code", "0001ABCDEFGH01234567")
    claimant.prove("totp", app_code())
    assert claimant.case.state == "ready"
    claimant.step("skip:number")
    claimant.step("skip:app")
    page = page_of(claimant)
    token = re.search(r'name="sheet" value="([^"]+)"', page)[1]
    claimant.step("codes", sheet=token, code=rebinding.open_codes(claimant.case, token).codes[0])
    claimant.step("skip:password")
    assert "You came back without the password" in page_of(claimant)
    answer = claimant.step("password", password="hanako1")
    assert answer.status_code == 200 and "8 characters" in answer.content.decode()
    assert claimant.step("password", password="kirei na sora").status_code == 302
    assert not User.objects.get().check_password("kirei na sora"), "nothing is bound before the end"
    claimant.step("finish")
    assert User.objects.get().check_password("kirei na sora")


def test_without_a_new_factor_or_a_living_one_nobody_goes_on() -> None:
    person(app=False)
    claimant = ready()
    claimant.step("skip:number")
    answer = claimant.step("skip:app")
    assert "too old" in answer.content.decode() or answer.status_code == 200
    assert "Point the app at this picture" in page_of(claimant)


def test_what_lives_stays_and_what_was_named_lost_stops() -> None:
    person(phones=(OLD, SECOND))
    claimant = Claimant(situation="lost_phone", phone="090-1234-5601")
    claimant.prove("saved-code", "0001ABCDEFGH01234567")
    claimant.prove("password", PASSWORD)
    rebind_all(claimant)
    page = page_of(claimant)
    assert "What stops working" in page and "5601" in page
    claimant.step("finish")
    change = Change.objects.get()
    assert set(Phone.objects.filter(suspended_by=change).values_list("number", flat=True)) == {OLD}
    assert Totp.objects.get(name="Pixel").suspended_by == change
    assert Totp.objects.get(name="iPhone").suspended_by is None


def test_a_station_can_be_answered_differently_before_the_end() -> None:
    person()
    claimant = ready()
    rebind_all(claimant)
    assert "Is this right?" in page_of(claimant)
    claimant.step("back:number")
    assert "Your new phone number" in page_of(claimant)
    claimant.step("skip:number")
    claimant.step("finish")
    assert not Phone.objects.filter(number=NEW).exists()
    assert Totp.objects.count() == 2


def test_completion_happens_once() -> None:
    person()
    claimant = ready()
    rebind_all(claimant)
    assert claimant.step("finish").status_code == 302
    assert claimant.step("finish").status_code == 302
    assert Change.objects.count() == 1
    assert SavedCode.objects.filter(sheet__added_by__isnull=False).count() == 10
    assert not Rebinding.objects.exists()


def test_outstanding_codes_and_links_die_and_not_me_links_live() -> None:
    user = person()
    reset = outbox_links.make(
        "password_reset", user=user, subject="x", to="hanako@example.jp", life=__import__("datetime").timedelta(hours=1)
    )
    claimant = ready()
    other = Claimant()
    rebind_all(claimant)
    claimant.step("finish")
    reset.refresh_from_db()
    assert reset.superseded_at is not None
    assert other.by_mail() == 200
    living = Link.objects.filter(kind="not_me", superseded_at=None)
    assert living.filter(subject=f"case:{claimant.reference}").exists()
    assert living.filter(subject=f"change:{Change.objects.get().pk}").exists()


def test_the_code_typed_at_enrolment_never_opens_anything_afterwards() -> None:
    person()
    claimant = ready()
    rebind_all(claimant)
    claimant.step("finish")
    app = Totp.objects.get(name="iPhone")
    again = verify.verify(
        app.user, "totp", app_code(app.seed), purpose="sign_in", scope="signin:test", ctx=system("test")
    )
    assert isinstance(again, Refused)
    later = verify.verify(app.user, "totp", app_code(app.seed), purpose="step_up", scope="x", ctx=system("test"))
    assert isinstance(later, Refused)


def test_not_me_after_completion_brings_everything_back() -> None:
    user = person()
    claimant = ready()
    rebind_all(claimant, password="kirei na sora no iro")
    claimant.step("finish")
    changes.undo(user, ctx=system("test"))
    user.refresh_from_db()
    assert user.check_password(PASSWORD) and user.recovered_at is None
    assert Phone.objects.get(number=OLD).suspended_by is None
    assert Phone.objects.get(number=NEW).revoked_at is not None
    assert Totp.objects.get(name="iPhone").revoked_at is not None
    old, new = SavedCodeSet.objects.order_by("pk")
    assert old.suspended_by is None and new.revoked_at is not None


def test_what_was_lost_is_revoked_when_the_change_is_final() -> None:
    person()
    claimant = ready()
    rebind_all(claimant)
    claimant.step("finish")
    OutboxMessage.objects.update(status="sent", sent_at=clock.now())
    change = Change.objects.get()
    changes.settle(change.pk)
    change.refresh_from_db()
    changes.complete_due(change.final_at)
    assert Phone.objects.get(number=OLD).revoked_at is not None
    assert SavedCodeSet.objects.order_by("pk").first().revoked_at is not None
    assert Phone.objects.get(number=NEW).revoked_at is None


def test_another_browser_cannot_bind_and_a_stopped_case_binds_nothing() -> None:
    person()
    claimant = ready()
    rebind_all(claimant)
    assert Client().post(f"{claimant.url}rebind/", {"step": "finish"}).status_code == 404
    cases.cancel(claimant.case, system("test"))
    assert claimant.step("finish").status_code == 302
    assert not Change.objects.exists()


def test_with_the_phone_go_the_passkeys_that_open_on_it() -> None:
    """R1, R16: one of the computer or a key of its own stays, unless nothing is left."""
    user = account()
    held: dict[str, str] = {}
    for name, fields in {
        "computer": {"device": "computer"},
        "synced": {"device": "computer", "backup_eligible": True},
        "phone": {"device": "phone"},
        "key": {"device": ""},
    }.items():
        row = passkey_of(user, name=name)
        Passkey.objects.filter(pk=row.pk).update(**fields)
        held[row.means_id] = name

    def lost(situation: str) -> set[str]:
        gone = selectors.lost_ids(Case(situation=situation), accounts.holdings(user), ())
        return {held[means] for means in gone if means in held}

    assert lost("lost_phone") == {"synced", "phone"}
    assert lost("nothing_left") == set(held.values())
    assert lost("new_number") == set()
