"""`python -m bench.nodes [--rounds N]`: what a sign-in costs where 1, 2 and 4 nodes share a PostgreSQL.

Database, nodes and load share this machine, so rates say little; processor time holds still. Each node has one
worker. What it printed stands in docs/scale.md.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from bench import load, sizes
from kiosk.config import SECRET_FILE
from kiosk.extensions import db
from kiosk.services import tallies
from kiosk.services.event.event_views import EventView
from tests.aids import postgres
from tests.aids.factories import make_event
from tests.aids.server import Server, run_server

NODES = (1, 2, 4)
SECONDS = 5
FORMS = 9_000  # more than one node signs in during SECONDS
REST_SECONDS = 2.0  # until what was under way when the load hung up is over
SECRET = "a secret that all of these nodes have"  # noqa: S105


@dataclass(frozen=True)
class Cost:
    """What one sign-in took of the processors, in milliseconds, and how many there were a second."""

    servers: float
    database: float
    per_second: float


def main() -> int:
    """Print a line for each number of nodes, at an event each and all at one event."""
    parser = argparse.ArgumentParser(prog="python -m bench.nodes", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    for count in NODES:
        for is_shared in (False, True)[: 1 if count == 1 else 2]:
            costs = _measure(count, rounds, is_shared=is_shared)
            where = "all at one event" if is_shared else "an event each"
            servers, database = ([getattr(cost, key) for cost in costs] for key in ("servers", "database"))
            rate = statistics.median(cost.per_second for cost in costs)
            print(
                f"{count} nodes, {where}: servers {min(servers):.2f} to {max(servers):.2f} ms, "
                f"PostgreSQL {min(database):.2f} to {max(database):.2f} ms, {rate:.0f} sign-ins/s",
                flush=True,
            )
    return 0


def _measure(count: int, rounds: int, *, is_shared: bool) -> list[Cost]:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        url = stack.enter_context(stack.enter_context(postgres.run_server(Path(folder))).database())
        nodes = []
        for number in range(count):
            place = Path(folder, f"node{number}")
            place.mkdir()
            Path(place, SECRET_FILE).write_text(SECRET, encoding="utf-8")
            nodes.append(stack.enter_context(run_server(place, database_url=url, workers=1)))
        with nodes[0].app.app_context():
            first = make_event()
            events = [first if is_shared else make_event() for _ in nodes]
            backend = db.session.scalar(text("SELECT pg_backend_pid()"))
            database = sizes.parent_of(backend)
            costs = [_round(nodes, events, database, number) for number in range(rounds + 1)][1:]  # the first warms up
            time.sleep(REST_SECONDS)
            differences = tallies.recount()
            assert differences == (), differences
    return costs


def _round(nodes: Sequence[Server], events: Sequence[EventView], database: int, number: int) -> Cost:
    forms = [
        load.forms(node.app, event, FORMS, (number * len(nodes) + place) * FORMS)
        for place, (node, event) in enumerate(zip(nodes, events, strict=True))
    ]

    def come(place: int) -> load.Run:
        url = f"http://127.0.0.1:{nodes[place].port}/e/{events[place].code}/sign-in"
        return load.post(url, SECONDS, forms[place])

    def spent() -> tuple[float, float]:
        return sum(map(sizes.worker_seconds, nodes)), sizes.seconds_below(database)

    before = spent()
    with ThreadPoolExecutor(len(nodes)) as pool:
        runs = list(pool.map(come, range(len(nodes))))
    after = spent()
    assert not any(run.failed for run in runs), runs
    requests = sum(run.requests for run in runs)
    milliseconds = [(late - early) * 1000 / requests for early, late in zip(before, after, strict=True)]
    return Cost(*milliseconds, sum(run.per_second for run in runs))


if __name__ == "__main__":
    raise SystemExit(main())
