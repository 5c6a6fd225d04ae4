"""Sign-ins a second and how long they wait: on SQLite, on PostgreSQL and by a naive rival, each as a share of the bare
route of the same round and beside what the disk alone can do."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench import disk, load, sizes
from bench.table import Row
from kiosk.services import tallies
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from tests.aids import postgres
from tests.aids.factories import make_event
from tests.aids.server import Server, run_server

SECONDS = 4
FORMS = 12_000  # more than can be signed in during SECONDS
CROWD = 500  # connections at once
DISK_SECONDS = 1.0


@dataclass(frozen=True)
class Door:
    """A server that signs people in at one event."""

    server: Server
    event: EventView
    is_rival: bool = False  # some of its answers come so late that the load has given them up

    def sign_in(self, number: int, connections: int = load.CONNECTIONS) -> load.Run:
        """Let people come for some seconds, none of whom came in an earlier round, and compare what has arrived."""
        with self.server.app.app_context():
            forms = load.forms(self.server.app, self.event, FORMS, number * FORMS)
            before = events.counts(self.event.id).arrived
            url = f"http://127.0.0.1:{self.server.port}/e/{self.event.code}/sign-in"
            run = load.post(url, SECONDS, forms, connections)
            arrived = events.counts(self.event.id).arrived - before
        # wrk hangs up on what is under way at its end: those may have arrived without having been counted.
        assert self.is_rival or run.failed == 0, run
        assert run.requests - run.failed <= arrived <= run.requests + connections, (run, arrived)
        return run

    def recount(self) -> None:
        """Make sure that what was counted is what was written."""
        with self.server.app.app_context():
            assert tallies.recount() == (), "tallies differ from rows"


@dataclass(frozen=True)
class Round:
    """What was measured one after the other, the other servers idle."""

    bare: load.Run
    health: load.Run
    sqlite: load.Run
    naive: load.Run
    on_postgres: load.Run
    commits: float  # a second, by the disk alone
    work: float  # the bare route's processor time as a share of a sign-in's

    def __str__(self) -> str:
        """Return it in one line."""
        return (
            f"bare {self.bare.per_second:.0f}/s, p99 {self.bare.p99:.0f} ms; disk {self.commits:.0f} commits/s; "
            f"/healthz {self.health.per_second:.0f}/s; sign-ins {self.sqlite.per_second:.0f}/s, "
            f"p99 {self.sqlite.p99:.0f} ms; PostgreSQL {self.on_postgres.per_second:.0f}/s, "
            f"p99 {self.on_postgres.p99:.0f} ms; naive {self.naive.per_second:.0f}/s, p99 {self.naive.p99:.0f} ms"
        )


def measure(server: Server, bare: Server, folder: Path, count: int) -> list[Row]:
    """Return the figures of `count` rounds, medians."""
    with ExitStack() as stack:
        rival = stack.enter_context(run_server(folder / "naive", wsgi="bench.naive:app"))
        database = stack.enter_context(stack.enter_context(postgres.run_server(folder)).database())
        other = stack.enter_context(run_server(folder / "postgres", database_url=database))
        doors = [_door(server), _door(rival, is_rival=True), _door(other)]
        rounds = []
        for number in range(count):
            rounds.append(_round(bare, folder, doors, number))
            print(f"round {number + 1}: {rounds[-1]}", flush=True)
        for door in doors:
            door.recount()
    return _rows(rounds) + _crowd(bare, doors[0], count)


def _door(server: Server, *, is_rival: bool = False) -> Door:
    with server.app.app_context():
        return Door(server, make_event(), is_rival)


def _round(bare: Server, folder: Path, doors: Sequence[Door], number: int) -> Round:
    kiosk, rival, other = doors
    before = sizes.worker_seconds(bare)
    hello = load.get(f"http://127.0.0.1:{bare.port}/", SECONDS)
    hello_work = (sizes.worker_seconds(bare) - before) / hello.requests
    health = load.get(f"http://127.0.0.1:{kiosk.server.port}/healthz", SECONDS)
    before = sizes.worker_seconds(kiosk.server)
    sqlite = kiosk.sign_in(number)
    work = hello_work / ((sizes.worker_seconds(kiosk.server) - before) / sqlite.requests)
    commits = disk.commits_per_second(folder, DISK_SECONDS)
    return Round(hello, health, sqlite, rival.sign_in(number), other.sign_in(number), commits, work)


def _rows(rounds: Sequence[Round]) -> list[Row]:
    def middle(of: str, key: str = "per_second") -> float:
        return statistics.median(getattr(getattr(one, of), key) for one in rounds)

    def share(of: str, to: str, key: str = "per_second") -> float:
        return statistics.median(getattr(getattr(one, of), key) / getattr(getattr(one, to), key) for one in rounds)

    bare = f"bare {middle('bare'):.0f}/s"
    late = f"bare {middle('bare', 'p99'):.0f} ms, sign-in {middle('sqlite', 'p99'):.0f} ms"
    commits = statistics.median(one.sqlite.per_second / one.commits for one in rounds)
    return [
        Row("/healthz, share of the bare route", share("health", "bare"), ">= 0.80", "", bare),
        Row(
            "durable sign-ins on SQLite, share of the bare route",
            share("sqlite", "bare"),
            ">= 0.28",
            "",
            f"{bare}, sign-ins {middle('sqlite'):.0f}/s",
        ),
        Row("the same in processor time per request", statistics.median(one.work for one in rounds), ""),
        Row("the same, times commits of one row by the disk alone", commits, "", "", _disk(rounds)),
        Row(
            "the same, times a naive rival's",
            share("sqlite", "naive"),
            ">= 5",
            "",
            f"naive {middle('naive'):.0f}/s, p99 {middle('naive', 'p99'):.0f} ms",
        ),
        Row("p99 of a sign-in, times the bare route's", share("sqlite", "bare", "p99"), "<= 2", "", late),
        Row(
            "durable sign-ins on PostgreSQL, share of the bare route",
            share("on_postgres", "bare"),
            ">= 0.20",
            "",
            f"{bare}, PostgreSQL {middle('on_postgres'):.0f}/s, p99 {middle('on_postgres', 'p99'):.0f} ms",
        ),
    ]


def _disk(rounds: Sequence[Round]) -> str:
    return f"disk {statistics.median(one.commits for one in rounds):.0f} commits/s"


def _crowd(bare: Server, door: Door, count: int) -> list[Row]:
    """Return how long the one who waits longest waits, of very many at once."""
    hello = load.get(f"http://127.0.0.1:{bare.port}/", SECONDS, CROWD)
    come = partial(door.sign_in, connections=CROWD)
    runs = [come(count + number) for number in range(3)]
    middle = sorted(runs, key=lambda run: run.most)[1]
    beside = f"bare {hello.most:.0f} ms; {middle.per_second:.0f} sign-ins/s, p99 {middle.p99:.0f} ms"
    return [Row(f"longest wait for a sign-in at {CROWD} connections", middle.most, "<= 1000", "ms", beside)]
