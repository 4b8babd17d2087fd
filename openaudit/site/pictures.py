"""The picture that stands for a label where a page is shared: the ladder with its rung lit, as a PNG.

Drawn with four colours and stored uncompressed, so that it is the same to the byte wherever it is made.
"""

from __future__ import annotations

import struct
import zlib

from openaudit.pages.values import RUNGS

WIDTH, HEIGHT = 600, 315
_PAPER, _RAIL, _DIM, _LIT = range(4)
_COLOURS = bytes.fromhex("fdfcf9 5f5a51 d9d3c7 0a695d".replace(" ", ""))
_STORED = 65_535  # bytes that a stored block of deflate holds at most


def picture(label: str) -> bytes:
    """The picture of one label; on a label that is no rung, none is lit."""
    rows = [bytearray([_PAPER]) * WIDTH for _ in range(HEIGHT)]
    for left in (190, 398):
        _box(rows, left, 30, 12, 255, _RAIL)
    for place, rung in enumerate(RUNGS):
        lit = rung == label
        _box(rows, 202, 58 + 60 * place, 196, 26 if lit else 10, _LIT if lit else _DIM)
    packed = b"".join(b"\0" + _packed(row) for row in rows)
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 2, 3, 0, 0, 0)
    chunks = (b"IHDR", head), (b"PLTE", _COLOURS), (b"IDAT", _zlib(packed)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _box(rows: list[bytearray], left: int, top: int, width: int, height: int, colour: int) -> None:
    for row in rows[top : top + height]:
        row[left : left + width] = bytes([colour]) * width


def _packed(row: bytearray) -> bytes:
    """Four points a byte."""
    return bytes(row[i] << 6 | row[i + 1] << 4 | row[i + 2] << 2 | row[i + 3] for i in range(0, WIDTH, 4))


def _zlib(data: bytes) -> bytes:
    """A zlib stream of stored blocks: compressing would depend on which zlib does it."""
    blocks = [data[i : i + _STORED] for i in range(0, len(data), _STORED)]
    body = b"".join(
        struct.pack("<BHH", i == len(blocks) - 1, len(block), len(block) ^ 0xFFFF) + block
        for i, block in enumerate(blocks)
    )
    return b"\x78\x01" + body + struct.pack(">I", zlib.adler32(data))


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
