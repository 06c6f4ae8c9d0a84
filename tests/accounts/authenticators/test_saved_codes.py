"""Saved recovery codes: made, typed back, downloaded, replaced."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts import clock, crypto
from accounts.errors import Refused, Why
from accounts.models import Change, SavedCode, SavedCodeSet, SecurityEvent
from accounts.services import changes, saved_codes, verify
from accounts.services.verify import Verified
from policy.deeds import BindAuthenticator, ReplaceCodes, step_up_kind
from policy.facts import Kind
from tests.accounts.hands import CTX, app_of, facts_of, person, sign_in, step_up

pytestmark = pytest.mark.django_db
NEW, CONFIRM, DOWNLOAD = (reverse(f"recovery_codes_{name}") for name in ("new", "confirm", "download"))


@pytest.fixture
def hanako():
    return person("hanako")


@pytest.fixture
def ready(client: Client, hanako) -> Client:
    proof = Verified(Kind.TOTP, app_of(hanako).means_id)
    sign_in(client, hanako, Verified(Kind.PASSWORD, "password"), proof)
    step_up(client, proof, step_up_kind(BindAuthenticator(Kind.SAVED_CODE)))
    step_up(client, proof, step_up_kind(ReplaceCodes()))
    return client


def shown(page) -> tuple[list[str], str]:
    """The codes and the token on a page."""
    codes = [code.replace(" ", "") for code in re.findall(r"<li><code[^>]*>([0-9A-Z ]+)</code>", page.text)]
    token = re.search(r'name="sheet" value="([^"]+)"', page.text)
    assert token
    return codes, token.group(1)


def final_sheet(client: Client, user) -> tuple[SavedCodeSet, list[str]]:
    """A sheet typed back long ago."""
    codes, token = shown(client.post(NEW))
    client.post(CONFIRM, {"sheet": token, "code": codes[0]})
    Change.objects.update(final_at=clock.now() - timedelta(days=1), notices_out_at=clock.now() - timedelta(days=4))
    changes.complete_due(clock.now())
    return SavedCodeSet.objects.standing().get(user=user), codes


def spend(user, code: str, purpose: str = "sign_in"):
    return verify.verify(user, "saved-code", code, purpose=purpose, scope="signin:x", ctx=CTX)


def test_ten_codes_of_a_hundred_bits_are_shown_once(ready: Client) -> None:
    codes, _ = shown(ready.post(NEW))
    assert len(set(codes)) == 10
    assert all(len(code) == 20 and set(code) <= set(crypto.CROCKFORD) for code in codes)
    for name in ("recovery_codes", "recovery_codes_new"):
        later = ready.get(reverse(name)).text
        assert not any(code[:5] in later for code in codes)


def test_no_code_stands_in_the_database_or_the_session(ready: Client) -> None:
    codes, _ = shown(ready.post(NEW))
    stored = repr(list(SavedCode.objects.values_list("locator", "hash"))) + repr(ready.session.items())
    assert not any(code[4:] in stored for code in codes)


def test_the_page_is_kept_by_nobody(ready: Client) -> None:
    assert "no-store" in ready.post(NEW)["Cache-Control"]


def test_a_get_makes_no_codes(ready: Client) -> None:
    ready.get(NEW)
    assert not SavedCodeSet.objects.exists()


def test_the_set_counts_only_after_one_code_was_typed_back(ready: Client, hanako) -> None:
    codes, token = shown(ready.post(NEW))
    assert isinstance(spend(hanako, codes[3]), Refused)
    typed = f"{codes[3][:5]}-{codes[3][5:10]} {codes[3][10:]}".lower()
    ready.post(CONFIRM, {"sheet": token, "code": typed})
    sheet = SavedCodeSet.objects.standing().get(user=hanako)
    assert sheet.added_by and sheet.added_by.what == "codes.added"
    assert saved_codes.remaining(hanako) == 10
    assert isinstance(spend(hanako, codes[3]), Verified)


def test_a_wrong_code_shows_the_same_sheet_again(ready: Client) -> None:
    codes, token = shown(ready.post(NEW))
    page = ready.post(CONFIRM, {"sheet": token, "code": "0" * 20})
    assert shown(page) == (codes, token)
    assert "character by character" in page.text
    assert not SavedCodeSet.objects.standing().exists()


@pytest.mark.parametrize("token", ["", "1", "1.k.x", "٣.k.AAAA", "999999." + "A" * 40])
def test_a_made_up_token_leads_back(ready: Client, token: str) -> None:
    assert ready.post(CONFIRM, {"sheet": token, "code": "0" * 20}).status_code == 302
    assert ready.post(DOWNLOAD, {"sheet": token}).status_code == 302


def test_somebody_elses_sheet_is_nobodys(ready: Client) -> None:
    codes, token = shown(ready.post(NEW))
    mallory = person("mallory")
    assert saved_codes.opened(mallory, token) is None
    refused = saved_codes.confirm(mallory, token, codes[0], keep=None, ctx=CTX)
    assert isinstance(refused, Refused)
    assert refused.why is Why.STATE


def test_writing_slowly_is_no_fault_but_an_hour_is_the_end(ready: Client, hanako) -> None:
    codes, token = shown(ready.post(NEW))
    with time_machine.travel(clock.now() + timedelta(minutes=61)):
        assert saved_codes.opened(hanako, token) is None
    with time_machine.travel(clock.now() + timedelta(minutes=25)):  # the step-up is long stale
        assert not isinstance(saved_codes.confirm(hanako, token, codes[9], keep=None, ctx=CTX), Refused)


def test_a_newer_sheet_ends_the_one_in_the_making(ready: Client) -> None:
    codes, token = shown(ready.post(NEW))
    ready.post(NEW)
    assert ready.post(CONFIRM, {"sheet": token, "code": codes[0]}).status_code == 302
    assert not SavedCodeSet.objects.standing().exists()


def test_the_old_sheet_stays_good_until_the_new_one_is_final(ready: Client, hanako) -> None:
    """R7: a thief who makes new codes does not take the owner's paper away."""
    old, old_codes = final_sheet(ready, hanako)
    proof = Verified(Kind.SAVED_CODE, old.means_id)
    step_up(ready, proof, step_up_kind(ReplaceCodes()))
    codes, token = shown(ready.post(NEW))
    ready.post(CONFIRM, {"sheet": token, "code": codes[0]})
    assert SecurityEvent.objects.filter(type="codes.replaced", user=hanako).exists()
    assert isinstance(spend(hanako, old_codes[1]), Verified)
    assert isinstance(spend(hanako, codes[1]), Verified)
    Change.objects.filter(what="codes.replaced").update(final_at=clock.now())
    changes.complete_due(clock.now())
    assert isinstance(spend(hanako, old_codes[2]), Refused)
    assert isinstance(spend(hanako, codes[2]), Verified)


