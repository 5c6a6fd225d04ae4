"""What the server counts of itself, for `/metrics` (docs/decisions/0026-metrics.md).

Under gunicorn the workers share a folder of small files mapped into memory, which gunicorn.conf.py makes before this
is imported: who asks one worker is told what all have counted, and what a worker had counted before it died stays. No
event, no person and no address is a label: every label is of a closed list.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from prometheus_client import (
    CONTENT_TYPE_PLAIN_0_0_4,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
SHARED = "PROMETHEUS_MULTIPROC_DIR"  # the library's name for the folder
OF_A_COMMIT = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
OF_A_BATCH = (1, 2, 5, 10, 20, 30, 40, 50)
OF_THE_BELL = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)

_own = CollectorRegistry()
_sign_ins = Counter("kiosk_sign_ins", "Sign-ins that were answered, by result.", ("result",), registry=_own)
_refused = Counter(
    "kiosk_refused", "Phones that were turned away, by the code of the refusal.", ("code",), registry=_own
)
_unwritten = Counter("kiosk_unwritten", "Writes that were answered 503, by their cause.", ("cause",), registry=_own)
_commit = Histogram("kiosk_commit_seconds", "How long a commit took to be on disk.", buckets=OF_A_COMMIT, registry=_own)
_batch = Histogram("kiosk_batch_writes", "How many writes shared a commit.", buckets=OF_A_BATCH, registry=_own)
_waiting = Gauge(
    "kiosk_waiting_writes", "Writes that wait for the next commit.", registry=_own, multiprocess_mode="livesum"
)
_streams = Gauge("kiosk_open_streams", "Screens that listen.", registry=_own, multiprocess_mode="livesum")
_bell = Histogram(
    "kiosk_bell_seconds", "From a commit until the screens of its event were woken.", buckets=OF_THE_BELL, registry=_own
)
_new, _repeat = (_sign_ins.labels(result) for result in ("new", "repeat"))


def count_batch(seconds: float, writes: int, waiting: int, *, new: int = 0, repeats: int = 0) -> None:
    """Count a commit: how long it took, how many writes shared it, and the sign-ins among them."""
    _commit.observe(seconds)
    _batch.observe(writes)
    _waiting.set(waiting)
    if new:
        _new.inc(new)
    if repeats:
        _repeat.inc(repeats)


def count_unwritten(cause: str, writes: int) -> None:
    """Count writes that came to nothing because of the database or the disk."""
    _unwritten.labels(cause).inc(writes)


def count_refused(code: str) -> None:
    """Count a phone that was turned away."""
    _refused.labels(code).inc()


def count_listeners(step: int) -> None:
    """Count screens that begin to listen, or with -1 end."""
    _streams.inc(step)


def count_bell(seconds: Iterable[float]) -> None:
    """Count how long screens were not told of a change."""
    for each in seconds:
        _bell.observe(each)


def text() -> bytes:
    """Return all of it in the text format of Prometheus, over every worker where there are several."""
    if SHARED not in os.environ:
        return generate_latest(_own)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def forget_worker(pid: int) -> None:
    """Take what a worker was just doing out of the sums; what it had counted stays."""
    mark_process_dead(pid)  # type: ignore[no-untyped-call]
