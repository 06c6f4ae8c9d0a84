"""Passwords: what is taken, changing one, and the mailed reset with its consequences (R3)."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import clock, hashers, selectors
from accounts.context import system
from accounts.errors import Refused
from accounts.models import AddressRequest, Change, Link, OutboxMessage, PasswordReset, Session, User
from accounts.services import changes, passwords, requests, verify
from policy.deeds import ShowProof, may
from policy.facts import Kind, Proof
from tests.accounts.changes.conftest import confirm, not_me_link, proofs, send_all, told
from tests.accounts.hands import CTX, PASSWORD, person, sign_in

pytestmark = pytest.mark.django_db
CHANGE, FORGOT = reverse("password_change"), reverse("password_forgot")
NEW = "山の上から海を見ていた 🌊"


def ask(email: str) -> None:
    """Ask for a link, and let the worker look."""
    assert Client().post(FORGOT, {"email": email})["Location"] == reverse("password_forgot_sent")
    requests.resolve(str(AddressRequest.objects.order_by("-created_at")[0].pk))


def reset_link(user: User) -> Link:
    return Link.objects.filter(kind="password_reset", user=user).order_by("-created_at")[0]


def reset(user: User, new: str = NEW) -> Client:
    """The whole reset in a browser of its own."""
    ask(user.email)
    browser = Client()
    url = reverse("password_reset", args=[reset_link(user).token])
    assert browser.get(url)["Location"] == reverse("password_reset_form")
    assert browser.post(reverse("password_reset_form"), {"password": new})["Location"] == reverse("password_reset_done")
    user.refresh_from_db()
    return browser


@pytest.mark.parametrize(
    ("password", "with_factor", "taken"),
    [
        ("gunero-7", True, True),
        ("guner-7", True, False),  # 7 characters
        ("gunero-7", False, False),  # without a factor 15
        ("umi to yama no 2", False, True),
        ("山" * 20, True, False),
        ("password123", True, False),
        ("hanako-modoru-2026", True, False),
        ("Example2026!", True, False),
        ("hanako no neko ga ochita", True, True),
        ("x" * 10 + "yzab" * 30, True, True),
    ],
)
def test_length_and_guessability_decide_and_no_composition_rule(password: str, with_factor: bool, taken: bool) -> None:
    found = passwords.problems(password, user=None, email="hanako@example.jp", with_factor=with_factor)
    assert (not found) is taken


def test_a_password_typed_on_another_keyboard_is_the_same_password(hanako: User) -> None:
    hanako.set_password(unicodedata.normalize("NFD", "がぎぐげごé passphrase"))
    assert hanako.check_password(unicodedata.normalize("NFC", "がぎぐげごé passphrase"))
    assert not hanako.check_password("かきくけこe passphrase")


def test_changing_it_asks_for_the_present_one_and_a_step_up(at_home: Client, hanako: User) -> None:
    assert at_home.get(CHANGE)["Location"].startswith(reverse("step_up"))
    confirm(at_home, hanako, "change_password")
    answer = at_home.post(CHANGE, {"current_password": "wrong", "password": NEW})
    assert "not your present password" in answer.text
    hanako.refresh_from_db()
    assert hanako.check_password(PASSWORD)


def test_the_present_password_is_no_new_one(at_home: Client, hanako: User) -> None:
    confirm(at_home, hanako, "change_password")
    answer = at_home.post(CHANGE, {"current_password": PASSWORD, "password": PASSWORD})
    assert "the password you have now" in answer.text
    assert PASSWORD not in answer.text
    assert not Change.objects.exists()


def test_a_reset_is_no_oracle_for_the_present_password(hanako: User) -> None:
    """A thief of the mailbox could try as many guesses at the owner's password as he likes."""
    reset(hanako, PASSWORD)
    assert hanako.check_password(PASSWORD)


