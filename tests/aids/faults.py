"""Faults of a server's files, database and clock, made while it runs (tests/aids/faults.c): any step fails or kills,
every write is recorded, the clock jumps.

It needs Linux and a C compiler; `prepare` skips by name where one is missing, and fails where CI is set.
"""

from __future__ import annotations

import atexit
import functools
import mmap
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.aids.paths import ROOT
from tests.aids.tools import missing, need

Kind = Literal["write", "sync", "cut", "make", "remove", "sync_folder", "send", "receive"]
KINDS: dict[Kind, int] = {
    "write": 1, "sync": 2, "cut": 4, "make": 8, "remove": 16, "sync_folder": 32, "send": 64, "receive": 128,
}  # fmt: skip
NAMES = {number: kind for kind, number in KINDS.items()}
OF_FILES: tuple[Kind, ...] = ("write", "sync", "cut", "make", "remove", "sync_folder")
OF_DATABASE: tuple[Kind, ...] = ("send", "receive")
KILL_BEFORE, KILL_HALF, KILL_AFTER = -1, -2, -3  # in place of an errno; half: of what was to be written
KILLS = (KILL_BEFORE, KILL_HALF, KILL_AFTER)
STOP = -4  # the process stands still until it is killed, or goes on
NEVER = 2**62
_BOARD, _HEAD = struct.Struct("8q"), struct.Struct("7q")
_FIRST, _COUNTED, _RECORDS, _SKEW = 8, 32, 48, 56  # where they stand on the board


@dataclass(frozen=True)
class Record:
    """One step that was made: its moments, in seconds of `time.monotonic`, and what was written where; of a cut the
    length that stayed."""

    kind: Kind
    began: float
    ended: float
    offset: int
    length: int
    path: str
    data: bytes


@dataclass(frozen=True)
class Faults:
    """What a server that was started with `environ` meets."""

    environ: dict[str, str]
    log: Path
    board: mmap.mmap

    def arm(self, kinds: tuple[Kind, ...], what: int, first: int, last: int | None = None) -> None:
        """Let the first to the last step of these kinds, counted from now on, fail with an errno, kill or STOP."""
        self.disarm()
        self.board[_COUNTED:_RECORDS] = struct.pack("2q", 0, 0)
        held = sum(KINDS[kind] for kind in kinds), first, first if last is None else last, what
        self.board[_FIRST:_COUNTED] = struct.pack("3q", *held[1:])
        self.board[:_FIRST] = struct.pack("q", held[0])

    def slow_down(self, kinds: tuple[Kind, ...], seconds: float, first: int = 1, last: int = NEVER) -> None:
        """Let these steps take so long, a second or more."""
        self.arm(kinds, -max(1000, int(seconds * 1000)), first, last)

    def disarm(self) -> None:
        """Let every step be made; what was counted stays."""
        self.board[:_FIRST] = bytes(8)

    @property
    def counted(self) -> int:
        """How many steps of the armed kinds there were."""
        return int(_BOARD.unpack_from(self.board)[4])

    @property
    def failed(self) -> int:
        """How many of them failed or killed."""
        return int(_BOARD.unpack_from(self.board)[5])

    def set_clock(self, seconds: float) -> None:
        """Let the server's clock of the day be so much ahead, or behind."""
        self.board[_SKEW:64] = struct.pack("q", int(seconds * 1e9))

    def keep_records(self) -> None:
        """Record every step with the files from now on."""
        self.board[_RECORDS:_SKEW] = struct.pack("q", 1)

    def records(self) -> Iterator[Record]:
        """Yield what was recorded, in the order in which it was done."""
        content, at = self.log.read_bytes(), 0
        while at < len(content):
            kind, began, ended, offset, length, result, path_length = _HEAD.unpack_from(content, at)
            at += _HEAD.size
            path = content[at : at + path_length].decode()
            at += path_length
            held = length if NAMES[kind] == "write" else 0
            if result >= 0:
                yield Record(
                    NAMES[kind], began / 1e9, ended / 1e9, offset, length, path, content[at : at + held]
                )  # fmt: skip
            at += held


def prepare(folder: Path, *, file: Path | None = None, port: int | None = None, room: int | None = None) -> Faults:
    """Return faults of the files whose paths begin with that of `file`, and of what goes to a database's `port`.

    `room`: bytes that disks say are free, whatever is. Their board and their log stand in `folder`.
    """
    log, board = folder / "faults.log", folder / "faults.board"
    log.touch()
    board.write_bytes(bytes(4096))
    wanted = {"FILE": file, "PORT": port, "ROOM": room, "BOARD": board, "LOG": log}
    environ = {f"FAULTS_{name}": str(value) for name, value in wanted.items() if value is not None}
    with board.open("r+b") as opened:
        return Faults({"LD_PRELOAD": str(_library()), **environ}, log, mmap.mmap(opened.fileno(), 4096))


@functools.cache
def _library() -> Path:
    """Compile it, once in a run, where programs may be run from; memory often is no such place."""
    if sys.platform != "linux":
        missing("Linux, to stand between a program and its files")
    compiler, folder = need("cc"), Path(tempfile.mkdtemp(prefix="kiosk-faults-", dir="/var/tmp"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    source, library = ROOT / "tests" / "aids" / "faults.c", folder / "faults.so"
    command = [compiler, "-shared", "-fPIC", "-O2", "-o", str(library), str(source), "-ldl"]
    subprocess.run(command, check=True, capture_output=True)
    return library
