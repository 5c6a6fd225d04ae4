"""Two nodes behind a real nginx with the recipe of deploy/nginx.conf: live through it, and restarted one by one."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select

from kiosk.config import SECRET_FILE
from kiosk.extensions import db
from kiosk.models import SignIn
from kiosk.services import tallies
from kiosk.services.event.event_views import EventView
from tests.aids import postgres
from tests.aids.factories import PASSWORD, make_event, make_staff
from tests.aids.nginx import run_nginx
from tests.aids.server import HOST, Phone, Server, free_port, run_server, ticket_of

ROUNDS = 10 if os.environ.get("SOAK") == "1" else 1
PHONES, PATIENCE_SECONDS, LIVE_SECONDS = 4, 30.0, 10.0
SECRET = "a secret that both of the nodes have"  # noqa: S105
GUEST = {"kind": "guest", "identity": "市民观察员"}

pytestmark = [pytest.mark.server, pytest.mark.timeout(120 + 60 * ROUNDS)]


@dataclass
class Proxied:
    """Two nodes and what stands before them."""

    port: int
    nodes: tuple[Server, Server]

    def phone(self) -> Phone:
        return Phone(self.port, 20)


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory, postgres_server: postgres.Server) -> Iterator[Proxied]:
    port, folder = free_port(), tmp_path_factory.mktemp("nodes")
    environ = {"KIOSK_TRUSTED_PROXIES": "1", "KIOSK_BASE_URL": f"http://{HOST}:{port}"}
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(postgres_server.database())
        nodes = []
        for name in ("a", "b"):
            (folder / name).mkdir()
            (folder / name / SECRET_FILE).write_text(SECRET, encoding="ascii")
            nodes.append(stack.enter_context(run_server(folder / name, database_url=url, environ=environ)))
        stack.enter_context(run_nginx(port, [node.port for node in nodes]))
        make_staff()
        yield Proxied(port, (nodes[0], nodes[1]))


@dataclass
class Seen:
    """What phones were answered."""

    acknowledged: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


def log_in_by(proxied: Proxied) -> str:
    """Log in through the proxy and return the cookies."""
    with proxied.phone() as tablet:
        answer = tablet.post("/login", {"email": "admin@example.org", "password": PASSWORD})
        assert answer.status == 303, answer.text[:400]
        return answer.cookies


@contextlib.contextmanager
def stream_of(proxied: Proxied, event: EventView, cookies: str) -> Iterator[socket.socket]:
    """Open a dashboard's stream through the proxy."""
    request = f"GET /events/{event.code}/dashboard/stream HTTP/1.1\r\nHost: {HOST}:{proxied.port}\r\nCookie: {cookies}"
    with socket.create_connection(("127.0.0.1", proxied.port), timeout=LIVE_SECONDS) as line:
        line.sendall(f"{request}\r\n\r\n".encode())
        yield line


def read_until(line: socket.socket, part: bytes) -> bytes:
    """Read on until this is heard; a silence of LIVE_SECONDS, which is shorter than a heartbeat, fails."""
    heard = b""
    while part not in heard:
        piece = line.recv(65536)
        assert piece, f"the stream ended before {part!r}"
        heard += piece
    return heard


def test_what_either_node_writes_is_seen_at_once_in_a_stream_through_the_proxy(proxied: Proxied) -> None:
    event, cookies = make_event(), log_in_by(proxied)
    with stream_of(proxied, event, cookies) as line, proxied.phone() as phone:
        assert b"text/event-stream" in read_until(line, b"event: beat")
        for number in range(1, 5):  # nodes take turns
            sent = phone.sign_in(event.code, {**GUEST, "name": f"张{number}"}, phone.ticket(event.code, "guest"))
            assert sent.status == 303
            read_until(line, f'data-roll="arrived">{number}<'.encode())


