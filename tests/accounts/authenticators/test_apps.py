"""Adding, naming and removing authenticator apps."""

from __future__ import annotations

import base64
import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from accounts import clock
from accounts.authenticators.totp import code_at, present_step
from accounts.errors import Refused, Why
from accounts.models import Change, SecurityEvent, Session, Totp
from accounts.services import totp, verify
from accounts.services.verify import Verified
from policy.deeds import BindAuthenticator, RemoveAuthenticator, step_up_kind
from policy.facts import Kind
from tests.accounts.hands import CTX, app_of, code_of, facts_of, person, sign_in, step_up

pytestmark = pytest.mark.django_db
ADD = reverse("authenticators_add", args=["totp"])
DEED = step_up_kind(BindAuthenticator(Kind.TOTP))


@pytest.fixture
def hanako():
    return person("hanako")


@pytest.fixture
def old(hanako):
    return app_of(hanako)


@pytest.fixture
def ready(client: Client, hanako, old) -> Client:
    """Hanako signed in with password and app, with a fresh step-up for binding."""
    proof = Verified(Kind.TOTP, old.means_id)
    sign_in(client, hanako, Verified(Kind.PASSWORD, "password"), proof)
    step_up(client, proof, DEED)
    return client


def begin(client: Client) -> Totp:
    assert client.post(ADD, {"begin": "1"}).status_code == 302
    return Totp.objects.pending().get()


def test_a_get_shows_no_key_and_writes_nothing(ready: Client) -> None:
    page = ready.get(ADD)
    assert "otpauth:" not in page.text
    assert not Totp.objects.pending().exists()


def test_the_page_shows_the_same_key_on_reload_and_after_an_error(ready: Client) -> None:
    key = base64.b32encode(begin(ready).seed).decode()
    wrong = ready.post(ADD, {"code": "000000", "name": "iPad"})
    for page in (ready.get(ADD), ready.get(ADD), wrong):
        assert f"secret={key}" in page.text
    assert "<svg" in wrong.text and "iPad" in wrong.text  # what was typed is kept
    assert begin(ready).seed == base64.b32decode(key)


def test_the_seed_is_sealed_in_its_row_and_never_in_the_session(ready: Client) -> None:
    row = begin(ready)
    assert base64.b32encode(row.seed).decode() not in row.seed_sealed
    stored = repr(ready.session.items())
    assert row.seed.hex() not in stored and base64.b32encode(row.seed).decode() not in stored


def test_the_right_code_binds_the_app_on_probation_and_tells_everybody(ready: Client, hanako) -> None:
    row = begin(ready)
    ready.post(ADD, {"code": code_of(row), "name": "iPad"})
    row.refresh_from_db()
    assert (row.name, row.confirmed_at is not None) == ("iPad", True)
    change = Change.objects.get(user=hanako)
    assert (row.added_by, change.what, change.final_at) == (change, "totp.added", None)
    assert SecurityEvent.objects.filter(user=hanako, type="totp.added").exists()
    assert change.letters.filter(to=hanako.email).exists()


def test_it_takes_full_width_digits_with_spaces(ready: Client) -> None:
    row = begin(ready)
    wide = code_of(row).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    ready.post(ADD, {"code": f"{wide[:3]} {wide[3:]}"})
    row.refresh_from_db()
    assert row.confirmed_at


def test_the_enrolment_code_opens_nothing_afterwards(ready: Client, hanako) -> None:
    """Pitfall P3: the stock part takes it again at sign-in."""
    row = begin(ready)
    code = code_of(row)
    ready.post(ADD, {"code": code})
    again = verify.verify(hanako, "totp", code, purpose="sign_in", scope="signin:x", ctx=CTX, means_id=row.means_id)
    assert isinstance(again, Refused)
    assert again.why is Why.SPENT


def test_without_step_up_the_page_leads_to_the_step_up(client: Client, hanako, old) -> None:
    sign_in(client, hanako, Verified(Kind.PASSWORD, "password"), Verified(Kind.TOTP, old.means_id))
    for answer in (client.get(ADD), client.post(ADD, {"begin": "1"})):
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("step_up"))
    assert not Totp.objects.pending().exists()


def test_the_service_asks_for_the_step_up_by_itself(client: Client, hanako, old) -> None:
    sign_in(client, hanako, Verified(Kind.PASSWORD, "password"), Verified(Kind.TOTP, old.means_id))
    refused = totp.begin(hanako, session=facts_of(client))
    assert isinstance(refused, Refused)
    assert refused.why is Why.STEP_UP


