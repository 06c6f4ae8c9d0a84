"""The case in another browser: a link shows, a proof outside the mailbox moves (R12)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from accounts import clock
from accounts.models import Link, OutboxMessage, SecurityEvent
from recovery import references
from recovery.models import CaseRequest
from recovery.services import requests
from tests.recovery.people import PASSWORD, Claimant, app_code, person

pytestmark = pytest.mark.django_db


def ready() -> Claimant:
    claimant = Claimant()
    claimant.prove("saved-code", "0001ABCDEFGH01234567")
    claimant.prove("password", PASSWORD)
    assert claimant.case.state == "ready"
    return claimant


def link_of(claimant: Claimant, client: Client, email: str = "hanako@example.jp") -> str:
    answer = client.post(f"{claimant.url}resume/", {"email": email})
    assert answer.status_code == 302
    requests.sweep(clock.now(), 10)
    found = Link.objects.filter(kind="resume").order_by("created_at").last()
    return f"{claimant.url}resume/{found.token}/" if found else ""


def test_another_browser_sees_the_same_404_for_a_case_and_for_none() -> None:
    person()
    claimant, other = ready(), Client()
    none = references.new()
    pages = []
    for reference in (claimant.reference, none):
        for path in ("", "cancel/", "rebind/", "prove/totp/", "wait.ics"):
            answer = other.get(f"/recovery/cases/{reference}/{path}")
            assert answer.status_code == 404
            pages.append(answer.content.decode().replace(reference, "REFERENCE"))
    import re

    plain = [re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page) for page in pages]
    assert plain[:5] == plain[5:]


def test_asking_for_the_link_is_answered_alike_for_every_reference_and_address() -> None:
    person()
    claimant = ready()
    for reference, email in ((claimant.reference, "nobody@example.jp"), (references.new(), "hanako@example.jp")):
        client = Client()
        answer = client.post(f"/recovery/cases/{reference}/resume/", {"email": email})
        assert answer.status_code == 302
        assert client.get(answer.headers["Location"]).status_code == 404
    requests.sweep(clock.now(), 10)
    assert not Link.objects.filter(kind="resume").exists()
    assert CaseRequest.objects.filter(handled_at=None).count() == 0


def test_the_link_only_shows_and_one_proof_outside_the_mailbox_moves_the_case() -> None:
    person()
    claimant, phone = ready(), Client(headers={"accept-language": "en"})
    url = link_of(claimant, phone)
    assert OutboxMessage.objects.filter(kind="case/resume", to="hanako@example.jp").count() == 1
    assert phone.head(url).status_code == 302
    answer = phone.get(url)
    assert answer.headers["Location"] == claimant.url and answer.headers["Referrer-Policy"] == "no-referrer"
    assert Link.objects.get(kind="resume").used_at is None, "looking spends nothing"
    assert "You came here by a link in a mail" in phone.get(claimant.url).content.decode()
    for step in ("skip:number", "finish"):
        page = phone.post(f"{claimant.url}rebind/", {"step": step})
        assert "does not come by mail" in page.content.decode()
    assert phone.post(f"{claimant.url}cancel/").status_code == 302
    assert claimant.case.state == "ready", "a link stops nothing either"
    phone.post(f"{claimant.url}prove/email/", {"email": "hanako@example.jp", "send": "1"})
    requests.sweep(clock.now(), 10)
    from accounts.models import Challenge

    Challenge.objects.update(created_at=clock.now())
    assert phone.post(f"{claimant.url}prove/email/", {"code": claimant.code("email")}).status_code == 302
    assert "does not come by mail" in phone.get(f"{claimant.url}rebind/").content.decode(), "mail is the same mailbox"
    assert phone.post(f"{claimant.url}prove/totp/", {"code": app_code()}).status_code == 302
    assert "Your new phone number" in phone.get(f"{claimant.url}rebind/").content.decode()
    assert claimant.client.get(claimant.url).status_code == 404, "the case has moved"
    assert SecurityEvent.objects.filter(type="case.moved").count() == 1


def test_a_newer_link_an_expired_one_and_one_of_another_case_open_nothing() -> None:
    person()
    claimant = ready()
    first = link_of(claimant, Client())
    second = link_of(claimant, Client())
    assert Client().get(first).status_code == 404
    assert Client().get(second.replace(claimant.reference, references.new())).status_code == 404
    browser = Client()
    assert browser.get(second).status_code == 302
    Link.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert browser.get(claimant.url).status_code == 404
    assert Client().get(second).status_code == 404
    assert Client().get(f"{claimant.url}resume/nonsense/").status_code == 404


def test_a_claim_without_a_proof_is_mailed_to_nobody() -> None:
    person()
    claimant = Claimant()
    link_of(claimant, Client())
    assert not Link.objects.filter(kind="resume").exists()


def test_a_browser_holds_several_cases_and_looking_by_link_takes_no_secret_away() -> None:
    person()
    person("taro", phones=())
    claimant = ready()
    url = link_of(claimant, Client())
    again = claimant.client.post("/recovery/start/?situation=new_number", {"email": "taro@example.jp", "phone": ""})
    assert claimant.client.get(again.headers["Location"]).status_code == 200
    assert claimant.client.get(url).status_code == 302
    assert "Your new phone number" in claimant.client.get(f"{claimant.url}rebind/").content.decode()


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites() -> None:
    claimant = Claimant()
    morsel = claimant.client.cookies["case"]
    assert morsel["httponly"] and morsel["samesite"] == "Lax" and morsel["path"] == "/"
    secret = claimant.cookie().split(":")[2]
    assert len(secret) >= 43 and secret not in claimant.page()
    assert secret not in claimant.case.secret_digest
