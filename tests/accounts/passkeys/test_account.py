"""Adding, naming, losing, removing passkeys, and confirming important steps with one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django_otp_webauthn.models import WebAuthnUserHandle

from accounts import clock, nonces, selectors
from accounts.models import Change, Link, OutboxMessage, Passkey, SecurityEvent, Session, User
from accounts.services import changes, not_me
from accounts.services.verify import Verified
from policy.facts import Kind
from tests.accounts.hands import CTX, facts_of, person, sign_in, step_up
from tests.accounts.passkeys.conftest import ADD, Owner, alone, asked, enter, proofs, signed_in
from tests.passkeys import APPLE, Key, passkey_of, raw, text

pytestmark = pytest.mark.django_db
STEP_UP = "/account/step-up/?for=bind_authenticator&next=/account/security/"


def add(browser: Client, key: Key, name: str = "", **more: Any) -> HttpResponse:
    """The button of the page that adds one."""
    given = key.make(asked(browser, ADD))
    answer: Any = browser.post(ADD, {"passkey": given, "name": name, **more})
    return answer


def means_of(user: User) -> Any:
    return next(one for one in selectors.means(user) if one.kind is Kind.PASSKEY)


class TestAdding:
    def test_several_are_added_named_and_sign_in_at_once(self, hanako: Owner, browser: Client) -> None:
        enter(browser, hanako.user)
        keys = [Key(), Key(aaguid=APPLE)]
        for key, name in zip(keys, ["blue key", ""], strict=True):
            assert add(browser, key, name).headers["Location"] == "/account/authenticators/"
        page = browser.get("/account/authenticators/").text
        for words in ("MacBook", "blue key", "Apple Passwords", "On one device only"):
            assert words in page
        for key in keys:
            assert alone(Client(), key).status_code == 302

    def test_everybody_is_told_and_it_is_on_probation(self, hanako: Owner, browser: Client) -> None:
        """R7: it signs in, and proves nothing until its notices have had their time."""
        enter(browser, hanako.user)
        add(browser, Key())
        row = Passkey.objects.latest("pk")
        assert row.added_by is not None
        assert SecurityEvent.objects.get(type="passkey.added").data["means"] == row.means_id
        assert OutboxMessage.objects.filter(kind="notices/passkey_added", to=hanako.user.email).exists()
        assert f"passkey:{row.pk}" in {one.id for one in selectors.means(hanako.user) if one.final_at}

    def test_other_sessions_end_and_this_one_lives_on(self, hanako: Owner, browser: Client) -> None:
        elsewhere = Client()
        sign_in(elsewhere, hanako.user)
        enter(browser, hanako.user)
        add(browser, Key())
        assert browser.get("/account/").status_code == 200
        assert elsewhere.get("/account/").status_code == 302

    def test_not_me_takes_it_away_again(self, hanako: Owner, browser: Client) -> None:
        enter(browser, hanako.user)
        thief = Key()
        add(browser, thief)
        not_me.act(Link.objects.get(kind="not_me"), ctx=CTX)
        assert Passkey.objects.latest("pk").revoked_at is not None
        alone(browser, thief)
        assert not signed_in(browser)

    def test_the_question_tells_a_stranger_nothing_and_asks_for_no_attestation(
        self, hanako: Owner, browser: Client
    ) -> None:
        """Pitfall P31: the stock plugin's handle was a digest of the primary key, and its keys were not resident."""
        enter(browser, hanako.user)
        question = asked(browser, ADD)
        handle = raw(question["user"]["id"])
        assert len(handle) == 64
        assert handle.hex() == WebAuthnUserHandle.objects.get(user=hanako.user).handle_hex
        assert question["attestation"] == "none"
        assert question["authenticatorSelection"]["residentKey"] == "required"
        assert [one["id"] for one in question["excludeCredentials"]] == [text(hanako.key.id)]

    def test_it_needs_a_fresh_step_up(self, hanako: Owner, browser: Client) -> None:
        sign_in(browser, hanako.user)
        for answer in (browser.get(ADD), browser.post(ADD, {"options": "1"}), browser.post(ADD, {"passkey": "{}"})):
            assert answer.headers["Location"].startswith("/account/step-up/")

    def test_posting_twice_adds_one_and_is_no_error(self, hanako: Owner, browser: Client) -> None:
        """Pitfall P31: the stock plugin answered the second press with a 500."""
        enter(browser, hanako.user)
        given = Key().make(asked(browser, ADD))
        answers = [browser.post(ADD, {"passkey": given, "name": ""}).status_code for _ in range(2)]
        assert answers == [302, 200]
        assert Passkey.objects.count() == 2

    def test_one_that_is_on_an_account_is_not_taken_again(self, hanako: Owner, browser: Client) -> None:
        enter(browser, hanako.user)
        page = add(browser, hanako.key)
        assert "This is on an account already." in page.text
        taro = person("taro")
        passkey_of(taro, key := Key())
        assert "This is on an account already." in add(browser, key).text

    @pytest.mark.parametrize(
        "wrong", [{"origin": "https://elsewhere.example"}, {"rp": "elsewhere.example"}], ids=["origin", "name"]
    )
    def test_one_made_elsewhere_is_refused(self, hanako: Owner, browser: Client, wrong: dict[str, str]) -> None:
        enter(browser, hanako.user)
        assert "was not accepted" in add(browser, Key(**wrong)).text  # type: ignore[arg-type]
        assert Passkey.objects.count() == 1

    def test_a_question_of_another_session_or_of_long_ago_is_not_answered(self, hanako: Owner, browser: Client) -> None:
        enter(browser, hanako.user)
        other = Client()
        enter(other, hanako.user)
        assert "was not accepted" in browser.post(ADD, {"passkey": Key().make(asked(other, ADD)), "name": ""}).text
        late = Key().make(asked(browser, ADD))
        with time_machine.travel(clock.now() + nonces.LIFE):
            assert "took too long" in browser.post(ADD, {"passkey": late, "name": ""}).text
        assert Passkey.objects.count() == 1

    @pytest.mark.parametrize("what", ["", "[]", "no json", '{"response": {"clientDataJSON": "e30"}}', "x" * 20_000])
    def test_what_is_no_answer_is_no_error(self, hanako: Owner, browser: Client, what: str) -> None:
        enter(browser, hanako.user)
        assert "No passkey was added." in browser.post(ADD, {"passkey": what, "name": ""}).text

    def test_a_newcomer_may_begin_with_a_passkey(self, browser: Client) -> None:
        """R19: with codes on paper beside it, two custodies are there."""
        user = person("newcomer")
        sign_in(browser, user, set_up=True, sign_up=True)
        assert add(browser, Key()).headers["Location"] == "/account/set-up/"
        assert "A passkey signs you in." in browser.get("/account/set-up/").text
        user.refresh_from_db()
        assert user.ever_had_factor
        assert Passkey.objects.get().added_by is None


