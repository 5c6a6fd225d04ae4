"""How many streams a worker holds: so many of one log-in, the oldest of which ends for a new one, and so many in all.

A stream keeps a connection for ten minutes, so without a bound one browser could take the phones' connections.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from kiosk import metrics
from kiosk.web.board.channels import Viewer

EXTENSION = "kiosk_held_streams"
OF_LOG_IN = 12  # tabs and tablets of one log-in; one whose browser is gone is found at the next write only
AT_WORST = 2 * OF_LOG_IN  # with those that were ended and whose connection takes nothing
OF_ALL = 800  # of a worker's 2,000 connections


class HeldStreams:
    """The streams of one process, by log-in, the oldest first."""

    def __init__(self) -> None:
        self._of: dict[str, list[Viewer]] = {}

    def has_room(self, log_in: str) -> bool:
        """Say whether one more may begin."""
        held = sum(map(len, self._of.values()))
        return held < OF_ALL and len(self._of.get(log_in, ())) < AT_WORST

    @contextmanager
    def held(self, log_in: str, viewer: Viewer) -> Iterator[None]:
        """Count a stream until the block ends, and end the oldest ones of its log-in that are too many."""
        streams = self._of.setdefault(log_in, [])
        streams.append(viewer)
        lasting = [one for one in streams if not one.is_over]
        for one in lasting[:-OF_LOG_IN]:
            one.end()
        metrics.count_streams(1)
        try:
            yield
        finally:
            metrics.count_streams(-1)
            streams.remove(viewer)
            if not streams:
                self._of.pop(log_in, None)


def of(app: Flask) -> HeldStreams:
    """Return this process' streams."""
    streams: HeldStreams = app.extensions.setdefault(EXTENSION, HeldStreams())
    return streams
