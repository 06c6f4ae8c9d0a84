"""A process of its own that opens one stranger's file, so that a decoder that crashes or swells takes no worker along.

`python -m support.evidence.box <kind> <most pixels> <most pages>` reads the file from its input and writes one line of
JSON (`{"pages": [[width, height, bytes], …]}` or `{"fault": …}`) and then the pages as fresh JPEGs. It imports no
Django, holds no key and has no network to speak to that it was told of.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import warnings
from typing import Any

MEMORY, SECONDS = 1536 * 1024 * 1024, 25
SHORTEST = 600
#: A page of a scan at 200 dots an inch: what small print on a licence needs.
DPI = 200


class Bad(Exception):
    """The file is not taken; the argument is the fault's value."""


def confine() -> None:
    """Little memory, little time, no file written."""
    for what, most in (
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, MEMORY),
    ):
        if what == resource.RLIMIT_AS and sys.platform == "darwin":
            continue  # not honoured there; time and the parent's patience still hold
        resource.setrlimit(what, (most, most))


def pages(data: bytes, kind: str, pixels: int, most: int) -> list[tuple[int, int, bytes]]:
    """The file's pages, drawn anew: upright, without metadata, hidden layers, scripts or attachments (ASVS 5.3.2)."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = pixels
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    if kind == "pdf":
        return [_fresh(one) for one in _pdf(data, pixels, most)]
    picture = Image.open(io.BytesIO(data), formats=[kind.upper()])
    if picture.width * picture.height > pixels:  # the header says so before a pixel is decoded
        raise Bad("too_many_pixels")
    if min(picture.size) < SHORTEST:
        raise Bad("too_small")
    picture.load()
    return [_fresh(picture)]


def _pdf(data: bytes, pixels: int, most: int) -> list[Any]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise Bad("encrypted" if "password" in str(error).lower() else "broken") from error
    if len(document) > most:
        raise Bad("too_many_pages")
    drawn = []
    for page in document:
        width, height = page.get_size()
        scale = DPI / 72
        if width * height * scale * scale > pixels:
            raise Bad("too_many_pixels")
        if min(width, height) * scale < SHORTEST:
            raise Bad("too_small")
        drawn.append(page.render(scale=scale, may_draw_forms=False).to_pil())
    if not drawn:
        raise Bad("broken")
    return drawn


def _fresh(picture: Any) -> tuple[int, int, bytes]:
    from PIL import Image, ImageOps

    upright = ImageOps.exif_transpose(picture)
    if upright.mode in ("RGBA", "LA", "P", "PA"):
        upright = upright.convert("RGBA")
        white = Image.new("RGBA", upright.size, "white")
        white.alpha_composite(upright)
        upright = white
    clean = Image.frombytes("RGB", upright.size, upright.convert("RGB").tobytes())  # pixels alone: no info, no profile
    out = io.BytesIO()
    clean.save(out, format="JPEG", quality=90, optimize=True)
    return clean.width, clean.height, out.getvalue()


def answer(data: bytes, kind: str, pixels: int, most: int) -> bytes:
    """What the parent reads: the line of JSON, then the pages."""
    try:
        found = pages(data, kind, pixels, most)
    except Bad as bad:
        return _line(fault=str(bad))
    except MemoryError:
        return _line(fault="too_many_pixels")
    except Exception as error:  # every decoder has its own; that the file is no good is all there is to say
        return _line(fault="too_many_pixels" if "DecompressionBomb" in type(error).__name__ else "broken")
    sizes = [[width, height, len(body)] for width, height, body in found]
    return _line(pages=sizes) + b"".join(body for _, _, body in found)


def _line(**words: Any) -> bytes:
    return json.dumps(words).encode() + b"\n"


def main() -> None:
    data = sys.stdin.buffer.read()
    confine()
    sys.stdout.buffer.write(answer(data, sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))


if __name__ == "__main__":
    main()
