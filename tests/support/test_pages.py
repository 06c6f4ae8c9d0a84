"""Papers by the web: hostile files get a clear word and keep what was chosen, and a whole road in two browsers."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts import clock
from accounts.models import Change, Identity, SecurityEvent, User
from accounts.services import changes, identity
from accounts.services.verify import Verified
from policy.facts import Kind
from policy.rules import RULES
from recovery.services import cases
from support import folders, uploads, words
from support.models import Paper, Review
from tests.accounts.hands import sign_in, step_up
from tests.recovery import people as accounts
from tests.support import files
from tests.support.people import ATTRIBUTES, CTX, WEBM, file, on_file, put, stored, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage")]


class Road:
    """A claimant's browser before the doors of papers."""

    def __init__(self, email: str = "yuki@example.jp") -> None:
        self.claimant = accounts.Claimant(situation="nothing_left", email=email)
        self.client, self.reference = self.claimant.client, self.claimant.reference

    def url(self, name: str) -> str:
        return reverse(f"support_{name}", args=[self.reference])

    def get(self, name: str, query: str = "") -> str:
        answer = self.client.get(self.url(name) + query)
        assert answer.status_code == 200, answer
        return answer.text

    def put(self, data: bytes | None = None, name: str = "IMG.JPG", query: str = "?kind=licence&side=front") -> Any:
        return self.client.post(self.url("documents") + query, {"file": file(data, name)})

    def film(self, data: bytes = WEBM, name: str = "video.webm", token: str | None = None) -> Any:
        page = self.get("video")
        known = page.split('name="words" value="')[1].split('"')[0]
        upload = SimpleUploadedFile(name, data, "video/webm")
        return self.client.post(self.url("video"), {"words": known if token is None else token, "file": upload})


@pytest.fixture
def yuki() -> User:
    user = accounts.person("yuki", sheet=False)
    User.objects.update(language="en")
    user.refresh_from_db()
    return user


@pytest.fixture
def road(yuki: User) -> Road:
    return Road()


HOSTILE = {
    "nothing": (b"", "x.jpg", "The file is empty"),
    "too big": (b"\xff\xd8\xff" + b"\0" * RULES.file_bytes, "x.jpg", "larger than 12 MB"),
    "a drawing with a script": (files.SVG, "x.svg", "not a JPEG, PNG or PDF"),
    "a page before a photo": (b"<html>" + files.photo((700, 700)), "x.jpg", "not a JPEG, PNG or PDF"),
    "a PDF called a picture": (files.pdf(), "../../x.jpg", "another kind than its content"),
    "a virus": (b"\xff\xd8\xff" + files.EICAR, "x.jpg", "virus scanner"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_gets_a_clear_word_and_the_side_is_kept(what: str, road: Road, storage: Path) -> None:
    data, name, sentence = HOSTILE[what]
    answer = road.put(data, name, "?kind=licence&side=back")
    assert answer.status_code == 200
    assert sentence in answer.text
    assert "Back of the driving licence" in answer.text and "side=back" in answer.text
    assert stored(storage) == []


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (files.png_bomb(), "x.png", "more than 40 million pixels"),
        (files.locked_pdf(), "x.pdf", "protected by a password"),
        (files.photo((1000, 700))[:3000], "x.jpg", "damaged"),
        (files.photo((300, 300)), "x.jpg", "too small to read"),
    ],
)
def test_what_only_opening_shows_comes_back_with_its_reason(
    data: bytes, name: str, sentence: str, road: Road, storage: Path
) -> None:
    assert road.put(data, name).status_code == 302
    work()
    page = road.get("documents")
    assert sentence in page and "Take another photo" in page
    assert stored(storage) == []


def test_no_file_at_all_is_asked_for_by_name(road: Road) -> None:
    answer = road.client.post(road.url("documents") + "?kind=id_card", {})
    assert "Choose the picture." in answer.text
    assert "Front of the My Number card" in answer.text


def test_one_kind_shows_only_its_own_rules_and_a_my_number_card_never_its_back(road: Road) -> None:
    card = road.get("documents", "?kind=id_card&side=back")
    assert "Front of the My Number card" in card and "Never send the back" in card
    assert "organ donation" not in card and "passport" not in card.lower()
    assert "organ donation" in road.get("documents", "?kind=licence&side=back")
    assert "Never send the back" not in road.get("documents", "?kind=passport")


