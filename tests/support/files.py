"""Files as people and attackers send them, made of real bytes."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from PIL import Image


def photo(size: tuple[int, int] = (1000, 700), kind: str = "JPEG", **more: object) -> bytes:
    """A picture with something on it."""
    return encoded(Image.effect_noise(size, 40).convert("RGB"), kind, **more)


def encoded(picture: Image.Image, kind: str, **more: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue()


def with_place() -> bytes:
    """A photo lying on its side, whose metadata tell where it was taken, by whom, and hold a second picture."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter to the right
    exif[0x010E] = "hanako at home"
    exif.get_ifd(0x8825)[2] = (35.0, 39.0, 31.0)
    return photo(exif=exif, comment=b"a note inside", icc_profile=b"a profile that names its maker")


def pdf(pages: int = 1, box: str = "0 0 400 300", extra: str = "", trailer: str = "") -> bytes:
    """A PDF by hand: empty pages, and whatever else is asked for."""
    kids = " ".join(f"{3 + number} 0 R" for number in range(pages))
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {extra} >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>",
        *[f"<< /Type /Page /Parent 2 0 R /MediaBox [{box}] >>"] * pages,
    ]
    body = b"%PDF-1.7\n"
    places = []
    for number, text in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{text}\nendobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    end += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{len(body)}\n%%EOF\n"
    return body + end.encode()


def locked_pdf() -> bytes:
    """One that asks for a password."""
    key = "<" + "5A" * 32 + ">"
    ident = "<" + "01" * 16 + ">"
    lock = f"<< /Filter /Standard /V 1 /R 2 /Length 40 /P -4 /O {key} /U {key} >>"
    return pdf(trailer=f"/Encrypt {lock} /ID [{ident} {ident}]")


def png_bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A few kilobytes that claim to be gigabytes of pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1_000_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def with_archive() -> bytes:
    """A photo that is an archive too."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("../../etc/cron.d/evil", "* * * * * root id")
    return photo() + out.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE" + b"!$H+H*"
