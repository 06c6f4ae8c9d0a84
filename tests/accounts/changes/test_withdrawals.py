"""The sample operation: payout addresses, step-up, and the rests of R8."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts import clock
from accounts.errors import Refused
from accounts.models import PayoutAddress, SecurityEvent, User, Withdrawal
from accounts.services import payouts
from accounts.services.verify import Verified
from policy.deeds import Verdict
from policy.facts import Kind
from tests.accounts.changes.conftest import confirm, proofs, send_all, told
from tests.accounts.hands import CTX, facts_of, sign_in

pytestmark = pytest.mark.django_db
PAGE, ADD = reverse("withdrawal"), reverse("payout_add")
WALLET = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"


@pytest.fixture
def wallet(hanako: User) -> PayoutAddress:
    long_ago = clock.now() - timedelta(days=30)
    return PayoutAddress.objects.create(
        user=hanako, name="Wallet", address=WALLET, bound_at=long_ago, confirmed_at=long_ago
    )


def ask(client: Client, payout: PayoutAddress, amount: str = "0.25") -> str:
    answer = client.post(PAGE, {"payout": payout.pk, "amount": amount})
    return answer["Location"] if answer.status_code == 302 else answer.text


def test_a_withdrawal_needs_a_fresh_step_up_and_keeps_what_was_typed(
    at_home: Client, hanako: User, wallet: PayoutAddress
) -> None:
    assert ask(at_home, wallet).startswith(f"{reverse('step_up')}?for=withdraw")
    assert 'value="0.25"' in at_home.get(PAGE).text
    confirm(at_home, hanako, "withdraw")
    made = ask(at_home, wallet, "０.２５")
    row = Withdrawal.objects.get()
    assert made == reverse("withdrawal_made", args=[row.pk])
    assert str(row.amount.normalize()) == "0.25"
    assert "Wallet" in at_home.get(made).text
    assert SecurityEvent.objects.filter(user=hanako, type="withdrawal.made").exists()


def test_a_step_up_for_something_else_moves_no_money(at_home: Client, hanako: User, wallet: PayoutAddress) -> None:
    confirm(at_home, hanako, "change_number")
    assert ask(at_home, wallet).startswith(reverse("step_up"))
    assert not Withdrawal.objects.exists()


def test_a_new_payout_address_is_used_only_when_final(at_home: Client, hanako: User) -> None:
    confirm(at_home, hanako, "add_payout")
    assert at_home.post(ADD, {"name": "Wallet", "address": WALLET})["Location"] == PAGE
    assert hanako.email in told(hanako, "notices/payout_added")
    send_all(hanako)
    row = PayoutAddress.objects.get()
    confirm(at_home, hanako, "withdraw")
    assert "Choose one of your payout addresses" in ask(at_home, row)
    with time_machine.travel(clock.now() + timedelta(hours=73), tick=False):
        sign_in(at_home, hanako, *proofs(hanako))
        confirm(at_home, hanako, "withdraw")
        assert ask(at_home, row).startswith("/account/withdrawal/")
    assert Withdrawal.objects.count() == 1


def test_after_a_number_change_money_rests_for_a_day_and_the_page_says_until_when(
    at_home: Client, hanako: User, wallet: PayoutAddress
) -> None:
    User.objects.filter(pk=hanako.pk).update(number_changed_at=clock.now())
    confirm(at_home, hanako, "withdraw")
    assert "Your number was changed. Withdrawals open again on" in ask(at_home, wallet)
    refusal = SecurityEvent.objects.get(user=hanako, type="withdrawal.refused")
    assert refusal.data["reasons"] == ["rests_after_number"]
    with time_machine.travel(clock.now() + timedelta(hours=24, seconds=1), tick=False):
        sign_in(at_home, hanako, *proofs(hanako))
        confirm(at_home, hanako, "withdraw")
        assert ask(at_home, wallet).startswith("/account/withdrawal/")


def test_after_a_recovery_money_rests_two_days_at_least(at_home: Client, hanako: User, wallet: PayoutAddress) -> None:
    User.objects.filter(pk=hanako.pk).update(recovered_at=clock.now())
    confirm(at_home, hanako, "withdraw")
    assert "You came back by recovery" in ask(at_home, wallet)
    with time_machine.travel(clock.now() + timedelta(hours=47), tick=False):
        sign_in(at_home, hanako, *proofs(hanako))
        page = at_home.get(PAGE).text
        assert "Withdrawals open again on" in page and 'name="amount"' not in page


def test_a_session_on_a_reset_password_moves_no_money(client: Client, hanako: User, wallet: PayoutAddress) -> None:
    sign_in(client, hanako, Verified(Kind.PASSWORD, "password:reset", reset=True), proofs(hanako)[1])
    confirm(client, hanako, "withdraw")
    assert "password set by mail" in ask(client, wallet)
    assert not Withdrawal.objects.exists()


def test_anothers_payout_address_cannot_be_chosen(at_home: Client, hanako: User, mallory: User) -> None:
    theirs = PayoutAddress.objects.create(
        user=mallory, name="Theirs", address=WALLET, bound_at=clock.now(), confirmed_at=clock.now()
    )
    confirm(at_home, hanako, "withdraw")
    assert "Choose one of your payout addresses" in ask(at_home, theirs)


def test_nonsense_amounts_are_refused_in_words(at_home: Client, hanako: User, wallet: PayoutAddress) -> None:
    confirm(at_home, hanako, "withdraw")
    for amount in ("0", "-1", "1e9", "abc", "NaN", "0.000000001", "1,000"):
        assert "Type an amount above 0" in ask(at_home, wallet, amount), amount


def test_the_service_refuses_an_address_that_is_not_final_whatever_the_form_says(at_home: Client, hanako: User) -> None:
    confirm(at_home, hanako, "add_payout")
    at_home.post(ADD, {"name": "Wallet", "address": WALLET})
    send_all(hanako)
    confirm(at_home, hanako, "withdraw")
    refused = payouts.withdraw(hanako, PayoutAddress.objects.get(), Decimal("0.25"), session=facts_of(at_home), ctx=CTX)
    assert isinstance(refused, Refused) and isinstance(refused.verdict, Verdict)
    assert refused.verdict.has("payout_not_final")