def test_replacing_twice_leaves_the_final_sheet_and_the_newest(ready: Client, hanako) -> None:
    old, _ = final_sheet(ready, hanako)
    made = []
    for _again in range(2):
        step_up(ready, Verified(Kind.SAVED_CODE, old.means_id), step_up_kind(ReplaceCodes()))
        codes, token = shown(ready.post(NEW))
        ready.post(CONFIRM, {"sheet": token, "code": codes[0]})
        made.append(SavedCodeSet.objects.standing().filter(user=hanako).latest("pk"))
    standing = set(SavedCodeSet.objects.standing().filter(user=hanako))
    assert standing == {old, made[1]}


def test_without_step_up_no_sheet_is_made(client: Client, hanako) -> None:
    proof = Verified(Kind.TOTP, app_of(hanako).means_id)
    sign_in(client, hanako, Verified(Kind.PASSWORD, "password"), proof)
    assert client.post(NEW)["Location"].startswith(reverse("step_up"))
    assert isinstance(saved_codes.make(hanako, session=facts_of(client)), Refused)


def test_the_file_holds_the_same_codes_and_its_custody_is_noted(ready: Client, hanako) -> None:
    codes, token = shown(ready.post(NEW))
    file = ready.post(DOWNLOAD, {"sheet": token})
    assert file["Content-Type"] == "text/plain; charset=utf-8"
    assert file["Content-Disposition"].startswith("attachment")
    assert "no-store" in file["Cache-Control"]
    assert all(code in file.text.replace(" ", "") for code in codes)
    assert "&" not in file.text
    assert hanako.email not in file.text
    assert SavedCodeSet.objects.get().downloaded_at
    assert ready.get(DOWNLOAD).status_code == 405


def test_every_use_is_told_and_the_last_three_loudly(ready: Client, hanako) -> None:
    _, codes = final_sheet(ready, hanako)
    for code in codes[:7]:
        assert isinstance(spend(hanako, code), Verified)
    used = SecurityEvent.objects.filter(user=hanako, type="codes.used")
    assert [event.data["left"] for event in used.order_by("pk")] == [9, 8, 7, 6, 5, 4, 3]
    assert SecurityEvent.objects.filter(user=hanako, type="codes.low").count() == 1


def test_a_used_code_is_used(ready: Client, hanako) -> None:
    _, codes = final_sheet(ready, hanako)
    assert isinstance(spend(hanako, codes[0]), Verified)
    again = spend(hanako, codes[0])
    assert isinstance(again, Refused)
    assert again.why is Why.SPENT