def test_the_nodes_know_the_address_that_visitors_use_and_believe_one_hop(proxied: Proxied) -> None:
    event, cookies = make_event(), log_in_by(proxied)
    own, other = f"http://{HOST}:{proxied.port}", "http://elsewhere.test"
    statuses = []
    for number, origin in enumerate((own, other)):
        with proxied.phone() as phone:
            ticket = phone.ticket(event.code, "guest")
            phone.headers |= {"Origin": origin, "X-Forwarded-Host": "elsewhere.test", "X-Forwarded-For": "192.0.2.7"}
            statuses.append(phone.sign_in(event.code, {**GUEST, "name": f"李{number}"}, ticket).status)
    assert statuses == [303, 403]
    with proxied.phone() as tablet:
        tablet.headers["Cookie"] = cookies
        assert f"{own}/e/{event.code}" in tablet.get(f"/events/{event.code}").text


def test_a_sign_in_on_which_a_node_has_died_is_sent_to_the_next_one_and_no_other_form_is(proxied: Proxied) -> None:
    event, port = make_event(), free_port()
    log_in_form = {"email": "admin@example.org", "password": PASSWORD}
    with node_that_dies() as (dying, lost), run_nginx(port, [dying, proxied.nodes[0].port]), Phone(port, 20) as phone:
        with proxied.phone() as other:
            tickets = [other.ticket(event.code, "guest") for _ in range(4)]
        for number, ticket in enumerate(tickets):
            assert phone.sign_in(event.code, {**GUEST, "name": f"赵{number}"}, ticket).status == 303
        assert sum(line.startswith(b"POST /e/") for line in lost) >= 2, "it was asked again, not left out"
        assert {phone.post("/login", log_in_form).status for _ in range(4)} == {303, 502}
    names = db.session.scalars(select(SignIn.name).where(SignIn.event_id == event.id)).all()
    assert sorted(names) == [f"赵{number}" for number in range(4)]


@contextlib.contextmanager
def node_that_dies() -> Iterator[tuple[int, list[bytes]]]:
    """Give the port of a node that hangs up on each request once it has it, and the requests' beginnings."""
    lost: list[bytes] = []

    class Dying(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            lost.append(self.request.recv(65536))

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Dying) as node:
        thread = threading.Thread(target=node.serve_forever)
        thread.start()
        try:
            yield node.server_address[1], lost
        finally:
            node.shutdown()
            thread.join()


def test_nodes_restarted_one_after_the_other_cost_nobody_a_sign_in(proxied: Proxied) -> None:
    event, seen, is_over = make_event(), Seen(), threading.Event()
    with ThreadPoolExecutor(PHONES) as pool:
        phones = [pool.submit(sign_in_again_and_again, proxied, event, n, seen, is_over) for n in range(PHONES)]
        for _ in range(ROUNDS):
            for node in proxied.nodes:
                wait_for_more(seen, 20)
                node.restart()
        wait_for_more(seen, 20)
        is_over.set()
        for phone in phones:
            phone.result()
    assert seen.broken == [] and set(seen.statuses) <= {200, 303}, (set(seen.statuses), seen.broken)
    db.session.remove()
    rows = db.session.scalars(select(SignIn.name).where(SignIn.event_id == event.id)).all()
    assert sorted(rows) == sorted(seen.acknowledged), "each acknowledged one once, and nobody else"
    assert tallies.recount() == ()


def sign_in_again_and_again(
    proxied: Proxied, event: EventView, number: int, seen: Seen, is_over: threading.Event
) -> None:
    """Open the page and sign in, one person after another; nothing is tried a second time."""
    count = 0
    while not is_over.is_set():
        count += 1
        name = f"张{number}{count:05d}"
        try:
            with proxied.phone() as phone:
                page = phone.get(f"/e/{event.code}?kind=guest")
                seen.statuses.append(page.status)
                if page.status != 200:
                    continue
                answer = phone.sign_in(event.code, {**GUEST, "name": name}, ticket_of(page))
                seen.statuses.append(answer.status)
                if answer.status == 303:
                    seen.acknowledged.append(name)
        except (OSError, http.client.HTTPException) as error:
            seen.broken.append(repr(error))


def wait_for_more(seen: Seen, many: int) -> None:
    """Wait until so many more are signed in."""
    wanted, until = len(seen.acknowledged) + many, time.monotonic() + PATIENCE_SECONDS
    while len(seen.acknowledged) < wanted:
        assert time.monotonic() < until, (seen.broken[-3:], seen.statuses[-3:])
        time.sleep(0.02)
