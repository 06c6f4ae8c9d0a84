"""People with papers, and what they do with them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts import clock
from accounts.context import ActorContext
from accounts.models import Identity, User
from recovery.models import Case
from support import folders
from support.folders import Folder
from support.models import Document, Paper
from support.services import papers, reviewing
from support.services.papers import Upload
from tests.support import files

CTX = ActorContext("claimant", network="198.51.100.0")
ATTRIBUTES = {"family": "髙橋", "given": "ゆき", "born": "1990-05-04", "document": "licence", "number": "TK1234567"}
WEBM = (
    b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x84webm"
    + b"v" * 5000
)


def stored(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def on_file(user: User) -> Identity:
    """Identity that the host platform imported long ago."""
    long_ago = clock.now() - timedelta(days=300)
    row = Identity.objects.create(user=user, source="host", bound_at=long_ago, confirmed_at=long_ago)
    row.set_attributes(ATTRIBUTES)
    row.save()
    return row


def put(folder: Folder, document: str = "licence", side: str = "front", **upload: Any) -> Any:
    """One file, as the page hands it on."""
    data = upload.pop("data", None) or (WEBM if document == Document.VIDEO else files.photo())
    name = upload.pop("name", "IMG_0001.JPG" if document != Document.VIDEO else "video.webm")
    return papers.receive(folder, document, side, Upload(data, name), upload.pop("ctx", CTX), **upload)


def work() -> None:
    """What a worker does with everything that waits."""
    for paper in Paper.objects.filter(state=Paper.State.RECEIVED, destroyed_at=None):
        papers.check(str(paper.pk))
    for paper in Paper.objects.filter(handed_at=None, destroyed_at=None):
        reviewing.resolve(str(paper.pk))


def everything(case: Case) -> None:
    """Both sides, the look at them, the video, and the worker."""
    folder = folders.of_claim(case)
    put(folder, side="front")
    put(folder, side="back")
    work()
    assert papers.send(folder)
    put(folder, Document.VIDEO, "", words="ひまわり みかん ろうそく")
    work()


def file(data: bytes | None = None, name: str = "IMG_0001.JPG") -> SimpleUploadedFile:
    """A file field of a form."""
    return SimpleUploadedFile(name, files.photo() if data is None else data, "image/jpeg")
