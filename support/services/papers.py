"""Papers: received from a stranger, opened by a worker in a box, sent on, destroyed on their day with proof."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from accounts import bell, clock, events, throttling
from accounts.context import ActorContext, system
from accounts.errors import Refused, Why
from accounts.models import User
from policy.rules import RULES
from recovery.services import claims
from support import vault
from support.evidence.faults import Fault
from support.evidence.reading import MOST_PAGES, read
from support.evidence.sniff import Kind, sniff, sniff_video
from support.folders import Folder
from support.models import Document, Paper

#: A worker that has had a paper for longer than this has died with it.
LEASE = timedelta(minutes=5)
#: So long the bell has the word alone; then the sweep looks too.
RINGS = timedelta(seconds=20)
TRIES = 3
PARTS = ["came", *(str(number) for number in range(1, MOST_PAGES + 1))]
_BATCH = 50


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came, in memory."""

    data: bytes
    name: str


def receive(
    folder: Folder,
    document: str,
    side: str,
    upload: Upload,
    ctx: ActorContext,
    **about: Any,
) -> Paper | Refused | Fault:
    """Take a file: known by its first bytes, sealed at once, handed to a worker. `about` a video: words, live.

    Alike for a claim of somebody and of nobody: no account is read (product §6). Attacks stopped: uploads without end
    (CWE-770) and files that are not what they say (CWE-434).
    """
    if not folder.is_open(folder.review()):
        return Refused(Why.STATE)
    by_network = throttling.charge(("papers.network", ctx.network))
    if not by_network:
        return Refused(Why.THROTTLED, until=by_network.until)
    by_folder = throttling.charge(_limit(folder))
    if not by_folder:
        return Refused(Why.THROTTLED, until=by_folder.until)
    look = sniff_video if document == Document.VIDEO else sniff
    kind = look(upload.data, upload.name)
    if isinstance(kind, Fault):
        by_folder.refund()
        return kind
    paper = _row(folder, ctx, document=document, side=side, kind=str(kind), **about)
    vault.put(paper.pk, "came", upload.data)
    bell.ring("support.check_paper", str(paper.pk))
    return paper


def _limit(folder: Folder) -> tuple[str, str]:
    if folder.case is not None:
        return ("papers.claim", folder.case.reference)
    return ("papers.account", str(folder.owner.pk if folder.owner else ""))


def _row(folder: Folder, ctx: ActorContext, **columns: Any) -> Paper:
    """The row before the file, so that no file is ever without one; what it takes the place of is destroyed."""
    now = clock.now()
    due = now + (RULES.papers_unseen_kept if folder.case is not None else RULES.papers_undecided_kept)
    replaced = Q(document=columns["document"], side=columns["side"])
    if columns["document"] != Document.VIDEO:
        replaced |= ~Q(document__in=[columns["document"], Document.VIDEO])
    old = list(folder.rows().filter(replaced))
    with transaction.atomic():
        paper = Paper.objects.create(**folder.mine, **columns, received_at=now, destroy_at=due)
        if folder.case is not None:
            claims.keep(folder.case.reference, due)
        events.record("paper.received", folder.owner, ctx, paper=str(paper.pk), document=paper.document)
    for one in old:
        destroy(one, "replaced")
    return paper


def send(folder: Folder) -> bool:
    """The person has looked at what we drew and sends it. False when a side is missing or not checked yet."""
    shown = folder.shown()
    if not shown.complete or not folder.is_open(folder.review()):
        return False
    keys = [row.pk for row in shown.papers]
    with transaction.atomic():
        Paper.objects.filter(pk__in=keys, sent_at=None).update(sent_at=clock.now())
        bell.ring("support.resolve_papers", str(keys[0]))
    return True


def take_back(folder: Folder) -> None:
    """The person begins anew with another document: what was put in before is destroyed."""
    if folder.is_open(folder.review()):
        for paper in folder.rows():
            destroy(paper, "replaced")


# The worker's half


