"""What can be wrong with a file, in words: said to the person who sent it, never to the log."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Fault(StrEnum):
    """Why a file was not taken. The value is stable: rows, tests and the agents' page name it."""

    EMPTY = "empty"
    TOO_BIG = "too_big"
    WRONG_KIND = "wrong_kind"
    NAME_DIFFERS = "name_differs"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_SMALL = "too_small"
    TOO_MANY_PAGES = "too_many_pages"
    ENCRYPTED = "encrypted"
    BROKEN = "broken"
    TOO_SLOW = "too_slow"
    MALWARE = "malware"
    NO_VIDEO = "no_video"
    VIDEO_TOO_BIG = "video_too_big"
    WORDS_OLD = "words_old"


SENTENCES = {
    Fault.EMPTY: _("The file is empty. Choose the picture again."),
    Fault.TOO_BIG: _("The file is larger than 12 MB. Take the picture again in a lower resolution."),
    Fault.WRONG_KIND: _("This is not a JPEG, PNG or PDF file. Send a photo or a scan."),
    Fault.NAME_DIFFERS: _("The file’s name says another kind than its content. Save it again as JPEG, PNG or PDF."),
    Fault.TOO_MANY_PIXELS: _("The picture has more than 40 million pixels. Send a smaller one."),
    Fault.TOO_SMALL: _("The picture is too small to read. Send one that is at least 600 pixels wide and high."),
    Fault.TOO_MANY_PAGES: _("The PDF has more than four pages. Send only the pages that show the document."),
    Fault.ENCRYPTED: _("The PDF is protected by a password. Send it without one."),
    Fault.BROKEN: _("The file is damaged and cannot be opened. Take the picture again."),
    Fault.TOO_SLOW: _("The file takes too long to open. Send a simple photo instead."),
    Fault.NO_VIDEO: _("This is not a WebM or MP4 video. Record one on this page, or choose a video of your phone."),
    Fault.VIDEO_TOO_BIG: _("The video is larger than 40 MB. Record 10 to 20 seconds, in a lower quality."),
    Fault.WORDS_OLD: _("The words on the page are too old. Record the video with the new ones."),
    Fault.MALWARE: _("A virus scanner found something in this file. It was destroyed. Send a photo taken anew."),
}
