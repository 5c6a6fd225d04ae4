"""The server itself: what it answers without the program, what it logs of it, slow bodies, and one address's share."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.services.account import staff_sessions
from kiosk.serving import client_of
from kiosk.web.frame.access import COOKIE
from kiosk.web.frame.headers import POLICY
from tests.aids import hostile_lists
from tests.aids.factories import make_event, make_staff
from tests.aids.server import Phone, Server, run_server

pytestmark = [pytest.mark.server, pytest.mark.timeout(240)]
SECRET = "AAAAAAABA7cSECRET"


@pytest.fixture(scope="module")
def one_worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with run_server(tmp_path_factory.mktemp("serving"), workers=1, is_forked=False) as running:
        yield running


def answer_to(server: Server, sent: bytes) -> str:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(sent)
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts).decode("latin-1")


MANGLED = {
    "no such version": (400, f"GET /done/{SECRET} HTTP/9.9\r\nHost: a\r\n\r\n"),
    "a space too many": (400, f"GET /do ne/{SECRET} HTTP/1.1\r\nHost: a\r\n\r\n"),
    "a tab": (400, f"GET\t/d%6Fne/{SECRET}\tHTTP/1.1\r\nHost: a\r\n\r\n"),
    "no method": (400, f"/done/{SECRET} HTTP/1.1\r\nHost: a\r\n\r\n"),
    "a bad header": (400, f"GET / HTTP/1.1\r\nHost: a\r\nReferer /d%6Fne/{SECRET}\r\n\r\n"),
    "a header's name": (400, f"GET / HTTP/1.1\r\nHost: a\r\n/done/{SECRET} x: y\r\n\r\n"),
    "a line too long": (414, f"GET /done/{SECRET}{'a' * 9000} HTTP/1.1\r\nHost: a\r\n\r\n"),
    "headers too long": (431, f"GET /done/{SECRET} HTTP/1.1\r\nHost: a\r\nX: {'a' * 9000}\r\n\r\n"),
    "an expectation": (417, f"POST /done/{SECRET} HTTP/1.1\r\nHost: a\r\nExpect: {SECRET}\r\n\r\n"),
    "a coding": (501, f"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: {SECRET}\r\n\r\n"),
    "a chunk": (400, f"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                "Content-Type: application/x-www-form-urlencoded\r\n"
                f"Transfer-Encoding: chunked\r\n\r\n{SECRET}\r\n"),
}  # fmt: skip


@pytest.mark.parametrize("kind", MANGLED)
def test_what_never_reaches_the_program_is_answered_under_the_policy_and_not_quoted_in_the_log(
    one_worker: Server, kind: str
) -> None:
    status, sent = MANGLED[kind]
    answer = answer_to(one_worker, sent.encode())
    head = answer.partition("\r\n\r\n")[0]
    assert head.startswith(f"HTTP/1.1 {status} ")
    assert f"Content-Security-Policy: {POLICY}" in head and "no-store" in head and "nosniff" in head
    log = one_worker.log.read_text()
    assert SECRET not in answer and SECRET not in log
    assert all(json.loads(line) for line in log.splitlines())


def test_a_program_that_breaks_is_answered_under_the_policy(tmp_path: Path) -> None:
    with run_server(tmp_path / "instance", workers=1, wsgi="tests.aids.broken_wsgi:app") as server:
        answer = answer_to(server, f"GET /d%6Fne/{SECRET} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        assert answer.startswith("HTTP/1.1 500 ") and f"Content-Security-Policy: {POLICY}" in answer
        log = server.log.read_text()
    assert SECRET not in log and "RuntimeError" in log


@pytest.mark.parametrize(
    ("address", "client"),
    [
        (("10.0.0.7", 5), "10.0.0.7"),
        (("::ffff:10.0.0.7", 5, 0, 0), "10.0.0.7"),
        (("2001:db8:1:2:3::9", 5, 0, 0), "2001:db8:1:2::/64"),
        (("fe80::1%eth0", 5, 0, 2), "fe80::/64"),
        ("", ""),
    ],
)
def test_one_client_is_one_whatever_its_address(address: object, client: str) -> None:
    assert client_of(address) == client


def look_at(desk: Phone, token: str, content: bytes) -> None:
    """Send a list, look at its preview, and forget it."""
    head = f'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n'
    head += '--x\r\nContent-Disposition: form-data; name="file"; filename="list.xlsx"\r\n\r\n'
    body = f"{head}{content.decode('latin-1')}\r\n--x--\r\n"
    path = f"/events/{make_event().code}/roster/import"
    answer = desk.send("POST", path, body, {"Content-Type": "multipart/form-data; boundary=x"})
    assert answer.status == 303 and answer.location
    assert desk.get(answer.location).status == 200
    desk.post(answer.location, {"csrf_token": token, "discard": "1"})


def private_megabytes(pid: int) -> float:
    """Return what a process alone has in memory."""
    fields = re.findall(r"^Private_\w+:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    return sum(map(int, fields)) / 1024


def test_a_worker_gives_back_what_a_list_of_thousands_of_doubts_took(one_worker: Server) -> None:
    """The page refers to itself, so that its rows stay until somebody collects them, and the library keeps its room:
    37 MB. Python's own allocator gives back no megabyte in which one object lives, hence what is left."""
    cookie = f"{COOKIE}={staff_sessions.begin(make_staff().id, address=None, user_agent=None)}"
    with Phone(one_worker.port, headers={"Cookie": cookie}, timeout=60) as desk:
        page = desk.get("/account/password")
        desk.headers["Cookie"] += "; " + page.cookies
        token = re.findall(r'name="csrf_token" value="([^"]+)"', page.text)[0]
        for _time in range(2):
            look_at(desk, token, "姓名,单位\n王强、李娜,东贝\n".encode())
        (worker,) = one_worker.workers()
        before = private_megabytes(worker)
        look_at(desk, token, hostile_lists.doubtful_list())
        assert private_megabytes(worker) - before < 20
