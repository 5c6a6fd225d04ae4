"""How long from a sign-in to its change on a dashboard's stream, on the same worker and on another."""

from __future__ import annotations

import os
import socket
import statistics
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench import load
from tests.aids.factories import PASSWORD, make_staff
from tests.aids.server import HOST, Server

STREAMS = 8
SIGN_INS = 15


@dataclass
class Stream:
    """One open stream: the moments at which something came."""

    worker: int
    socket: socket.socket
    moments: list[float] = field(default_factory=list)

    def read(self) -> None:
        """Note when each change of the numbers came, until the stream is closed."""
        rest = b""
        while chunk := self._receive():
            rest += chunk
            if b"event: numbers" in rest:
                self.moments.append(time.monotonic())
                rest = b""

    def _receive(self) -> bytes:
        try:
            return self.socket.recv(65536)
        except OSError:
            return b""


def measure(server: Server, code: str) -> tuple[float, float]:
    """Return the medians in milliseconds: streams of the worker that took the sign-in, and of the other."""
    cookie = log_in(server)
    streams = [_open(server, code, cookie) for _ in range(STREAMS)]
    threads = [threading.Thread(target=stream.read, daemon=True) for stream in streams]
    for thread in threads:
        thread.start()
    same, other = [], []
    with server.phone() as phone:
        phone.get("/healthz")
        assert phone._connection is not None and phone._connection.sock is not None
        mine = _worker_of(server, phone._connection.sock.getsockname()[1])
        for number in range(SIGN_INS):
            ticket = phone.ticket(code, "guest")
            time.sleep(1.2)  # so that the opening's own change and the pace of the stream are over
            before = [len(stream.moments) for stream in streams]
            began = time.monotonic()
            answer = phone.sign_in(code, {"kind": "guest", "name": load.name(number)}, ticket)
            assert answer.status == 303, answer.status
            time.sleep(1.0)
            for stream, count in zip(streams, before, strict=True):
                later = [moment for moment in stream.moments[count:] if moment >= began]
                took = (later[0] - began) * 1000 if later else float("inf")
                (same if stream.worker == mine else other).append(took)
    for stream in streams:
        stream.socket.shutdown(socket.SHUT_RDWR)
    for thread in threads:
        thread.join(5)
    for stream in streams:
        stream.socket.close()
    nothing = float("nan")
    return statistics.median(same or [nothing]), statistics.median(other or [nothing])


def log_in(server: Server) -> str:
    """Return the cookies of a new admin."""
    staff = make_staff("admin")
    with server.phone() as phone:
        answer = phone.post("/login", {"email": staff.email, "password": PASSWORD})
    assert "kiosk_staff=" in answer.cookies, (answer.status, answer.text[:200])
    return answer.cookies


def _open(server: Server, code: str, cookie: str) -> Stream:
    opened = open_stream(server, code, cookie)
    return Stream(_worker_of(server, opened.getsockname()[1]), opened)


def open_stream(server: Server, code: str, cookie: str) -> socket.socket:
    """Return a connection on which a dashboard's stream has begun."""
    opened = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    head = f"GET /events/{code}/dashboard/stream HTTP/1.1\r\nHost: {HOST}:{server.port}\r\nCookie: {cookie}\r\n\r\n"
    opened.sendall(head.encode())
    answer = opened.recv(4096)
    assert b" 200 " in answer.splitlines()[0], answer[:400]
    return opened


def _worker_of(server: Server, client_port: int) -> int:
    """Return the process that holds the other end of a connection."""
    wanted = f":{server.port:04X}"
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        words = line.split()
        if words[1].endswith(wanted) and words[2].endswith(f":{client_port:04X}"):
            for worker in server.workers():
                for descriptor in Path(f"/proc/{worker}/fd").iterdir():
                    if os.path.islink(descriptor) and os.readlink(descriptor) == f"socket:[{words[9]}]":
                        return worker
    return 0
