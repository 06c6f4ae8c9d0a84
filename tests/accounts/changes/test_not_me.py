""" "This was not me" (R10), by link and by stop code."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts import clock, registries, selectors
from accounts.errors import Refused, Why
from accounts.models import Address, Change, Phone, SecurityEvent, Session, Totp, User
from accounts.services import changes, not_me, totp
from accounts.services.verify import Verified
from policy.deeds import Outcome, Verdict
from policy.facts import Kind
from tests.accounts.changes.conftest import confirm, newest_code, not_me_link, send_all
from tests.accounts.changes.test_passwords import reset
from tests.accounts.hands import CTX, PASSWORD, code_of, facts_of, person, sign_in

pytestmark = pytest.mark.django_db
OLD, NEW = "+819012345601", "+819087654321"


def url(user: User, to: str | None = None) -> str:
    return reverse("not_me_link", args=[not_me_link(user, to).token])


@pytest.fixture
def changed(at_home: Client, hanako: User) -> Change:
    """Somebody in hanako's session has changed the number."""
    confirm(at_home, hanako, "change_number")
    at_home.post(reverse("phone_change"), {"phone": "090-8765-4321"})
    at_home.post(reverse("phone_change_code"), {"code": newest_code(NEW)})
    return Change.objects.get(user=hanako)


def test_looking_changes_nothing_and_says_what_would_happen(changed: Change, hanako: User) -> None:
    for _ in range(2):
        Client().head(url(hanako))
        page = Client().get(url(hanako))
    assert "Nothing has happened yet" in page.text and "The phone number was changed." in page.text
    changed.refresh_from_db()
    assert changed.undone_at is None
    assert Session.objects.filter(user=hanako).exists()


def test_it_undoes_the_change_ends_all_sessions_and_tells(changed: Change, hanako: User, at_home: Client) -> None:
    page = Client().post(url(hanako))
    assert "It is stopped" in page.text and "The phone number was changed." in page.text
    hanako.refresh_from_db()
    old, new = Phone.objects.get(number=OLD), Phone.objects.get(number=NEW)
    assert (old.suspended_by, old.revoked_at) == (None, None)
    assert new.revoked_at is not None
    assert hanako.number_changed_at is None
    assert not Session.objects.filter(user=hanako).exists()
    assert at_home.get(reverse("account")).status_code == 302
    assert SecurityEvent.objects.filter(user=hanako, type="not_me.used").exists()


def test_it_works_once(changed: Change, hanako: User) -> None:
    address = url(hanako)
    assert Client().post(address).status_code == 200
    again = Client().post(address)
    assert again.status_code == 410
    assert "stopped already" in again.text


def test_what_was_final_within_three_days_comes_back(at_home: Client, hanako: User) -> None:
    """Final after 24 h with two custodies, undone after 70."""
    confirm(at_home, hanako, "change_number", paper=True)
    at_home.post(reverse("phone_change"), {"phone": "090-8765-4321"})
    at_home.post(reverse("phone_change_code"), {"code": newest_code(NEW)})
    send_all(hanako)
    with time_machine.travel(clock.now() + timedelta(hours=25), tick=False):
        changes.complete_due(clock.now())
        assert Phone.objects.get(number=OLD).revoked_at is not None
    with time_machine.travel(clock.now() + timedelta(hours=70), tick=False):
        Client().post(url(hanako))
    assert Phone.objects.get(number=OLD) in Phone.objects.usable()


def test_after_three_days_a_final_change_stays(at_home: Client, hanako: User, changed: Change) -> None:
    send_all(hanako)
    with time_machine.travel(clock.now() + timedelta(hours=80), tick=False):
        changes.complete_due(clock.now())
        page = Client().post(url(hanako))
        assert page.status_code == 200 and "This was undone" not in page.text
    assert Phone.objects.get(number=OLD).revoked_at is not None
    assert not Session.objects.filter(user=hanako).exists()


def test_what_is_not_final_is_always_within_reach(hanako: User, changed: Change) -> None:
    """No gateway took a notice for five days: nothing became final, and nothing escaped."""
    with time_machine.travel(clock.now() + timedelta(days=5), tick=False):
        Client().post(url(hanako))
    changed.refresh_from_db()
    assert changed.undone_at is not None


def test_the_link_dies_after_ten_days(hanako: User, changed: Change) -> None:
    with time_machine.travel(clock.now() + timedelta(days=10, seconds=1), tick=False):
        assert Client().post(url(hanako)).status_code == 410
        assert Client().get(url(hanako)).status_code == 410
    changed.refresh_from_db()
    assert changed.undone_at is None


def test_a_forged_or_broken_token_is_a_quiet_dead_end(hanako: User, changed: Change) -> None:
    token = not_me_link(hanako).token
    for forged in (token[:-1] + ("A" if token[-1] != "A" else "B"), "x", token.partition(".")[0]):
        assert Client().post(reverse("not_me_link", args=[forged])).status_code == 410
    changed.refresh_from_db()
    assert changed.undone_at is None


