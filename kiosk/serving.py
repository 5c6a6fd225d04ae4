"""gunicorn's worker as this house needs it: what it answers and logs by itself (docs/decisions/0001), how slow a body
may be, and who goes where there is no room (docs/decisions/0018)."""

from __future__ import annotations

import math
import socket
import time
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any

import gevent
from flask import Flask
from gevent.server import StreamServer
from gunicorn.http import errors
from gunicorn.workers.ggevent import GeventWorker
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import BadRequest, HTTPException, RequestTimeout

from kiosk import heap
from kiosk.config import read_settings
from kiosk.connections import Connection, Connections, CutOff
from kiosk.extensions import db, shrink_readers
from kiosk.services import pauses
from kiosk.services.host import network
from kiosk.services.store.disk import MinuteLine
from kiosk.web.frame.errors import BROKEN, bare_page
from kiosk.web.frame.headers import PROTECTION

LEAST_RATE = 500  # bytes a second of a body: a phone at the edge of the hall sends 2,000
GRACE_SECONDS = 10.0  # before the rate is asked for: radio drops out for seconds
LONGEST_SECONDS = 120.0  # for one body, at whatever rate
LINGER_SECONDS = 1.0  # for what somebody sends still who was refused
QUIET_SECONDS = 1.0  # without a request, after many: then there is time to tidy up
# Of a worker's connections. Where gunicorn has all of them it accepts nobody, and so cannot tell who should go.
HELD = 0.9  # in all; the rest is for newcomers, until somebody has gone for them
SHARE = 0.75  # of one address: everybody behind one router, and never everything
ACCEPTED = 16  # newcomers at once: of fewer, those in the door come again first; of a hundred, all in it must wait
LINGERING = 0.05  # that are answered already and wait until the answer is read
STATUSES = {
    errors.LimitRequestLine: 414,
    errors.ExpectationFailed: 417,
    errors.LimitRequestHeaders: 431,
    errors.UnsupportedTransferCoding: 501,
    errors.ForbiddenProxyRequest: 403,
}
# Of what gunicorn answers by itself, before or after the program.
NOT_UNDERSTOOD = ("没看懂这个请求", "请返回上一页，刷新后重试。", "That could not be understood",
                  "Please go back, reload the page and try once more.")  # fmt: skip
BUSY = ("现在人很多", "请几秒后重试。", "Very busy just now", "Please try again in a few seconds.")


class Worker(GeventWorker):  # type: ignore[misc]
    """A gevent worker."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        most = self.worker_connections
        # Behind a proxy all come from one address, and it has the whole body before it passes any of it on.
        share = math.inf if read_settings().trusted_proxies else int(most * SHARE)
        self._connections = Connections(int(most * HELD), share)
        self._lingering, self._most_lingering = 0, int(most * LINGERING)
        self._line = MinuteLine(self.log)
        self._rest = heap.Rest()
        self._is_quitting = False

    def handle_quit(self, sig: Any, frame: Any) -> None:
        """End once: Ctrl-C comes from the terminal and again from gunicorn, and twice it prints a traceback."""
        if not self._is_quitting:
            self._is_quitting = True
            super().handle_quit(sig, frame)

    def run(self) -> None:
        """Serve."""
        gevent.spawn(self._tidy_when_quiet)
        super().run()

    def server_class(self, listener: Any, *, spawn: Any, **_of_pages: Any) -> StreamServer:
        """Return what accepts connections; gunicorn's own accepts a hundred at once, or of several workers one."""
        server = StreamServer(listener, handle=partial(self.handle, listener), spawn=spawn)
        server.max_accept = ACCEPTED
        return server

    def _tidy_when_quiet(self) -> None:
        while True:
            gevent.sleep(QUIET_SECONDS)
            if self._rest.has_come():
                tidy(self.wsgi)

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """Serve one connection, for which somebody else may have to go."""
        connection = Connection(client, client_of(addr))
        if not self._connections.admit(connection):
            self._no_room()
            send(client, HTTPStatus.SERVICE_UNAVAILABLE, BUSY)
            client.close()
            return
        try:
            super().handle(listener, connection, addr)
        finally:
            self._connections.leave(connection)

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> Any:
        """Serve one request, whose body comes at the least rate or is cut off."""
        self._rest.count()
        unreader, body = req.unreader, req.body
        unreader.sock, body.reader = PacedSocket(sock), StrictReader(body.reader)
        try:
            is_kept = super().handle_request(listener_name, req, sock, addr)
        finally:
            unreader.sock = sock
            self._rest.count()
            if pauses.was_long():
                heap.give_back()
        sock.begin()
        return is_kept

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Any) -> None:
        """Answer what never reached the program, or broke it; of the request nothing is logged, not its line either."""
        self._connections.leave(client)
        if isinstance(exc, CutOff):
            self._no_room()
            status, words = HTTPStatus.SERVICE_UNAVAILABLE, BUSY
            if client.is_answered or not client.received:
                return  # half an answer is none, and who has asked nothing opens another
        else:
            status = status_of(exc)
            words = NOT_UNDERSTOOD if status.value < 500 else BROKEN
            if status.value < 500:
                self.log.warning("A request was refused: %s", type(exc).__name__)
            else:
                self.log.error("A request broke off: %s", type(exc).__name__, exc_info=exc)
        send(client.sock, status, words)
        if self._lingering < self._most_lingering:
            self._lingering += 1
            try:
                linger(client.sock, client.is_cut)
            finally:
                self._lingering -= 1

    def _no_room(self) -> None:
        self._line.count("%d connections were cut off or refused to make room", 1)


