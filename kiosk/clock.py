"""The only place that asks for the time. Tests replace `now` with `clock.freeze`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

_source: Callable[[], datetime] = partial(datetime.now, UTC)


def utcnow() -> datetime:
    """Return the present moment, aware, in UTC."""
    return _source()


@contextmanager
def freeze(moment: datetime) -> Iterator[None]:
    """For tests: let utcnow() return this aware moment inside the block."""
    global _source
    before = _source
    _source = lambda: moment.astimezone(UTC)  # noqa: E731
    try:
        yield
    finally:
        _source = before
