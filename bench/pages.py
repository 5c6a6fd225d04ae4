"""`python -m bench.pages [--people N] [--folder F]`: what each page of an event costs with many sign-ins, over what it
costs with 100.

Every page that staff can open by the routes' own table is opened, so that a new one is measured without anybody
thinking of it. Processor time in one process, medians; nothing goes over a wire.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event as sa_event, select, update

from bench import load
from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import Event, EventCounter, SignIn
from kiosk.services import tallies
from kiosk.services.account.staff import StaffView
from kiosk.services.audit_log import audit
from kiosk.services.audit_log.audit import Hand
from kiosk.services.audit_log.audit_search import PAGE as LOG_PAGE
from kiosk.services.codes import new_ticket
from kiosk.services.door import links, roll_calls
from kiosk.services.event import event_views
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import Details
from kiosk.services.proofs import issuing, subjects
from kiosk.services.roster import roster_writing
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.sign_in import organisations, sign_ins
from kiosk.services.sign_in.sign_ins import SignInRequest
from kiosk.services.store import writer
from kiosk.services.store.writer import WriterSession, unit
from tests.aids.apps import build_app, close
from tests.aids.factories import log_in, make_event, make_staff
from tests.aids.statements import addresses, values_of

FEW, MANY = 100, 100_000
UNIT = 50  # people a unit of work while the house is filled
TIMES = 7
MOST = 1.25


@dataclass
class House:
    """An application with one event, and somebody who is logged in and holds a steward's link."""

    app: Flask
    client: FlaskClient
    event_id: int
    pages: dict[str, str]  # addresses by the rules of their routes


