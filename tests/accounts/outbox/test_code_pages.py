"""The page that waits for a code says how far it has come: never "sent" when nothing went out (pitfall P15).

The worker's path is real, and so is the provider on the other side, though it is a fake.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts import clock
from accounts.models import OutboxMessage, User
from accounts.services import delivery
from recovery.services import cases
from tests.accounts.outbox.providers import FakeGeneric, listening
from tests.house.doors import enter
from tests.recovery import people

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bells")]
NEW = "+818011112222"
SIGN_IN = reverse("sign_in")
LEFT = ("We sent", "was sent", "Handed over", "arrived")


@pytest.fixture(autouse=True)
def provider(settings: Any) -> Iterator[FakeGeneric]:
    with listening(FakeGeneric()) as fake:
        settings.SMS_URL, settings.BASE_URL = fake.url, "https://account.example.jp"
        yield fake


def signed_in(user: User, *deeds: str) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    enter(client, user, stepped_up=bool(deeds))
    return client


class Waiting:
    """A browser on a page that waits for a code by SMS; `see` opens the page again by its link."""

    def __init__(self, client: Client, path: str) -> None:
        self.client, self.path = client, path

    def see(self) -> str:
        answer = self.client.get(self.path)
        assert answer.status_code == 200, answer.headers.get("Location")
        return answer.text


def at_sign_in() -> Waiting:
    user = people.person(phones=(people.SECOND,))
    client = Client(headers={"accept-language": "en"})
    first = {"login_view-current_step": "auth", "auth-email": user.email, "auth-password": people.PASSWORD}
    client.post(SIGN_IN, first)
    client.post(SIGN_IN, {"login_view-current_step": "token", "challenge": user.phones.get().means_id})
    return Waiting(client, SIGN_IN)


def at_step_up() -> Waiting:
    user = people.person(phones=(people.SECOND,))
    client = signed_in(user)
    path = reverse("step_up") + "?for=withdraw&next=/account/withdrawal/"
    page = client.post(path, {"challenge": user.phones.get().means_id})
    assert "way=sms" in page.text, "the link to this page keeps the way that was chosen"
    return Waiting(client, path + "&way=sms")


def at_phone_change() -> Waiting:
    client = signed_in(people.person(), "change_number")
    answer = client.post(reverse("phone_change"), {"phone": NEW})
    return Waiting(client, answer.headers["Location"])


def at_adding_a_number() -> Waiting:
    client = signed_in(people.person(), "add_number")
    answer = client.post(reverse("authenticators_add", args=["sms"]), {"phone": NEW})
    return Waiting(client, answer.headers["Location"])


def at_rebinding() -> Waiting:
    people.person()
    claimant = people.Claimant()
    claimant.prove("saved-code", people.CODES[3])
    claimant.prove("password", people.PASSWORD)
    cases.sweep()
    claimant.step("number", phone=NEW)
    return Waiting(claimant.client, f"{claimant.url}rebind/")


PAGES: dict[str, Callable[[], Waiting]] = {
    "sign-in": at_sign_in,
    "step-up": at_step_up,
    "phone change": at_phone_change,
    "adding a number": at_adding_a_number,
    "rebinding": at_rebinding,
}
every_page = pytest.mark.parametrize("page", PAGES)


def text() -> OutboxMessage:
    return OutboxMessage.objects.filter(channel="sms", kind__startswith="codes/").latest("created_at")


@every_page
def test_before_a_worker_had_it_nothing_is_sent(page: str) -> None:
    seen = PAGES[page]().see()
    assert "The SMS is being handed over now." in seen and "Update the status" in seen
    assert not [word for word in LEFT if word in seen]


@every_page
def test_handed_over_is_not_yet_arrived(page: str) -> None:
    waiting = PAGES[page]()
    assert delivery.deliver(text().pk) == "sent"
    seen = waiting.see()
    assert "Handed over to the SMS company at" in seen and "do not know yet" in seen


@every_page
def test_a_try_that_failed_is_not_called_sent(page: str, provider: FakeGeneric) -> None:
    waiting, provider.answers = PAGES[page](), [(503, b"")]
    assert delivery.deliver(text().pk) == "queued"
    seen = waiting.see()
    assert "Nothing has gone out yet." in seen
    assert not [word for word in LEFT if word in seen]


@every_page
def test_a_number_that_no_text_reaches_is_said_with_another_way(page: str, provider: FakeGeneric) -> None:
    waiting, provider.answers = PAGES[page](), [(422, b"")]
    assert delivery.deliver(text().pk) == "refused"
    seen = waiting.see()
    assert "The SMS could not be delivered." in seen
    other = {"sign-in": 'value="totp"', "step-up": 'value="totp"', "rebinding": "Go on without a number"}
    assert other.get(page, reverse("authenticators_add", args=["totp"])) in seen


@every_page
def test_without_a_provider_the_page_says_that_nothing_goes_out(page: str, settings: Any) -> None:
    waiting = PAGES[page]()
    settings.SMS_URL = ""
    delivery.deliver(text().pk)
    assert "We cannot send SMS at the moment." in waiting.see()


@every_page
def test_the_providers_last_word_reaches_the_page(page: str, provider: FakeGeneric) -> None:
    waiting = PAGES[page]()
    delivery.deliver(text().pk)
    for status, words in (("sent", "Handed over"), ("delivered", "The SMS arrived on the phone at")):
        body = json.dumps({"id": text().provider_id, "status": status}).encode()
        hook = f"/hooks/sms/127.0.0.1-{provider.port}/"
        headers = provider.signed(body, int(clock.now().timestamp()))
        assert Client().post(hook, body, content_type="application/json", headers=headers).status_code == 204
        assert words in waiting.see()
    assert "Update the status" not in waiting.see(), "there is nothing more to come"


@every_page
def test_in_a_portal_for_trying_out_nobody_is_said_to_get_anything(page: str, settings: Any) -> None:
    settings.SMS_URL = "preview:"
    waiting = PAGES[page]()
    delivery.deliver(text().pk)
    seen = waiting.see()
    assert "goes to nobody" in seen and not [word for word in LEFT if word in seen]


def test_a_code_too_old_is_called_so() -> None:
    waiting = at_phone_change()
    delivery.deliver(text().pk)
    with time_machine.travel(clock.now() + timedelta(minutes=10, seconds=1)):
        assert "This code is too old." in waiting.see()


def test_a_mailed_code_says_as_much(settings: Any) -> None:
    client = signed_in(people.person(), "add_address")
    path = client.post(reverse("address_add"), {"email": "new@example.jp"}).headers["Location"]
    assert "The mail is being handed over now." in client.get(path).text
    settings.EMAIL_URL = ""
    delivery.deliver(OutboxMessage.objects.get(to="new@example.jp").pk)
    assert "We cannot send mail at the moment." in client.get(path).text


def test_when_nothing_more_may_be_sent_the_page_says_when(provider: FakeGeneric) -> None:
    start = clock.now().replace(minute=10)  # inside one window of the limit
    with time_machine.travel(start, tick=False):
        waiting = at_phone_change()
    for minute in (2, 4, 6):
        with time_machine.travel(start + timedelta(minutes=minute), tick=False):
            answer = waiting.client.post(waiting.path, {"again": "1"}, follow=True)
    assert "Too many codes went there. The next can be sent at" in answer.text
    assert "A new code was made." not in answer.text


@pytest.mark.parametrize("what", ["nobody", "capped", "no provider"])
def test_a_claim_says_the_same_whatever_became_of_the_text(what: str, settings: Any) -> None:
    """The state of delivery would tell who has an account (ASVS 6.3.8)."""
    people.person(phones=(people.OLD, people.SECOND))
    seen = []
    for to in (people.SECOND, "+819099999999"):
        claimant = people.Claimant()
        claimant.ask("sms", to)
        if what == "no provider":
            settings.SMS_URL = ""
        for row in OutboxMessage.objects.filter(channel="sms"):
            delivery.deliver(row.pk)
        seen.append(claimant.client.get(f"{claimant.url}prove/sms/?sent=1").text.replace(claimant.reference, ""))
    strip = [page.split("<main")[1].split("csrfmiddlewaretoken")[0] for page in seen]
    assert strip[0] == strip[1]
    assert "we are sending a code there" in strip[0]
    assert not [word for word in ("Handed over", "could not be", "Nothing has gone out") if word in seen[0]]


def test_a_number_that_was_not_reached_is_marked_where_it_is_listed(provider: FakeGeneric) -> None:
    waiting, provider.answers = at_step_up(), [(422, b"")]
    delivery.deliver(text().pk)
    for name in ("authenticators", "security"):
        assert "The last SMS did not arrive" in waiting.client.get(reverse(name)).text
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        waiting.client.post(waiting.path, {"challenge": OutboxMessage.objects.get().user.phones.get().means_id})
        assert delivery.deliver(text().pk) == "sent"
    assert "did not arrive" not in waiting.client.get(reverse("authenticators")).text
