"""A small disk of a test's own: some megabytes of memory, mounted where no other process sees it.

It needs root and util-linux; `small_disk` skips by name where they are missing, and fails where CI is set.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.aids.paths import ROOT
from tests.aids.tools import missing, need

MOUNT = (
    'set -e; mount -t tmpfs -o size="$2"m small "$1.disk"; cp -a "$1/." "$1.disk/"; mount --bind "$1.disk" "$1";'
    " echo ready; exec cat"
)
QUERY = (
    "import json, sqlite3, sys; connection = sqlite3.connect(sys.argv[1], isolation_level=None);"
    " print(json.dumps(connection.execute(sys.argv[2]).fetchall()))"
)
BALLAST = "ballast"


@dataclass
class SmallDisk:
    """The disk over a folder. Who is started `within` sees it there, the test by `path`."""

    folder: Path
    holder: subprocess.Popen[bytes]

    @property
    def within(self) -> tuple[str, ...]:
        """What a command begins with that is to see the disk."""
        return ("nsenter", f"--mount=/proc/{self.holder.pid}/ns/mnt", f"--wd={ROOT}", "--")

    def path(self, name: str) -> Path:
        """Return where the test itself finds a file of the disk."""
        return Path(f"/proc/{self.holder.pid}/root{self.folder}.disk", name)

    def fill(self) -> None:
        """Leave no byte free."""
        with contextlib.suppress(OSError), self.path(BALLAST).open("ab", buffering=0) as file:
            for size in (65536, 4096, 1):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(b"x" * size)

    def make_room(self) -> None:
        self.path(BALLAST).unlink()

    def make_read_only(self) -> None:
        """Let nobody open a file of the folder to write; who has one open goes on."""
        self._run("mount", "--bind", "-o", "ro", f"{self.folder}.disk", str(self.folder))

    def make_writable(self) -> None:
        self._run("mount", "-o", "remount,bind,rw", str(self.folder))

    def query(self, file: str, statement: str) -> list[list[Any]]:
        """Ask a SQLite database on the disk; from outside SQLite would follow the path to another file."""
        command = [sys.executable, "-c", QUERY, str(self.folder / file), statement]
        return list(json.loads(self._run(*command)))

    def _run(self, *command: str) -> bytes:
        return subprocess.run([*self.within, *command], check=True, capture_output=True).stdout


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[SmallDisk]:
    """Put a small disk with a folder's files over that folder until the block ends."""
    need("nsenter")
    if os.geteuid() != 0:
        missing("root, to mount a small disk")
    Path(f"{folder}.disk").mkdir()
    command = [need("unshare"), "--mount", "sh", "-c", MOUNT, "sh", str(folder), str(megabytes)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as holder:
        assert holder.stdin is not None and holder.stdout is not None
        try:
            if holder.stdout.readline() != b"ready\n":
                missing("a kernel that lets us mount in a namespace of our own")
            yield SmallDisk(folder, holder)
        finally:
            holder.stdin.close()
