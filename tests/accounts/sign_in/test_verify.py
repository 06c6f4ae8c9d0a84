"""The one verify service, over every authenticator: wrong, replayed, expired, throttled, another person's, unknown."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.hashers import make_password

from accounts import clock, throttling
from accounts.authenticators import registry, totp
from accounts.authenticators.base import Authenticator
from accounts.context import ActorContext
from accounts.errors import Why
from accounts.models import Challenge, LimitCounter, PasswordReset, Phone, SavedCode, SecurityEvent, Totp
from accounts.services import challenges
from accounts.services.verify import Verified, verify
from policy.facts import Kind
from tests.accounts.sign_in.conftest import CODES, CTX, PASSWORD, SEED

pytestmark = pytest.mark.django_db
METHODS = ("password", "totp", "saved-code", "sms", "email")
WRONG = {
    "password": "wrong",
    "totp": "000000",
    "saved-code": "7K3M9QX2AAAABBBBCCC0",
    "sms": "000000",
    "email": "000000",
}


@pytest.fixture
def scope() -> str:
    return "case:MD-TEST"


def secret_of(method: str, person, scope: str, purpose: str = "recovery") -> str:
    if method == "password":
        return PASSWORD
    if method == "totp":
        return person.code()
    if method == "saved-code":
        return next(c for c in CODES if SavedCode.objects.filter(locator=c[:4], used_at=None).exists())
    means = person.phone if method == "sms" else person.user.addresss.first()
    to = means.number if method == "sms" else means.email
    channel = "sms" if method == "sms" else "mail"
    Challenge.objects.all().update(created_at=clock.now() - timedelta(hours=1))
    sent = challenges.issue(purpose, scope, channel, to, ctx=CTX, user=person.user, means_id=means.means_id)
    assert isinstance(sent, Challenge)
    return sent.code


def ask(person, method: str, secret: str, scope: str, purpose: str = "recovery", **more):
    return verify(person and person.user, method, secret, purpose=purpose, scope=scope, ctx=CTX, **more)


@pytest.mark.parametrize("method", METHODS)
class TestEveryMethod:
    def test_it_accepts_the_right_secret_and_refunds_the_charge(self, method, hanako, scope):
        proof = ask(hanako, method, secret_of(method, hanako, scope), scope)
        assert isinstance(proof, Verified)
        assert proof.kind is registry.get(method).kind
        assert not LimitCounter.objects.filter(key__startswith="recovery", count__gt=0).exists()

    def test_it_refuses_a_wrong_one_and_keeps_the_charge_and_the_event(self, method, hanako, scope):
        secret_of(method, hanako, scope)
        assert ask(hanako, method, WRONG[method], scope).why is Why.WRONG
        assert LimitCounter.objects.filter(key__startswith="recovery", count=1).exists()
        assert SecurityEvent.objects.get(type="code.refused").data["method"] == method

    def test_it_refuses_the_same_code_again(self, method, hanako, scope):
        secret = secret_of(method, hanako, scope)
        assert ask(hanako, method, secret, scope)
        again = ask(hanako, method, secret, scope)
        assert (
            isinstance(again, Verified) if method == "password" else again.why is Why.SPENT
        )  # a password is not spent

    def test_it_refuses_another_persons_secret(self, method, hanako, make_person, scope):
        taro = make_person("taro@example.jp", app=False, phone="+819088888888")
        taro.user.password = make_password("taros own password")
        taro.user.save()
        secret = secret_of(method, hanako, scope)
        assert ask(taro, method, secret, scope).why is Why.WRONG

    def test_somebody_unknown_is_always_wrong(self, method, hanako, scope):
        assert ask(None, method, secret_of(method, hanako, scope), scope).why is Why.WRONG

    def test_it_refuses_the_right_one_while_throttled(self, method, hanako, scope):
        limit = throttling.LIMITS["recovery.claim"][0].count
        secret = secret_of(method, hanako, scope)
        for _ in range(limit):
            throttling.charge(("recovery.claim", scope))
        refused = ask(hanako, method, secret, scope)
        assert refused.why is Why.THROTTLED
        assert refused.until > clock.now()

    def test_a_text_that_cannot_be_one_is_not_charged(self, method, hanako, scope):
        assert ask(hanako, method, "" if method == "password" else "12", scope).why is Why.SHAPE
        assert not LimitCounter.objects.exists()

    def test_recovery_never_uses_up_the_counters_of_sign_in(self, method, hanako, scope):
        for _ in range(5):
            ask(hanako, method, WRONG[method], scope)
        assert not LimitCounter.objects.filter(key__startswith="sign_in").exists()
        assert not LimitCounter.objects.filter(key__startswith="password").exists()
        assert not Totp.objects.filter(failures_in_row__gt=0).exists()
        assert not Phone.objects.filter(failures_in_row__gt=0).exists()

    def test_an_unknown_claimant_costs_the_same_queries(self, method, hanako, scope, django_assert_num_queries):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        ask(None, method, WRONG[method], scope)  # the dummy hash is made once
        counts = []
        for who in (hanako, None):
            with CaptureQueriesContext(connection) as captured:
                ask(who, method, WRONG[method], scope)
            counts.append(len(captured))
        assert counts[0] == counts[1]


class TestApp:
    def test_the_step_before_counts_and_the_one_before_that_does_not(self, hanako, scope):
        assert ask(hanako, "totp", hanako.code(-1), scope)
        assert ask(hanako, "totp", hanako.code(-2), scope).why is Why.CLOCK

    def test_a_code_from_the_future_counts_only_within_stored_drift(self, hanako, scope):
        assert ask(hanako, "totp", hanako.code(1), scope).why is Why.CLOCK
        Totp.objects.update(drift=1)
        assert ask(hanako, "totp", hanako.code(1), scope)
        Totp.objects.update(drift=1)
        assert ask(hanako, "totp", hanako.code(2), scope).why is Why.CLOCK

    def test_an_earlier_step_is_a_replay_once_a_later_one_was_used(self, hanako, scope):
        now = totp.present_step()
        assert ask(hanako, "totp", hanako.code(), scope)
        assert ask(hanako, "totp", totp.code_at(SEED, now - 1), scope).why is Why.SPENT

    def test_it_speaks_rfc_6238(self):
        assert totp.code_at(b"12345678901234567890", 59 // 30) == "287082"
        assert totp.code_at(b"12345678901234567890", 1111111109 // 30) == "081804"

    def test_enrolling_stores_the_step_of_its_code(self, hanako):
        Totp.objects.update(confirmed_at=None)
        code = hanako.code()
        assert ask(hanako, "totp", code, "confirm:x", "confirm", means_id=hanako.app.means_id)
        assert Totp.objects.get().last_step >= totp.present_step() - 1

    def test_guessing_in_recovery_is_bounded_over_all_claims(self, hanako):
        for number in range(5):
            ask(hanako, "totp", "000000", f"case:{number}")
        assert ask(hanako, "totp", hanako.code(), "case:fresh").why is Why.THROTTLED
        assert ask(hanako, "saved-code", CODES[0], "case:fresh")


class TestSentCode:
    def test_one_scope_never_serves_another(self, hanako, scope):
        code = secret_of("sms", hanako, scope)
        assert ask(hanako, "sms", code, "case:MD-OTHER").why is Why.WRONG

    def test_one_purpose_never_serves_another(self, hanako, scope):
        code = secret_of("sms", hanako, scope, "sign_in")
        assert ask(hanako, "sms", code, scope, "recovery").why is Why.WRONG

    def test_an_sms_code_is_no_mail_code(self, hanako, scope):
        code = secret_of("sms", hanako, scope)
        assert ask(hanako, "email", code, scope).why is Why.WRONG

    def test_it_expires_to_the_second(self, hanako, scope):
        start = clock.now()
        with time_machine.travel(start, tick=False) as time:
            code = secret_of("sms", hanako, scope)
            time.move_to(start + timedelta(minutes=10))
            assert ask(hanako, "sms", code, scope).why is Why.EXPIRED
            assert ask(hanako, "sms", WRONG["sms"], scope).why is Why.WRONG

    def test_a_mail_code_lives_half_an_hour(self, hanako, scope):
        start = clock.now()
        with time_machine.travel(start, tick=False) as time:
            code = secret_of("email", hanako, scope)
            time.move_to(start + timedelta(minutes=30))
            assert ask(hanako, "email", code, scope).why is Why.EXPIRED

    def test_it_dies_after_five_wrong_tries_even_if_right_then(self, hanako, scope):
        code = secret_of("sms", hanako, scope)
        Challenge.objects.update(failures=5)
        assert ask(hanako, "sms", code, scope).why is Why.SPENT

    def test_it_dies_with_its_number(self, hanako, scope):
        code = secret_of("sms", hanako, scope)
        Phone.objects.update(lost_at=clock.now())
        assert ask(hanako, "sms", code, scope).why is Why.WRONG

    def test_a_newer_one_of_the_request_marks_the_older_dead(self, hanako, scope):
        secret_of("sms", hanako, scope)
        secret_of("sms", hanako, scope)
        assert Challenge.objects.filter(scope=scope, superseded_at=None).count() == 1

    def test_it_dies_when_the_accounts_codes_are_ended(self, hanako, scope):
        code = secret_of("sms", hanako, scope)
        Challenge.objects.update(superseded_at=clock.now())
        assert ask(hanako, "sms", code, scope).why is Why.SUPERSEDED

    def test_its_text_stands_nowhere_in_the_database(self, hanako, scope):
        code = secret_of("sms", hanako, scope)
        row = Challenge.objects.values().get()
        assert code not in {str(value) for value in row.values()}

    def test_a_request_without_an_account_is_checked_too(self):
        sent = challenges.issue("sign_up", "request:1", "mail", "new@example.jp", ctx=CTX)
        assert challenges.check("request:1", "000000" if sent.code != "000000" else "000001", ctx=CTX).why is Why.WRONG
        assert challenges.check("request:1", sent.code, ctx=CTX) == sent
        assert challenges.check("request:1", sent.code, ctx=CTX).why is Why.SPENT
        assert challenges.check("request:none", "123456", ctx=CTX).why is Why.WRONG

    def test_sending_is_limited_per_number(self, hanako):
        for number in range(3):
            assert challenges.issue("sign_in", f"s:{number}", "sms", "+819012345678", ctx=CTX, user=hanako.user)
        refused = challenges.issue("sign_in", "s:9", "sms", "+819012345678", ctx=CTX, user=hanako.user)
        assert (refused.why, refused.detail) == (Why.THROTTLED, "sent_too_often")


class TestPassword:
    """R3: what a password set by mail is worth."""

    @pytest.fixture
    def reset(self, hanako):
        old = make_password("the old password")
        return PasswordReset.objects.create(user=hanako.user, previous_hash=old, made_at=clock.now())

    def test_the_password_before_the_first_open_reset_still_counts(self, hanako, reset, scope):
        assert ask(hanako, "password", "the old password", scope) == Verified(Kind.PASSWORD, "password")

    def test_the_present_one_counts_as_mail(self, hanako, reset, scope):
        assert ask(hanako, "password", PASSWORD, scope) == Verified(Kind.PASSWORD, "password:reset", reset=True)

    def test_of_two_resets_the_first_ones_former_password_counts(self, hanako, reset, scope):
        PasswordReset.objects.create(
            user=hanako.user, previous_hash=make_password("set by a thief"), made_at=clock.now() + timedelta(hours=1)
        )
        assert ask(hanako, "password", "the old password", scope)
        assert not ask(hanako, "password", "set by a thief", scope)

    def test_the_old_one_does_not_sign_in(self, hanako, reset):
        assert not ask(hanako, "password", "the old password", "sign_in:x", "sign_in")

    def test_settled_is_settled(self, hanako, reset, scope):
        PasswordReset.objects.update(settled_at=clock.now())
        assert not ask(hanako, "password", "the old password", scope)
        name = f"password:{reset.pk}"  # a name of its own: a proof by the former one is never taken for the new one's
        assert ask(hanako, "password", PASSWORD, scope) == Verified(Kind.PASSWORD, name)

    @pytest.mark.parametrize("secret", [PASSWORD, "the old password", "wrong"])
    @pytest.mark.parametrize("who", ["hanako", "nobody"])
    @pytest.mark.parametrize("open_reset", [True, False])
    def test_recovery_computes_two_hashes_whatever_comes(self, hanako, scope, monkeypatch, secret, who, open_reset):
        from accounts import hashers

        if open_reset:
            old = make_password("the old password")
            PasswordReset.objects.create(user=hanako.user, previous_hash=old, made_at=clock.now())
        ask(None, "password", "warm", scope)
        seen = []
        real = hashers.PortalArgon2Hasher.verify
        monkeypatch.setattr(hashers.PortalArgon2Hasher, "verify", lambda *a: seen.append(1) or real(*a))
        ask(hanako if who == "hanako" else None, "password", secret, scope)
        assert len(seen) == 2

    def test_an_inactive_account_has_no_right_password(self, hanako):
        hanako.user.is_active = False
        assert not ask(hanako, "password", PASSWORD, "sign_in:x", "sign_in")

    def test_a_password_is_never_changed_before_hashing_but_for_nfc(self, hanako):
        hanako.user.set_password("cafe\u0301 ﬁ １２ 🐈")
        assert ask(hanako, "password", "café ﬁ １２ 🐈", "sign_in:x", "sign_in")
        assert not ask(hanako, "password", "café fi 12 🐈", "sign_in:x", "sign_in")
        assert not ask(hanako, "password", "café ﬁ １２ 🐈 ", "sign_in:x", "sign_in")


class TestSavedCode:
    def test_it_is_taken_from_nowhere_too(self, hanako):
        nowhere = ActorContext("system:test")
        assert verify(hanako.user, "saved-code", CODES[0], purpose="sign_in", scope="x", ctx=nowhere)

    def test_use_is_recorded_with_what_is_left(self, hanako, scope):
        ask(hanako, "saved-code", CODES[0], scope)
        assert SecurityEvent.objects.get(type="codes.used").data["left"] == 1

    def test_no_code_stands_in_clear(self, hanako):
        for row in SavedCode.objects.values():
            assert not any(code[4:] in str(value) for value in row.values() for code in CODES)

    @pytest.mark.parametrize("guess", [CODES[0], "7K3M0000000000000000", "ZZZZ0000000000000000"])
    def test_every_outcome_computes_one_hash(self, hanako, scope, monkeypatch, guess):
        from accounts import hashers

        ask(None, "saved-code", CODES[0], scope)
        seen = []
        real = hashers.PortalArgon2Hasher.verify
        monkeypatch.setattr(hashers.PortalArgon2Hasher, "verify", lambda *a: seen.append(1) or real(*a))
        ask(hanako, "saved-code", guess, scope)
        assert len(seen) == 1

    def test_letters_that_look_alike_are_read_as_meant(self, hanako, scope):
        SavedCode.objects.create(sheet=hanako.sheet, locator="0111", hash=make_password("0" * 16))
        assert ask(hanako, "saved-code", "oiLl OOOO-oooo oooo OOOO", scope)


def test_an_unknown_method_or_purpose_is_a_mistake_of_ours(hanako):
    with pytest.raises(LookupError):
        ask(hanako, "voice", "1", "x")
    with pytest.raises(ValueError, match="purpose"):
        ask(hanako, "totp", "000000", "x", "fun")


def test_two_authenticators_of_one_code_are_refused_at_start():
    with pytest.raises(ValueError, match="twice"):
        registry.by_code((registry.get("totp"), registry.get("totp")))


def test_mail_is_no_second_factor():
    assert [one.code for one in registry.SECOND_FACTORS] == ["passkey", "totp", "sms", "saved-code"]
    assert all(isinstance(one, Authenticator) for one in registry.REGISTRY)


def test_one_network_is_limited_over_all_accounts(make_person):
    person = make_person()
    for number in range(throttling.LIMITS["sign_in.network"][0].count):
        verify(None, "totp", "000000", purpose="sign_in", scope=f"x{number}", ctx=CTX)
    assert ask(person, "totp", person.code(), "y", "sign_in").why is Why.THROTTLED
    elsewhere = ActorContext("anonymous", "198.51.100.0/24")
    assert verify(person.user, "totp", person.code(), purpose="sign_in", scope="y", ctx=elsewhere)


def test_an_exceeded_limit_is_in_the_history_once_and_not_per_try(hanako, scope):
    for _ in range(20):
        ask(hanako, "totp", "000000", scope)
    assert SecurityEvent.objects.filter(type="limit.exceeded").count() == 1
