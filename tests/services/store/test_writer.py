"""The one way to write: what shares a commit, what is kept apart, and what happens when the database is away."""

from __future__ import annotations

import contextlib
import fcntl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import gevent
import psycopg
import pytest
from flask import Flask, current_app
from sqlalchemy import Connection, create_engine, event as sa_event, make_url, select, text

from kiosk.extensions import db
from kiosk.models import StoredSetting
from kiosk.services import tallies
from kiosk.services.door import links
from kiosk.services.store import writer
from kiosk.services.store.batches import Writer
from kiosk.services.store.statements import Statement
from kiosk.services.store.writer import Item, WriterBusy, WriterSession
from kiosk.services.store.writer_gevent import GeventQueue
from kiosk.sqlite_driver import sqlite3
from tests.aids import postgres
from tests.aids.apps import build_app, close
from tests.aids.factories import enterprise, guest, make_event, request_for, sign_in
from tests.aids.server import Phone, run_server

KEEP = Statement("INSERT INTO stored_setting (key, value, changed_at) VALUES (:key, :value, '2026-01-01 00:00:00+00')")
OLD_TIME = "2026-01-01 00:00:00"


def keep(key: str) -> Any:
    """Return a unit of work that stores one setting by the hot path's driver."""
    return lambda session: session.driver.execute(KEEP, {"key": key, "value": "1"})


def kept() -> list[str]:
    """Return what a connection of its own sees."""
    engine = create_engine(db.engine.url)
    with engine.connect() as connection:
        found = list(connection.scalars(select(StoredSetting.key).where(StoredSetting.value == "1").order_by("key")))
    engine.dispose()
    return found


def write_together(app: Flask, *works: Any, event_id: int | None = None) -> list[Item]:
    """Write units of work as one batch."""
    items = [Item(work, event_id, ()) for work in works]
    app.extensions["kiosk_writer"].writer.execute(items)
    return items


def test_nobody_sees_a_batch_before_its_commit(both_app: Flask) -> None:
    seen: list[list[str]] = []

    def look(session: WriterSession) -> None:
        seen.append(kept())

    write_together(both_app, keep("a"), look, keep("b"), look)
    assert seen == [[], []]
    assert kept() == ["a", "b"]


def test_nobody_sees_a_batch_with_savepoints_before_its_commit(both_app: Flask) -> None:
    seen: list[list[str]] = []

    def fail(session: WriterSession) -> None:
        keep("poison")(session)
        raise ValueError("after it has written")

    def look(session: WriterSession) -> None:
        seen.append(kept())

    items = write_together(both_app, keep("a"), fail, look, keep("b"), look)
    assert isinstance(items[1].error, ValueError)
    assert seen and all(found == [] for found in seen), "a savepoint's RELEASE was a commit of its own"
    assert kept() == ["a", "b"]


def test_a_session_of_a_unit_writes_in_the_same_transaction(both_app: Flask) -> None:
    def add(session: WriterSession) -> str:
        when = db.session.scalar(select(StoredSetting.changed_at).limit(1))
        assert when is None
        session.execute(text(f"INSERT INTO stored_setting VALUES ('orm', '1', '{OLD_TIME}')"))
        return session.scalars(select(StoredSetting.key).where(StoredSetting.value == "1")).one()

    seen: list[list[str]] = []
    items = write_together(both_app, add, lambda session: seen.append(kept()), keep("driver"))
    assert [item.error for item in items] == [None, None, None]
    assert (items[0].result, seen, kept()) == ("orm", [[]], ["driver", "orm"])


