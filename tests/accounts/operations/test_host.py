"""The host platform's door: who may ask, what it is told, and that the published schema says the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import clock, operations
from accounts.models import ApiKey, PasswordReset, PayoutAddress, User
from accounts.services import closing
from accounts.throttling import LIMITS
from accounts.views.host import SCHEMA_FILE
from recovery.services import cases
from tests.accounts.changes.conftest import confirm, send_all
from tests.accounts.hands import CTX, facts_of, person
from tests.accounts.operations.conftest import Host
from tests.accounts.operations.shape import faults
from tests.house.test_doors import statements
from tests.recovery import people

pytestmark = pytest.mark.django_db
SCHEMA = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
WALLET = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"


def codes(rest: dict[str, Any]) -> list[str]:
    return [reason["code"] for reason in rest["reasons"]]


class TestTheKey:
    def test_without_a_right_key_nothing_is_said_of_any_subject(self, host: Host, hanako: User) -> None:
        right = host.key
        other = right[:-1] + ("0" if right[-1] != "0" else "1")
        unknown = "modoru_00000000_" + "0" * 32
        for header in ("", right, f"Basic {right}", f"Bearer {other}", f"Bearer {unknown}", f"Bearer {right} x"):
            for subject in (str(hanako.subject), "00000000-0000-4000-8000-000000000000", "nonsense"):
                answer = Client().get(f"/api/v1/standing/{subject}", headers={"authorization": header})
                assert (answer.status_code, answer.json()) == (401, {"error": "unauthorized"})
                assert answer["WWW-Authenticate"].startswith("Bearer ")

    def test_a_wrong_key_costs_what_an_unknown_one_costs(self, host: Host, hanako: User) -> None:
        """Attack stopped: learning by time or load which prefixes exist."""
        asked = []
        for key in (host.key[:-4] + "0000", "modoru_00000000_" + "0" * 32):
            with CaptureQueriesContext(connection) as seen:
                assert Host(key).ask(hanako).status_code == 401
            asked.append(len(statements(seen)))
        assert asked == [1, 1]

    def test_its_text_stands_nowhere_in_the_database(self, host: Host) -> None:
        row = ApiKey.objects.get()
        secret = host.key.rsplit("_", 1)[1]
        assert len(secret) * 5 >= 128
        assert secret not in json.dumps(list(ApiKey.objects.values()), default=str)
        assert row.prefix in host.key and len(row.digest) == 64

    def test_a_revoked_key_opens_nothing(self, host: Host, hanako: User, capsys: pytest.CaptureFixture[str]) -> None:
        assert host.ask(hanako).status_code == 200
        call_command("api_key", "revoke", "exchange")
        assert host.ask(hanako).status_code == 401
        call_command("api_key", "create", "exchange")  # the name is free again
        new = Host(capsys.readouterr().out.strip().splitlines()[-1])
        assert new.ask(hanako).status_code == 200

    def test_the_command_shows_a_key_once_and_lists_none(self, db: None, capsys: pytest.CaptureFixture[str]) -> None:
        call_command("api_key", "create", "exchange")
        key = capsys.readouterr().out.strip()
        call_command("api_key", "list")
        listed = capsys.readouterr().out
        assert "exchange" in listed and key.split("_")[1] in listed and key.split("_")[2] not in listed
        with pytest.raises(CommandError, match="exchange"):
            call_command("api_key", "create", "exchange")
        with pytest.raises(CommandError, match="nobody"):
            call_command("api_key", "revoke", "nobody")

    def test_its_use_is_noted_at_most_once_a_minute(self, host: Host, hanako: User) -> None:
        with time_machine.travel(clock.now(), tick=False) as traveller:
            host.standing(hanako)
            first = ApiKey.objects.get().last_used_at
            traveller.shift(59)
            host.standing(hanako)
            assert ApiKey.objects.get().last_used_at == first
            traveller.shift(1)
            host.standing(hanako)
            assert ApiKey.objects.get().last_used_at != first

    def test_too_many_questions_of_one_key_wait_and_other_keys_do_not(
        self, host: Host, hanako: User, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        [limit] = LIMITS["standing.key"]
        monkeypatch.setitem(LIMITS, "standing.key", (type(limit)(2, limit.per),))
        with time_machine.travel(clock.now(), tick=False):
            assert [host.ask(hanako).status_code for _ in range(3)] == [200, 200, 429]
            answer = host.ask(hanako)
            assert answer.json() == {"error": "too_many_requests"}
            assert 1 <= int(answer["Retry-After"]) <= 61
            call_command("api_key", "create", "broker")
            assert Host(capsys.readouterr().out.strip()).ask(hanako).status_code == 200


class TestTheDoor:
    def test_it_speaks_json_alone_sets_no_cookie_and_is_kept_by_nobody(self, host: Host, hanako: User) -> None:
        answers = [host.ask(hanako), host.ask("nonsense"), Client().get(f"/api/v1/standing/{hanako.subject}")]
        answers.append(Client().post(f"/api/v1/standing/{hanako.subject}"))
        assert [answer.status_code for answer in answers] == [200, 404, 401, 405]
        for answer in answers:
            assert answer["Content-Type"] == "application/json"
            assert answer["Cache-Control"] == "no-store"
            assert not answer.cookies
        assert answers[3]["Allow"] == "GET, HEAD"

    def test_an_unknown_subject_is_not_found(self, host: Host) -> None:
        assert host.ask("00000000-0000-4000-8000-000000000000").json() == {"error": "unknown_subject"}

    def test_a_session_is_no_key(self, at_home: Client, hanako: User) -> None:
        assert at_home.get(f"/api/v1/standing/{hanako.subject}").status_code == 401

    def test_it_asks_the_database_at_most_thirteen_times(self, host: Host, hanako: User) -> None:
        with CaptureQueriesContext(connection) as seen:
            host.standing(hanako)
        assert len(statements(seen)) <= 13, "\n".join(statements(seen))

    def test_the_schema_is_open_and_may_be_kept(self) -> None:
        answer = Client().get("/api/v1/standing.schema.json")
        assert answer.json() == SCHEMA
        assert answer["Cache-Control"] == "public, max-age=3600"
        assert not answer.cookies


def closing_account(user: User, client: Client) -> None:
    confirm(client, user, "close_account")
    closing.begin(user, session=facts_of(client), ctx=CTX)
    send_all(user)


def closed_account(user: User, client: Client) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False, closed_at=clock.now())


def new_payout(user: User, client: Client) -> None:
    confirm(client, user, "add_payout")
    client.post("/account/withdrawal/addresses/add/", {"name": "Wallet", "address": WALLET})
    send_all(user)


def without_factor(user: User, client: Client) -> None:
    user.totps.all().delete()
    user.phones.all().delete()
    User.objects.filter(pk=user.pk).update(ever_had_factor=False)


STATES: dict[str, Callable[[User, Client], object]] = {
    "active": lambda user, client: None,
    "number_changed": lambda user, client: User.objects.filter(pk=user.pk).update(number_changed_at=clock.now()),
    "recovered": lambda user, client: User.objects.filter(pk=user.pk).update(recovered_at=clock.now()),
    "reset": lambda user, client: PasswordReset.objects.create(
        user=user, previous_hash=user.password, made_at=clock.now(), signed_in_at=clock.now()
    ),
    "payout": new_payout,
    "closing": closing_account,
    "closed": closed_account,
    "setting_up": without_factor,
}


@pytest.mark.parametrize("state", STATES)
def test_every_answer_is_what_the_published_schema_says(state: str, host: Host, hanako: User, at_home: Client) -> None:
    STATES[state](hanako, at_home)
    answer = host.standing(hanako)
    assert faults(answer, SCHEMA, SCHEMA) == []
    assert [one["code"] for one in answer["operations"]] == [one.code for one in operations.OPERATIONS]
    withdraw = {**answer["operations"][0]}
    del withdraw["code"]
    assert answer["money"] == withdraw


def test_a_field_that_the_schema_does_not_name_is_refused(host: Host, hanako: User) -> None:
    answer = host.standing(hanako)
    assert faults({**answer, "email": "x"}, SCHEMA, SCHEMA) == ["$.email: unknown"]
    assert faults({**answer, "as_of": "now"}, SCHEMA, SCHEMA) != []
    answer["money"].pop("until")
    assert faults(answer, SCHEMA, SCHEMA) == ["$.money.until: missing"]


class TestWhatItIsTold:
    def test_a_good_account_may_do_all_of_it_after_a_step_up(self, host: Host, hanako: User) -> None:
        answer = host.standing(hanako)
        assert answer["account"] == {"state": "active", "final_at": None}
        assert answer["assurance"] == {
            "two_custodies": True,
            "factors": ["sms", "totp"],
            "phishing_resistant": False,
            "saved_codes": True,
        }
        assert [one["held"] for one in answer["operations"]] == [False] * 7
        assert answer["recovery"] == {"open_case": False, "state": None}
        assert answer["changes"] == {"pending": 0, "next_final_at": None}

    def test_money_rests_a_day_after_a_number_change_and_the_words_are_the_persons(
        self, host: Host, hanako: User
    ) -> None:
        with time_machine.travel("2026-11-24T05:20:00Z", tick=False) as traveller:
            User.objects.filter(pk=hanako.pk).update(number_changed_at=clock.now())
            money = host.standing(hanako)["money"]
            assert (money["held"], money["until"]) == (True, "2026-11-25T05:20:00Z")
            [reason] = money["reasons"]
            assert (reason["rule"], reason["code"]) == ("R8", "rests_after_number")
            assert "11月25日（水）14:20（日本時間）" in reason["text"]["ja"]
            assert "14:20 on Wed 25 Nov (Tokyo time)" in reason["text"]["en"]
            assert host.operation(hanako, "add_payout")["held"] is False
            traveller.shift(timedelta(hours=24))
            assert host.standing(hanako)["money"] == {"held": False, "until": None, "reasons": []}

    def test_after_a_recovery_money_rests_two_days_at_least(self, host: Host, hanako: User) -> None:
        now = clock.now()
        User.objects.filter(pk=hanako.pk).update(recovered_at=now)
        for hours, held in ((47, True), (49, False)):
            with time_machine.travel(now + timedelta(hours=hours), tick=False):
                money = host.standing(hanako)["money"]
                assert money["held"] is held
                assert ("rests_after_recovery" in codes(money)) is held

    def test_after_a_recovery_money_rests_until_it_is_final(self, host: Host, hanako: User) -> None:
        now = clock.now()
        User.objects.filter(pk=hanako.pk).update(recovered_at=now)
        change = hanako.changes.create(what="recovery.completed", made_at=now, by_recovery=True)
        money = host.standing(hanako)["money"]
        assert (money["held"], money["until"], codes(money)) == (True, None, ["rests_after_recovery_once_told"])
        change.final_at = now + timedelta(hours=72)
        change.save()
        with time_machine.travel(now + timedelta(hours=71), tick=False):
            assert host.standing(hanako)["money"]["held"] is True
        with time_machine.travel(now + timedelta(hours=73), tick=False):
            assert host.standing(hanako)["money"]["held"] is False

    def test_a_reset_password_holds_money_until_it_has_settled(self, host: Host, hanako: User) -> None:
        """Attack stopped: a thief of the mailbox paid out by a host that sees no session of his."""
        made = clock.now()
        PasswordReset.objects.create(user=hanako, previous_hash=hanako.password, made_at=made, signed_in_at=made)
        assert codes(host.standing(hanako)["money"]) == ["reset_moves_no_money"]
        with time_machine.travel(made + timedelta(hours=73), tick=False):
            assert host.standing(hanako)["money"]["held"] is False

    def test_a_payout_address_on_probation_holds_withdrawals(self, host: Host, hanako: User, at_home: Client) -> None:
        new_payout(hanako, at_home)
        money = host.standing(hanako)["money"]
        assert (money["held"], codes(money)) == (True, ["payout_not_final"])
        assert host.standing(hanako)["changes"]["pending"] == 1
        long_ago = clock.now() - timedelta(days=30)
        PayoutAddress.objects.create(user=hanako, name="Old", address="x", bound_at=long_ago, confirmed_at=long_ago)
        assert host.standing(hanako)["money"]["held"] is False, "another one is final"

    def test_closing_and_closed(self, host: Host, hanako: User, at_home: Client) -> None:
        closing_account(hanako, at_home)
        answer = host.standing(hanako)
        assert answer["account"]["state"] == "closing"
        assert answer["account"]["final_at"] == answer["changes"]["next_final_at"] is not None
        assert codes(answer["money"]) == ["closing_moves_no_money"]
        with time_machine.travel(clock.now() + timedelta(hours=72), tick=False):
            answer = host.standing(hanako)  # before any sweep
            assert answer["account"]["state"] == "closed"
            assert {code for one in answer["operations"] for code in codes(one)} == {"account_closed"}
            assert all(one["held"] for one in answer["operations"])

    def test_an_account_that_is_still_set_up_moves_nothing(self, host: Host, hanako: User, at_home: Client) -> None:
        without_factor(hanako, at_home)
        answer = host.standing(hanako)
        assert answer["account"]["state"] == "setting_up"
        assert answer["money"]["held"] is True

    def test_an_account_with_nothing_left_to_confirm_with_is_held(self, host: Host, hanako: User) -> None:
        hanako.totps.all().delete()
        hanako.phones.all().delete()
        hanako.savedcodesets.all().delete()
        assert codes(host.standing(hanako)["money"]) == ["no_step_up_left"]

    def test_an_open_recovery_is_told(self, host: Host) -> None:
        owner = people.person("yuki", mails=2)
        claimant = people.Claimant(email="yuki@example.jp")
        claimant.ask("email", "yuki@example.jp")
        claimant.by_mail()
        assert host.standing(owner)["recovery"] == {"open_case": False, "state": None}
        claimant.prove("totp", people.app_code())
        cases.sweep()
        answer = host.standing(owner)
        assert answer["recovery"] == {"open_case": True, "state": "on_hold"}
        assert codes(host.operation(owner, "close")) == ["another_case_open"]

    def test_nobody_elses_holds_are_told(self, host: Host, hanako: User) -> None:
        taro = person("taro")
        User.objects.filter(pk=taro.pk).update(number_changed_at=clock.now())
        assert host.standing(hanako)["money"]["held"] is False


def test_the_steps_of_a_session_are_not_asked_for(host: Host, hanako: User, at_home: Client) -> None:
    """What the host is told does not hang on who is signed in here just now."""
    before = host.standing(hanako)["operations"]
    confirm(at_home, hanako, "withdraw")
    assert host.standing(hanako)["operations"] == before