def test_a_stop_code_from_an_sms_does_the_same(hanako: User, changed: Change) -> None:
    code = not_me_link(hanako, OLD).stop_code
    typed = f"{code[:4]}-{code[4:8]} {code[8:]}".lower()
    browser = Client()
    assert "no such stop code" in browser.post(reverse("not_me"), {"code": "0000-0000-0000"}).text
    shown = browser.post(reverse("not_me"), {"code": typed}, follow=True)
    assert "Nothing has happened yet" in shown.text
    changed.refresh_from_db()
    assert changed.undone_at is None
    browser.post(shown.redirect_chain[-1][0])
    changed.refresh_from_db()
    assert changed.undone_at is not None


def test_an_undone_reset_gives_the_old_password_back(hanako: User) -> None:
    reset(hanako)
    reset(hanako, "ano hi no umi no iro")
    Client().post(url(hanako))
    hanako.refresh_from_db()
    assert hanako.check_password(PASSWORD)
    assert not selectors.facts(hanako).password_unsettled


def test_an_ordinary_password_change_is_undone_too(at_home: Client, hanako: User) -> None:
    confirm(at_home, hanako, "change_password")
    at_home.post(reverse("password_change"), {"current_password": PASSWORD, "password": "ano hi no umi no iro"})
    Client().post(url(hanako))
    hanako.refresh_from_db()
    assert hanako.check_password(PASSWORD)


def test_what_a_loss_report_took_out_stays_out(at_home: Client, hanako: User) -> None:
    app = hanako.totps.get()
    at_home.post(reverse("authenticator_lost", args=["totp", app.pk]))
    Client().post(url(hanako))
    app.refresh_from_db()
    assert app.lost_at is not None


def test_several_changes_unwind_in_the_right_order(at_home: Client, hanako: User, changed: Change) -> None:
    """A number added and then replaced by the thief must not come back when both are undone."""
    thief = Phone.objects.get(number=NEW)
    verdict = Verdict(Outcome.ALLOWED, final_after=timedelta(hours=72))
    with time_machine.travel(clock.now() + timedelta(minutes=1), tick=False):
        second = changes.begin(hanako, "phone.changed", verdict=verdict, ctx=CTX)
        Phone.objects.filter(pk=thief.pk).update(suspended_by=second)
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=False):
        Client().post(url(hanako))
    thief.refresh_from_db()
    assert (thief.revoked_at is not None, thief.suspended_by) == (True, None)
    assert Phone.objects.get(number=OLD) in Phone.objects.usable()


def test_a_removed_address_comes_back_unless_it_is_anothers_by_now(
    at_home: Client, hanako: User, mallory: User
) -> None:
    second = hanako.addresss.get(email="hanako@second.example")
    confirm(at_home, hanako, "remove_address", paper=True)
    at_home.post(reverse("address_remove", args=[second.pk]))
    send_all(hanako)
    with time_machine.travel(clock.now() + timedelta(hours=25), tick=False):
        changes.complete_due(clock.now())
        taken = {"user": mallory, "email": second.email, "key": second.key}
        Address.objects.create(**taken, bound_at=clock.now(), confirmed_at=clock.now())
        assert Client().post(url(hanako)).status_code == 200
    second.refresh_from_db()
    assert second.revoked_at is not None


def test_the_floor_above_ends_its_cases(hanako: User, changed: Change, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registries, "NOT_ME_HOOKS", registries.NOT_ME_HOOKS)
    seen: list[User] = []

    def end(user: User, ctx: object) -> list[str]:
        seen.append(user)
        return ["MD-TEST-0000"]

    registries.NOT_ME_HOOKS.append(end)
    try:
        assert "recovery that had begun is stopped" in Client().post(url(hanako)).text
    finally:
        registries.NOT_ME_HOOKS.remove(end)
    assert seen == [hanako]


def test_two_presses_at_once_act_once(hanako: User, changed: Change) -> None:
    """Both found the link alive; the conditional UPDATE decides."""
    link = not_me_link(hanako)
    assert isinstance(not_me.act(link, ctx=CTX), not_me.Done)
    again = not_me.act(link, ctx=CTX)
    assert isinstance(again, Refused) and again.why is Why.SPENT
    assert SecurityEvent.objects.filter(user=hanako, type="not_me.used").count() == 1


def test_who_bound_an_accounts_first_factor_and_is_thrown_out_leaves_it_as_it_was(client: Client, db: None) -> None:
    """Password and mailbox stolen from an account without a factor: afterwards its owner sets it up herself (R19)."""
    rin = person("rin")
    step = Verified(Kind.EMAIL, rin.addresss.get().means_id)
    sign_in(client, rin, Verified(Kind.PASSWORD, "password"), step, set_up=True)
    begun = totp.begin(rin, session=facts_of(client))
    assert isinstance(begun, Totp)
    totp.confirm(rin, code_of(begun), "his", session=facts_of(client), keep=None, ctx=CTX)
    rin.refresh_from_db()
    assert rin.ever_had_factor
    Client().post(url(rin))
    rin.refresh_from_db()
    assert not rin.ever_had_factor
    assert rin.totps.get().revoked_at is not None


def test_what_an_account_had_before_still_counts_as_had(hanako: User, changed: Change) -> None:
    Client().post(url(hanako))
    hanako.refresh_from_db()
    assert hanako.ever_had_factor
