"""Papers as they come: good ones are drawn anew, bad ones get a clear word, and no worker dies of one."""

from __future__ import annotations

import io

import pytest
from django.utils import translation
from PIL import Image

from policy.rules import RULES
from support.evidence import reading
from support.evidence.faults import SENTENCES, Fault
from support.evidence.reading import Page, read
from support.evidence.sniff import Kind, sniff
from tests.support import files


def taken(data: bytes, name: str) -> list[Page] | Fault:
    """Both steps, as the pipeline runs them."""
    kind = sniff(data, name)
    return kind if isinstance(kind, Fault) else read(data, kind)


@pytest.mark.parametrize(
    ("data", "name", "size"),
    [
        (files.photo(), "passport.jpg", (1000, 700)),
        (files.photo(), "PASSPORT.JPEG", (1000, 700)),
        (files.photo(kind="PNG"), "../../passport.png", (1000, 700)),
        (files.pdf(), "scan.pdf", (1112, 834)),
    ],
)
def test_a_good_file_comes_back_as_fresh_pages(data: bytes, name: str, size: tuple[int, int]) -> None:
    pages = taken(data, name)
    assert isinstance(pages, list)
    assert [(page.width, page.height) for page in pages] == [size]
    assert Image.open(io.BytesIO(pages[0].jpeg), formats=["JPEG"]).size == size


HOSTILE = {
    "nothing": (b"", "passport.jpg", Fault.EMPTY),
    "too many bytes": (b"\xff\xd8\xff" + b"\0" * RULES.file_bytes, "passport.jpg", Fault.TOO_BIG),
    "a drawing with a script": (files.SVG, "passport.svg", Fault.WRONG_KIND),
    "a drawing that says it is a photo": (files.SVG, "passport.jpg", Fault.WRONG_KIND),
    "a page before a photo": (b"<html>" + files.photo(), "passport.jpg", Fault.WRONG_KIND),
    "a PDF behind other bytes": (b"GIF89a" + files.pdf(), "scan.pdf", Fault.WRONG_KIND),
    "a picture called a PDF": (files.photo(), "passport.pdf", Fault.NAME_DIFFERS),
    "a PDF called a picture": (files.pdf(), "passport.jpg", Fault.NAME_DIFFERS),
    "no ending": (files.photo(), "passport", Fault.NAME_DIFFERS),
    "two endings": (files.photo(), "passport.jpg.exe", Fault.NAME_DIFFERS),
    "the virus everybody knows": (files.EICAR, "passport.jpg", Fault.MALWARE),
    "the same behind a photo": (files.photo() + files.EICAR, "passport.jpg", Fault.MALWARE),
    "a bomb": (files.png_bomb(), "passport.png", Fault.TOO_MANY_PIXELS),
    "a bomb as large as allowed to say": (files.png_bomb(6000, 6000), "passport.png", Fault.BROKEN),
    "half a photo": (files.photo()[:9000], "passport.jpg", Fault.BROKEN),
    "only a beginning": (b"\xff\xd8\xff", "passport.jpg", Fault.BROKEN),
    "a stamp": (files.photo((300, 200)), "passport.jpg", Fault.TOO_SMALL),
    "a locked PDF": (files.locked_pdf(), "scan.pdf", Fault.ENCRYPTED),
    "a book": (files.pdf(5), "scan.pdf", Fault.TOO_MANY_PAGES),
    "a page as large as a house": (files.pdf(box="0 0 14000 14000"), "scan.pdf", Fault.TOO_MANY_PIXELS),
    "a PDF without an end": (files.pdf()[:40], "scan.pdf", Fault.BROKEN),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_gets_a_clear_word(what: str) -> None:
    data, name, fault = HOSTILE[what]
    assert taken(data, name) is fault


def test_every_fault_has_a_sentence_in_both_languages() -> None:
    assert set(SENTENCES) == set(Fault)
    for sentence in SENTENCES.values():
        with translation.override("en"):
            english = str(sentence)
        with translation.override("ja"):
            assert str(sentence) != english


def test_what_metadata_told_is_gone_and_the_picture_stands_upright() -> None:
    pages = taken(files.with_place(), "passport.jpg")
    assert isinstance(pages, list)
    assert (pages[0].width, pages[0].height) == (700, 1000)
    fresh = Image.open(io.BytesIO(pages[0].jpeg))
    assert not fresh.getexif()
    assert "icc_profile" not in fresh.info
    for told in (b"hanako", b"a note inside", b"a profile", b"Exif"):
        assert told not in pages[0].jpeg


def test_an_archive_behind_a_photo_is_left_behind() -> None:
    pages = taken(files.with_archive(), "passport.jpg")
    assert isinstance(pages, list)
    assert b"PK\x03\x04" not in pages[0].jpeg
    assert b"cron.d" not in pages[0].jpeg


def test_scripts_and_attachments_of_a_pdf_are_left_behind() -> None:
    script = "/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>"
    pages = taken(files.pdf(extra=script), "scan.pdf")
    assert isinstance(pages, list)
    assert b"JavaScript" not in pages[0].jpeg


def test_a_file_that_takes_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PATIENCE", 0.01)
    assert read(files.photo(), Kind.JPEG) is Fault.TOO_SLOW


def test_a_decoder_that_crashes_takes_no_worker_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading.sys, "executable", "/bin/false")
    assert read(files.photo(), Kind.JPEG) is Fault.BROKEN


def test_the_box_holds_no_key_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, object] = {}
    run = reading.subprocess.run

    def looking(*words: object, **more: object) -> object:
        seen.update(more["env"])  # type: ignore[call-overload]
        return run(*words, **more)  # type: ignore[call-overload]

    monkeypatch.setenv("ENCRYPTION_KEYS", "k1:secret")
    monkeypatch.setattr(reading.subprocess, "run", looking)
    read(files.photo(), Kind.JPEG)
    assert set(seen) == {"PATH"}
