"""What the server counts of itself, for `/metrics` (docs/decisions/0026-metrics.md).

Under gunicorn the workers share a folder of small files mapped into memory: who asks one worker is told what all have
counted, and what a worker had counted before it died stays. No event, no person and no address is a label: every label
is of a closed list.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from prometheus_client import (
    CONTENT_TYPE_PLAIN_0_0_4,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    values,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
SHARED = "PROMETHEUS_MULTIPROC_DIR"  # the library's name for the folder
# Where no disk is waited for. A full disk under a file that is mapped into memory would kill its worker.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else tempfile.gettempdir()  # noqa: S108
FOLDER = "kiosk-counts-"
OF_A_COMMIT = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
OF_A_BATCH = (1, 2, 5, 10, 20, 30, 40, 50)
OF_THE_BELL = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


@dataclass(frozen=True)
class _Figures:
    """Everything that is counted."""

    registry: CollectorRegistry
    sign_ins: Counter
    refused: Counter
    unwritten: Counter
    commit: Histogram
    batch: Histogram
    waiting: Gauge
    streams: Gauge
    bell: Histogram

    @classmethod
    def new(cls) -> _Figures:
        """Return figures at nothing, kept where the library keeps values now."""
        to = CollectorRegistry()
        of_now = {"registry": to, "multiprocess_mode": "livesum"}
        return cls(
            to,
            Counter("kiosk_sign_ins", "Sign-ins that were answered, by result.", ("result",), registry=to),
            Counter("kiosk_refused", "Phones that were turned away, by the refusal's code.", ("code",), registry=to),
            Counter("kiosk_unwritten", "Writes that were answered 503, by their cause.", ("cause",), registry=to),
            Histogram("kiosk_commit_seconds", "Until a commit was on disk.", buckets=OF_A_COMMIT, registry=to),
            Histogram("kiosk_batch_writes", "How many writes shared a commit.", buckets=OF_A_BATCH, registry=to),
            Gauge("kiosk_waiting_writes", "Writes that wait for the next commit.", **of_now),  # type: ignore[arg-type]
            Gauge("kiosk_open_streams", "Screens that listen.", **of_now),  # type: ignore[arg-type]
            Histogram(
                "kiosk_bell_seconds", "From a commit until the screens of its event were woken.",
                buckets=OF_THE_BELL, registry=to,
            ),
        )  # fmt: skip


_figures = _Figures.new()
_locks: list[IO[str]] = []


def count_batch(seconds: float, writes: int, waiting: int, *, new: int = 0, repeats: int = 0) -> None:
    """Count a commit: how long it took, how many writes shared it, and the sign-ins among them."""
    _figures.commit.observe(seconds)
    _figures.batch.observe(writes)
    _figures.waiting.set(waiting)
    if new:
        _figures.sign_ins.labels("new").inc(new)
    if repeats:
        _figures.sign_ins.labels("repeat").inc(repeats)


def count_unwritten(cause: str, writes: int) -> None:
    """Count writes that came to nothing because of the database or the disk."""
    _figures.unwritten.labels(cause).inc(writes)


def count_refused(code: str) -> None:
    """Count a phone that was turned away."""
    _figures.refused.labels(code).inc()


def count_streams(step: int) -> None:
    """Count screens whose stream begins, or with -1 ends."""
    _figures.streams.inc(step)


def count_bell(seconds: Iterable[float]) -> None:
    """Count how long screens were not told of a change."""
    for each in seconds:
        _figures.bell.observe(each)


def text() -> bytes:
    """Return all of it in the text format of Prometheus, over every worker where there are several."""
    if SHARED not in os.environ:
        return generate_latest(_figures.registry)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def share_between_workers() -> None:
    """Let every worker forked from here on count into one folder: before the fork, once. The folder is new at each
    start, and locked as long as the server lives; what a server left that was killed goes."""
    global _figures
    above = Path(MEMORY)
    for left in above.glob(f"{FOLDER}*"):
        if left.stat().st_uid == os.getuid() and (lock := _hold(left)) is not None:
            shutil.rmtree(left, ignore_errors=True)
            lock.close()
    made = Path(tempfile.mkdtemp(prefix=f".{FOLDER}", dir=above))
    lock = _hold(made)
    _locks.extend([lock] if lock is not None else [])
    # Others see it only now that it is locked.
    os.environ[SHARED] = str(made.rename(above / made.name.removeprefix(".")))
    values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]
    _figures = _Figures.new()


def forget_worker(pid: int) -> None:
    """Take what a worker was just doing out of the sums; what it had counted stays."""
    mark_process_dead(pid)  # type: ignore[no-untyped-call]


def forget_all() -> None:
    """Leave nothing behind."""
    shutil.rmtree(os.environ[SHARED], ignore_errors=True)


def _hold(folder: Path) -> IO[str] | None:
    """Lock a folder for this process and its children; None where another holds it, or it is gone meanwhile."""
    try:
        lock = open(folder / "lock", "a")  # noqa: SIM115  held until the last of them ends
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock
