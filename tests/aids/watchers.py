"""Screens that only read: raw connections to dashboards' streams, in a process of their own, so that reading five
hundred of them costs next to nothing beside what is measured. What came is looked at when all is over."""

from __future__ import annotations

import re
import selectors
import socket
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

SIZE = 1 << 18
AT_ONCE = 10  # screens that are opened together
PATIENCE = 30.0
ARRIVED = re.compile(rb'data-roll="arrived">(\d+)<')
TAIL = 40  # bytes of the text before, for a number that came in two pieces
BROWSERS = "gzip, deflate"  # what they send over plain HTTP


@dataclass
class WatchedScreen:
    """One stream: what came, and when."""

    socket: socket.socket
    pieces: list[tuple[float, bytes]] = field(default_factory=list)

    def shown(self) -> list[tuple[float, int]]:
        """Return the moments of the counts that it showed."""
        came = b"".join(piece for _, piece in self.pieces[:4])
        head, end, _ = came.partition(b"\r\n\r\n")
        assert end and b" 200 " in head.splitlines()[0], head[:300]
        is_packed = b"content-encoding: gzip" in head.lower()
        unpack = zlib.decompressobj(31).decompress if is_packed else bytes
        counts, rest, text, skipped = [], b"", b"", len(head) + 4
        for moment, piece in self.pieces:
            cut = min(skipped, len(piece))
            skipped -= cut
            whole, rest = _chunks(rest + piece[cut:])
            text = text[-TAIL:] + unpack(whole)
            counts += [(moment, int(number)) for number in ARRIVED.findall(text)]
        return counts


def _chunks(data: bytes) -> tuple[bytes, bytes]:
    """Return what the whole chunks hold, and the piece of a chunk behind them."""
    whole, at = [], 0
    while (line := data.find(b"\r\n", at)) >= 0:
        end = line + 2 + int(data[at:line], 16)
        if len(data) < end + 2:
            break
        whole.append(data[line + 2 : end])
        at = end + 2
    return b"".join(whole), data[at:]


def watch(pipe: Connection, port: int, host: str, path: str, cookies: Sequence[str]) -> None:
    """Open one screen for each cookie and say so; read until told to stop; answer (when, count, bytes so far) of each.

    Sends the number of open screens, then a list of (counts as WatchedScreen.shown, moments and bytes as they came).
    """
    selector = selectors.DefaultSelector()
    screens = []
    for first in range(0, len(cookies), AT_ONCE):
        wave = [_open(port, host, path, cookie) for cookie in cookies[first : first + AT_ONCE]]
        for screen in wave:
            selector.register(screen.socket, selectors.EVENT_READ, screen)
        screens += wave
        until = time.monotonic() + PATIENCE
        while not all(screen.pieces for screen in wave) and time.monotonic() < until:
            _read(selector, 0.1)
    pipe.send(sum(bool(screen.pieces) for screen in screens))
    while not pipe.poll():
        _read(selector, 0.05)
    for screen in screens:
        screen.socket.close()
    pipe.send([(screen.shown(), [(moment, len(piece)) for moment, piece in screen.pieces]) for screen in screens])


def _open(port: int, host: str, path: str, cookie: str) -> WatchedScreen:
    opened = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    lines = (f"GET {path} HTTP/1.1", f"Host: {host}", f"Cookie: {cookie}", f"Accept-Encoding: {BROWSERS}", "", "")
    opened.sendall("\r\n".join(lines).encode())
    opened.setblocking(False)
    return WatchedScreen(opened)


def _read(selector: selectors.BaseSelector, seconds: float) -> None:
    for key, _ in selector.select(seconds):
        screen: WatchedScreen = key.data
        try:
            piece = screen.socket.recv(SIZE)
        except BlockingIOError:
            continue
        except OSError:
            piece = b""
        if piece:
            screen.pieces.append((time.monotonic(), piece))
        else:
            selector.unregister(screen.socket)
