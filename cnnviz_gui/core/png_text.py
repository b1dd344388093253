"""The text in a PNG that tells of a request: found and taken out, whatever else is wrong."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from cnnviz_gui.core.errors import RequestError
from cnnviz_gui.texts import tr

KEYWORD = "cnnviz-request"
"""Of the request that a picture answers."""
MAGIC = b"\x89PNG\r\n\x1a\n"
_OVERHEAD = 12
"""Bytes of a chunk beside what it holds: length, kind, checksum."""
_HEAD = 200
"""More than keyword, flags, language and translated keyword of such a chunk take."""


def find(data: bytes, most: int) -> bytes | None:
    """Return the text that a picture carries, None where there is none.

    Raises
    ------
    RequestError
        It is damaged, or longer than ``most`` bytes.
    """
    for start, end in _chunks(data):
        return _text(data, start, end, most)
    return None


def without(data: bytes) -> bytes:
    """Return the file without such texts; the very same bytes where are none."""
    spans = list(_chunks(data))
    if not spans:
        return data
    kept, place = [], 0
    for start, end in spans:
        kept.append(data[place:start])
        place = end
    return b"".join((*kept, data[place:]))


def _chunks(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield where its chunks begin and end; the last one may be cut off."""
    if not data.startswith(MAGIC):
        return
    wanted, place = KEYWORD.encode() + b"\0", len(MAGIC)
    while place + _OVERHEAD <= len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        end = place + _OVERHEAD + length
        head = data[place + 4 : place + 8 + len(wanted)]
        if head == b"iTXt" + wanted:
            yield place, min(end, len(data))
        place = end


def _text(data: bytes, start: int, end: int, most: int) -> bytes:
    length = int.from_bytes(data[start : start + 4], "big")
    if length > most + _HEAD:
        raise _too_long()
    if end - start != length + _OVERHEAD:
        raise _damaged()
    kind_and_body = data[start + 4 : end - 4]
    if zlib.crc32(kind_and_body) != struct.unpack(">I", data[end - 4 : end])[0]:
        raise _damaged()
    _, _, rest = kind_and_body[4:].partition(b"\0")
    parts = rest[2:].split(b"\0", 2)  # language, translated keyword, text
    if len(rest) < 2 or len(parts) < 3 or rest[0] > 1 or rest[1]:
        raise _damaged()
    return _inflated(parts[2], most) if rest[0] else parts[2]


def _inflated(packed: bytes, most: int) -> bytes:
    unpacking = zlib.decompressobj()
    try:
        text = unpacking.decompress(packed, most + 1)
    except zlib.error:
        raise _damaged() from None
    if len(text) > most:
        raise _too_long()
    return text


def _damaged() -> RequestError:
    return RequestError(tr("The request in the picture is damaged."))


def _too_long() -> RequestError:
    return RequestError(tr("The request in the picture is larger than 1 MB."))
