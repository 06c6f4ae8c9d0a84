"""The page of what rests until when, and the copy of one's data."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts import clock, operations, throttling
from accounts.models import Challenge, KnownBrowser, Link, PayoutAddress, SavedCode, SecurityEvent, User
from accounts.operations import State
from accounts.selectors import holdings
from accounts.services import export
from accounts.services.verify import Verified
from policy.facts import Kind
from tests.accounts.changes.conftest import confirm, proofs, send_all, told
from tests.accounts.hands import facts_of, person, sign_in

pytestmark = pytest.mark.django_db
HOLDS, EXPORT = reverse("holds"), reverse("export")


def states(client: Client, user: User) -> dict[str, State]:
    user.refresh_from_db()
    held = holdings(user)
    found = operations.standings(held, operations.facts(held, facts_of(client)))
    return {one.operation.code: one.state for one in found}


@pytest.mark.parametrize("operation", operations.OPERATIONS, ids=lambda operation: operation.code)
def test_each_operation_asks_a_fresh_proof_and_opens_with_one_for_ten_minutes(
    operation: operations.Operation, at_home: Client, hanako: User
) -> None:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        assert set(states(at_home, hanako).values()) == {State.PROOF}
        kind = operations.step_up_kind(operation.ask(holdings(hanako)))
        confirm(at_home, hanako, kind)
        assert {code for code, state in states(at_home, hanako).items() if state is State.OPEN} == {operation.code}
        assert "Your confirmation holds until" in at_home.get(HOLDS).text
        traveller.shift(timedelta(minutes=10))
        assert states(at_home, hanako)[operation.code] is State.OPEN
        traveller.shift(1)
        assert states(at_home, hanako)[operation.code] is State.PROOF


class TestWhatRests:
    def test_nothing_rests_in_a_quiet_account(self, at_home: Client) -> None:
        page = at_home.get(HOLDS).text
        assert "Nothing rests. Everything is open to you." in page
        assert page.count("After a confirmation") == len(operations.OPERATIONS)
        assert "No change is waiting" in page

    def test_after_a_number_change_it_says_until_when_and_which_rule(self, at_home: Client, hanako: User) -> None:
        with time_machine.travel("2026-11-24T05:20:00Z", tick=False) as traveller:
            sign_in(at_home, hanako, *proofs(hanako))
            User.objects.filter(pk=hanako.pk).update(number_changed_at=clock.now())
            page = at_home.get(HOLDS).text
            assert "Until 14:20 on Wed 25 Nov (Tokyo time)" in page and "1 day</span> left" in page
            assert "Your number was changed." in page and ">R8<" in page
            assert page.count("After a confirmation") == len(operations.OPERATIONS) - 1
            traveller.shift(timedelta(hours=24))
            sign_in(at_home, hanako, *proofs(hanako))
            assert "Nothing rests" in at_home.get(HOLDS).text

    def test_pending_changes_are_a_path_with_their_final_times(self, at_home: Client, hanako: User) -> None:
        confirm(at_home, hanako, "add_payout")
        at_home.post(reverse("payout_add"), {"name": "Wallet", "address": "bc1q" + "x" * 30})
        send_all(hanako)
        page = at_home.get(HOLDS).text
        final = hanako.changes.get().final_at
        assert final is not None and final.isoformat() in page
        assert "This payout address is new." in page

    def test_a_reset_password_session_moves_no_money(self, client: Client, hanako: User) -> None:
        sign_in(client, hanako, Verified(Kind.PASSWORD, "password:reset", reset=True), proofs(hanako)[1])
        confirm(client, hanako, "withdraw")
        assert states(client, hanako)["withdraw"] is State.HELD
        assert "password set by mail" in client.get(HOLDS).text

    def test_the_first_payout_address_that_is_final_decides(self, at_home: Client, hanako: User) -> None:
        long_ago = clock.now() - timedelta(days=30)
        PayoutAddress.objects.create(user=hanako, name="Old", address="x", bound_at=long_ago, confirmed_at=long_ago)
        confirm(at_home, hanako, "add_payout")
        at_home.post(reverse("payout_add"), {"name": "Wallet", "address": "bc1q" + "x" * 30})
        assert states(at_home, hanako)["withdraw"] is State.PROOF


class TestTheCopy:
    def test_without_a_fresh_proof_there_is_none_and_nobody_is_written_to(self, at_home: Client, hanako: User) -> None:
        assert "What is inside" in at_home.get(EXPORT).text
        answer = at_home.post(EXPORT)
        assert answer["Location"].startswith(f"{reverse('step_up')}?for=export")
        assert not told(hanako, "notices/account_exported")

    def test_it_is_a_file_kept_by_no_cache_and_everybody_is_told(self, at_home: Client, hanako: User) -> None:
        confirm(at_home, hanako, "export")
        answer = at_home.post(EXPORT)
        assert answer["Content-Disposition"].startswith('attachment; filename="modoru-')
        assert answer["Cache-Control"] == "no-store"
        assert told(hanako, "notices/account_exported") == {hanako.email, "hanako@second.example"}
        copy = answer.json()
        assert [one["email"] for one in copy["addresses"]] == [hanako.email, "hanako@second.example"]
        assert [one["number"] for one in copy["numbers"]] == ["+819012345601"]
        assert copy["account"]["subject"] == str(hanako.subject)
        assert "account.exported" in [one["type"] for one in copy["history"]]
        assert copy["recoveries"] == []

    def test_no_secret_is_in_it(self, at_home: Client, hanako: User) -> None:
        """Every value of every column that proves something is looked for in the whole file."""
        confirm(at_home, hanako, "change_number")
        at_home.post(reverse("phone_change"), {"phone": "090-8765-4321"})
        confirm(at_home, hanako, "add_payout")
        at_home.post(reverse("payout_add"), {"name": "Wallet", "address": "bc1q" + "x" * 30})
        SavedCode.objects.update(hash="argon2$hash-of-a-code", locator="QZXW")
        confirm(at_home, hanako, "export")
        text = at_home.post(EXPORT).text
        app = hanako.totps.get()
        secrets = [hanako.password, app.seed_sealed, app.seed.hex(), "argon2$hash-of-a-code", "QZXW"]
        secrets += [value for row in Challenge.objects.all() for value in (row.nonce, row.code)]
        secrets += [value for row in Link.objects.all() for value in (row.nonce, row.token, row.stop_code)]
        secrets += list(KnownBrowser.objects.values_list("digest", flat=True))
        secrets += [str(at_home.session.session_key), at_home.session["public_id"]]
        assert len(secrets) > 12
        assert [secret for secret in secrets if secret in text] == []

    def test_it_holds_nothing_of_anybody_else(self, at_home: Client, hanako: User, mallory: User) -> None:
        confirm(at_home, hanako, "export")
        assert mallory.email not in at_home.post(EXPORT).text

    def test_a_few_copies_a_day_are_enough(
        self, at_home: Client, hanako: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        [limit] = throttling.LIMITS["export.account"]
        monkeypatch.setitem(throttling.LIMITS, "export.account", (type(limit)(1, limit.per),))
        confirm(at_home, hanako, "export")
        at_home.post(EXPORT)
        answer = at_home.post(EXPORT)
        assert answer.status_code == 429 and "There were too many tries" in answer.text
        assert SecurityEvent.objects.filter(type="account.exported").count() == 1

    def test_every_table_about_a_person_is_in_it_or_left_out_on_purpose(self, hanako: User) -> None:
        """A new table with a person's data that is forgotten would be held without its owner learning of it."""
        named = {model.__name__ for model, *_ in export.BOUND.values()}
        named |= {
            "Withdrawal",
            "Change",
            "PasswordReset",
            "Session",
            "OutboxMessage",
            "SecurityEvent",
            "Case",
            "KnownBrowser",
            "Paper",
            "Review",
        }
        left_out = {"Challenge", "Link", "AddressRequest"}  # codes and links on their way: secrets, gone within days
        ours = ("accounts", "recovery", "support")
        related = [one.related_model for one in User._meta.related_objects]
        about = {model.__name__ for model in related if model._meta.app_label in ours}
        assert about == (named | left_out) & about


def test_nothing_of_all_this_is_open_to_anybody_else(client: Client, hanako: User) -> None:
    sign_in(client, person("taro"))
    assert hanako.email not in client.get(HOLDS).text
