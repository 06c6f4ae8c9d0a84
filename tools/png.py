"""Screenshots with a palette: a third of the size, so that they may live in the repository. Pure Python."""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def with_palette(picture: bytes) -> bytes:
    """The same picture in at most 256 colours: the most frequent ones, every other pixel in the nearest of them."""
    width, height, rows = pixels(picture)
    frequent = [colour for colour, _ in Counter(colour for row in rows for colour in row).most_common()]
    palette, index = frequent[:256], {colour: at for at, colour in enumerate(frequent[:256])}
    for colour in frequent[256:]:
        index[colour] = min(range(len(palette)), key=lambda at: distance(palette[at], colour))
    lines = b"".join(b"\0" + bytes(index[colour] for colour in row) for row in rows)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = {b"IHDR": header, b"PLTE": b"".join(palette), b"IDAT": zlib.compress(lines, 9), b"IEND": b""}
    return SIGNATURE + b"".join(chunk(kind, data) for kind, data in parts.items())


def pixels(picture: bytes) -> tuple[int, int, list[list[bytes]]]:
    """Width, height and rows of RGB colours, of a PNG as browsers write it: 8 bits, no interlace; alpha is dropped."""
    chunks = list(read_chunks(picture))
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[0][1])
    if depth != 8 or kind not in (2, 6) or interlaced:
        raise ValueError("this is not a screenshot")
    step = 3 if kind == 2 else 4
    data = zlib.decompress(b"".join(data for name, data in chunks if name == b"IDAT"))
    rows, above, length = [], bytearray(width * step), width * step
    for at in range(0, len(data), length + 1):
        above = unfilter(data[at], bytearray(data[at + 1 : at + 1 + length]), above, step)
        rows.append([bytes(above[x : x + 3]) for x in range(0, length, step)])
    return width, height, rows


def unfilter(kind: int, row: bytearray, above: bytearray, step: int) -> bytearray:
    """Undo one row's filter (PNG §9)."""
    for x in range(len(row) if kind else 0):
        left = row[x - step] if x >= step else 0
        up, corner = above[x], above[x - step] if x >= step else 0
        guess = (0, left, up, (left + up) // 2, paeth(left, up, corner) if kind == 4 else 0)[kind]
        row[x] = (row[x] + guess) & 255
    return row


def paeth(left: int, up: int, corner: int) -> int:
    near = left + up - corner
    by_left, by_up, by_corner = abs(near - left), abs(near - up), abs(near - corner)
    return left if by_left <= by_up and by_left <= by_corner else up if by_up <= by_corner else corner


def distance(one: bytes, other: bytes) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def read_chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at < len(picture):
        (length,) = struct.unpack(">I", picture[at : at + 4])
        yield picture[at + 4 : at + 8], picture[at + 8 : at + 8 + length]
        at += length + 12
