"""yuki, who has nothing left but papers, and the two people who look at them: three browsers, to the new sign-in."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts import clock
from accounts.context import ActorContext
from accounts.models import OutboxMessage, Totp
from recovery.services import cases
from recovery.services import review as recovery
from support.models import Document, Paper
from tests.recovery import people
from tests.recovery.test_story import rebind_all
from tests.support import agents
from tests.support.agents import agent, desk

pytestmark = pytest.mark.django_db(transaction=True)
LINES = {f"check_{name}": answer for name, answer in agents.ALL_SAME.items()}


def test_from_nothing_to_signed_in_by_papers_two_people_and_a_week() -> None:
    start = clock.now()
    with time_machine.travel(start, tick=False) as now:
        yuki = agents.yuki()
        claimant = people.Claimant(situation="nothing_left", email=yuki.email)
        assert recovery.submit(claimant.case, ActorContext("claimant"), with_video=True)
        for document, side in ((Document.LICENCE, "front"), (Document.LICENCE, "back"), (Document.VIDEO, "")):
            agents.paper(yuki, claimant.reference, document, side)
        review = agents.queued(yuki, "recovery", claimant.reference, needs=2)
        for name in ("grace", "heidi"):
            agrees(desk(agent(name)), review.pk)
        assert claimant.case.state == "on_hold"
        people.letters_out(claimant.reference)
        assert claimant.step("number", phone="080-1111-2222").headers["Location"] == claimant.url, "not before the wait"
        now.shift(timedelta(days=7, minutes=1))
        cases.sweep()
        assert claimant.case.state == "ready"
        rebind_all(claimant, password="a new path home, in 2026")
        assert claimant.step("finish").status_code == 302
        now.shift(timedelta(seconds=60))
        client = Client()
        step = "login_view-current_step"
        client.post("/sign-in/", {step: "auth", "auth-email": yuki.email, "auth-password": "a new path home, in 2026"})
        code = people.app_code(Totp.objects.get(user=yuki).seed)
        client.post("/sign-in/", {step: "token", "token-code": code})
        page = client.get("/account/activity/").content.decode()
    assert "担当者があなたの書類を開きました" in page


def agrees(client: Client, review: object) -> None:
    """By the pages: takes it, opens the file and every paper, compares, agrees."""
    client.post(reverse("agents:review_deed", args=[review, "take"]))
    assert client.get(reverse("agents:review", args=[review])).status_code == 200
    for paper in Paper.objects.all():
        assert client.get(reverse("agents:paper", args=[paper.pk, 1])).status_code == 200
    decide = reverse("agents:review_deed", args=[review, "decide"])
    assert client.post(decide, {"what": "approve", "reason": "all_fits", **LINES}).status_code == 302


def test_a_forger_whose_papers_name_another_person_is_denied_and_the_owner_told() -> None:
    yuki = agents.yuki()
    case, review = agents.recovery_of(yuki)
    client = desk(agent("grace"))
    client.post(reverse("agents:review_deed", args=[review.pk, "take"]))
    for paper in Paper.objects.all():
        client.get(reverse("agents:paper", args=[paper.pk, 1]))
    wrong = LINES | {"check_family": "differs", "check_face": "differs"}
    decide = reverse("agents:review_deed", args=[review.pk, "decide"])
    refused = client.post(decide, {"what": "approve", "reason": "all_fits", **wrong})
    assert "cannot be agreed to" in refused.content.decode()
    assert client.post(decide, {"what": "deny", "reason": "another_person", **wrong}).status_code == 302
    case.refresh_from_db()
    assert case.state == "denied"
    assert OutboxMessage.objects.filter(user=yuki, kind="case/denied", to=yuki.email).exists()
