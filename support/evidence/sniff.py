"""Step 1: what a file is by its first bytes, whatever its name says (ASVS 5.2.2)."""

from __future__ import annotations

from enum import StrEnum

from policy.rules import RULES, Rules
from support.evidence.faults import Fault


class Kind(StrEnum):
    JPEG = "jpeg"
    PNG = "png"
    PDF = "pdf"


#: Only at the very beginning: a reader that looks further takes polyglots.
MAGIC = {b"\xff\xd8\xff": Kind.JPEG, b"\x89PNG\r\n\x1a\n": Kind.PNG, b"%PDF-": Kind.PDF}
ENDINGS = {"jpg": Kind.JPEG, "jpeg": Kind.JPEG, "png": Kind.PNG, "pdf": Kind.PDF}
#: The scanners' common test file: whoever sends it wants to see that something looks.
EICAR = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"


#: A video says what it is at its beginning too: EBML with the document type WebM, or an MP4 file type box.
EBML, WEBM, FTYP = b"\x1a\x45\xdf\xa3", b"webm", b"ftyp"
VIDEO_ENDINGS = {"webm": "webm", "mp4": "mp4", "m4v": "mp4", "mov": "mp4"}


def sniff_video(data: bytes, name: str, rules: Rules = RULES) -> str | Fault:
    """ "webm" or "mp4", or why the video is not taken. Its frames are not looked at by a machine yet."""
    if not data:
        return Fault.EMPTY
    if len(data) > rules.video_bytes:
        return Fault.VIDEO_TOO_BIG
    if EICAR in data:
        return Fault.MALWARE
    kind = "webm" if data.startswith(EBML) and WEBM in data[:64] else "mp4" if data[4:8] == FTYP else ""
    _, _, ending = name.rpartition(".")
    return kind if kind and VIDEO_ENDINGS.get(ending.lower()) == kind else Fault.NO_VIDEO


def sniff(data: bytes, name: str, rules: Rules = RULES) -> Kind | Fault:
    """The kind of file, or why it is not taken. The name is compared and never used: it may hold `../`.

    Attack stopped: a file that one program takes for a picture and another for a page or a program (CWE-434).
    """
    if not data:
        return Fault.EMPTY
    if len(data) > rules.file_bytes:
        return Fault.TOO_BIG
    if EICAR in data:
        return Fault.MALWARE
    kind = next((kind for magic, kind in MAGIC.items() if data.startswith(magic)), None)
    if kind is None:
        return Fault.WRONG_KIND
    _, dot, ending = name.rpartition(".")
    return kind if dot and ENDINGS.get(ending.lower()) is kind else Fault.NAME_DIFFERS
