"""Signing in with a passkey: alone, beside the password, and everything that must not open a session."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from accounts import clock, nonces, relying_party, throttling
from accounts.errors import Why
from accounts.models import Change, OutboxMessage, Passkey, PasswordReset, SecurityEvent, Session, UsedChallenge
from accounts.services import passkeys
from accounts.services.sign_in import Passed
from accounts.services.verify import Verified, verify
from tests.accounts.hands import CTX, PASSWORD, code_of, person
from tests.accounts.passkeys.conftest import (
    AUTH,
    TOKEN,
    Owner,
    alone,
    asked,
    beside,
    past_password,
    proofs,
    signed_in,
)
from tests.passkeys import Key, passkey_of, raw, text

pytestmark = pytest.mark.django_db
SAID = "The passkey did not sign you in."


class TestAlone:
    def test_a_passkey_that_verified_its_owner_signs_in(self, hanako: Owner, browser: Client) -> None:
        assert alone(browser, hanako.key).headers["Location"] == "/account/"
        assert proofs(browser) == [("P", hanako.row.means_id)]
        assert browser.get("/account/").status_code == 200

    def test_it_leads_on_to_where_the_person_was_going(self, hanako: Owner, browser: Client) -> None:
        assert alone(browser, hanako.key, next="/account/activity/").headers["Location"] == "/account/activity/"

    def test_the_question_names_nobody_and_asks_for_verification(self, hanako: Owner, browser: Client) -> None:
        question = asked(browser)
        assert question["rpId"] == "localhost"
        assert question["userVerification"] == "required"
        assert question["allowCredentials"] == []
        assert len(raw(question["challenge"])) >= 16

    def test_asking_reads_nothing_and_writes_nothing(self, hanako: Owner, browser: Client) -> None:
        with CaptureQueriesContext(connection) as seen:
            first, second = asked(browser), asked(browser)
        assert list(seen.captured_queries) == []
        assert first["challenge"] != second["challenge"]
        assert not Session.objects.exists()

    def test_counter_copy_and_time_of_use_are_noted(self, hanako: Owner, browser: Client) -> None:
        hanako.key.synced = True
        alone(browser, hanako.key)
        assert (hanako.now.sign_count, hanako.now.backup_state, hanako.now.user_verified) == (1, True, True)
        assert hanako.now.last_used_at is not None

    def test_a_passkey_that_never_counts_may_stay_at_nought(self, hanako: Owner, browser: Client) -> None:
        hanako.key.counts = False
        for _ in range(2):
            assert alone(Client(), hanako.key).status_code == 302

    def test_without_verification_the_password_is_asked_for(self, hanako: Owner, browser: Client) -> None:
        hanako.key.verifies = False
        page = alone(browser, hanako.key)
        assert SAID in page.text
        assert "Sign in with your password first." in page.text
        assert 'name="auth-password"' in page.text
        assert not signed_in(browser)

    def test_a_failure_is_told_to_nobody_as_a_wrong_second_factor(self, hanako: Owner, browser: Client) -> None:
        """The letter would say that the password was right, and none was typed."""
        hanako.key.verifies = False
        alone(browser, hanako.key)
        assert list(SecurityEvent.objects.values_list("type", flat=True)) == ["session.sign_in.failed"]


class TestRefused:
    def refused(self, browser: Client, key: Key, **more: str) -> str:
        page = alone(browser, key, **more)
        assert page.status_code == 200
        assert SAID in page.text
        assert not signed_in(browser)
        return page.text

    def test_an_answer_to_another_origin(self, hanako: Owner, browser: Client) -> None:
        self.refused(browser, hanako.key.copied(origin="https://modoru-login.example"))

    def test_an_answer_to_another_name(self, hanako: Owner, browser: Client) -> None:
        self.refused(browser, hanako.key.copied(rp="modoru-login.example"))

    def test_somebody_elses_key_under_this_id(self, hanako: Owner, browser: Client) -> None:
        self.refused(browser, Key(id=hanako.key.id, handle=hanako.key.handle))

    def test_a_passkey_that_says_it_is_somebody_elses(self, hanako: Owner, browser: Client) -> None:
        taro = person("taro")
        other = Key()
        passkey_of(taro, other)
        self.refused(browser, hanako.key.copied(handle=other.handle))
        self.refused(browser, hanako.key.copied(handle=b""))

    @pytest.mark.parametrize("field", ["lost_at", "revoked_at", "suspended_by"])
    def test_one_that_is_lost_removed_or_being_removed(self, hanako: Owner, browser: Client, field: str) -> None:
        change = Change.objects.create(user=hanako.user, what="passkey.removed", made_at=clock.now())
        Passkey.objects.update(**{field: change if field == "suspended_by" else clock.now()})
        told = "data-unknown" in self.refused(browser, hanako.key)
        assert told is (field == "revoked_at"), "what can come back is not forgotten by its device"

    def test_one_of_an_account_that_is_closed(self, hanako: Owner, browser: Client) -> None:
        type(hanako.user).objects.update(is_active=False)
        self.refused(browser, hanako.key)

    def test_an_unknown_one_gets_the_same_words_and_its_device_is_told(self, hanako: Owner, browser: Client) -> None:
        stranger = Key(handle=b"nobody")
        page = self.refused(browser, stranger)
        assert f'data-unknown="{text(stranger.id)}"' in page
        wrong = self.refused(browser, hanako.key.copied(rp="elsewhere.example"))
        assert "data-unknown" not in wrong
        assert page.split(SAID)[1].split("</div>")[0] == wrong.split(SAID)[1].split("</div>")[0]

    @pytest.mark.parametrize("what", ["", "{}", "[]", "not json", '{"id": 1}', "{" + "9" * 20_000 + "}"])
    def test_what_is_no_answer_at_all(self, hanako: Owner, browser: Client, what: str) -> None:
        page = browser.post("/sign-in/", {**AUTH, "passkey": what})
        assert page.status_code == 200
        assert SAID in page.text

    def test_more_tries_than_the_network_has_wait_though_right(self, hanako: Owner, browser: Client) -> None:
        for _ in range(throttling.LIMITS["sign_in.network"][0].count):
            throttling.charge(("sign_in.network", "127.0.0.0/24"))
        page = alone(browser, hanako.key)
        assert page.headers["Retry-After"]
        assert "too many tries" in page.text
        assert not signed_in(browser)


class TestChallenge:
    def test_the_same_answer_opens_nothing_again(self, hanako: Owner, browser: Client) -> None:
        given = hanako.key.answer(asked(browser))
        assert browser.post("/sign-in/", {**AUTH, "passkey": given}).status_code == 302
        again = Client()
        again.cookies = browser.cookies.copy()
        again.cookies.pop("session")
        page = again.post("/sign-in/", {**AUTH, "passkey": given})
        assert page.status_code == 200
        assert not signed_in(again)

    def test_a_replay_is_refused_though_the_passkey_does_not_count(self, hanako: Owner) -> None:
        hanako.key.counts = False
        given = hanako.key.answer(passkeys.asked("sign_in", "browser:a"))
        assert isinstance(passkeys.sign_in(given, scope="browser:a", ctx=CTX), Passed)
        assert passkeys.sign_in(given, scope="browser:a", ctx=CTX).why is Why.SPENT
        assert UsedChallenge.objects.count() == 1

    def test_one_that_we_did_not_make(self, hanako: Owner, browser: Client) -> None:
        question = asked(browser) | {"challenge": text(b"0" * 40)}
        page = browser.post("/sign-in/", {**AUTH, "passkey": hanako.key.answer(question)})
        assert SAID in page.text

    def test_one_of_another_browser(self, hanako: Owner) -> None:
        """Attack stopped: a stranger's answer planted in somebody's browser, or one carried over from another."""
        first, second = (Client(enforce_csrf_checks=True) for _ in "ab")
        tokens = [token_of(one) for one in (first, second)]
        asked_of = first.post("/sign-in/", {**AUTH, "options": "1", "csrfmiddlewaretoken": tokens[0]}).json()
        given = {**AUTH, "passkey": hanako.key.answer(asked_of)}
        assert second.post("/sign-in/", {**given, "csrfmiddlewaretoken": tokens[1]}).status_code == 200
        assert not signed_in(second)
        assert first.post("/sign-in/", {**given, "csrfmiddlewaretoken": tokens[0]}).status_code == 302

    def test_one_for_another_purpose(self, hanako: Owner) -> None:
        given = hanako.key.answer(passkeys.asked("step_up", "browser:a"))
        assert passkeys.sign_in(given, scope="browser:a", ctx=CTX).why is Why.WRONG

    def test_it_is_good_for_five_minutes_to_the_second(self, hanako: Owner) -> None:
        start = clock.now()
        with time_machine.travel(start, tick=False) as time:
            late = hanako.key.answer(passkeys.asked("sign_in", "browser:a"))
            time.move_to(start + nonces.LIFE - timedelta(seconds=1))
            assert isinstance(passkeys.sign_in(late, scope="browser:a", ctx=CTX), Passed)
            late = hanako.key.answer(passkeys.asked("sign_in", "browser:a"))
            time.shift(nonces.LIFE)
            assert passkeys.sign_in(late, scope="browser:a", ctx=CTX).why is Why.EXPIRED

    def test_what_was_used_is_remembered_longer_than_it_could_be_tried(self, hanako: Owner) -> None:
        passkeys.sign_in(hanako.key.answer(passkeys.asked("sign_in", "browser:a")), scope="browser:a", ctx=CTX)
        assert UsedChallenge.objects.get().expires_at > clock.now() + nonces.LIFE

    @given(st.binary(max_size=60))
    def test_no_other_bytes_are_a_challenge(self, challenge: bytes) -> None:
        assert nonces.fault(challenge, "sign_in", "browser:a", clock.now()) is not None


class TestCounter:
    def test_a_copy_that_lies_behind_is_refused_switched_off_and_told(self, hanako: Owner, browser: Client) -> None:
        copy = hanako.key.copied()
        for _ in range(3):
            assert alone(Client(), hanako.key).status_code == 302
        page = alone(browser, copy)
        assert "may have been copied" in page.text
        assert not signed_in(browser)
        assert hanako.now.disabled_at is not None
        event = SecurityEvent.objects.get(type="passkey.copied")
        assert (event.user, event.data["means"]) == (hanako.user, hanako.row.means_id)
        assert OutboxMessage.objects.filter(kind="notices/passkey_copied", to=hanako.user.email).exists()

    def test_from_then_on_neither_copy_signs_in(self, hanako: Owner) -> None:
        copy = hanako.key.copied()
        alone(Client(), hanako.key)
        alone(Client(), copy)
        for key in (copy.copied(count=90), hanako.key):
            browser = Client()
            alone(browser, key)
            assert not signed_in(browser)
        assert SecurityEvent.objects.filter(type="passkey.copied").count() == 1

    def test_a_counter_of_32_bits_is_kept(self, hanako: Owner) -> None:
        assert alone(Client(), hanako.key.copied(count=2**32 - 2)).status_code == 302
        assert hanako.now.sign_count == 2**32 - 1


class TestBesideThePassword:
    def test_presence_is_enough_there(self, hanako: Owner, browser: Client) -> None:
        """One factor beside another (SP 800-63B-4 §3.1.7.2)."""
        hanako.key.verifies = False
        past_password(browser)
        assert beside(browser, hanako.key).headers["Location"] == "/account/"
        assert proofs(browser) == [("K", "password"), ("P", hanako.row.means_id)]

    def test_the_question_names_the_persons_own_and_prefers_verification(self, hanako: Owner, browser: Client) -> None:
        passkey_of(person("taro"), Key())
        past_password(browser)
        question = asked(browser, **TOKEN)
        assert [one["id"] for one in question["allowCredentials"]] == [text(hanako.key.id)]
        assert question["userVerification"] == "preferred"

    def test_somebody_elses_passkey_is_wrong(self, hanako: Owner, browser: Client) -> None:
        taro, key = person("taro"), Key()
        passkey_of(taro, key)
        past_password(browser)
        page = beside(browser, key)
        assert "was not accepted" in page.text
        assert not signed_in(browser)
        assert SecurityEvent.objects.filter(user=hanako.user, type="session.second_factor.failed").exists()

    def test_an_answer_given_alone_does_not_serve_beside_the_password(self, hanako: Owner, browser: Client) -> None:
        question = asked(browser)
        past_password(browser)
        page = browser.post("/sign-in/", {**TOKEN, "passkey": hanako.key.answer(question)})
        assert page.status_code == 200
        assert not signed_in(browser)

    def test_an_answer_without_verification_given_there_does_not_serve_alone(
        self, hanako: Owner, browser: Client
    ) -> None:
        hanako.key.verifies = False
        past_password(browser)
        given = hanako.key.answer(asked(browser, **TOKEN))
        page = browser.post("/sign-in/", {**AUTH, "passkey": given})
        assert page.status_code == 200
        assert not signed_in(browser)

    def test_five_wrong_ones_end_the_pending_sign_in(self, hanako: Owner, browser: Client) -> None:
        past_password(browser)
        wrong = hanako.key.copied(rp="elsewhere.example")
        pages = [beside(browser, wrong) for _ in range(5)]
        assert "The code was wrong too often." in pages[-1].text
        assert 'name="auth-password"' in pages[-1].text

    def test_posting_twice_is_no_error(self, hanako: Owner, browser: Client) -> None:
        """Pitfall P31: the stock plugin answered the second press with a 500."""
        past_password(browser)
        given = hanako.key.answer(asked(browser, **TOKEN))
        tab = Client()
        tab.cookies = browser.cookies.copy()
        assert browser.post("/sign-in/", {**TOKEN, "passkey": given}).status_code == 302
        assert tab.post("/sign-in/", {**TOKEN, "passkey": given}).status_code == 200
        assert Session.objects.filter(user=hanako.user).count() == 1

    def test_who_has_nothing_else_is_asked_for_it_and_may_type_a_saved_code(self, browser: Client) -> None:
        passkey_of(person("taro"), Key())
        words = {"login_view-current_step": "auth", "auth-email": "taro@example.jp", "auth-password": PASSWORD}
        page = browser.post("/sign-in/", words)
        assert "Use your passkey" in page.text
        assert 'data-passkey="get"' in page.text
        assert 'name="token-code"' not in page.text

    def test_a_password_set_by_mail_and_a_passkey_let_in(self, hanako: Owner, browser: Client) -> None:
        """R3: with T, P or S; and the reset settles from that sign-in on."""
        now = clock.now()
        reset = PasswordReset.objects.create(user=hanako.user, previous_hash="x", made_at=now, by_mail=True)
        past_password(browser)
        assert beside(browser, hanako.key).status_code == 302
        reset.refresh_from_db()
        assert reset.signed_in_at is not None

    def test_the_app_works_as_before(self, hanako: Owner, browser: Client) -> None:
        past_password(browser)
        code = code_of(hanako.user.totps.get())
        given = {"login_view-current_step": "token", "token-code": code}
        assert browser.post("/sign-in/", given).status_code == 302


class TestService:
    @pytest.mark.parametrize("purpose", ["step_up", "recovery"])
    def test_it_needs_verification_wherever_it_stands_alone(self, hanako: Owner, purpose: str) -> None:
        for verifies in (False, True):
            hanako.key.verifies = verifies
            given = hanako.key.answer(passkeys.asked(purpose, "case:x"))
            proof = verify(hanako.user, "passkey", given, purpose=purpose, scope="case:x", ctx=CTX)
            assert isinstance(proof, Verified) is verifies
            assert verifies or proof.why is Why.UNVERIFIED

    def test_in_recovery_what_a_change_suspended_still_proves(self, hanako: Owner) -> None:
        """R6: otherwise a thief's removal would take the owner's proof against that very removal."""
        Passkey.objects.update(
            suspended_by=Change.objects.create(user=hanako.user, what="passkey.removed", made_at=clock.now())
        )
        given = hanako.key.answer(passkeys.asked("recovery", "case:x"))
        assert isinstance(verify(hanako.user, "passkey", given, purpose="recovery", scope="case:x", ctx=CTX), Verified)

    def test_an_unknown_claimant_costs_the_same_queries(self, hanako: Owner) -> None:
        counts = []
        for who in (hanako.user, None):
            given = hanako.key.copied(rp="elsewhere.example").answer(passkeys.asked("recovery", "case:x"))
            with CaptureQueriesContext(connection) as seen:
                assert verify(who, "passkey", given, purpose="recovery", scope="case:x", ctx=CTX).why is Why.WRONG
            counts.append(len(seen))
        assert counts[0] == counts[1]

    @given(st.dictionaries(st.sampled_from(["id", "rawId", "type", "response"]), st.text() | st.integers()))
    def test_no_json_makes_it_stumble(self, given_: dict[str, object]) -> None:
        relying_party.answer(json.dumps(given_))

    @given(st.binary(max_size=80))
    def test_no_authenticator_data_makes_it_stumble(self, junk: bytes) -> None:
        row = Passkey(public_key=Key().public, credential_id=b"x")
        question = passkeys.asked("sign_in", "browser:a")
        words = json.loads(Key(handle=b"x").answer(question))
        for name in ("authenticatorData", "signature"):
            words["response"][name] = text(junk)
        found = relying_party.answer(json.dumps(words))
        assert found is not None
        with pytest.raises(relying_party.FAULTS):
            relying_party.RelyingParty(found.challenge).check(found, row)


def token_of(browser: Client) -> str:
    page = browser.get("/sign-in/").text
    return page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]


def test_who_has_a_passkey_needs_no_app(db: None, browser: Client) -> None:
    user, key = person(), Key()
    passkey_of(user, key)
    assert alone(browser, key).status_code == 302


def test_a_sign_in_by_passkey_makes_its_browser_known(hanako: Owner, browser: Client) -> None:
    alone(browser, hanako.key)
    assert hanako.user.known_browsers.count() == 1
    assert hanako.user.securityevent_set.get(type="session.sign_in.succeeded").data["browser"] == "new"