def test_a_poisoned_unit_hurts_nobody_else(both_app: Flask) -> None:
    write_together(both_app, keep("taken"))

    def fail(session: WriterSession) -> None:
        raise KeyError("before it has written")

    def fail_late(session: WriterSession) -> None:
        keep("half")(session)
        raise KeyError("after it has written")

    items = write_together(both_app, keep("a"), fail, keep("b"), fail_late, keep("taken"), keep("c"))
    assert [type(item.error).__name__ for item in items] == [
        "NoneType", "KeyError", "NoneType", "KeyError", items[4].error.__class__.__name__, "NoneType",
    ]  # fmt: skip
    assert items[4].error is not None, "its key was taken"
    assert kept() == ["a", "b", "c", "taken"]


def test_a_refused_sign_in_among_others_takes_only_itself_back(both_app: Flask) -> None:
    event = make_event(capacity=3)
    with ThreadPoolExecutor(8) as pool:

        def arrive(number: int) -> bool:
            with both_app.app_context():
                try:
                    sign_in(event, guest(f"张{number}"))
                except Exception as refusal:
                    return getattr(refusal, "code", "") != "full"
                return True

        assert sorted(pool.map(arrive, range(8))) == [False] * 5 + [True] * 3
    assert tallies.recount() == ()


def test_a_unit_runs_in_its_callers_context(both_app: Flask) -> None:
    """Under gevent it runs in another thread, where current_app would otherwise mean nothing."""
    found: list[str] = []
    with ThreadPoolExecutor(1) as pool:
        item = Item(lambda session: found.append(current_app.config["SECRET_KEY"]), None, ())
        pool.submit(both_app.extensions["kiosk_writer"].writer.execute, [item]).result()
    assert (item.error, found) == (None, [both_app.config["SECRET_KEY"]])


