"""The door where providers say what became of a text: only signed words count, and they only lead forward."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client

from accounts import clock
from accounts.gateways.twilio import TwilioSms
from accounts.models import OutboxMessage, User
from accounts.outbox import progress
from accounts.services import delivery
from tests.accounts.outbox.conftest import code_for, letter_with
from tests.accounts.outbox.providers import FakeGeneric, FakeTwilio, listening

pytestmark = pytest.mark.usefixtures("bells")
BASE = "https://account.example.jp"
FORM = "application/x-www-form-urlencoded"


class Line:
    """One letter that a fake provider took, and the provider's way to call back."""

    def __init__(self, fake: FakeTwilio | FakeGeneric, user: User) -> None:
        self.fake, self.client = fake, Client()
        self.row = letter_with(code_for(user, "sign_in", "sms", to="+819012345678"))
        assert delivery.deliver(self.row.pk) == "sent"
        self.path = f"/hooks/sms/127.0.0.1-{fake.port}/"
        self.sid = self.kept.provider_id

    @property
    def kept(self) -> OutboxMessage:
        return OutboxMessage.objects.get(pk=self.row.pk)

    def twilio(self, status: str, *, signature: str | None = None, url: str = "", **more: str) -> int:
        fields = {"MessageSid": self.sid, "MessageStatus": status, "To": "+819012345678", **more}
        assert isinstance(self.fake, FakeTwilio)
        signed = self.fake.signature(url or BASE + self.path, fields)
        return self.post(urlencode(fields), FORM, {"X-Twilio-Signature": signed if signature is None else signature})

    def generic(
        self, at: int | None = None, secret: str = "", headers: dict[str, str] | None = None, **said: Any
    ) -> int:
        body = json.dumps({"id": self.sid, "status": "delivered", **said}).encode()
        assert isinstance(self.fake, FakeGeneric)
        given = self.fake.signed(body, int(clock.now().timestamp()) if at is None else at, secret)
        return self.post(body, "application/json", given if headers is None else headers)

    def post(self, body: str | bytes, kind: str, headers: dict[str, str], **more: Any) -> int:
        return self.client.post(self.path, body, content_type=kind, headers=headers, **more).status_code


@pytest.fixture
def twilio(settings: Any, hanako: User) -> Iterator[Line]:
    with listening(FakeTwilio()) as fake:
        settings.SMS_URL, settings.BASE_URL = fake.url, BASE
        yield Line(fake, hanako)


@pytest.fixture
def generic(settings: Any, hanako: User) -> Iterator[Line]:
    with listening(FakeGeneric()) as fake:
        settings.SMS_URL, settings.BASE_URL = fake.url, BASE
        yield Line(fake, hanako)


def test_a_signed_word_is_shown_to_whoever_waits(twilio: Line) -> None:
    assert progress(twilio.row.dedupe).word == "handed"
    assert twilio.twilio("delivered") == 204
    assert (twilio.kept.delivery_state, bool(twilio.kept.delivered_at)) == ("delivered", True)
    assert progress(twilio.row.dedupe).word == "delivered"


@pytest.mark.parametrize("word", ["undelivered", "failed"])
def test_what_could_not_be_delivered_is_said_with_its_code(word: str, twilio: Line) -> None:
    assert twilio.twilio(word, ErrorCode="30006") == 204
    assert (twilio.kept.delivery_state, twilio.kept.delivery_error) == (word, "30006")
    assert progress(twilio.row.dedupe).word == "failed"


def test_the_vector_that_twilio_publishes(settings: Any) -> None:
    """twilio.com/docs/usage/security: computed by their libraries, not by ours or the fake's."""
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    fields = {"CallSid": "CA1234567890ABCDE", "Caller": "+14158675309", "Digits": "1234", "From": "+14158675309"}
    body = urlencode(fields | {"To": "+18005551212"}).encode()
    provider = TwilioSms("t", "https://api.twilio.com", "AC1", "12345", ("From", "+1"))
    for signature, good in (("RSOYDt4T1cUTdK1PDd93/VVr8B8=", True), ("GvWf1cFY/Q7PnoempGyD5oXAezc=", False)):
        assert (provider.receipt(url, {"X-Twilio-Signature": signature}, body) is not None) is good


FORGED = {
    "unsigned": {"signature": ""},
    "nonsense": {"signature": "署名"},
    "signed for another address": {"url": "https://evil.example/hooks/sms/x/"},
    "signed for the Host": {"url": "http://testserver/hooks/sms/x/"},
}


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_twilio_word_is_refused_and_writes_nothing(how: str, twilio: Line) -> None:
    before = list(OutboxMessage.objects.values())
    assert twilio.twilio("delivered", **FORGED[how]) == 403
    assert list(OutboxMessage.objects.values()) == before


def test_a_changed_field_breaks_the_signature(twilio: Line) -> None:
    fields = {"MessageSid": twilio.sid, "MessageStatus": "undelivered"}
    signature = twilio.fake.signature(BASE + twilio.path, fields)
    changed = urlencode(fields | {"MessageStatus": "delivered"})
    assert twilio.post(changed, FORM, {"X-Twilio-Signature": signature}) == 403