def tidy(app: Any) -> None:
    """Give back what many requests have left: pages that SQLite keeps, what nobody refers to, and its room."""
    if isinstance(app, Flask) and app.config["KIOSK"].is_sqlite:
        with app.app_context(), suppress(DBAPIError):  # whoever reads next says it better
            shrink_readers(db.engine)
    heap.give_back()


class PacedSocket:
    """A connection from which a request's body is read: each piece in time, or RequestTimeout."""

    def __init__(self, sock: Any) -> None:
        self._sock, self._received, self._began = sock, 0, time.monotonic()

    def recv(self, size: int) -> bytes:
        """Return what comes next of the body."""
        until = min(GRACE_SECONDS + self._received / LEAST_RATE, LONGEST_SECONDS)
        with gevent.Timeout(max(0.0, self._began + until - time.monotonic()), RequestTimeout):
            data: bytes = self._sock.recv(size)
        self._received += len(data)
        return data


class StrictReader:
    """A body of which what is malformed is its sender's mistake, and no crash of the program."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader

    def read(self, size: int) -> bytes:
        """Return so much of the body; raise BadRequest."""
        try:
            data: bytes = self._reader.read(size)
        except (errors.ParseException, errors.NoMoreData) as error:
            raise BadRequest from error
        return data


def client_of(addr: Any) -> str:
    """Return whom an address counts for (services/host/network), "" for a socket in a folder."""
    return (network.client_of(addr[0]) if isinstance(addr, tuple) else None) or ""


def status_of(error: BaseException) -> HTTPStatus:
    """Return what gunicorn answers to an error that reached it."""
    if isinstance(error, errors.InvalidResponseHeader | errors.InvalidResponseHeaderName | errors.ConfigurationProblem):
        return HTTPStatus.INTERNAL_SERVER_ERROR
    if isinstance(error, HTTPException):
        return HTTPStatus(error.code or 500)
    is_client_s = isinstance(error, errors.ParseException)
    return HTTPStatus(STATUSES.get(type(error), 400 if is_client_s else 500))


def send(client: Any, status: HTTPStatus, words: tuple[str, str, str, str]) -> None:
    """Send a whole answer and expect nothing more; who does not take it at once goes without."""
    body = bare_page(status.value, words).encode()
    headers = [("Connection", "close"), ("Content-Type", "text/html; charset=utf-8"), ("Content-Length", len(body))]
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append(("Retry-After", "5"))
    lines = [f"{name}: {value}" for name, value in (*headers, *PROTECTION)]
    try:
        client.setblocking(False)
        client.sendall("\r\n".join((f"HTTP/1.1 {status.value} {status.phrase}", *lines, "", "")).encode() + body)
    except OSError:
        return


def linger(client: Any, is_cut: bool) -> None:
    """Take for a moment what is sent still: a connection closed upon it is reset, and the answer with it. One that is
    cut does not tell when more comes, so that the moment is waited for."""
    try:
        client.setblocking(True)
        client.shutdown(socket.SHUT_WR)
        if is_cut:
            gevent.sleep(LINGER_SECONDS)
        with gevent.Timeout(LINGER_SECONDS, False):
            while client.recv(65536):
                pass
    except OSError:
        return