def test_a_file_never_lies_on_our_disk_in_clear(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    """Django writes what is larger than 2.5 MB to /tmp."""
    kept: list[object] = []
    complete = uploads.InMemory.file_complete
    monkeypatch.setattr(uploads.InMemory, "file_complete", lambda self, size: kept.append(size) or complete(self, size))
    big = files.photo((3000, 2400), quality=100)
    assert len(big) > 3_000_000
    assert road.put(big).status_code == 302
    assert kept == [len(big)]


def test_an_upload_without_the_token_of_its_page_is_refused(yuki: User) -> None:
    claimant = accounts.Claimant(situation="nothing_left", email="yuki@example.jp")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = claimant.client.cookies
    for name in ("support_documents", "support_video"):
        answer = strict.post(reverse(name, args=[claimant.reference]) + "?kind=passport", {"file": file()})
        assert answer.status_code == 403
    assert not Paper.objects.exists()


def test_of_two_files_in_one_form_the_first_is_taken(road: Road) -> None:
    answer = road.client.post(road.url("documents") + "?kind=passport", {"file": [file(), file(name="b.jpg")]})
    assert answer.status_code == 302
    assert Paper.objects.count() == 1


def test_more_files_than_the_quota_are_refused_with_a_time(road: Road) -> None:
    for _ in range(RULES.files_per_window):
        assert road.put(files.photo((600, 600))).status_code == 302
    answer = road.put(files.photo((600, 600)))
    assert "The next one can be sent at" in answer.text
    assert "Front of the driving licence" in answer.text


def test_from_nothing_left_to_the_queue_every_step_is_said(road: Road, yuki: User) -> None:
    on_file(yuki)
    assert "Come back with identity papers" in road.claimant.page()
    assert "Come back with your papers" in road.get("case")
    assert "Which document" in road.get("documents")
    road.put()
    assert "We are opening it" in road.get("documents") and "data-reload" in road.get("documents")
    work()
    assert "Go on: Back of the driving licence" in road.get("documents")
    road.put(query="?kind=licence&side=back")
    work()
    page = road.get("documents")
    assert "Can everything be read?" in page
    picture = road.client.get(page.split('<img src="')[1].split('"')[0])
    assert picture.content.startswith(b"\xff\xd8\xff") and picture.headers["Content-Type"] == "image/jpeg"
    assert picture.headers["Cache-Control"] == "no-store" and picture.headers["X-Content-Type-Options"] == "nosniff"
    assert road.client.post(road.url("documents"), {"send": "1"}).headers["Location"] == road.url("video")
    assert "Now the video" in road.get("case")
    video = road.client.get(road.url("video"))
    assert road.reference in video.text
    assert "microphone=(self)" in video.headers["Permissions-Policy"]
    assert "media-src 'self' blob:" in video.headers["Content-Security-Policy"]
    assert "microphone=()" in road.client.get(road.url("case")).headers["Permissions-Policy"]
    road.film()
    assert "We are opening what you sent" in road.get("case")
    work()
    for page in (road.get("case"), road.claimant.page()):
        assert "Place 1 in the queue" in page and "First look by" in page
    assert len(Paper.objects.get(document="video").words.split()) == words.COUNT
    assert road.client.get(road.url("documents")).status_code == 302, "people have them now"
    Review.objects.update(asked_again_at=clock.now())
    assert "One thing is needed again" in road.get("case") and "Your turn" in road.claimant.page()


def test_the_place_in_the_queue_is_the_truth(road: Road, yuki: User) -> None:
    on_file(yuki)
    other = accounts.person("taro", phones=("+819099998888",), sheet=False)
    long_ago = clock.now() - timedelta(hours=5)
    Review.objects.create(what="filing", user=other, queued_at=long_ago, promised_at=long_ago, needs=1)
    road.put(), road.put(query="?kind=licence&side=back")
    work()
    road.client.post(road.url("documents"), {"send": "1"})
    road.film()
    work()
    assert "Place 2 in the queue" in road.get("case")


def test_what_opens_nothing_gets_the_one_neutral_answer(road: Road, storage: Path) -> None:
    for side in ("front", "back"):
        road.put(query=f"?kind=licence&side={side}")
    work()
    road.client.post(road.url("documents"), {"send": "1"})
    road.film()
    work()
    page = road.get("case")
    assert "These papers opened nothing" in page and "Nobody looked at the papers" in page
    assert stored(storage) == []
    assert "Shown: identity" not in road.claimant.page()


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (b"MZ\x90\x00", "video.mp4", "not a WebM or MP4"),
        (WEBM, "video.mp4", "not a WebM or MP4"),
        (files.photo(), "video.webm", "not a WebM or MP4"),
        (b"", "video.webm", "The file is empty"),
    ],
)
def test_what_is_no_video_is_refused_and_the_words_are_kept(data: bytes, name: str, sentence: str, road: Road) -> None:
    before = road.get("video")
    token = before.split('name="words" value="')[1].split('"')[0]
    spoken = before.split('class="spoken-words"')[1].split("</p>")[0]
    answer = road.film(data, name, token)
    assert sentence in answer.text
    assert spoken in answer.text


