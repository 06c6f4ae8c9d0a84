"""Proofs: each once, each in its own case, judged by the policy (R2–R5, R12)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts import clock
from accounts.models import Challenge, Change, SavedCode, SecurityEvent, Totp
from recovery import methods
from recovery.models import CaseProof
from tests.recovery.people import OLD, PASSWORD, SECOND, Claimant, app_code, person

pytestmark = pytest.mark.django_db

SAVED = "0001ABCDEFGH01234567"


def test_the_registry_is_explicit_and_knows_no_default() -> None:
    assert [method.code for method in methods.METHODS] == ["email", "totp", "saved-code", "password", "sms"]
    with pytest.raises(LookupError):
        methods.get("questions")
    assert methods.of_kind("I") is None


def test_mail_and_sms_count_as_one_and_the_page_says_why() -> None:
    person(phones=(OLD, SECOND))
    claimant = Claimant(phone="090-1234-5601")
    assert claimant.by_mail() == 302
    claimant.ask("sms", "070-3333-4444")
    assert claimant.prove("sms", claimant.code("sms")) == 302
    assert claimant.case.state == "proving"
    assert "A mail code and an SMS code are both codes we send, so they count as one." in claimant.page()


def test_the_page_names_what_is_missing_only_after_a_first_proof_and_only_what_the_account_has() -> None:
    person(app=False, sheet=False)
    claimant = Claimant()
    assert "prove/totp/" in claimant.page()
    claimant.by_mail()
    page = claimant.page()
    assert "prove/password/" in page and "prove/totp/" not in page and "prove/saved-code/" not in page


def test_password_and_app_are_told_to_sign_in() -> None:
    person()
    claimant = Claimant(email="", phone="090-1234-5601")
    claimant.prove("totp", app_code())
    claimant.prove("password", PASSWORD)
    assert claimant.case.state == "proving"
    assert "You can sign in with this." in claimant.page()


@pytest.mark.parametrize("method", ["email", "totp", "saved-code"])
def test_a_code_serves_one_case_once(method: str) -> None:
    person()
    first, second = Claimant(), Claimant()
    secret = {"email": first.code("email"), "totp": app_code(), "saved-code": SAVED}[method]
    assert first.prove(method, secret) == 302
    assert first.prove(method, secret) == 200
    assert second.prove(method, secret) == 200
    assert CaseProof.objects.count() == 1


def test_a_code_of_another_claim_or_purpose_is_wrong() -> None:
    person()
    mine, other = Claimant(), Claimant()
    assert mine.prove("email", other.code("email")) == 200
    Challenge.objects.all().update(purpose="sign_in")
    assert other.prove("email", other.code("email")) == 200
    assert not CaseProof.objects.exists()


def test_a_newer_code_kills_the_older() -> None:
    person()
    claimant = Claimant()
    older = claimant.code("email")
    Challenge.objects.all().update(created_at=clock.now() - timedelta(minutes=2))
    claimant.ask("email", "hanako@example.jp")
    assert Challenge.objects.count() == 2
    assert claimant.prove("email", older) == 200
    assert claimant.by_mail() == 302


@pytest.mark.parametrize("typed", ["１２３ ４５６", "12345", "abcdef", ""])
def test_what_cannot_be_a_code_costs_no_try(typed: str) -> None:
    person()
    claimant = Claimant()
    for _ in range(12):
        assert claimant.prove("email", typed if typed != "１２３ ４５６" else "1") == 200
    assert claimant.by_mail() == 302


def test_what_is_on_probation_proves_nothing() -> None:
    user = person()
    change = Change.objects.create(user=user, what="totp.added", made_at=clock.now())
    Totp.objects.update(added_by=change)
    claimant = Claimant()
    assert claimant.prove("totp", app_code()) == 200
    assert not CaseProof.objects.exists()
    assert claimant.case.state == "opened"


def test_an_app_named_lost_that_gives_a_code_is_not_lost() -> None:
    person()
    claimant = Claimant(situation="lost_phone")
    assert claimant.prove("totp", app_code()) == 302


def test_code_proof_state_and_event_stand_or_fall_together(monkeypatch: pytest.MonkeyPatch) -> None:
    person()
    claimant = Claimant()
    with monkeypatch.context() as broken:
        broken.setattr("recovery.services.transition.Transition.objects.create", lambda **_: 1 / 0)
        claimant.client.raise_request_exception = False
        assert claimant.prove("saved-code", SAVED) == 500
    assert SavedCode.objects.get(locator="0001").used_at is None
    assert not SecurityEvent.objects.filter(type="claim.proved").exists()
    assert claimant.prove("saved-code", SAVED) == 302


def test_a_proof_before_the_worker_has_looked_is_asked_again_and_costs_nothing() -> None:
    person()
    claimant = Claimant()
    type(claimant.case).objects.update(resolved_at=None)
    answer = claimant.client.post(f"{claimant.url}prove/saved-code/", {"code": SAVED})
    assert "getting ready" in answer.content.decode()
    assert SavedCode.objects.get(locator="0001").used_at is None
