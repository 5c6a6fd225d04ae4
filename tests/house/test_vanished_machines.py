"""A machine that vanishes without a farewell, as by a pulled cable: whoever is connected to it gives it up in seconds.

By SOAK=1 on a wire of its own: the database's first host vanishes in a rush, in the middle of writes, and the second
one of the same address is used. To the database the node's connections have vanished as well, with their locks.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from kiosk.extensions import POSTGRESQL_ARGUMENTS, db
from kiosk.services.codes import new_ticket
from kiosk.services.event.event_views import EventView
from kiosk.services.store import live
from tests.aids import namespaces, postgres
from tests.aids.apps import build_app, close
from tests.aids.factories import make_event
from tests.aids.history import ACKNOWLEDGED, History, read_books
from tests.aids.server import Server, run_server

SILENCE_SECONDS = 25.0
PHONES = 8
# Each connection to a port of this machine goes on to a socket in a folder.
RELAY = """
import asyncio, sys
async def copy(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
    writer.close()
async def relay(reader, writer):
    far_reader, far_writer = await asyncio.open_unix_connection(sys.argv[3])
    await asyncio.gather(copy(reader, far_writer), copy(far_reader, writer), return_exceptions=True)
async def main():
    server = await asyncio.start_server(relay, sys.argv[1], int(sys.argv[2]))
    print("ready", flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


def test_every_connection_to_postgresql_notices_when_the_other_side_is_gone(
    tmp_path: Path, postgres_server: postgres.Server
) -> None:
    with postgres_server.database() as url:
        app = build_app(tmp_path / "instance", KIOSK_DATABASE_URL=url)
        with app.app_context():
            engines = (db.engine, app.extensions["kiosk_writer"].writer._engine)
            with contextlib.ExitStack() as stack:
                opened = [stack.enter_context(engine.connect()).connection.dbapi_connection for engine in engines]
                opened.append(stack.enter_context(contextlib.closing(live.connect_postgres(make_url(url)))))
                for one in opened:
                    asked = one.info.get_parameters()
                    assert {name: int(asked[name]) for name in POSTGRESQL_ARGUMENTS} == dict(POSTGRESQL_ARGUMENTS)
                writer = opened[1].execute("SHOW idle_in_transaction_session_timeout").fetchone()
                assert writer == ("10s",), "what a node that is gone has locked is let go"
            close(app)


@contextlib.contextmanager
def relayed(wire: namespaces.TwoHosts, port: int, socket: str) -> Iterator[None]:
    """Let the far host pass on what comes to its port."""
    command = namespaces.command_in(wire.phone, [sys.executable, "-c", RELAY, wire.phone_address, str(port), socket])
    with subprocess.Popen(command, stdout=subprocess.PIPE) as relay:
        assert relay.stdout is not None and relay.stdout.readline() == b"ready\n"
        try:
            yield
        finally:
            relay.kill()


def sign_in_again_and_again(
    server: Server, event: EventView, number: int, history: History, is_over: threading.Event, moments: list[float]
) -> None:
    """Be one phone after another, each until it is in."""
    for count in itertools.count():
        with server.app.app_context():
            ticket = new_ticket(event.id).token
        while not is_over.is_set():
            with server.phone(timeout=15) as phone:
                form = {"kind": "guest", "name": f"张{number}{count:04d}"}
                answer = history.sign_in(phone, event.code, form, ticket)
            if answer is not None and answer.status == ACKNOWLEDGED:
                moments.append(time.monotonic())
                break
            time.sleep(0.05)
        if is_over.is_set():
            return


@pytest.mark.server
@pytest.mark.timeout(300)
@pytest.mark.skipif(os.environ.get("SOAK") != "1", reason="waits for machines that have vanished; SOAK=1")
def test_a_database_s_host_that_vanishes_is_given_up_for_the_other_one(
    postgres_server: postgres.Server, tmp_path: Path
) -> None:
    namespaces.require_namespaces()
    with contextlib.ExitStack() as stack:
        wire = stack.enter_context(namespaces.two_hosts(server_is_this_machine=True))
        direct = stack.enter_context(postgres_server.database())
        with psycopg.connect(direct.replace("+psycopg", "")) as connection:
            (folder,) = connection.execute("SHOW unix_socket_directories").fetchone() or ("",)
        port, name = postgres_server.port, direct.rpartition("/")[2]
        stack.enter_context(relayed(wire, port, f"{folder}/.s.PGSQL.{port}"))
        hosts = f"host={wire.phone_address}:{port}&host=127.0.0.1:{port}&target_session_attrs=read-write"
        server = stack.enter_context(
            run_server(tmp_path / "instance", database_url=f"postgresql+psycopg://kiosk@/{name}?{hosts}")
        )
        event, history, is_over, moments = make_event(), History(), threading.Event(), list[float]()
        with ThreadPoolExecutor(PHONES) as pool:
            phones = [
                pool.submit(sign_in_again_and_again, server, event, number, history, is_over, moments)
                for number in range(PHONES)
            ]
            try:
                wait_for(lambda: len(moments) > 100)
                namespaces.ip_in(wire.phone, "link", "set", far_end(wire), "down")
                vanished = time.monotonic()
                wait_for(lambda: sum(moment > vanished + 1 for moment in moments) > 100, seconds=120)
            finally:
                is_over.set()
            for phone in phones:
                phone.result()
        ordered = sorted(moments)
        silence = max(after - before for before, after in itertools.pairwise(ordered))
        print(f"silence of {silence:.1f} s")
        assert 1 < silence < SILENCE_SECONDS
        with psycopg.connect(direct.replace("+psycopg", "")) as connection:
            books = read_books(lambda asked: connection.execute(asked).fetchall(), event.id)
        assert history.judge(books) == []


def wait_for(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def far_end(wire: namespaces.TwoHosts) -> str:
    """Return the name of the far host's adapter."""
    listed = namespaces.run_in(wire.phone, ["ip", "-brief", "address"]).stdout
    return next(line.split("@")[0] for line in listed.splitlines() if wire.phone_address in line)
