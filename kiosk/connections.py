"""Who may hold a worker's connections: where there is no room for somebody new, whoever keeps the worker waiting the
longest goes (docs/decisions/0018-room-for-the-honest.md). Knows sockets, and nothing of HTTP.

A connection keeps the worker waiting while it is to send something, or to take something, and does not. While the
worker works for it, it keeps nobody waiting, and is never cut off: a sign-in that is being stored, a stream between two
changes.
"""

from __future__ import annotations

import array
import fcntl
import socket
import termios
import time
from collections.abc import Callable, Iterable
from itertools import chain, islice
from typing import Any

HONEST_RATE = 2000.0  # bytes a second of a phone at the edge of the hall, sent or taken
AHEAD_SECONDS = 2.0  # which bytes pay for in advance: who has sent much may still not be silent for long
OF_AGE = 0.1  # of its age counts as well: of two at one rate the older, which has had the time for an honest form
AT_ONCE = 0.01  # of those that wait are cut off together: looking through them costs the same for one

_ready = array.array("i", [0])


class CutOff(BaseException):
    """The connection is to end for another's sake; no Exception, so that no page is drawn for it."""


class Connection:
    """A connection's socket, which knows for how long it has kept the worker waiting."""

    def __init__(self, sock: Any, client: str) -> None:
        self.sock, self.client = sock, client
        self.is_waiting = self.is_cut = False
        self.begin()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.sock, name)

    def begin(self) -> None:
        """Begin to wait for a request."""
        self.received, self.is_answered = 0, False
        self._begin_to_count()

    @property
    def merit(self) -> float:
        """Compare with others': who has the least has let the worker wait the longest for what it has sent."""
        return self._paid_until + OF_AGE * self._began

    def has_sent(self) -> bool:
        """Say whether something lies ready that was not read yet: then this waits for the worker, which lags behind."""
        try:
            fcntl.ioctl(self.sock.fileno(), termios.FIONREAD, _ready, True)
        except (OSError, ValueError):  # it has gone by itself
            return False
        return _ready[0] > 0

    def recv(self, size: int) -> bytes:
        """Return what comes next; raise CutOff."""
        data: bytes = self._waiting(self.sock.recv, size)
        self.received += len(data)
        self._pay(len(data))
        return data

    def sendall(self, data: bytes) -> None:
        """Send all of it; raise CutOff."""
        self._begin_to_answer()
        rest = memoryview(data)
        while rest:
            sent = self._waiting(self.sock.send, rest)
            self._pay(sent)
            rest = rest[sent:]

    def sendfile(self, *args: Any, **kwargs: Any) -> Any:
        """Send a file; raise CutOff."""
        self._begin_to_answer()
        return self._waiting(self.sock.sendfile, *args, **kwargs)

    def cut(self) -> None:
        """Let the read or the write that waits raise CutOff; what is half read can still be answered."""
        self.is_cut = True
        try:
            self.sock.shutdown(socket.SHUT_RDWR if self.is_answered else socket.SHUT_RD)
        except OSError:
            return  # it has gone by itself

    def _begin_to_answer(self) -> None:
        self.is_answered = True
        self._begin_to_count()

    def _begin_to_count(self) -> None:
        """What came before pays for nothing: a stream has been silent for minutes when it sends."""
        self._began = self._paid_until = time.monotonic()

    def _waiting(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self.is_waiting = True
        try:
            outcome = call(*args, **kwargs)
        except OSError:
            if self.is_cut:
                raise CutOff from None
            raise
        finally:
            self.is_waiting = False
        if self.is_cut:
            raise CutOff
        return outcome

    def _pay(self, size: int) -> None:
        self._paid_until = min(self._paid_until + size / HONEST_RATE, time.monotonic() + AHEAD_SECONDS)


class Connections:
    """The connections of one worker: `most` in all, `share` of one client."""

    def __init__(self, most: float, share: float) -> None:
        self._most, self._share = most, share
        self._held: dict[str, set[Connection]] = {}
        self._count = 0

    def admit(self, connection: Connection) -> bool:
        """Let a connection in, if need be at the cost of some that keep us waiting; False where none does."""
        own = self._held.get(connection.client, set())
        if len(own) >= self._share:
            has_room = self._cut_some(own)
        elif self._count >= self._most:
            has_room = self._cut_some(chain.from_iterable(self._held.values()))
        else:
            has_room = True
        if has_room:
            self._held.setdefault(connection.client, set()).add(connection)
            self._count += 1
        return has_room

    def leave(self, connection: Connection) -> None:
        """Count a connection no longer, if it is counted."""
        own = self._held.get(connection.client, set())
        if connection in own:
            own.remove(connection)
            self._count -= 1
            if not own:
                del self._held[connection.client]

    def _cut_some(self, crowd: Iterable[Connection]) -> bool:
        waiting = sorted((one for one in crowd if one.is_waiting), key=lambda one: one.merit)
        silent = (one for one in waiting if not one.has_sent())
        worst = list(islice(silent, 1 + int(len(waiting) * AT_ONCE))) or waiting[:1]
        for one in worst:
            self.leave(one)
            one.cut()
        return bool(worst)