def test_a_refused_password_says_why_and_what_to_do_and_stays_unsaid(at_home: Client, hanako: User) -> None:
    confirm(at_home, hanako, "change_password")
    for language, why, advice in (
        ("en", "Many people use this password", "Three or four words"),
        ("ja", "多くの人が使っている", "関係のない言葉を3つか4つ"),
    ):
        at_home.cookies["language"] = language
        answer = at_home.post(CHANGE, {"current_password": PASSWORD, "password": "Sakura-2026!!"})
        assert why in answer.text
        assert advice in answer.text
        assert "akura-2026" not in answer.text


def test_a_changed_password_works_ends_other_sessions_and_is_told(at_home: Client, hanako: User) -> None:
    elsewhere = Client()
    sign_in(elsewhere, hanako)
    confirm(at_home, hanako, "change_password")
    assert at_home.post(CHANGE, {"current_password": PASSWORD, "password": NEW})["Location"] == reverse("security")
    hanako.refresh_from_db()
    assert hanako.check_password(NEW)
    assert at_home.get(reverse("security")).status_code == 200
    assert elsewhere.get(reverse("security")).status_code == 302
    assert hanako.email in told(hanako, "notices/password_changed")
    assert not selectors.facts(hanako).password_unsettled


def test_the_answer_is_the_same_for_known_and_unknown_addresses(hanako: User) -> None:
    answers = [Client().post(FORGOT, {"email": email}, follow=True) for email in (hanako.email, "nobody@example.jp")]
    assert answers[0].redirect_chain == answers[1].redirect_chain
    bytes_ = [re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", answer.content) for answer in answers]
    assert bytes_[0] == bytes_[1]


def test_the_page_reads_no_user_table(hanako: User) -> None:
    with CaptureQueriesContext(connection) as seen:
        Client().post(FORGOT, {"email": hanako.email})
    tables = ("accounts_user", 'accounts_address"')
    assert not [query["sql"] for query in seen if any(f'FROM "{table}' in query["sql"] for table in tables)]


def test_an_unknown_address_gets_nothing_and_a_known_one_gets_one_link(hanako: User) -> None:
    ask("nobody@example.jp")
    assert not OutboxMessage.objects.exists()
    ask(hanako.email.upper())
    letter = OutboxMessage.objects.get(kind="password/reset")
    assert letter.to == hanako.email
    assert reset_link(hanako).token not in str(letter.data)


def test_resolving_twice_sends_one_letter(hanako: User) -> None:
    ask(hanako.email)
    requests.resolve(str(AddressRequest.objects.get().pk))
    requests.sweep()
    assert OutboxMessage.objects.filter(kind="password/reset").count() == 1
    assert AddressRequest.objects.get().resolved_at is not None


def test_opening_the_link_changes_nothing_and_takes_the_token_out_of_the_address(hanako: User) -> None:
    ask(hanako.email)
    link = reset_link(hanako)
    url = reverse("password_reset", args=[link.token])
    for _ in range(3):
        Client().head(url)
        Client().get(url, follow=True)
    link.refresh_from_db()
    assert (link.used_at, link.superseded_at) == (None, None)


def test_the_reset_signs_nobody_in_and_leaves_factors_alone(hanako: User) -> None:
    """Pitfall P32."""
    browser = reset(hanako)
    assert browser.get(reverse("account")).status_code == 302
    assert hanako.totps.usable().count() == 1
    hanako.refresh_from_db()
    assert hanako.check_password(NEW)


def test_the_reset_ends_every_session_and_tells_everyone(at_home: Client, hanako: User) -> None:
    reset(hanako)
    assert not Session.objects.filter(user=hanako).exists()
    assert at_home.get(reverse("account")).status_code == 302
    assert {hanako.email, "hanako@second.example", "+819012345601"} <= told(hanako, "notices/password_reset")


def test_the_link_dies_when_used_replaced_expired_or_its_owner_is_gone(hanako: User) -> None:
    ask(hanako.email)
    first = reset_link(hanako)
    ask(hanako.email)
    second = reset_link(hanako)
    assert Client().get(reverse("password_reset", args=[first.token])).status_code == 410
    with time_machine.travel(clock.now() + timedelta(hours=1, seconds=1), tick=False):
        assert Client().get(reverse("password_reset", args=[second.token])).status_code == 410
    assert isinstance(passwords.reset(second.token, NEW, ctx=CTX), Change)
    assert isinstance(passwords.reset(second.token, "another good sentence", ctx=CTX), Refused)
    User.objects.filter(pk=hanako.pk).update(is_active=False)
    assert Client().get(reverse("password_reset", args=[second.token])).status_code == 410


def test_a_weak_new_password_costs_no_link(hanako: User) -> None:
    ask(hanako.email)
    browser = Client()
    browser.get(reverse("password_reset", args=[reset_link(hanako).token]))
    answer = browser.post(reverse("password_reset_form"), {"password": "1234567"})
    assert "at least 8 characters" in answer.text
    assert reset_link(hanako).used_at is None


def test_until_it_settles_the_reset_counts_as_mail_and_the_old_password_as_itself(hanako: User) -> None:
    """R3 with its clock: 72 h, and a sign-in beside the app."""
    reset(hanako)
    kinds = {one.id: one for one in selectors.means(hanako) if one.kind is Kind.PASSWORD}
    assert (kinds["password"].reset, kinds["password:reset"].reset) == (False, True)
    recovering = {"purpose": "recovery", "scope": "case:x", "ctx": CTX}
    assert verify.verify(hanako, "password", PASSWORD, **recovering) == verify.Verified(Kind.PASSWORD, "password")
    assert verify.verify(hanako, "password", NEW, **recovering) == verify.Verified(
        Kind.PASSWORD, "password:reset", reset=True
    )
    PasswordReset.objects.update(signed_in_at=clock.now())
    with time_machine.travel(clock.now() + timedelta(hours=71), tick=False):
        changes.complete_due(clock.now())
        assert selectors.facts(hanako).password_unsettled
    with time_machine.travel(clock.now() + timedelta(hours=73), tick=False):
        assert not selectors.facts(hanako).password_unsettled
        changes.complete_due(clock.now())
        assert PasswordReset.objects.get().settled_at == clock.now()


def test_without_such_a_sign_in_it_never_settles(hanako: User) -> None:
    reset(hanako)
    with time_machine.travel(clock.now() + timedelta(days=30), tick=False):
        changes.complete_due(clock.now())
        assert selectors.facts(hanako).password_unsettled


def test_a_second_reset_starts_its_own_clock(hanako: User) -> None:
    """Attack stopped: a thief of the mailbox riding on the owner's own reset of three days ago."""
    reset(hanako)
    PasswordReset.objects.update(signed_in_at=clock.now())
    with time_machine.travel(clock.now() + timedelta(hours=71), tick=False):
        reset(hanako, "ano hi no umi no iro")
    with time_machine.travel(clock.now() + timedelta(hours=80), tick=False):
        changes.complete_due(clock.now())
        assert selectors.facts(hanako).password_unsettled


def test_a_password_changed_in_a_session_on_a_reset_one_is_itself_unsettled(hanako: User) -> None:
    reset(hanako)
    client = Client()
    sign_in(client, hanako, verify.Verified(Kind.PASSWORD, "password:reset", reset=True), proofs(hanako)[1])
    confirm(client, hanako, "change_password")
    client.post(CHANGE, {"current_password": NEW, "password": "ano hi no umi no iro"})
    newest = PasswordReset.objects.order_by("-made_at")[0]
    assert (newest.by_mail, newest.settled_at) == (False, None)
    assert verify.verify(
        hanako, "password", PASSWORD, purpose="recovery", scope="case:x", ctx=system("test")
    ) == verify.Verified(Kind.PASSWORD, "password")


def test_one_network_asks_for_a_limited_number_of_links(hanako: User) -> None:
    browser = Client()
    with time_machine.travel(clock.now(), tick=False):
        answers = [browser.post(FORGOT, {"email": hanako.email}) for _ in range(61)]
    assert (answers[59].status_code, answers[60].status_code) == (302, 429)
    assert int(answers[60]["Retry-After"]) > 0


# --- the new password on probation, the former one as proof (R6, R7) --------------------------------------------------
HERS, HIS, LATER = PASSWORD, NEW, "ano hi no umi no iro"


def changed(client: Client, user: User, present: str, new: str, *, paper: bool = False) -> Change:
    """The whole change in this client's session, told to everybody."""
    confirm(client, user, "change_password", paper=paper)
    answer = client.post(CHANGE, {"current_password": present, "password": new})
    assert answer.status_code == 302, answer.text
    send_all(user)
    user.refresh_from_db()
    return Change.objects.filter(user=user, what="password.changed").latest("made_at")


def shown(user: User, secret: str) -> str:
    """What this password is worth in a recovery now: "counts", why not, or "wrong"."""
    scope = f"case:{secret}:{clock.now():%j%H}"
    proof = verify.verify(user, "password", secret, purpose="recovery", scope=scope, ctx=CTX)
    if isinstance(proof, Refused):
        return proof.why.value
    verdict = may(ShowProof(Proof(proof.kind, proof.means_id, clock.now(), reset=proof.reset)), selectors.facts(user))
    return "counts" if verdict.allowed else verdict.reasons[0].code


def signs_in(user: User, secret: str) -> bool:
    done = verify.verify(user, "password", secret, purpose="sign_in", scope=f"sign_in:{secret}", ctx=CTX)
    return not isinstance(done, Refused)


def test_a_thief_with_the_phone_takes_nothing_of_the_owners_password_before_it_is_final(
    at_home: Client, hanako: User
) -> None:
    """mallory has the unlocked phone, with the app and the password manager on it."""
    changed(at_home, hanako, HERS, HIS)
    assert (signs_in(hanako, HIS), signs_in(hanako, HERS)) == (True, False)
    assert (shown(hanako, HIS), shown(hanako, HERS), shown(hanako, "neither")) == ("on_probation", "counts", "wrong")
    with time_machine.travel(clock.now() + timedelta(hours=71), tick=False):
        assert (shown(hanako, HIS), shown(hanako, HERS)) == ("on_probation", "counts")
    with time_machine.travel(clock.now() + timedelta(hours=73), tick=False):
        assert (shown(hanako, HIS), shown(hanako, HERS)) == ("counts", "wrong")
        changes.complete_due(clock.now())
        assert (shown(hanako, HIS), shown(hanako, HERS)) == ("counts", "wrong")


def test_it_is_not_final_before_everybody_was_told(at_home: Client, hanako: User) -> None:
    confirm(at_home, hanako, "change_password")
    at_home.post(CHANGE, {"current_password": HERS, "password": HIS})
    hanako.refresh_from_db()
    with time_machine.travel(clock.now() + timedelta(days=30), tick=False):
        assert (shown(hanako, HIS), shown(hanako, HERS)) == ("on_probation_once_told", "counts")


def test_a_proof_by_the_former_password_does_not_live_on_as_one_by_the_new(at_home: Client, hanako: User) -> None:
    """R13: whoever knows only the old one, phished long ago, finishes no case once the new one is final."""
    before = Proof(Kind.PASSWORD, "password", clock.now())
    changed(at_home, hanako, HERS, HIS)
    assert may(ShowProof(before), selectors.facts(hanako)).allowed
    with time_machine.travel(clock.now() + timedelta(hours=73), tick=False):
        assert may(ShowProof(before), selectors.facts(hanako)).has("unknown_means")


def test_not_me_makes_the_former_password_the_only_one_again(at_home: Client, hanako: User) -> None:
    changed(at_home, hanako, HERS, HIS)
    Client().post(reverse("not_me_link", args=[not_me_link(hanako).token]))
    hanako.refresh_from_db()
    assert (shown(hanako, HIS), shown(hanako, HERS), signs_in(hanako, HERS)) == ("wrong", "counts", True)


def test_of_two_changes_the_one_that_is_final_first_decides(at_home: Client, hanako: User) -> None:
    """The thief's needs 72 h; hanako's own, with a code from her paper, 24 h."""
    changed(at_home, hanako, HERS, HIS)
    changed(at_home, hanako, HIS, LATER, paper=True)
    assert [shown(hanako, one) for one in (HERS, HIS, LATER)] == ["counts", "wrong", "on_probation"]
    with time_machine.travel(clock.now() + timedelta(hours=25), tick=False):
        assert [shown(hanako, one) for one in (HERS, HIS, LATER)] == ["wrong", "wrong", "counts"]
    with time_machine.travel(clock.now() + timedelta(hours=80), tick=False):
        assert [shown(hanako, one) for one in (HERS, HIS, LATER)] == ["wrong", "wrong", "counts"]


def test_a_reset_after_a_change_counts_as_mail_and_the_first_password_as_itself(at_home: Client, hanako: User) -> None:
    changed(at_home, hanako, HERS, HIS)
    reset(hanako, LATER)
    assert [shown(hanako, one) for one in (HERS, HIS)] == ["counts", "wrong"]
    assert selectors.facts(hanako).password_unsettled


def test_a_reset_that_settled_still_waits_for_its_notices(hanako: User) -> None:
    """R6: a gateway that takes nothing must not make a thief's password final."""
    reset(hanako)
    PasswordReset.objects.update(signed_in_at=clock.now())
    with time_machine.travel(clock.now() + timedelta(hours=80), tick=False):
        changes.complete_due(clock.now())
        assert not selectors.facts(hanako).password_unsettled
        assert (shown(hanako, NEW), shown(hanako, HERS)) == ("on_probation_once_told", "counts")
        send_all(hanako)
    with time_machine.travel(clock.now() + timedelta(hours=153), tick=False):
        assert (shown(hanako, NEW), shown(hanako, HERS)) == ("counts", "wrong")


def test_the_password_of_the_sign_up_counts_at_once() -> None:
    """R7: the sign-up session is exempt."""
    newcomer = person("newcomer")
    assert [(one.final_at, one.suspended) for one in selectors.means(newcomer) if one.kind is Kind.PASSWORD] == [
        (None, False)
    ]
    assert shown(newcomer, PASSWORD) == "counts"


@pytest.mark.parametrize("secret", [HERS, HIS, "neither"])
@pytest.mark.parametrize("who", ["hanako", "nobody"])
def test_recovery_hashes_twice_whatever_is_pending(
    at_home: Client, hanako: User, who: str, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Attack stopped: reading from the time whether there is an account, or whether its password was changed lately."""
    changed(at_home, hanako, HERS, HIS)
    ask_for = {"purpose": "recovery", "ctx": CTX}
    verify.verify(None, "password", "warm", scope="case:warm", **ask_for)
    seen: list[int] = []
    real = hashers.PortalArgon2Hasher.verify
    monkeypatch.setattr(hashers.PortalArgon2Hasher, "verify", lambda *given: seen.append(1) or real(*given))
    verify.verify(hanako if who == "hanako" else None, "password", secret, scope="case:x", **ask_for)
    assert len(seen) == 2


def test_the_security_page_says_from_when_the_new_one_counts(at_home: Client, hanako: User) -> None:
    changed(at_home, hanako, HERS, HIS)
    page = at_home.get(reverse("security")).text
    assert "Until then the former password still counts in a recovery." in page
    with time_machine.travel(clock.now() + timedelta(hours=73), tick=False):
        sign_in(at_home, hanako, *proofs(hanako))
        assert "former password" not in at_home.get(reverse("security")).text