def main() -> int:
    """Print every page whose cost grows, dearest first; 1 when there is one."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(options.folder or folder)
        name = "scaled" if options.scales else "plain"
        houses = [_house(home / f"{name}{people}", people, scales=options.scales) for people in (FEW, options.people)]
        costs = {
            rule: measured(houses, rule, is_still=options.still) for rule in houses[0].pages if rule in houses[1].pages
        }
        for house in houses:
            with house.app.app_context():
                close(house.app)
    rows = sorted(((cost[1] / cost[0], rule, cost) for rule, cost in costs.items() if cost), reverse=True)
    for ratio, rule, (few, many) in rows:
        mark = "" if ratio <= MOST else "  <- grows"
        print(f"{ratio:7.2f}  {few * 1000:7.1f} ms  {many * 1000:8.1f} ms  {rule}{mark}")
    return int(rows[0][0] > MOST)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description=__doc__)
    parser.add_argument("--people", type=int, default=MANY, help="sign-ins of the large event")
    parser.add_argument("--folder", help="keep the databases here, and use those that are there")
    parser.add_argument("--scales", action="store_true", help="roster and organisations grow with the sign-ins")
    parser.add_argument("--still", action="store_true", help="nothing changes between two looks at a page")
    return parser.parse_args()


def _house(folder: Path, people: int, *, scales: bool) -> House:
    is_new = not (folder / "kiosk.db").exists()
    folder.mkdir(parents=True, exist_ok=True)
    sa_event.listen(Engine, "connect", _hurry)  # nothing of this must outlive a power cut
    app = build_app(folder)
    with app.app_context():
        if is_new:
            fill(people, scales=scales)
        view = event_views.find(db.session.scalar(select(Event.code).limit(1)) or "")
        assert view is not None
        values, token = values_of(view), links.make(view.id, "steward", "王老师", staff_id=None)
        db.session.remove()
    client = app.test_client()
    log_in(client, "admin@example.org")
    assert client.get(f"/st/{token}").status_code == 303
    return House(app, client, view.id, dict(addresses(app, values)))


def measured(houses: Sequence[House], rule: str, *, is_still: bool) -> list[float]:
    """Return the median seconds of a page in each house, asked in turn, so that what slows the machine slows them all;
    nothing where there is no such page."""
    times: list[list[float]] = [[] for _house in houses]
    for number in range(TIMES + 2):
        for house, spent in zip(houses, times, strict=True):
            if not is_still:
                with house.app.app_context():
                    _change(house.event_id, number)
                    db.session.remove()
            cost = _cost(house, house.pages[rule])
            if cost is None:
                return []
            spent += [cost] if number >= 2 else []
    return [statistics.median(spent) for spent in times]


@unit
def _change(session: WriterSession, event_id: int, number: int) -> None:
    """Let a sign-in have changed, another one each time: what is kept until then is made anew."""
    of_event = select(SignIn).where(SignIn.event_id == event_id).order_by(SignIn.signed_in_at)
    row = session.scalars(of_event.offset(7 * number).limit(1)).one()
    row.revision = tallies.change(session.driver, event_id) or 0


def _hurry(connection: object, _record: object) -> None:
    connection.execute("PRAGMA synchronous = OFF")  # type: ignore[attr-defined]


def fill(people: int, *, scales: bool) -> None:
    """Make an event with a roster of six for ten who come; every second of these stands on it."""
    staff = make_staff()
    now = utcnow()
    event = make_event(
        title="质量月大会", starts_at=now - timedelta(minutes=5), ends_at=now + timedelta(hours=3),
        is_closing_usual=False, closes_at=now + timedelta(days=9), credited_hours=4.0, wants_sign_out=True,
        tick_labels=("资料",),
    )  # fmt: skip
    many = max(10, min(2000, people // 10)) if scales else 10
    enterprises = [f"湖北{number}号机械制造有限公司" for number in range(many)]
    organisations.add_many(enterprises, "enterprise")
    expected = people * 6 // 10 if scales else FEW * 6 // 10
    rows = [_row(person) for person in _people(enterprises, 0, expected)]
    roster_writing.write(event.id, rows, actor="staff:1")
    came = expected * 5 // 6
    listed = list(_people(enterprises, 0, came))
    unlisted = list(_people(enterprises, people, people - came))
    everybody = listed + unlisted
    for first in range(0, len(everybody), UNIT):
        part = everybody[first : first + UNIT]
        writer.run(lambda session, part=part: _sign_in_all(session, event, part), event_id=event.id)
    _hang_on(event, staff)


def _hang_on(event: EventView, staff: StaffView) -> None:
    left_at = utcnow()
    for change in (
        update(SignIn).where(SignIn.id % 2 == 0).values(left_at=left_at),
        update(EventCounter).values(gone=EventCounter.arrived / 2),
        update(Event).values(ends_at=left_at),
    ):
        db.session.execute(change)
    db.session.commit()
    event_views.forget(event.code)
    roll_calls.start(event.id, "", Hand(audit.of_staff(staff.id)))
    issuing.issue(subjects.of_event(event_views.find(event.code) or event), staff_id=staff.id)
    _write_log(event.id, staff.id)  # last: what was issued to many stands in the log in other words than what to few


@unit
def _write_log(session: WriterSession, event_id: int, staff_id: int) -> None:
    """Let the log fill its page, as it does where many have come."""
    for _number in range(LOG_PAGE):
        audit.record(session, audit.of_staff(staff_id), "organisation.add", event_id=event_id, subject="-", changed={})


def _people(enterprises: list[str], start: int, count: int) -> Iterator[Details]:
    for number in range(start, start + count):
        enterprise = enterprises[number % len(enterprises)]
        yield Details("enterprise", load.name(number), enterprise, job_title="质量部经理", mobile=f"137{number:08d}")


def _row(person: Details) -> RosterRow:
    return RosterRow("enterprise", person.name, person.organisation_name, mobile=person.mobile, group_name="第一组")


def _sign_in_all(session: WriterSession, event: EventView, people: list[Details]) -> None:
    for details in people:
        ticket = new_ticket(event.id)
        sign_ins.sign_in.within(session, SignInRequest(event=event, ticket=ticket, details=details))


def _cost(house: House, path: str) -> float | None:
    began = time.process_time()
    answer = house.client.get(path)
    is_page = answer.status_code == 200 and bool(answer.data)
    return time.process_time() - began if is_page else None


if __name__ == "__main__":
    sys.exit(main())
