"""What goes down a board's stream, made once for all that show the same: events, what has changed since the last ones,
and one compression that fits into every connection's (docs/decisions/0006-the-dashboards-stream.md)."""

from __future__ import annotations

import json
import re
import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

from kiosk.clock import utcnow

LEVEL = 5
# Where a region may be cut: before a row of a list, its end, a bar of the drawing. static/js/streams.js cuts the same.
CUTS = re.compile(r"(?=<li|<rect|<.ul)")
WORTH = 0.7  # a patch that is longer than this share of the region is not sent
GZIP_BEGINS = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
GZIP_ENDS = b"\x03\x00"


def message(name: str, text: str) -> str:
    """Return one server-sent event; every line of the text is a data line."""
    lines = "".join(f"data: {line}\n" for line in text.splitlines() or [""])
    return f"event: {name}\n{lines}\n"


def beat() -> str:
    """Return the event that tells the time, from which a screen knows that its line is alive."""
    return message("beat", utcnow().isoformat(timespec="seconds"))


def patch(name: str, before: str, after: str) -> str:
    """Return the event that makes a region out of what it was, the whole region where that says more.

    The data is JSON: the region, then [first piece, how many go, the pieces that come] from its end to its beginning.
    """
    # As the browser has them: the lines of an event are joined by line feeds.
    old, new = (CUTS.split("\n".join(text.splitlines())) for text in (before, after))
    edits = [
        [first, end - first, *new[start:stop]]
        for kind, first, end, start, stop in SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        if kind != "equal"
    ]
    data = json.dumps([name, *reversed(edits)], ensure_ascii=False, separators=(",", ":"))
    return message("patch", data) if len(data) < WORTH * len(after) else message(name, after)


class Parcel:
    """Some events, as text and compressed: a piece of a deflate stream that refers to nothing before it."""

    def __init__(self, events: Iterable[str]) -> None:
        self.text = "".join(events).encode()

    @cached_property
    def packed(self) -> bytes:
        """Return the piece, which ends on a byte; made once, whoever asks."""
        deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        return deflate.compress(self.text) + deflate.flush(zlib.Z_FULL_FLUSH)


@dataclass(frozen=True)
class Frame:
    """What a board shows from here on: `news` for whoever has the frame before, `whole` for everybody else."""

    number: int
    regions: Mapping[str, str]
    news: Parcel

    @cached_property
    def whole(self) -> Parcel:
        """Return every region, and a beat."""
        return Parcel([*(message(name, text) for name, text in self.regions.items()), beat()])


class Plain:
    """A connection that gets text."""

    def begin(self) -> bytes:
        """Return what comes before the first parcel."""
        return b""

    def add(self, parcel: Parcel) -> bytes:
        """Return a parcel as this connection gets it."""
        return parcel.text

    def end(self) -> bytes:
        """Return what comes behind the last one."""
        return b""


class Gzipped(Plain):
    """A connection that gets one gzip stream, put together of what was compressed once for all."""

    def __init__(self) -> None:
        self._sum, self._size = 0, 0

    def begin(self) -> bytes:
        """Return the header."""
        return GZIP_BEGINS

    def add(self, parcel: Parcel) -> bytes:
        """Return the parcel's piece, and count it into the checksum."""
        self._sum = zlib.crc32(parcel.text, self._sum)
        self._size += len(parcel.text)
        return parcel.packed

    def end(self) -> bytes:
        """Return an empty last block, the checksum and the size."""
        return GZIP_ENDS + struct.pack("<LL", self._sum, self._size & 0xFFFFFFFF)
