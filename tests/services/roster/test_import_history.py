"""The history of imports, and taking the last one back, whole or carried on."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import URL, event as sa_event, func, select, text

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import AuditEntry, RosterChange, RosterDraft, RosterEntry, SignIn
from kiosk.services import tallies
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.lists.choices import Choices
from kiosk.services.lists.texts import read_text
from kiosk.services.privacy import purges
from kiosk.services.refusals import Refused
from kiosk.services.roster import import_history, roster_drafts, roster_imports, roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.upkeep import housekeeping
from tests.aids.factories import enterprise, make_event, sign_in

HEAD = "姓名\t单位\t手机\t座位\t备注\n"
FIRST = f"{HEAD}王强\t东贝\t13800138000\tA1\t\n李娜\t劲牌\t13900139000\t\t\n"
SECOND = (
    f"{HEAD}王强\t东贝公司\t13800138000\tB7\t晚到\n李娜（请假）\t劲牌\t13900139000\t\t\n赵敏\t美尔雅\t13700137000\t\t\n"
)


def take(event: EventView, text: str, **choices: Any) -> None:
    roster_imports.write(event, (read_text(text),), Choices(**choices), actor="staff:1", source="名单.xlsx")
    db.session.rollback()


def listed(event: EventView) -> list[Any]:
    """Return everything that the roster says."""
    db.session.rollback()
    rows = db.session.scalars(select(RosterEntry).where(RosterEntry.event_id == event.id).order_by(RosterEntry.id))
    skipped = {"state_changed_at", "state_changed_by"}
    columns = [column.name for column in RosterEntry.__table__.columns if column.name not in skipped]
    entries = [tuple(getattr(row, name) for name in columns) for row in rows]
    seats = [(one.organisation_name, one.seats, one.group_name) for one in rosters.seats(event.id)]
    counts = events.counts(event.id)
    return [entries, seats, (counts.expected, counts.excused, counts.missing)]


def refused(event: EventView) -> str:
    with pytest.raises(Refused) as caught:
        import_history.take_back(event.id, actor="staff:1")
    return caught.value.code


def test_the_roster_is_what_it_was_before_the_last_import(both_app: Flask) -> None:
    event = make_event()
    take(event, FIRST)
    roster_writing.write(event.id, [RosterRow("enterprise", organisation_name="劲牌", seats=2)], actor="staff:1")
    before = listed(event)
    take(event, f"{SECOND}\t劲牌\t\t\t\n".replace("备注\n", "备注\t名额\n").replace("劲牌\t\t\t\n", "劲牌\t\t\t\t5\n"))
    after = listed(event)
    assert after[2] == (8, 1, 7) and after[1] == [("劲牌", 5, None)]
    back = import_history.take_back(event.id, actor="staff:2")
    assert back == {"removed": 1, "changed_back": 3, "kept": 0}
    assert listed(event) == before and tallies.recount() == ()
    assert db.session.scalar(select(func.count()).select_from(RosterChange)) == 2, "those of the first import"
    assert db.session.scalars(select(AuditEntry.action)).all()[-1] == "roster.take_back"


def test_nothing_is_taken_back_twice_nor_what_came_before(both_app: Flask) -> None:
    event = make_event()
    assert refused(event) == "no_import"
    take(event, FIRST)
    take(event, SECOND)
    import_history.take_back(event.id, actor="staff:1")
    assert refused(event) == "no_import"
    take(event, SECOND)
    assert events.counts(event.id).expected == 3, "and the list can be imported again"
    import_history.take_back(event.id, actor="staff:1")
    assert events.counts(event.id).expected == 2 and tallies.recount() == ()


@pytest.mark.parametrize("who", ["arrived", "replaced", "seat"])
def test_an_import_of_whom_somebody_has_come_stays(both_app: Flask, who: str) -> None:
    event = make_event()
    take(event, f"{FIRST}\t美尔雅\t\t\t\n".replace("备注\n", "备注\t名额\n").replace("雅\t\t\t\n", "雅\t\t\t\t1\n"))
    if who == "arrived":
        sign_in(event, enterprise(organisation_name="东贝"))
    elif who == "replaced":
        wang = next(one for one in rosters.entries(event.id) if one.name == "王强")
        sign_in(event, enterprise("周平", organisation_name="东贝", mobile="13600136000"), replaces_id=wang.id)
    else:
        sign_in(event, enterprise("周平", organisation_name="美尔雅", mobile="13600136000"))
    before = listed(event)
    assert refused(event) == "import_used"
    assert listed(event) == before and tallies.recount() == ()


def test_what_was_written_by_hand_since_is_kept(both_app: Flask) -> None:
    event = make_event()
    take(event, FIRST)
    take(event, SECOND)
    wang = next(one for one in rosters.entries(event.id) if one.name == "王强")
    rosters.set_starred(event.id, wang.id, is_starred=True, actor="staff:1")
    import_history.take_back(event.id, actor="staff:1")
    now = rosters.entry(event.id, wang.id)
    assert (now.seat, now.organisation_name, now.is_starred) == ("A1", "东贝", True)


def half_taken_back(event: EventView, monkeypatch: pytest.MonkeyPatch) -> None:
    """Import 70 people; the process that takes the import back dies behind its first part."""
    take(event, HEAD + "".join(f"王{chr(0x4E00 + n)}\t单位{n}\t138{n:08}\t\t\n" for n in range(70)))
    part, parts = import_history._take_part_back, []

    def dies(*args: int) -> bool:
        if parts:
            raise KeyboardInterrupt
        parts.append(1)
        return part(*args)

    monkeypatch.setattr(import_history, "_take_part_back", dies)
    with pytest.raises(KeyboardInterrupt):
        import_history.take_back(event.id, actor="staff:1")
    monkeypatch.undo()
    db.session.rollback()


def test_one_that_is_interrupted_is_carried_on_and_keeps_who_comes_meanwhile(
    both_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = make_event()
    half_taken_back(event, monkeypatch)
    assert len(rosters.entries(event.id)) == 45 and tallies.recount() == ()
    assert refused(event) == "no_import"
    sign_in(event, enterprise(f"王{chr(0x4E00 + 3)}", organisation_name="单位3", mobile="13800000003"))
    with clock.freeze(utcnow() + timedelta(minutes=2)):
        assert import_history.lost() and not roster_imports.lost()
        housekeeping.do_what_is_due()
    assert import_history.lost() == () and tallies.recount() == ()
    assert [one.has_arrived for one in rosters.entries(event.id)] == [True]
    (past,) = import_history.history(event.id)
    assert past.back == {"removed": 69, "changed_back": 0, "kept": 1} and past.is_over


def test_a_second_import_waits_until_the_first_one_is_taken_back(
    both_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = make_event()
    half_taken_back(event, monkeypatch)
    before = listed(event)
    token = roster_drafts.stage(event, [read_text(SECOND)], staff_id=1, source="名单.xlsx")
    reading = roster_drafts.reading_of(event, token)
    for confirm in (
        lambda: roster_imports.confirm(event, token, actor="staff:1"),
        lambda: roster_imports.write(event, [read_text(SECOND)], Choices(), actor="staff:1"),
        lambda: roster_imports.write_read(event, reading, Choices(), actor="staff:1", source=""),
        lambda: roster_imports._accept(event.id, token, "staff:1", reading),  # behind whoever asked a moment ago
    ):
        with pytest.raises(Refused) as caught:
            confirm()
        assert caught.value.code == "import_going_on"
    assert listed(event) == before, "nothing is lost, and nothing more is taken back"
    assert len(db.session.scalars(select(RosterDraft.id)).all()) == 1, "the list that was confirmed is kept"
    going_on = roster_imports.going_on(event.id)
    assert going_on is not None and going_on.undone == (25, 70)
    with clock.freeze(utcnow() + timedelta(minutes=2)):
        housekeeping.do_what_is_due()
    _reading, written = roster_imports.confirm(event, token, actor="staff:1")
    assert (written.added, events.counts(event.id).expected, tallies.recount()) == (3, 3, ())
    assert import_history.take_back(event.id, actor="staff:1")["removed"] == 3


def test_whoever_asks_again_carries_a_dead_one_on(both_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    event = make_event()
    half_taken_back(event, monkeypatch)
    with clock.freeze(utcnow() + timedelta(minutes=2)):
        assert import_history.take_back(event.id, actor="staff:2") == {"removed": 70, "changed_back": 0, "kept": 0}
    assert events.counts(event.id).expected == 0 and tallies.recount() == ()
    assert roster_imports.going_on(event.id) is None and refused(event) == "no_import"


def test_nothing_is_taken_back_while_a_list_is_being_written(both_app: Flask) -> None:
    event = make_event()
    take(event, FIRST)
    token = roster_drafts.stage(event, [read_text(SECOND)], staff_id=1, source="")
    roster_imports._accept(event.id, token, "staff:1", roster_drafts.reading_of(event, token))
    assert refused(event) == "import_going_on" and events.counts(event.id).expected == 2
    with pytest.raises(Refused):
        take(event, SECOND)
    with clock.freeze(utcnow() + timedelta(minutes=2)):
        take(event, SECOND)  # what a dead process left is written first
    assert [one.written.added for one in import_history.history(event.id)] == [0, 1, 2]
    assert import_history.take_back(event.id, actor="staff:1")["removed"] == 0
    assert events.counts(event.id).expected == 3 and tallies.recount() == ()


def many_sign_ins(event: EventView, count: int) -> None:
    """Copy somebody's sign-in so often, as events of many months leave them."""
    sign_in(event, enterprise("周平", mobile="13600136000"))
    columns = {column.name: column for column in SignIn.__table__.columns if column.name != "id"}
    (row,) = db.session.execute(select(*columns.values()).where(SignIn.event_id == event.id)).mappings()
    copies = [{**row, "idempotency_key": str(number), "voided_at": utcnow()} for number in range(count)]
    with db.engine.begin() as connection:
        connection.execute(SignIn.__table__.insert(), copies)  # type: ignore[attr-defined]
        if connection.dialect.name == "postgresql":
            connection.execute(text("ANALYZE"))