def test_another_token_does_not_sign(twilio: Line) -> None:
    fields = {"MessageSid": twilio.sid, "MessageStatus": "delivered"}
    signature = twilio.fake.signature(BASE + twilio.path, fields, token="guessed")
    assert twilio.post(urlencode(fields), FORM, {"X-Twilio-Signature": signature}) == 403


def test_the_host_header_plays_no_part(twilio: Line) -> None:
    fields = {"MessageSid": twilio.sid, "MessageStatus": "delivered"}
    headers = {"X-Twilio-Signature": twilio.fake.signature(BASE + twilio.path, fields)}
    assert twilio.post(urlencode(fields), FORM, headers, HTTP_HOST="localhost") == 204


def test_a_signed_generic_word_is_taken(generic: Line) -> None:
    assert generic.generic(status="sent") == 204
    assert generic.generic(status="undelivered", error="no <such> line") == 204
    assert (generic.kept.delivery_state, generic.kept.delivery_error) == ("undelivered", "nosuchline")


REFUSED: dict[str, dict[str, Any]] = {
    "unsigned": {"headers": {}},
    "another secret": {"secret": "guessed"},
    "six minutes old": {"at": -360},
    "from the future": {"at": 360},
    "no time": {"headers": {"X-Timestamp": "soon", "X-Signature": "sha256=00"}},
}


@pytest.mark.parametrize("how", REFUSED)
def test_a_forged_or_old_generic_word_is_refused_and_writes_nothing(how: str, generic: Line) -> None:
    words = dict(REFUSED[how])
    if "at" in words:
        words["at"] += int(clock.now().timestamp())
    before = list(OutboxMessage.objects.values())
    assert generic.generic(**words) == 403
    assert list(OutboxMessage.objects.values()) == before


def test_a_recording_cannot_be_played_with_a_new_time(generic: Line) -> None:
    body, now = json.dumps({"id": generic.sid, "status": "delivered"}).encode(), int(clock.now().timestamp())
    old = generic.fake.signed(body, now - 600)
    assert generic.post(body, "application/json", old | {"X-Timestamp": str(now)}) == 403


def test_a_provider_without_a_secret_says_nothing(settings: Any, hanako: User) -> None:
    with listening(FakeGeneric()) as fake:
        settings.SMS_URL, settings.BASE_URL = f"http://127.0.0.1:{fake.port}/send", BASE
        line = Line(fake, hanako)
        assert "callback" not in fake.got[0].json
        fake.secret = ""
        assert line.generic() == 403, "an empty key signs nothing"


ORDER = ("queued", "sent", "delivered")


def test_words_lead_forward_in_whatever_order_they_come(twilio: Line) -> None:
    for first, second in pairwise(ORDER):
        OutboxMessage.objects.update(delivery_state="", delivered_at=None)
        twilio.twilio(second)
        assert twilio.twilio(first) == 204
        assert twilio.kept.delivery_state == second
    for last in ("delivered", "undelivered", "failed"):
        OutboxMessage.objects.update(delivery_state="sent")
        twilio.twilio(last)
        for other in (*ORDER, "undelivered", "failed"):
            twilio.twilio(other)
        assert twilio.kept.delivery_state == last, "a last word stays"


@pytest.mark.parametrize(
    ("word", "kept"), [("sending", "sent"), ("accepted", "queued"), ("read", "delivered"), ("tea", "queued")]
)
def test_other_words_of_twilio(word: str, kept: str, twilio: Line) -> None:
    assert twilio.twilio(word) == 204
    assert twilio.kept.delivery_state == kept


def test_an_unknown_text_is_answered_quietly(twilio: Line) -> None:
    before = list(OutboxMessage.objects.values())
    twilio.sid = "SM0"
    assert twilio.twilio("delivered") == 204
    twilio.sid = ""
    assert twilio.twilio("delivered") == 204
    assert list(OutboxMessage.objects.values()) == before


def test_a_word_from_another_provider_is_not_about_this_text(twilio: Line) -> None:
    OutboxMessage.objects.update(gateway="sms.example.jp")
    assert twilio.twilio("delivered") == 204
    assert twilio.kept.delivery_state == "queued"


@pytest.mark.parametrize("gateway", ["sms.example.jp", "preview", "..", "%00"])
def test_an_unknown_provider_is_refused(gateway: str, twilio: Line) -> None:
    twilio.path = f"/hooks/sms/{gateway}/"
    assert twilio.twilio("delivered") in (403, 404)


def test_no_page_stands_there_and_no_flood_is_read(twilio: Line) -> None:
    assert Client().get(twilio.path).status_code == 405
    assert twilio.post(b"x" * (16 * 1024 + 1), FORM, {}) == 413
    assert twilio.client.cookies == {}


def test_wrong_signatures_are_limited_and_right_ones_are_not(twilio: Line) -> None:
    with time_machine.travel(clock.now().replace(second=1), tick=False):
        for _ in range(70):
            assert twilio.twilio("sent") == 204
        said = [twilio.twilio("delivered", signature="no") for _ in range(61)]
        assert said == [403] * 60 + [429]
        assert twilio.twilio("delivered") == 429, "from that network, for the rest of the minute"
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        assert twilio.twilio("delivered") == 204
