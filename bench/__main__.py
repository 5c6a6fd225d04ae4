"""`python -m bench [--rounds N] [--installed] [--threads]`: a table of ratios, medians of several rounds.

Every figure is taken in the same round as its reference, one after the other, with the other server idle.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from contextlib import ExitStack
from pathlib import Path

from bench import afterwards, endurance, hostile, live, load, rates, rosters, screens, sizes, slow, startup
from bench.table import Row, show
from kiosk.services import tallies
from kiosk.services.event.event_views import EventView
from tests.aids.factories import make_event
from tests.aids.server import Server, run_server


def main() -> int:
    """Print the table; 1 when a limit is passed."""
    options = _options()
    # Where compiled files are not kept, every process compiles all of the program, and none of the libraries beside it.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    rows: list[Row] = startup.measure()
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        server = stack.enter_context(run_server(Path(folder, "kiosk")))
        event = make_event()
        with server.phone() as phone:
            phone.ticket(event.code)
        rows.append(Row("memory of the idle server (PSS)", sizes.idle_megabytes(server), "<= 130", "MB"))
        rows += _page(server, event)
        with run_server(Path(folder, "bare"), wsgi="bench.bare:app") as bare:
            rows += rates.measure(server, bare, Path(folder), options.rounds)
        rows += _live(server, event)
        rows += _screens(server)
        rows += _rosters(server)
        rows += _afterwards(server)
        rows += _hostile(server)
        rows += _slow(server)
        rows.append(Row("memory after all of this (PSS)", sizes.idle_megabytes(server), "<= 220", "MB"))
        assert tallies.recount() == (), "tallies differ from rows"
        if options.threads:
            _compare_threads(stack, Path(folder), options.rounds)
    rows += endurance.measure()
    if options.installed:
        count, megabytes = sizes.installed()
        rows += [Row("distributions at run time", count, "<= 50"), Row("installed size", megabytes, "<= 160", "MB")]
    return 0 if show(rows) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--installed", action="store_true", help="also install requirements.txt afresh; slow")
    parser.add_argument("--threads", action="store_true", help="also compare gevent with threads")
    return parser.parse_args()


def _page(server: Server, event: EventView) -> list[Row]:
    first, everything = sizes.page_bytes(server, event.code)
    return [
        Row("attendee's page: HTML and CSS on the wire", first / 1024, "<= 14", "KB"),
        Row("attendee's page: everything on the wire", everything / 1024, "<= 40", "KB"),
    ]


def _live(server: Server, event: EventView) -> list[Row]:
    same, other = live.measure(server, event.code)
    return [
        Row("sign-in to dashboard, same worker (median)", same, "<= 250", "ms"),
        Row("sign-in to dashboard, other worker (median)", other, "<= 250", "ms"),
    ]


def _screens(server: Server) -> list[Row]:
    rounds = screens.measure(server)
    print("\n".join(f"{screens.SCREENS} screens, {screens.PER_SECOND} sign-ins/s: {one}" for one in rounds), flush=True)
    middle = screens.median(rounds)
    return [
        Row("p95 of a sign-in beside 500 screens, times without", middle.times, "<= 2"),
        Row("sign-in to 500 screens (p95)", middle.screen_ms, "<= 500", "ms"),
        Row("what each screen is sent in a rush", middle.kilobytes, "<= 10", "KB"),
        Row("share of the screens that end on the last count", middle.complete, ">= 1"),
    ]


def _rosters(server: Server) -> list[Row]:
    preview, wait = rosters.measure(server)
    return [
        Row("preview of a roster of 400 rows", preview, "<= 2", "s"),
        Row("sign-in while it is imported (p95)", wait, "<= 100", "ms"),
    ]


def _afterwards(server: Server) -> list[Row]:
    found = afterwards.measure(server)
    print(
        f"p95 of a sign-in at 50 a second: {found.quiet_ms:.0f} ms; {found.export_ms:.0f} ms beside an export of 5,000 "
        f"rows ({found.export_seconds:.1f} s); {found.purge_ms:.0f} ms beside a purge ({found.purge_seconds:.1f} s)"
    )
    return [
        Row("p95 of a sign-in beside an export, times the quiet one", found.export_ms / found.quiet_ms, "<= 2"),
        Row("p95 of a sign-in beside a purge, times the quiet one", found.purge_ms / found.quiet_ms, "<= 2"),
    ]


def _hostile(server: Server) -> list[Row]:
    quiet, beside = hostile.measure(server)
    print(f"phones at a quiet door: {quiet}; beside hostile and endless lists: {beside}")
    return [
        Row("p95 of a phone beside hostile lists, times the quiet one", beside.p95 / quiet.p95, "<= 10"),
        Row("the same in milliseconds", beside.p95, "<= 100", "ms"),
    ]


def _slow(server: Server) -> list[Row]:
    quiet, beside = slow.measure(server)
    print(f"p95 of a sign-in at 50 a second: {quiet:.0f} ms; {beside:.0f} ms beside {slow.PHONES} slow phones")
    return [Row("p95 of a sign-in beside 400 slow phones, times the quiet one", beside / quiet, "<= 2")]


def _compare_threads(stack: ExitStack, folder: Path, rounds: int) -> None:
    servers = {
        "gevent": stack.enter_context(run_server(folder / "gevent")),
        "32 threads": stack.enter_context(run_server(folder / "threads", config="bench/gthread_conf.py")),
    }
    runs: dict[str, list[load.Run]] = {name: [] for name in servers}
    for number in range(rounds):
        for name, server in servers.items():
            with server.app.app_context():
                event = make_event()
            runs[name].append(rates.Door(server, event).sign_in(number))
    for name, done in runs.items():
        rate, p99 = (statistics.median(getattr(run, key) for run in done) for key in ("per_second", "p99"))
        print(f"{name}: {rate:.0f} sign-ins/s, p99 {p99:.0f} ms")


if __name__ == "__main__":
    raise SystemExit(main())