class TestPlace:
    """R1: the device it was bound on; also the phone if it is copied about."""

    @pytest.mark.parametrize(
        ("agent", "key", "place"),
        [
            ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0", Key(), "computer"),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/605", Key(), "phone"),
            ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile", Key(), "phone"),
            (
                "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0",
                Key(attachment="cross-platform", transports=("hybrid", "internal")),
                "phone",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0",
                Key(attachment="cross-platform", transports=("usb", "nfc")),
                "",
            ),
            ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0", Key(attachment="cross-platform", transports=()), "phone"),
        ],
    )
    def test_it_lies_where_a_thief_would_look(self, hanako: Owner, agent: str, key: Key, place: str) -> None:
        browser = Client(headers={"accept-language": "en", "user-agent": agent})
        enter(browser, hanako.user)
        assert add(browser, key.copied(id=Key().id)).status_code == 302
        assert Passkey.objects.latest("pk").device == place

    def test_the_policy_sees_the_place_and_whether_it_is_copied(self, hanako: Owner) -> None:
        assert (means_of(hanako.user).device, means_of(hanako.user).synced) == ("computer", False)
        Passkey.objects.update(backup_eligible=True)
        assert means_of(hanako.user).synced


class TestItsPage:
    def test_it_is_renamed_in_the_history_and_told_to_the_device(self, hanako: Owner, browser: Client) -> None:
        sign_in(browser, hanako.user)
        url = f"/account/authenticators/passkey/{hanako.row.pk}/"
        assert browser.post(f"{url}rename/", {"name": " work computer "}).headers["Location"] == url
        assert hanako.now.name == "work computer"
        assert "work computer" in browser.get(url).text
        assert SecurityEvent.objects.filter(type="passkey.renamed").exists()

    def test_a_lost_one_stops_at_once_and_can_come_back(self, hanako: Owner, browser: Client) -> None:
        enter(browser, hanako.user)
        url = f"/account/authenticators/passkey/{hanako.row.pk}"
        assert browser.post(f"{url}/lost/").status_code == 302
        alone(Client(), hanako.key)
        assert hanako.now.lost_at is not None
        assert hanako.now.last_used_at is None
        enter(browser, hanako.user)
        assert browser.post(f"{url}/found/").status_code == 302
        assert hanako.now.lost_at is None
        assert alone(Client(), hanako.key).status_code == 302

    def test_removed_it_signs_nobody_in_and_the_list_tells_the_device(self, hanako: Owner, browser: Client) -> None:
        enter(browser, hanako.user, "remove_authenticator")
        kept = Key()
        passkey_of(hanako.user, kept)
        page = browser.post(f"/account/authenticators/passkey/{hanako.row.pk}/remove/", follow=True)
        assert "The passkey is removed and signs nobody in." in page.text
        assert f'data-accepted="{text(kept.id)}"' in page.text
        assert f'data-user="{text(kept.handle)}"' in page.text
        other = Client()
        alone(other, hanako.key)
        assert not signed_in(other)
        assert OutboxMessage.objects.filter(kind="notices/passkey_removed").exists()

    def test_what_was_removed_comes_back_with_a_not_me_and_is_gone_when_final(
        self, hanako: Owner, browser: Client
    ) -> None:
        enter(browser, hanako.user, "remove_authenticator")
        url = f"/account/authenticators/passkey/{hanako.row.pk}/remove/"
        browser.post(url)
        not_me.act(Link.objects.filter(kind="not_me").latest("created_at"), ctx=CTX)
        assert alone(Client(), hanako.key).status_code == 302
        again = Client()
        enter(again, hanako.user, "remove_authenticator")
        assert again.post(url).status_code == 302
        change = Change.objects.latest("made_at")
        Change.objects.filter(pk=change.pk).update(final_at=clock.now())
        changes.complete_due(clock.now() + timedelta(seconds=1))
        assert hanako.now.revoked_at is not None

    def test_the_last_factor_stays(self, browser: Client) -> None:
        user = person("taro")
        row = passkey_of(user)
        key = Verified(Kind.PASSKEY, row.means_id)
        sign_in(browser, user, key)
        step_up(browser, key, "remove_authenticator")
        browser.post(f"/account/authenticators/passkey/{row.pk}/remove/")
        assert Passkey.objects.usable().filter(pk=row.pk).exists()

    def test_somebody_elses_does_not_exist(self, hanako: Owner, browser: Client) -> None:
        taro = person("taro")
        sign_in(browser, taro)
        assert browser.get(f"/account/authenticators/passkey/{hanako.row.pk}/").status_code == 404