def test_who_waits_too_long_for_another_process_is_told_so(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    app.extensions["kiosk_writer"].writer.lock.wait = 0.2
    with holding_flock(app), pytest.raises(WriterBusy):
        writer.run(keep("a"))
    writer.run(keep("b"))
    assert kept() == ["b"]


def test_who_comes_while_another_process_holds_the_lock_shares_the_commit(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue, commits, commit = app.extensions["kiosk_writer"], [], Writer.commit
    monkeypatch.setattr(Writer, "commit", lambda *given: (commits.append(1), commit(*given)))

    def write(key: str) -> None:
        with app.app_context():
            writer.run(keep(key))

    with ThreadPoolExecutor(4) as pool, holding_flock(app):
        written = [pool.submit(write, "first")]
        wait_until(lambda: queue._turn.locked() and not queue._waiting)  # its batch is made and waits for the lock
        written += [pool.submit(write, key) for key in ("second", "third")]
        wait_until(lambda: len(queue._waiting) == 2)
    for one in written:
        one.result()
    assert (kept(), len(commits)) == (["first", "second", "third"], 1)


def test_a_batch_that_meets_a_locked_database_waits_once_and_not_for_each(app: Flask) -> None:
    """Somebody opened the file with a tool and left a transaction open."""
    app.extensions["kiosk_writer"].writer.execute([])  # opens the connection
    path = app.config["KIOSK"].sqlite_file
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    items = write_together(app, keep("a"), keep("b"), keep("c"))
    other.close()
    assert all(isinstance(item.error, WriterBusy) for item in items)
    assert time.monotonic() - began < 2 * writer.WAIT_SECONDS


def test_postgresql_that_was_restarted_costs_nobody_an_answer(tmp_path: Path, postgres_server: postgres.Server) -> None:
    with postgres_app(tmp_path, postgres_server) as (app, url):
        write_together(app, keep("a"))
        end_other_backends(url)
        items = write_together(app, keep("b"), keep("c"))
        assert [item.error for item in items] == [None, None]
        db.session.remove()
        db.engine.dispose()
        assert kept() == ["a", "b", "c"]


def test_a_connection_lost_in_commit_is_unknown_and_the_key_decides(
    tmp_path: Path, postgres_server: postgres.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgres_app(tmp_path, postgres_server) as (app, _url):
        event = make_event()
        request = request_for(event, enterprise())
        real = Writer.commit

        def commit_and_lose(self: Writer, transaction: Any) -> None:
            transaction.connection.connection.commit()  # it is on disk, but the answer never comes
            transaction.connection.connection.dbapi_connection.close()
            real(self, transaction)

        monkeypatch.setattr(Writer, "commit", commit_and_lose)
        with pytest.raises(WriterBusy):
            sign_in(event, request.details, ticket=request.ticket)
        monkeypatch.undo()
        again = sign_in(event, request.details, ticket=request.ticket)
        assert (again.is_own, again.is_repeat, again.ordinal) == (True, True, 1)
        assert tallies.recount() == ()


def test_two_batches_that_deadlock_are_both_written(tmp_path: Path, postgres_server: postgres.Server) -> None:
    with postgres_app(tmp_path, postgres_server) as (app, url):
        both_hold_one = threading.Barrier(2, timeout=10)
        first_time = {"x": True, "y": True}

        def touch(key: str) -> Any:
            statement = Statement(f"{KEEP.sql} ON CONFLICT DO NOTHING")
            return lambda session: session.driver.execute(statement, {"key": key, "value": "1"})

        def cross(mine: str, other: str) -> Any:
            def work(session: WriterSession) -> None:
                touch(mine)(session)
                if first_time.pop(mine, False):
                    both_hold_one.wait()
                touch(other)(session)

            return work

        writers = [Writer(make_url(url), tmp_path / "unused") for _ in range(2)]
        items = [Item(cross("x", "y"), None, ()), Item(cross("y", "x"), None, ())]
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda pair: pair[0].execute([pair[1]]), zip(writers, items, strict=True)))
        for one in writers:
            one.close()
        assert [item.error for item in items] == [None, None]
        assert kept() == ["x", "y"]
        assert not first_time


def test_under_gevent_the_loop_turns_while_the_disk_is_slow_and_while_a_long_unit_runs(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a quick unit does not leave the loop's thread."""
    has_turned, places, waited = threading.Event(), {}, []
    begin = Writer._begin

    def wait_for_the_loop() -> None:
        waited.append(has_turned.wait(writer.WAIT_SECONDS))  # a native wait: nothing turns while the loop is in it

    def slow_begin(self: Writer, connection: Connection) -> Any:
        wait_for_the_loop()
        transaction = begin(self, connection)
        sa_event.listen(connection.engine, "commit", lambda _connection: wait_for_the_loop(), once=True)
        return transaction

    def long_unit(session: WriterSession) -> None:
        places["long"] = threading.get_ident()
        wait_for_the_loop()
        keep("long")(session)

    def quick_unit(session: WriterSession) -> None:
        places["quick"] = threading.get_ident()
        keep("quick")(session)

    def turn_and_turn(done: list[str]) -> None:
        while len(done) < 2:
            has_turned.set()
            gevent.sleep(0.001)
            has_turned.clear()

    def write(work: Any, *, is_quick: bool, done: list[str]) -> None:
        with app.app_context():
            writer.run(work, is_quick=is_quick)
        done.append("one")

    def loop() -> int:
        queue = GeventQueue(app.extensions["kiosk_writer"].writer)
        app.extensions["kiosk_writer"] = queue
        done: list[str] = []
        turning = gevent.spawn(turn_and_turn, done)
        gevent.spawn(write, long_unit, is_quick=False, done=done).join()
        gevent.spawn(write, quick_unit, is_quick=True, done=done).join()
        turning.join()
        queue._pool.kill()
        gevent.get_hub().destroy()
        return threading.get_ident()

    monkeypatch.setattr(Writer, "_begin_now", lambda *_: None)  # as where another process writes
    monkeypatch.setattr(Writer, "_begin", slow_begin)
    with ThreadPoolExecutor(1) as pool:
        of_loop = pool.submit(loop).result()
    assert waited == [True] * 5  # two begins, two commits, one long unit
    assert places["quick"] == of_loop != places["long"]
    assert kept() == ["long", "quick"]


def test_under_gevent_a_batch_begins_in_the_loop_and_waits_for_another_program_aside(app: Flask) -> None:
    queue, begun, turns = GeventQueue(app.extensions["kiosk_writer"].writer), [], []
    app.extensions["kiosk_writer"] = queue
    queue.writer.execute([])  # opens the connection
    sa_event.listen(queue.writer._engine, "begin", lambda _connection: begun.append(threading.get_ident()))
    other = sqlite3.connect(app.config["KIOSK"].sqlite_file, isolation_level=None)

    def write(key: str) -> None:
        with app.app_context():
            writer.run(keep(key), is_quick=True)

    def turn_until(waits: gevent.Greenlet) -> None:
        while not waits.ready():
            turns.append(1)
            gevent.sleep(0.01)
            if len(turns) == 20:
                other.execute("ROLLBACK")

    gevent.spawn(write, "free").join()
    other.execute("BEGIN IMMEDIATE")
    turn_until(gevent.spawn(write, "waits"))
    other.close()
    queue._pool.kill()
    loop = threading.get_ident()
    with queue.writer._engine.connect() as connection:
        file = connection.connection.dbapi_connection
        assert file.execute("PRAGMA busy_timeout").fetchone() == (0,), "the loop would wait for another program"
    assert begun[0] == loop and begun[1:] != [loop] and len(begun) == 2
    assert (kept(), len(turns) >= 20) == (["free", "waits"], True)


@pytest.mark.server
def test_while_another_process_holds_the_lock_phones_get_503_and_pages_are_shown(tmp_path: Path) -> None:
    with run_server(tmp_path / "instance") as server:
        event = make_event()
        teacher_s = links.make(event.id, "group", "王老师", staff_id=None)
        with server.phone() as phone, server.phone() as watcher:
            ticket = phone.ticket(event.code, "guest")
            until = time.monotonic() + writer.WAIT_SECONDS
            usual = slowest_look(watcher, lambda: time.monotonic() > until)  # of this machine, while nobody waits
            with holding_flock(server.app), ThreadPoolExecutor(1) as pool:
                began = time.monotonic()
                answer = pool.submit(phone.sign_in, event.code, {"kind": "guest", "name": "张爱国"}, ticket)
                slowest = slowest_look(watcher, answer.done)
                asked = time.monotonic()
                assert watcher.get(f"/g/{teacher_s}").status == 200
                list_took = time.monotonic() - asked
                refused, waited = answer.result(), time.monotonic() - began
            assert refused.status == 503 and int(refused.headers["retry-after"]) > 0
            assert waited < writer.WAIT_SECONDS + 1.5 + usual
            assert slowest < 1.0 + usual, "the loop waited for the lock"
            assert list_took < writer.WAIT_SECONDS, "a page waited for the writer"
            assert phone.sign_in(event.code, {"kind": "guest", "name": "张爱国"}, ticket).status == 303


def slowest_look(watcher: Phone, is_over: Callable[[], bool]) -> float:
    """Look whether the server is well, again and again; return how long the slowest look took."""
    slowest = 0.0
    while not is_over():
        asked = time.monotonic()
        assert watcher.get("/healthz").status == 200
        slowest = max(slowest, time.monotonic() - asked)
    return slowest


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + writer.WAIT_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@contextlib.contextmanager
def holding_flock(app: Flask) -> Iterator[None]:
    """Hold the lock beside the database, as another process that writes."""
    with (app.config["KIOSK"].instance_dir / "writer.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def postgres_app(tmp_path: Path, server: postgres.Server) -> Iterator[tuple[Flask, str]]:
    """An application on an empty PostgreSQL database, and the database's address."""
    with server.database() as url:
        app = build_app(tmp_path / "instance", KIOSK_DATABASE_URL=url)
        with app.app_context():
            yield app, url
            close(app)


def end_other_backends(url: str) -> None:
    """Cut every connection to this database, as a restart does."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
