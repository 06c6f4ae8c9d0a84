"""Papers from the upload to the people or to nothing: opened once, gone on their day with proof."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import connection

from accounts import clock
from accounts.errors import Refused, Why
from accounts.models import Change, Identity, OutboxMessage, SecurityEvent, User
from accounts.services import changes, identity
from policy.rules import RULES
from recovery.models import Case
from recovery.services import cases, review
from support import folders, tasks, vault
from support.evidence import reading
from support.evidence.faults import Fault
from support.models import Paper, Review
from support.services import papers, reviewing
from tests.recovery import people as accounts
from tests.support import files
from tests.support.people import ATTRIBUTES, CTX, WEBM, everything, on_file, put, stored, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage")]


@pytest.fixture
def yuki() -> User:
    return accounts.person("yuki", sheet=False)


@pytest.fixture
def claim(yuki: User) -> Case:
    return accounts.Claimant(situation="nothing_left", email="yuki@example.jp").case


@pytest.fixture
def nobody(yuki: User) -> Case:
    return accounts.Claimant(situation="nothing_left", email="nobody@example.jp").case


def test_what_came_is_sealed_at_once_and_drawn_anew_by_the_worker(claim: Case, storage: Path) -> None:
    paper = put(folders.of_claim(claim), data=files.with_place())
    assert (paper.state, paper.kind, paper.user) == ("received", "jpeg", None)
    (sealed,) = stored(storage)
    assert b"hanako" not in sealed.read_bytes()
    assert b"\xff\xd8\xff" not in sealed.read_bytes()
    tasks.check_paper(str(paper.pk))
    paper.refresh_from_db()
    assert (paper.state, paper.pages) == ("checked", 1)
    assert vault.get(paper.pk, "1").startswith(b"\xff\xd8\xff")
    with pytest.raises(FileNotFoundError):
        vault.get(paper.pk, "came")


def test_two_workers_open_one_paper_once(claim: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    paper = put(folders.of_claim(claim))
    opened = []

    def second_worker(*words: object, **more: object) -> object:
        opened.append(1)
        papers.check(str(paper.pk))
        return reading.read(*words, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(papers, "read", second_worker)
    papers.check(str(paper.pk))
    papers.check(str(paper.pk))
    assert opened == [1]
    assert SecurityEvent.objects.filter(type="paper.checked").count() == 1


def test_a_worker_that_died_loses_nothing_and_three_deaths_end_it(claim: Case, storage: Path) -> None:
    paper = put(folders.of_claim(claim))
    for _ in range(papers.TRIES):
        Paper.objects.filter(pk=paper.pk).update(checking_at=clock.now(), tries=papers.TRIES - 1)
        assert papers.sweep(clock.now() + timedelta(minutes=1)) == 1
        paper.refresh_from_db()
        assert paper.state == "received", "another worker has it"
    with time_machine.travel(clock.now() + papers.LEASE, tick=False):
        papers.sweep(clock.now())
        paper.refresh_from_db()
        assert paper.state == "checked"
    other = put(folders.of_claim(claim), side="back")
    Paper.objects.filter(pk=other.pk).update(tries=papers.TRIES)
    papers.check(str(other.pk))
    other.refresh_from_db()
    assert (other.state, other.fault, other.destroyed_why) == ("refused", "broken", "refused")
    assert len(stored(storage)) == 1


def test_a_decoder_that_crashes_refuses_the_file_and_the_worker_lives(
    claim: Case, monkeypatch: pytest.MonkeyPatch, storage: Path
) -> None:
    paper = put(folders.of_claim(claim))
    monkeypatch.setattr(reading.sys, "executable", "/bin/false")
    papers.check(str(paper.pk))
    paper.refresh_from_db()
    assert (paper.state, paper.fault) == ("refused", "broken")
    assert stored(storage) == []


@pytest.mark.parametrize(
    ("data", "name", "fault"),
    [(files.SVG, "x.svg", Fault.WRONG_KIND), (files.pdf(), "x.jpg", Fault.NAME_DIFFERS), (b"", "x.jpg", Fault.EMPTY)],
)
def test_what_is_no_picture_is_refused_before_anything_is_stored(
    claim: Case, data: bytes, name: str, fault: Fault, storage: Path
) -> None:
    upload = papers.Upload(data, name)
    for _ in range(RULES.files_per_window + 1):  # and costs nothing of the few files a claim has
        assert papers.receive(folders.of_claim(claim), "licence", "front", upload, CTX) is fault
    assert stored(storage) == []
    assert not Paper.objects.exists()


def test_a_claim_has_five_files_and_a_network_has_four_times_as_many(claim: Case, nobody: Case) -> None:
    for _ in range(RULES.files_per_window):
        assert isinstance(put(folders.of_claim(claim)), Paper)
    refused = put(folders.of_claim(claim))
    assert isinstance(refused, Refused)
    assert refused.why is Why.THROTTLED and refused.until is not None
    assert isinstance(put(folders.of_claim(nobody)), Paper)
    for _ in range(4 * RULES.files_per_window):
        put(folders.of_claim(nobody))
    assert isinstance(put(folders.of_account(nobody.user or User.objects.get())), Refused)


def test_papers_and_video_of_somebody_on_file_enter_the_queue(claim: Case, yuki: User) -> None:
    on_file(yuki)
    everything(claim)
    claim.refresh_from_db()
    assert claim.state == "in_review"
    queued = Review.objects.get()
    assert (queued.user, queued.case_reference, queued.needs) == (yuki, claim.reference, 2)
    assert timedelta() <= clock.now() + RULES.first_look_promised - queued.promised_at < timedelta(minutes=1)
    assert {row.user for row in Paper.objects.all()} == {yuki}
    assert min(row.destroy_at for row in Paper.objects.all()) > clock.now() + timedelta(days=89)


@pytest.mark.parametrize("who", ["nobody", "claim"])
def test_what_opens_nothing_is_destroyed_unseen(who: str, request: pytest.FixtureRequest, storage: Path) -> None:
    case = request.getfixturevalue(who)
    everything(case)
    case.refresh_from_db()
    assert (case.state, case.proofs.count(), case.suffices_at) == ("opened", 0, None)
    assert not Review.objects.exists()
    assert stored(storage) == []
    assert {row.destroyed_why for row in Paper.objects.all()} == {"unseen"}
    assert folders.of_claim(case).refused_unseen()


def test_identity_on_file_beside_a_quicker_road_tells_nothing(claim: Case, yuki: User) -> None:
    """Papers without enough beside them leave no trace on the page of a claim."""
    on_file(yuki)
    assert not review.submit(claim, CTX, with_video=False)
    assert claim.proofs.count() == 0


def test_a_claim_lives_as_long_as_its_papers(nobody: Case) -> None:
    with time_machine.travel(nobody.expires_at - timedelta(minutes=5), tick=False):
        put(folders.of_claim(nobody))
        cases.sweep()
    with time_machine.travel(nobody.expires_at + timedelta(minutes=50), tick=False):
        cases.sweep()
        nobody.refresh_from_db()
        assert nobody.state == "opened"
        assert isinstance(put(folders.of_claim(nobody), side="back"), Paper)


def test_papers_nobody_sent_on_are_gone_within_the_hour(claim: Case, yuki: User, storage: Path) -> None:
    on_file(yuki)
    put(folders.of_claim(claim))
    work()
    with time_machine.travel(clock.now() + RULES.papers_unseen_kept, tick=False):
        tasks.sweep_papers()
    assert stored(storage) == []
    assert Paper.objects.get().destroyed_why == "due"


def test_papers_go_on_their_day_with_a_proof(claim: Case, yuki: User, storage: Path) -> None:
    on_file(yuki)
    everything(claim)
    papers.keep_until(Paper.objects.all(), clock.now() + RULES.papers_kept)
    lying = {hashlib.sha256(path.read_bytes()).hexdigest() for path in stored(storage)}
    with time_machine.travel(clock.now() + RULES.papers_kept - timedelta(minutes=1), tick=False):
        papers.sweep(clock.now())
        assert len(stored(storage)) == 3
    with time_machine.travel(clock.now() + RULES.papers_kept, tick=False):
        papers.sweep(clock.now())
    assert stored(storage) == []
    assert {row.destroyed_digest for row in Paper.objects.all()} == lying
    told = SecurityEvent.objects.filter(user=yuki, type="paper.destroyed")
    assert {event.data["digest"] for event in told} == lying


def test_a_crash_half_way_through_destroying_is_mended(claim: Case, storage: Path) -> None:
    paper = put(folders.of_claim(claim))
    Paper.objects.filter(pk=paper.pk).update(destroyed_at=clock.now(), destroyed_why="due")
    papers.sweep(clock.now() + papers.LEASE)
    paper.refresh_from_db()
    assert stored(storage) == []
    assert paper.destroyed_digest and paper.state == "destroyed"


def test_a_paper_destroyed_while_it_lay_open_leaves_no_page(
    claim: Case, monkeypatch: pytest.MonkeyPatch, storage: Path
) -> None:
    paper = put(folders.of_claim(claim))

    def meanwhile(*words: object, **more: object) -> object:
        pages = reading.read(*words, **more)  # type: ignore[arg-type]
        papers.destroy(Paper.objects.get(pk=paper.pk), "replaced")
        return pages

    monkeypatch.setattr(papers, "read", meanwhile)
    papers.check(str(paper.pk))
    assert stored(storage) == []
    assert Paper.objects.get().state == "destroyed"


def test_another_photo_of_a_side_and_another_document_take_the_place_of_the_first(claim: Case, storage: Path) -> None:
    folder = folders.of_claim(claim)
    first, again = put(folder), put(folder)
    passport = put(folder, "passport")
    assert [str(row.pk) for row in folder.rows()] == [str(passport.pk)]
    assert len(stored(storage)) == 1
    assert Paper.objects.get(pk=first.pk).destroyed_why == Paper.objects.get(pk=again.pk).destroyed_why == "replaced"


def test_what_the_bell_missed_the_sweep_finds(claim: Case, yuki: User) -> None:
    on_file(yuki)
    folder = folders.of_claim(claim)
    for side in ("front", "back"):
        put(folder, side=side)
    put(folder, "video", "", words="a b c")
    with time_machine.travel(clock.now() + papers.RINGS, tick=False):
        tasks.sweep_papers()
        assert papers.send(folder)
        tasks.sweep_papers()
    assert Review.objects.count() == 1


def test_papers_filed_from_a_session_wait_for_people_and_are_on_file_only_then(yuki: User) -> None:
    folder = folders.of_account(yuki)
    put(folder, "passport")
    assert not papers.send(folder), "not before the person could look at it"
    work()
    assert papers.send(folder)
    work()
    queued = Review.objects.get()
    assert (queued.what, queued.needs, queued.user) == ("filing", 1, yuki)
    assert not Identity.objects.exists()
    assert isinstance(put(folder, "passport"), Refused), "people look at it now"
    Review.objects.update(asked_again_at=clock.now())
    put(folder, "passport")
    work()
    assert papers.send(folder)
    work()
    assert Review.objects.get().asked_again_at is None


def test_a_case_that_ends_closes_its_review_and_one_given_back_is_queued_again(claim: Case, yuki: User) -> None:
    on_file(yuki)
    everything(claim)
    Review.objects.update(decided_at=clock.now(), outcome="approved")
    reviewing.sweep(clock.now())
    assert Review.objects.waiting().count() == 1
    claim.refresh_from_db()
    cases.cancel(claim, CTX)
    reviewing.sweep(clock.now())
    assert Review.objects.get(outcome="closed").decided_at is not None
    assert max(row.destroy_at for row in Paper.objects.all()) <= clock.now() + RULES.papers_kept


def test_identity_filed_in_a_session_is_on_probation_and_the_older_one_still_counts(claim: Case, yuki: User) -> None:
    old = on_file(yuki)
    new = identity.put_on_file(yuki, ATTRIBUTES | {"number": "ZZ7654321"}, ctx=CTX)
    change = Change.objects.get()
    assert (change.what, change.wait) == ("identity.added", RULES.identity_probation)
    assert OutboxMessage.objects.filter(kind="notices/identity_added", user=yuki).exists()
    assert identity.on_file(yuki) == new
    everything(claim)
    assert [row.means_id for row in Case.objects.get(pk=claim.pk).proofs.all()] == [old.means_id]


def test_a_not_me_takes_filed_papers_back(yuki: User) -> None:
    old = on_file(yuki)
    new = identity.put_on_file(yuki, ATTRIBUTES, ctx=CTX)
    assert [change.what for change in changes.undo(yuki, ctx=CTX)] == ["identity.added"]
    new.refresh_from_db()
    assert new.revoked_at is not None
    assert identity.on_file(yuki) == old


def test_papers_count_after_their_probation_and_replace_the_older(yuki: User, claim: Case) -> None:
    old = on_file(yuki)
    new = identity.put_on_file(yuki, ATTRIBUTES, ctx=CTX)
    OutboxMessage.objects.update(status="sent", sent_at=clock.now())
    changes.settle(Change.objects.get().pk)
    with time_machine.travel(clock.now() + RULES.identity_probation + timedelta(minutes=1), tick=False):
        changes.complete_due(clock.now())
        old.refresh_from_db()
        assert old.revoked_at is not None
        later = accounts.Claimant(situation="nothing_left", email="yuki@example.jp").case
        everything(later)
        assert [row.means_id for row in later.proofs.all()] == [new.means_id]


def test_no_dump_of_database_or_storage_tells_anything(claim: Case, yuki: User, storage: Path) -> None:
    on_file(yuki)
    identity.put_on_file(yuki, ATTRIBUTES | {"number": "ZZ7654321", "born": "1991-02-03"}, ctx=CTX)
    folder = folders.of_claim(claim)
    put(folder, data=files.with_place(), name="yuki-takahashi-TK1234567.jpg")
    put(folder, side="back", data=files.pdf(), name="scan.pdf")
    put(folder, "video", "", words="a b c")
    work()
    secrets = [value for key, value in ATTRIBUTES.items() if key != "document"] + ["ZZ7654321", "1991-02-03"]
    dump = "\n".join(connection.connection.iterdump()).encode()
    lying = b"".join(str(path).encode() + path.read_bytes() for path in stored(storage))
    assert len(dump) > 10_000 and len(stored(storage)) == 3
    for place in (dump, lying):
        for secret in secrets:
            assert secret.encode() not in place
        for head in (b"\xff\xd8\xff", b"JFIF", b"%PDF", WEBM[:4], b"takahashi", b"hanako at home"):
            assert head not in place
