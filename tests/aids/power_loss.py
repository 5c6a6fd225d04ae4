"""What a disk may hold after the power is lost, from a record of what was written and synced (tests/aids/faults.py).

Legal is whatever was synced, with any part of what was written since: of each write any sectors. What was made or
removed in the folder since that was synced may have been, or not.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.aids.faults import Record

SECTORS = (512, 4096)
Image = Mapping[str, bytes]  # by the file's name


@dataclass
class _File:
    """What is on the platter for sure, and what was written since."""

    synced: bytearray = field(default_factory=bytearray)
    since: list[Record] = field(default_factory=list)

    def sync(self, began: float) -> None:
        """Take over what was written before a sync began."""
        for one in self.since:
            if one.ended <= began:
                _apply(self.synced, one, None)
        self.since = [one for one in self.since if one.ended > began]

    def after_loss(self, chance: random.Random, way: str) -> bytes:
        """Return what may be left of it."""
        content = bytearray(self.synced)
        for one in self.since:
            if way == "everything" or (way != "nothing" and chance.random() < 0.5):
                _apply(content, one, chance if way == "torn" else None)
        return bytes(content)


class Disk:
    """A folder that is written to, record by record."""

    def __init__(self, before: Image) -> None:
        self._files = {name: _File(bytearray(content)) for name, content in before.items()}
        self._entries = dict(self._files)  # as the folder was synced
        self._changes: list[tuple[str, _File | None]] = []  # of the folder, since

    def write(self, record: Record) -> None:
        """Do what was done."""
        name = Path(record.path).name
        if record.kind == "make":
            self._files[name] = _File()
            self._changes.append((name, self._files[name]))
        elif record.kind == "remove":
            del self._files[name]
            self._changes.append((name, None))
        elif record.kind == "sync_folder":
            self._entries, self._changes = dict(self._files), []
        elif record.kind == "sync":
            self._files[name].sync(record.began)
        else:
            self._files[name].since.append(record)

    def after_loss(self, chance: random.Random) -> Image:
        """Return what may be left when the power goes now."""
        way = chance.choice(("nothing", "everything", "some", "torn", "torn"))
        entries: dict[str, _File | None] = dict(self._entries)
        for name in sorted({name for name, _ in self._changes}):
            of_it = [
                entries.get(name),
                *(one for its, one in self._changes if its == name),
            ]
            entries[name] = chance.choice(of_it)
        return {name: one.after_loss(chance, way) for name, one in entries.items() if one is not None}


def images(before: Image, records: Sequence[Record], count: int, seed: int) -> Iterator[tuple[float, Image]]:
    """Yield so many losses of power: the moment, until which everything that was answered must be there, and what is
    left. Half of them come beside a sync, where most can go wrong."""
    chance = random.Random(seed)
    syncs = [number for number, one in enumerate(records) if one.kind == "sync"]
    moments = [chance.choice(syncs) + chance.choice((0, 1)) for _ in range(count // 2)]
    moments += [chance.randrange(1, len(records)) for _ in range(count - len(moments))]
    disk, done = Disk(before), 0
    for end in sorted(min(moment, len(records) - 1) for moment in moments):
        for one in records[done:end]:
            disk.write(one)
        done = end
        yield records[end].began, disk.after_loss(chance)


def put(image: Image, folder: Path) -> None:
    """Write an image into an empty folder."""
    folder.mkdir()
    for name, content in image.items():
        (folder / name).write_bytes(content)


def _apply(content: bytearray, record: Record, chance: random.Random | None) -> None:
    """Write or cut; with a chance, only some sectors of a write."""
    if record.kind == "cut":
        del content[record.length :]
        content.extend(bytes(record.length - len(content)))
        return
    for start, data in _pieces(record, None if chance is None else chance.choice(SECTORS)):
        if chance is None or chance.random() < 0.5:
            content.extend(bytes(max(0, start - len(content))))
            content[start : start + len(data)] = data


def _pieces(record: Record, sector: int | None) -> Iterable[tuple[int, bytes]]:
    """Yield a write as the sectors that it touches."""
    start, end = record.offset, record.offset + len(record.data)
    while start < end:
        until = end if sector is None else min(end, (start // sector + 1) * sector)
        yield start, record.data[start - record.offset : until - record.offset]
        start = until