def test_a_step_up_that_went_stale_binds_nothing_and_spends_nothing(ready: Client, hanako) -> None:
    row = begin(ready)
    with time_machine.travel(clock.now() + timedelta(minutes=11), tick=False):
        code = code_at(row.seed, present_step())
        refused = totp.confirm(hanako, code, "", session=facts_of(ready), keep=None, ctx=CTX)
    row.refresh_from_db()
    assert isinstance(refused, Refused)
    assert refused.why is Why.STEP_UP
    assert (row.confirmed_at, row.last_step) == (None, -1)


def test_other_sessions_end_and_this_one_lives_on(ready: Client, hanako) -> None:
    elsewhere = Client()
    sign_in(elsewhere, hanako)
    row = begin(ready)
    ready.post(ADD, {"code": code_of(row)})
    assert Session.objects.filter(user=hanako).count() == 1
    assert ready.get(reverse("authenticators")).status_code == 200
    assert elsewhere.get(reverse("authenticators")).status_code == 302


def test_a_code_of_the_pending_app_signs_nobody_in(ready: Client, hanako) -> None:
    """Pitfall P23: an unconfirmed device is no device."""
    row = begin(ready)
    got = verify.verify(hanako, "totp", code_of(row), purpose="sign_in", scope="signin:x", ctx=CTX)
    assert isinstance(got, Refused)


def test_several_apps_stand_side_by_side_by_name(ready: Client, hanako, old) -> None:
    row = begin(ready)
    ready.post(ADD, {"code": code_of(row), "name": "仕事用 <b>"})
    page = ready.get(reverse("authenticators")).text
    assert old.name in page
    assert escape("仕事用 <b>") in page


def test_an_app_is_renamed_and_its_copy_noted(ready: Client, hanako, old) -> None:
    ready.post(reverse("authenticator_rename", args=[old.pk]), {"name": "Old phone"})
    ready.post(reverse("authenticator_backed_up", args=[old.pk]))
    old.refresh_from_db()
    assert (old.name, old.backed_up_on is not None) == ("Old phone", True)


@pytest.mark.parametrize(
    "name", ["authenticator", "authenticator_rename", "authenticator_backed_up", "authenticator_remove"]
)
def test_somebody_elses_app_does_not_exist(ready: Client, name: str) -> None:
    theirs = app_of(person("taro"))
    step_up(
        ready,
        Verified(Kind.TOTP, Totp.objects.get(user__email="hanako@example.jp").means_id),
        step_up_kind(RemoveAuthenticator),
    )
    answer = ready.post(reverse(name, args=[theirs.pk]), {"name": "mine"})
    if answer.status_code == 405:
        answer = ready.get(reverse(name, args=[theirs.pk]))
    assert answer.status_code == 404


def test_a_lost_app_signs_nobody_in_at_once(ready: Client, hanako, old) -> None:
    ready.post(reverse("authenticator_lost", args=["totp", old.pk]))
    old.refresh_from_db()
    assert old.lost_at
    got = verify.verify(hanako, "totp", code_of(old), purpose="sign_in", scope="signin:x", ctx=CTX)
    assert isinstance(got, Refused)


def test_removing_says_what_happens_and_takes_effect_by_post_only(ready: Client, hanako, old) -> None:
    other = app_of(hanako, "iPad")
    step_up(ready, Verified(Kind.TOTP, old.means_id), step_up_kind(RemoveAuthenticator))
    where = reverse("authenticator_remove", args=[other.pk])
    assert ready.get(where).status_code == 200
    other.refresh_from_db()
    assert other.suspended_by is None
    ready.post(where)
    other.refresh_from_db()
    assert other.suspended_by and other.suspended_by.what == "totp.removed"


def test_the_last_factor_stays(ready: Client, old) -> None:
    """Pitfall P25: nobody is left with codes alone by a click."""
    step_up(ready, Verified(Kind.TOTP, old.means_id), step_up_kind(RemoveAuthenticator))
    page = ready.post(reverse("authenticator_remove", args=[old.pk]))
    old.refresh_from_db()
    assert old.suspended_by is None
    assert not re.search(r'class="button stop"', page.text)


def test_an_unknown_kind_has_no_page(ready: Client) -> None:
    assert ready.get(reverse("authenticators_add", args=["fax"])).status_code == 404
