"""Closing the account: what waits, what still works, who can stop it, and what is left of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts import clock
from accounts.errors import Refused
from accounts.models import Address, Change, OutboxMessage, PayoutAddress, SecurityEvent, User
from accounts.outbox.recipients import notification_addresses
from accounts.services import changes, closing, housekeeping
from accounts.services import sign_in as signing_in
from tests.accounts.changes.conftest import confirm, not_me_link, proofs, send_all, told
from tests.accounts.hands import CTX, PASSWORD, facts_of, sign_in
from tests.recovery import people

pytestmark = pytest.mark.django_db
PAGE, CONFIRM, KEEP = reverse("close"), reverse("close_confirm"), reverse("close_keep")


def begin(client: Client, user: User, *, paper: bool = False) -> Change:
    """The whole way: step-up, last look, button; and every letter handed over."""
    confirm(client, user, "close_account", paper=paper)
    assert "A last look" in client.get(CONFIRM).text
    assert client.post(CONFIRM)["Location"] == PAGE
    send_all(user)
    return Change.objects.get(user=user, what="account.closing")


def final(change: Change) -> datetime:
    assert change.final_at is not None
    return change.final_at


def close_for_good(client: Client, user: User) -> datetime:
    ends = final(begin(client, user))
    with time_machine.travel(ends, tick=False):
        changes.complete_due(clock.now())
    user.refresh_from_db()
    return ends


class TestBeginning:
    def test_it_asks_a_fresh_proof_first_and_everybody_is_told(self, at_home: Client, hanako: User) -> None:
        assert at_home.get(CONFIRM)["Location"].startswith(f"{reverse('step_up')}?for=close_account")
        assert at_home.post(CONFIRM).status_code == 302
        assert not Change.objects.exists()
        begin(at_home, hanako)
        assert told(hanako, "notices/account_closing") == {
            hanako.email,
            "hanako@second.example",
            "+819012345601",
        }

    def test_a_step_up_ten_minutes_and_a_second_old_closes_nothing(self, at_home: Client, hanako: User) -> None:
        with time_machine.travel(clock.now(), tick=False) as traveller:
            confirm(at_home, hanako, "close_account")
            traveller.shift(timedelta(minutes=10))
            assert at_home.get(CONFIRM).status_code == 200
            traveller.shift(1)
            assert at_home.post(CONFIRM)["Location"].startswith(reverse("step_up"))
        assert not Change.objects.exists()

    def test_it_waits_three_days_with_one_custody_and_one_with_two(self, at_home: Client, hanako: User) -> None:
        change = begin(at_home, hanako)
        assert change.notices_out_at and final(change) - change.notices_out_at == timedelta(hours=72)
        at_home.post(KEEP)
        Change.objects.all().delete()
        change = begin(at_home, hanako, paper=True)
        assert change.notices_out_at and final(change) - change.notices_out_at == timedelta(hours=24)

    def test_it_is_not_begun_while_a_recovery_is_under_way(self) -> None:
        owner = people.person("yuki", mails=2)
        User.objects.update(language="en")
        claimant = people.Claimant(email="yuki@example.jp")
        claimant.ask("email", "yuki@example.jp")
        claimant.by_mail()
        claimant.prove("totp", people.app_code())
        client = Client(headers={"accept-language": "en"})
        sign_in(client, owner, *proofs(owner))
        confirm(client, owner, "close_account")
        assert "A recovery of this account is under way" in client.get(CONFIRM).text
        assert "A recovery of this account is under way" in client.get(PAGE).text
        assert isinstance(closing.begin(owner, session=facts_of(client), ctx=CTX), Refused)


class TestMeanwhile:
    def test_the_account_works_and_money_rests(self, at_home: Client, hanako: User) -> None:
        change = begin(at_home, hanako)
        page = at_home.get(PAGE).text
        assert "Your account is being closed" in page and final(change).isoformat() in page
        assert f'action="{KEEP}"' in page and "csrfmiddlewaretoken" in page
        assert f'href="{PAGE}"' in at_home.get(reverse("account")).text
        long_ago = clock.now() - timedelta(days=30)
        PayoutAddress.objects.create(user=hanako, name="W", address="x", bound_at=long_ago, confirmed_at=long_ago)
        assert "no money moves" in at_home.get(reverse("withdrawal")).text
        confirm(at_home, hanako, "add_address")
        assert at_home.get(reverse("address_add")).status_code == 200

    def test_everybody_is_told_again_half_way_and_an_hour_before_the_end_once(
        self, at_home: Client, hanako: User
    ) -> None:
        ends = final(begin(at_home, hanako))

        def letters_at(moment: datetime) -> int:
            with time_machine.travel(moment, tick=False):
                closing.remind(clock.now())
                closing.remind(clock.now())
            return OutboxMessage.objects.filter(user=hanako, kind="notices/account_closing_ends").count()

        assert letters_at(ends - timedelta(hours=36, seconds=1)) == 0
        assert letters_at(ends - timedelta(hours=36)) == 2  # two mails
        assert letters_at(ends - timedelta(hours=2)) == 2
        assert letters_at(ends - timedelta(hours=1)) == 5  # and an SMS
        assert letters_at(ends) == 5

    def test_a_closing_that_was_stopped_reminds_nobody(self, at_home: Client, hanako: User) -> None:
        ends = final(begin(at_home, hanako))
        at_home.post(KEEP)
        with time_machine.travel(ends - timedelta(hours=1), tick=False):
            assert closing.remind(clock.now()) == 0

    def test_its_person_keeps_it_open_without_a_step_up(self, at_home: Client, hanako: User) -> None:
        change = begin(at_home, hanako)
        answer = at_home.post(KEEP, follow=True)
        assert "The account stays open" in answer.text
        assert told(hanako, "notices/account_kept_open") == {hanako.email, "hanako@second.example"}
        with time_machine.travel(final(change) + timedelta(hours=1), tick=False):
            changes.complete_due(clock.now())
        hanako.refresh_from_db()
        assert hanako.is_active

    def test_keeping_what_is_not_being_closed_says_so(self, at_home: Client) -> None:
        assert "This account is not being closed." in at_home.post(KEEP, follow=True).text

    def test_not_me_keeps_it_open(self, at_home: Client, hanako: User) -> None:
        begin(at_home, hanako)
        link = not_me_link(hanako)
        stranger = Client()
        stranger.post(reverse("not_me_link", args=[link.token]))
        assert Change.objects.get(what="account.closing").undone_at is not None

    def test_a_recovery_with_enough_proof_keeps_it_open(self) -> None:
        """Attack stopped: a thief of the phone who closes the account while its owner is on the way back."""
        owner = people.person("yuki", mails=2)
        client = Client()
        sign_in(client, owner, *proofs(owner))
        confirm(client, owner, "close_account")
        closing.begin(owner, session=facts_of(client), ctx=CTX)
        claimant = people.Claimant(email="yuki@example.jp")
        claimant.prove("saved-code", people.CODES[0])
        claimant.prove("password", people.PASSWORD)
        assert claimant.case.state == "ready"
        assert Change.objects.get(what="account.closing").undone_at is not None
        assert SecurityEvent.objects.filter(user=owner, type="account.kept_open").exists()


class TestClosed:
    def test_sessions_end_and_signing_in_is_refused_as_for_nobody(self, at_home: Client, hanako: User) -> None:
        close_for_good(at_home, hanako)
        assert not hanako.is_active
        assert at_home.get(reverse("account"))["Location"].startswith(reverse("sign_in"))
        wrong = signing_in.password("nobody@example.jp", PASSWORD, ctx=CTX)
        assert signing_in.password(hanako.email, PASSWORD, ctx=CTX) == wrong

    def test_everything_bound_is_revoked_and_its_address_may_name_a_new_account(
        self, at_home: Client, hanako: User
    ) -> None:
        close_for_good(at_home, hanako)
        for rows in (hanako.addresss, hanako.phones, hanako.totps, hanako.savedcodesets):
            assert not rows.filter(revoked_at=None).exists()
        assert not User.objects.filter(email_key=hanako.email).exists()
        assert not Address.objects.standing().filter(key=hanako.email).exists()

    def test_its_addresses_still_hear_of_it_for_a_month(self, at_home: Client, hanako: User) -> None:
        ends = close_for_good(at_home, hanako)
        assert hanako.email in told(hanako, "notices/account_closed")
        with time_machine.travel(ends + timedelta(days=29), tick=False):
            assert len(notification_addresses(hanako)) == 3
        with time_machine.travel(ends + timedelta(days=31), tick=False):
            assert notification_addresses(hanako) == []

    def test_no_recovery_finds_it(self, at_home: Client, hanako: User) -> None:
        close_for_good(at_home, hanako)
        claimant = people.Claimant(email=hanako.email)
        assert claimant.case.user is None

    def test_not_me_within_its_reach_opens_it_again(self, at_home: Client, hanako: User) -> None:
        """R10 reaches what was done in the last 72 hours, and with two custodies a closing is final after 24."""
        ends = final(begin(at_home, hanako, paper=True))
        link = not_me_link(hanako)
        with time_machine.travel(ends, tick=False):
            changes.complete_due(clock.now())
        assert not User.objects.get(pk=hanako.pk).is_active
        with time_machine.travel(ends + timedelta(hours=1), tick=False):
            stranger = Client()
            assert stranger.get(reverse("not_me_link", args=[link.token])).status_code == 200
            stranger.post(reverse("not_me_link", args=[link.token]))
            hanako.refresh_from_db()
            assert hanako.is_active and hanako.closed_at is None and hanako.email_key == hanako.email
            assert not isinstance(signing_in.password(hanako.email, PASSWORD, ctx=CTX), Refused)
            assert hanako.totps.filter(revoked_at=None, suspended_by=None).exists()

    def test_what_names_the_person_is_erased_after_a_month_and_history_stays(
        self, at_home: Client, hanako: User
    ) -> None:
        PayoutAddress.objects.create(user=hanako, name="W", address="bc1qhers", bound_at=clock.now())
        ends = close_for_good(at_home, hanako)
        with time_machine.travel(ends + timedelta(days=29), tick=False):
            housekeeping.purge()
            assert hanako.addresss.exists()
        with time_machine.travel(ends + timedelta(days=30), tick=False):
            housekeeping.purge()
        hanako.refresh_from_db()
        assert (hanako.email, hanako.name, hanako.has_usable_password()) == ("", "", False)
        for rows in (hanako.addresss, hanako.phones, hanako.totps, hanako.savedcodesets):
            assert not rows.exists()
        assert not PayoutAddress.objects.exclude(address="").exists()
        assert not OutboxMessage.objects.filter(user=hanako).exclude(to="").exists()
        assert SecurityEvent.objects.filter(user=hanako, type="account.closed").exists()
        assert Change.objects.filter(user=hanako, what="account.closing").exists()