def check(paper_id: str) -> None:
    """Open a paper in the box and keep fresh pages of it, or refuse it with a word. Once, however often called."""
    now = clock.now()
    free = Q(checking_at=None) | Q(checking_at__lte=now - LEASE)
    rows = Paper.objects.filter(free, pk=paper_id, state=Paper.State.RECEIVED, destroyed_at=None)
    if not rows.update(checking_at=now, tries=F("tries") + 1):
        return
    paper = Paper.objects.select_related("user").get(pk=paper_id)
    if paper.tries > TRIES:  # parked: whatever it is, it has cost enough
        _refuse(paper, Fault.BROKEN)
        return
    try:
        came = vault.get(paper.pk, "came")
    except FileNotFoundError:  # not stored yet, or never: the sweep comes again
        Paper.objects.filter(pk=paper.pk).update(checking_at=None)
        return
    pages = _pages(paper, came)
    if isinstance(pages, Fault):
        _refuse(paper, pages)
    else:
        _keep(paper, pages)


def _pages(paper: Paper, came: bytes) -> list[bytes] | Fault:
    """A document drawn anew; a video as it came, for no machine of ours opens videos yet."""
    if paper.document == Document.VIDEO:
        return [came]
    found = read(came, Kind(paper.kind))
    return found if isinstance(found, Fault) else [page.jpeg for page in found]


def _keep(paper: Paper, pages: list[bytes]) -> None:
    for number, page in enumerate(pages, 1):
        vault.put(paper.pk, str(number), page)
    with transaction.atomic():
        moved = Paper.objects.filter(pk=paper.pk, state=Paper.State.RECEIVED, destroyed_at=None).update(
            state=Paper.State.CHECKED, pages=len(pages), checked_at=clock.now()
        )
        if moved:
            events.record("paper.checked", paper.user, system("evidence"), paper=str(paper.pk))
            bell.ring("support.resolve_papers", str(paper.pk))
    if moved:
        vault.destroy(paper.pk, ["came"])
    elif Paper.objects.filter(pk=paper.pk, destroyed_at__isnull=False).exists():
        vault.destroy(paper.pk, PARTS)  # it was destroyed while it lay open


def _refuse(paper: Paper, fault: Fault) -> None:
    with transaction.atomic():
        moved = Paper.objects.filter(pk=paper.pk, state=Paper.State.RECEIVED, destroyed_at=None).update(
            state=Paper.State.REFUSED, fault=fault.value, checked_at=clock.now()
        )
        if moved:
            events.record("paper.refused", paper.user, system("evidence"), paper=str(paper.pk), fault=fault.value)
    if moved:
        destroy(paper, "refused")


# The end of papers


def keep_until(papers: Iterable[Paper], moment: datetime) -> None:
    """People have decided, or will: keep these papers until then and no longer."""
    Paper.objects.filter(pk__in=[paper.pk for paper in papers], destroyed_at=None).update(destroy_at=moment)


def destroy(paper: Paper, why: str) -> None:
    """Delete the bytes of a paper and keep the proof: the digest of what lay there. Idempotent; a crash is mended.

    First the row says that it is gone, so that nobody opens it any more; the proof is written once it is (ASVS 14.2.7).
    """
    Paper.objects.filter(pk=paper.pk, destroyed_at=None).update(destroyed_at=clock.now(), destroyed_why=why)
    digest = vault.destroy(paper.pk, PARTS)
    with transaction.atomic():
        if not Paper.objects.filter(pk=paper.pk, destroyed_digest="").update(destroyed_digest=digest):
            return
        Paper.objects.filter(pk=paper.pk).exclude(state=Paper.State.REFUSED).update(state=Paper.State.DESTROYED)
        owner = User.objects.filter(pk=paper.user_id).first() if paper.user_id else None
        events.record("paper.destroyed", owner, system("evidence"), paper=str(paper.pk), why=why, digest=digest)


def forget(user: User) -> None:
    """Of an account that is erased nothing is kept to look at. Hung into accounts.registries."""
    for paper in Paper.objects.filter(user=user, destroyed_at=None):
        destroy(paper, "erased")


def sweep(now: datetime) -> int:
    """Check what the bell missed, destroy what is due, finish what a crash left half destroyed."""
    unheard = Paper.objects.filter(state=Paper.State.RECEIVED, destroyed_at=None, received_at__lte=now - RINGS)
    waiting = list(unheard.order_by("received_at").values_list("pk", flat=True)[:_BATCH])
    for key in waiting:
        check(str(key))
    half = Q(destroyed_digest="", destroyed_at__lte=now - LEASE)
    due = list(Paper.objects.filter(Q(destroyed_at=None, destroy_at__lte=now) | half).order_by("destroy_at")[:_BATCH])
    for paper in due:
        destroy(paper, paper.destroyed_why or "due")
    return len(waiting) + len(due)