def plan_of(url: URL, statement: str, parameters: Any) -> str:
    """Return how PostgreSQL would do it."""
    with psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False)) as connection:
        lines = connection.execute(f"EXPLAIN {statement}", parameters).fetchall()  # type: ignore[arg-type]
    return "\n".join(line for (line,) in lines)


@pytest.mark.timeout(120)
def test_a_part_is_taken_back_without_a_walk_through_all_sign_ins(both_app: Flask) -> None:
    """Of one condition on the changes PostgreSQL made a walk through every sign-in of every event, for each part: one
    held the writer for 456 ms."""
    many_sign_ins(make_event(), 4_000)
    event = make_event()
    take(event, HEAD + "".join(f"王{chr(0x4E00 + n)}\t单位{n % 4}\t138{n:08}\t\t\n" for n in range(120)))
    writer = both_app.extensions["kiosk_writer"].writer
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        asked.append((statement, parameters))

    sa_event.listen(writer._engine, "before_cursor_execute", note)
    import_history.take_back(event.id, actor="staff:1")
    sa_event.remove(writer._engine, "before_cursor_execute", note)
    parts = 120 / roster_writing.CHUNK + 2  # the first one begins, the last one finds nothing
    assert len(asked) <= 16 * parts, "statements a part"
    of_sign_ins = [one for one in asked if "sign_in" in one[0]]
    assert len(of_sign_ins) >= 120 // roster_writing.CHUNK
    if not writer.is_sqlite:
        for statement, parameters in of_sign_ins:
            assert "Seq Scan on sign_in" not in plan_of(writer.url, statement, parameters), statement


