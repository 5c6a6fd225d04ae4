"""What is counted of proofs is kept until one of them changes, by whatever hand."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask
from sqlalchemy import select

from kiosk.extensions import db
from kiosk.models import Proof
from kiosk.services.door import corrections
from kiosk.services.event import events, series
from kiosk.services.event.event_views import EventView
from kiosk.services.privacy import erasure, persons, purges
from kiosk.services.proofs import issuing, standings, subjects
from kiosk.services.proofs.whom import Group
from kiosk.services.roster import roster_edits, roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.factories import enterprise, guest, make_event, sign_in
from tests.aids.statements import noted

GUESTS: tuple[Group, ...] = ("guest",)


def counted(event: EventView) -> tuple[int, int, int, int]:
    """Return how many proofs are valid, have a name, may still be made, and are void."""
    db.session.rollback()
    subject = subjects.of_event(events.get(event.code))
    standing = standings.one(subject)
    return standing.issued, standing.printable, standing.waiting, standings.count_void(subject)


def arrive(event: EventView, *numbers: int) -> list[int]:
    return [sign_in(event, guest(f"来宾{one}", mobile=f"1380013{one:04}")).sign_in_id for one in numbers]


def test_every_change_of_a_proof_is_counted_at_once(both_app: Flask) -> None:
    event = make_event(kinds=[{"kind": "guest"}])
    subject = subjects.of_event(event)
    ids = arrive(event, 1, 2, 3)
    assert counted(event) == (0, 0, 3, 0)
    issuing.issue(subject, staff_id=None)
    assert counted(event) == (3, 3, 0, 0)
    proof_ids = list(db.session.scalars(select(Proof.id).order_by(Proof.id)))
    db.session.rollback()
    issuing.void(subject, proof_ids[0], "写错了", staff_id=None)
    assert counted(event) == (2, 2, 1, 1)
    issuing.replace(subject, proof_ids[1], "换新的", staff_id=None)
    assert counted(event) == (2, 2, 1, 2)
    corrections.void(ids[0], staff_id=None)
    assert counted(event) == (2, 2, 0, 2)
    (person,) = persons.find("来宾3", "13800130003")
    erasure.erase(person.rows, "command")
    assert counted(event) == (2, 1, 0, 2)
    purges.purge_event(events.get(event.code), "command")
    assert counted(event) == (2, 0, 0, 2)


def test_a_tied_event_counts_the_proofs_of_its_series(both_app: Flask) -> None:
    first, second = make_event(), make_event()
    arrive(first, 1, 2)
    arrive(second, 2, 3)
    issuing.issue(subjects.of_event(first), staff_id=None, groups=GUESTS)
    assert counted(first) == (2, 2, 0, 0) and counted(second) == (0, 0, 2, 0)
    tied = series.ensure(first.campaign_id, "两天")
    for event in (first, second):
        events.update(event.code, replace(events.draft_of(events.get(event.code)), series_id=tied))
    assert counted(first) == counted(second) == (0, 0, 3, 0)
    issuing.issue(subjects.of_event(events.get(first.code)), staff_id=None, groups=GUESTS)
    assert counted(first) == counted(second) == (3, 3, 0, 0)


def test_who_is_staff_by_the_roster_follows_the_roster(both_app: Flask) -> None:
    event = make_event()
    roster_writing.write(event.id, [RosterRow("enterprise", "王强", "东贝", mobile="13800138000")], actor="command")
    sign_in(event, enterprise())
    subject = subjects.of_event(event)
    assert standings.one(subject).enterprises == 1
    (entry,) = rosters.entries(event.id)
    roster_edits.edit(event.id, entry.id, roster_edits.row_of(entry, group_name="讲师"), actor="command")
    db.session.rollback()
    assert (standings.one(subject).enterprises, standings.one(subject).staff) == (0, 1)


def test_after_a_sign_in_no_proof_is_read(app: Flask) -> None:
    event = make_event()
    arrive(event, 1, 2)
    issuing.issue(subjects.of_event(event), staff_id=None, groups=GUESTS)
    counted(event)
    arrive(event, 3)
    asked: list[tuple[str, object]] = []
    with noted(db.engine, asked):
        assert counted(event) == (2, 2, 1, 0)
    of_proofs = [
        statement for statement, _values in asked if "FROM proof" in statement and "FROM sign_in" not in statement
    ]
    assert of_proofs == []