class TestStepUp:
    def give(self, browser: Client, key: Key) -> HttpResponse:
        answer: Any = browser.post(STEP_UP, {"passkey": key.answer(asked(browser, STEP_UP))})
        return answer

    def test_a_verified_passkey_confirms_this_deed(self, hanako: Owner, browser: Client) -> None:
        sign_in(browser, hanako.user)
        question = asked(browser, STEP_UP)
        assert question["userVerification"] == "required"
        assert [one["id"] for one in question["allowCredentials"]] == [text(hanako.key.id)]
        assert self.give(browser, hanako.key).headers["Location"] == "/account/security/"
        given = facts_of(browser).step_ups
        assert [(one.kind, one.means_id, one.deed) for one in given] == [
            (Kind.PASSKEY, hanako.row.means_id, "bind_authenticator")
        ]

    def test_without_verification_it_confirms_nothing(self, hanako: Owner, browser: Client) -> None:
        sign_in(browser, hanako.user)
        hanako.key.verifies = False
        page = self.give(browser, hanako.key)
        assert "did not check your finger, face or PIN" in page.text
        assert facts_of(browser).step_ups == ()

    def test_a_new_one_is_not_asked_for_and_not_taken(self, hanako: Owner, browser: Client) -> None:
        """R7: what a thief has just added must not confirm the next step."""
        enter(browser, hanako.user)
        thief = Key()
        add(browser, thief)
        question = asked(browser, STEP_UP)
        assert text(thief.id) not in {one["id"] for one in question["allowCredentials"]}
        assert "was not accepted" in self.give(browser, thief).text

    def test_an_answer_for_another_deed_or_from_the_sign_in_does_not_serve(
        self, hanako: Owner, browser: Client
    ) -> None:
        first = asked(browser)
        sign_in(browser, hanako.user)
        for question in (first, asked(browser, STEP_UP.replace("bind", "remove"))):
            page = browser.post(STEP_UP, {"passkey": hanako.key.answer(question)})
            assert "was not accepted" in page.text

    def test_whoever_has_only_a_passkey_sees_its_button(self, browser: Client) -> None:
        user = person("taro")
        passkey_of(user, key := Key())
        alone(browser, key)
        assert proofs(browser)[0][0] == "P"
        assert 'data-passkey="get"' in browser.get(STEP_UP).text


def test_a_session_by_passkey_belongs_to_its_owner(hanako: Owner, browser: Client) -> None:
    alone(browser, hanako.key)
    assert Session.objects.get().user == hanako.user
