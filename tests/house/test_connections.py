"""Who goes where a worker has no room: whoever keeps it waiting the longest, and nobody whom it works for."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import gevent.socket
import pytest
from gunicorn.config import Config

from kiosk import connections
from kiosk.connections import Connection, Connections, CutOff
from kiosk.heap import Rest
from kiosk.serving import ACCEPTED, Worker
from tests.aids.factories import PASSWORD, make_event, make_staff
from tests.aids.server import Server, run_server

PLACES = 40  # of one worker; 36 are held, 30 by one client


class Line:
    """A socket's place, without one: takes and gives as much as it is asked for."""

    is_cut = False

    def recv(self, size: int) -> bytes:
        return b"a" * size

    def send(self, data: memoryview) -> int:
        return min(len(data), 100)

    def fileno(self) -> int:
        return -1

    def shutdown(self, how: int) -> None:
        self.is_cut = True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which the test changes."""
    now = [1000.0]
    monkeypatch.setattr(connections, "time", SimpleNamespace(monotonic=lambda: now[0]))
    return now


def waiting(client: str = "a") -> Connection:
    one = Connection(Line(), client)
    one.is_waiting = True
    return one


def receive(one: Connection, size: int) -> None:
    one.recv(size)
    one.is_waiting = True


def test_whoever_is_silent_the_longest_goes_for_somebody_new(clock: list[float]) -> None:
    held = Connections(3, 3)
    ones = []
    for _ in range(3):
        ones.append(waiting())
        assert held.admit(ones[-1])
        clock[0] += 1
    assert held.admit(waiting())
    assert [one.is_cut for one in ones] == [True, False, False]
    assert held.admit(waiting())
    assert [one.is_cut for one in ones] == [True, True, False]


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([1] * 20, id="a byte a second"),
        pytest.param([600] * 20, id="above the least rate"),
        pytest.param([1900] * 20, id="nearly as fast"),
        pytest.param([2000] * 20, id="as fast, for long"),
        pytest.param([20000] + [0] * 19, id="all at once"),
        pytest.param([0] * 20, id="nothing"),
    ],
)
def test_a_phone_that_sends_two_thousand_bytes_a_second_outlasts(clock: list[float], pieces: list[int]) -> None:
    held = Connections(2, 2)
    bad, phone = waiting(), waiting()
    held.admit(bad)
    for second, size in enumerate(pieces):
        if size:
            receive(bad, size)
        if second == 16:
            phone = waiting()
            held.admit(phone)
        if second >= 16:
            receive(phone, 2000)
        clock[0] += 1
    assert held.admit(waiting())
    assert (bad.is_cut, phone.is_cut) == (True, False)


def test_whom_the_worker_works_for_never_goes(clock: list[float]) -> None:
    held = Connections(2, 2)
    ones = [waiting(), waiting()]
    for one in ones:
        held.admit(one)
        one.is_waiting = False
    clock[0] += 1000
    assert not held.admit(waiting())
    held.leave(ones[0])
    assert held.admit(waiting())
    assert not any(one.is_cut for one in ones)


def test_one_client_has_its_share_and_makes_room_of_its_own(clock: list[float]) -> None:
    held = Connections(4, 2)
    other, ones = waiting("b"), [waiting(), waiting()]
    held.admit(other)
    clock[0] += 5
    for one in ones:
        held.admit(one)
    assert held.admit(waiting())
    assert [one.is_cut for one in (other, *ones)].count(True) == 1 and not other.is_cut
    assert held.admit(waiting("c")) and held.admit(waiting("d"))
    assert other.is_cut, "in all there are four"


def test_a_new_request_is_waited_for_anew(clock: list[float]) -> None:
    held = Connections(2, 2)
    kept, silent = waiting(), waiting()
    held.admit(kept)
    clock[0] += 3
    held.admit(silent)
    clock[0] += 3
    kept.begin()
    assert held.admit(waiting())
    assert (kept.is_cut, silent.is_cut) == (False, True)


def test_who_is_cut_off_learns_it_where_it_waits() -> None:
    here, there = socket.socketpair()
    with here, there:
        one = Connection(here, "a")
        one.cut()
        with pytest.raises(CutOff):
            one.recv(10)


def test_who_waits_for_a_worker_that_lags_behind_does_not_go() -> None:
    pairs = [socket.socketpair() for _ in range(2)]
    held, ones = Connections(2, 2), []
    for here, _ in pairs:
        ones.append(Connection(here, "a"))
        ones[-1].is_waiting = True
        held.admit(ones[-1])
    pairs[0][1].sendall(b"a")
    assert held.admit(waiting())
    assert [one.is_cut for one in ones] == [False, True]
    for line in (*pairs[0], *pairs[1]):
        line.close()


def test_some_newcomers_are_accepted_at_once_however_many_workers_there_are() -> None:
    """One at a time, a crowd that has found its place comes back again and again before the last newcomer is heard."""
    accepted: list[Any] = []
    at_once: list[int] = []
    crowd = 3 * ACCEPTED

    class Counting(Worker):
        alive, pid, wsgi, log, worker_connections = True, 0, None, None, 2 * crowd

        def __init__(self, listener: Any) -> None:
            self.cfg, self.sockets, self._rest = Config(), [listener], Rest()
            self.cfg.set("workers", 2)

        def handle(self, listener: Any, client: Any, addr: Any) -> None:
            accepted.append(client)

        def notify(self) -> None:
            while self.alive and len(accepted) < crowd:
                before = len(accepted)
                gevent.sleep(0)
                at_once.append(len(accepted) - before)
            self.alive = False

    with gevent.socket.socket() as listener:  # as gunicorn has them once it is patched
        listener.bind(("127.0.0.1", 0))
        listener.listen(crowd)
        lines = [socket.create_connection(listener.getsockname()) for _ in range(crowd)]
        Counting(listener).run()
    for line in (*lines, *accepted):
        line.close()
    assert max(at_once) == ACCEPTED


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with run_server(
        tmp_path_factory.mktemp("small"), workers=1, options=("--worker-connections", str(PLACES))
    ) as server:
        yield server


def connected(server: Server, sent: bytes = b"", **options: int) -> socket.socket:
    line = socket.socket()
    line.settimeout(20)
    if "buffer" in options:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, options["buffer"])
    line.connect(("127.0.0.1", server.port))
    line.sendall(sent)
    return line


SLOW = {
    "silent": b"",
    "half a head": b"GET / HTTP/1.1\r\nHost: a\r\n",
    "half a body": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                   b"Content-Length: 5000\r\n\r\na=",
    "idle after a page": b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
    "nothing read": b"GET %s HTTP/1.1\r\nHost: a\r\n\r\n" * 100,
}  # fmt: skip


@pytest.mark.server
@pytest.mark.parametrize("kind", SLOW)
def test_a_sign_in_passes_and_a_stream_lasts_while_others_hold_every_place(small: Server, kind: str) -> None:
    event = make_event()
    email = f"{kind.replace(' ', '.')}@example.org"
    make_staff(email=email)
    with small.phone() as tablet:
        tablet.headers["Cookie"] = tablet.post("/login", {"email": email, "password": PASSWORD}).cookies
        cookie = tablet.headers["Cookie"]
        script = re.findall(r'/static/[^"]*htmx[^"]*', tablet.get(f"/events/{event.code}/dashboard").text)[0]
    stream = connected(
        small, f"GET /events/{event.code}/dashboard/stream HTTP/1.1\r\nHost: a\r\nCookie: {cookie}\r\n\r\n".encode()
    )
    read_until(stream, b"event: beat")
    held = [connected(small, SLOW[kind].replace(b"%s", script.encode()), buffer=2048) for _ in range(PLACES)]
    with small.phone(timeout=10) as phone:
        answer = phone.sign_in(event.code, {"kind": "guest", "name": "张爱国"}, phone.ticket(event.code, "guest"))
    assert answer.status == 303
    read_until(stream, b'data-roll="arrived">1<')
    for line in (*held, stream):
        line.close()


def read_until(line: socket.socket, part: bytes) -> None:
    heard = b""
    while part not in heard:
        piece: Any = line.recv(65536)
        assert piece, "the stream ended"
        heard += piece


@pytest.mark.server
def test_a_body_that_goes_for_others_is_answered_in_words(small: Server) -> None:
    first = connected(small, SLOW["half a body"])
    time.sleep(0.5)  # what it has sent pays for a moment
    others = [connected(small) for _ in range(PLACES)]
    answer = b""
    while piece := first.recv(65536):
        answer += piece
    assert answer.startswith(b"HTTP/1.1 503 ") and "现在人很多".encode() in answer and b"Retry-After: " in answer
    for line in (first, *others):
        line.close()