def test_history_counts_by_reason_and_names_nobody(app: Flask) -> None:
    event = make_event()
    take(event, f"{FIRST}甘四、甘五\t东贝\t\t\t\n合计\t2\n\t东贝\t13500135000\t\t\n王强\t东贝\t13800138000\t\t\n")
    with app.test_request_context():
        (past,) = import_history.history(event.id)
        assert (past.source, past.written.added, past.stay_out) == ("名单.xlsx", 2, 2)
        assert dict(past.doubts) == {"一格里有几个姓名": 2}
        assert dict(past.left_out) == {"合计、签字": 1}
        assert dict(past.rejected) == {"没有姓名": 1, "同一人重复": 1}
    assert "甘四" not in str(past) and "王强" not in str(past)


def test_a_purge_takes_the_history_and_its_files_names(app: Flask) -> None:
    event = make_event()
    take(event, FIRST)
    purges.purge_event(event, "command")
    assert import_history.history(event.id) == () and not import_history.has_any(event.id)


@pytest.mark.timeout(120)
def test_the_writer_is_never_held_for_long(both_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, held = 1_000, []
    event = make_event()
    take(event, HEAD + "".join(f"王{chr(0x4E00 + n)}\t单位{n % 40}\t138{n:08}\t\t\n" for n in range(rows)))
    undo = import_history._undo

    def timed(*args: Any) -> Any:
        begun = time.perf_counter()
        try:
            return undo(*args)
        finally:
            held.append(time.perf_counter() - begun)

    monkeypatch.setattr(import_history, "_undo", timed)
    import_history.take_back(event.id, actor="staff:1")
    assert len(held) == rows / roster_writing.CHUNK and sorted(held)[len(held) // 2] < 0.05
    assert events.counts(event.id).expected == 0 and tallies.recount() == ()