def test_the_words_are_old_after_a_quarter_of_an_hour_and_fit_one_case_only(road: Road) -> None:
    said, token = words.fresh(road.reference, "en")
    assert words.said(road.reference, token) is not None
    assert words.said("MD-7K3M-9QX2", token) is None
    assert words.said(road.reference, "k1.forged") is None
    with time_machine.travel(clock.now() + RULES.video_words_life + timedelta(seconds=1), tick=False):
        answer = road.film(token=token)
        assert "The words on the page are too old" in answer.text
    assert not Paper.objects.exists()


def test_a_claim_that_is_over_takes_nothing_more(road: Road) -> None:
    cases.cancel(road.claimant.case, CTX)
    assert road.client.get(road.url("documents")).headers["Location"] == road.url("case")
    assert "Papers are not needed now" in road.get("case")


def test_somebody_elses_picture_does_not_exist(road: Road, yuki: User) -> None:
    road.put()
    work()
    paper = Paper.objects.get()
    other = Road("nobody@example.jp")
    assert other.client.get(reverse("support_page", args=[other.reference, paper.pk, 1])).status_code == 404
    assert road.client.get(reverse("support_page", args=[road.reference, paper.pk, 2])).status_code == 404
    Paper.objects.update(handed_at=clock.now())
    assert road.client.get(reverse("support_page", args=[road.reference, paper.pk, 1])).status_code == 404


# The owner's page


@pytest.fixture
def at_home(yuki: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    app = Verified(Kind.TOTP, yuki.totps.get().means_id)
    sign_in(client, yuki, Verified(Kind.PASSWORD, "password"), app)
    for deed in ("file_identity", "remove_authenticator"):
        step_up(client, app, deed)
    return client


def test_what_is_on_file_is_said_without_the_whole_number(at_home: Client, yuki: User) -> None:
    assert "No identity is on file" in at_home.get(reverse("identity")).text
    on_file(yuki)
    page = at_home.get(reverse("identity")).text
    assert "髙橋 ゆき" in page and "•••• 567" in page and "passed it on to us" in page
    assert ATTRIBUTES["number"] not in page and ATTRIBUTES["born"] not in page


def test_papers_are_put_on_file_from_the_account_and_everything_about_them_is_told(at_home: Client, yuki: User) -> None:
    here = reverse("identity_documents")
    assert at_home.post(f"{here}?kind=passport", {"file": file()}).status_code == 302
    work()
    assert "Look at what came out" in at_home.get(reverse("identity")).text
    assert at_home.post(here, {"send": "1"}).headers["Location"] == reverse("identity")
    work()
    page = at_home.get(reverse("identity")).text
    assert "Place 1 in the queue" in page and "First look by" in page
    assert "Identity papers were sent to our people" in page and "Destroyed at the latest on" in page
    assert "No identity is on file" in page or "Your papers are with our people" in page
    assert not Identity.objects.exists()


def test_filed_papers_show_their_probation_and_are_removed_by_their_owner(at_home: Client, yuki: User) -> None:
    identity.put_on_file(yuki, ATTRIBUTES, ctx=CTX)
    assert "It counts in a recovery 30 days after" in at_home.get(reverse("identity")).text
    assert "Remove the identity on file?" in at_home.get(reverse("identity_remove")).text
    answer = at_home.post(reverse("identity_remove"))
    assert answer.headers["Location"] == reverse("identity")
    assert identity.on_file(yuki) is None
    assert Change.objects.filter(what="identity.removed").exists()
    assert SecurityEvent.objects.filter(user=yuki, type="identity.removed").exists()
    changes.undo(yuki, ctx=CTX)


def test_a_destroyed_paper_is_shown_with_its_proof(at_home: Client, yuki: User) -> None:
    folder = folders.of_account(yuki)
    put(folder, "passport")
    put(folder, "passport")
    page = at_home.get(reverse("identity")).text
    assert "Another one took its place." in page
    gone = Paper.objects.get(destroyed_why="replaced")
    assert len(gone.destroyed_digest) == 64 and gone.destroyed_digest[:16] in page
