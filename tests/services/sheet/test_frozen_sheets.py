"""Frozen sheets: a code for what stood on the sheet, files only as long as it stands there, no row kept."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import AuditEntry, Event, FrozenFile, FrozenSheet, SignIn
from kiosk.services import exports
from kiosk.services.audit_log.audit import Hand
from kiosk.services.codes import ALPHABET
from kiosk.services.door import corrections, hand_work
from kiosk.services.event import event_views, events
from kiosk.services.event.event_views import EventView
from kiosk.services.refusals import Refused
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.sheet import frozen_sheets, sheet_copies, sheets
from kiosk.services.sheet.frozen_sheets import FrozenView
from kiosk.services.sheet.sheet_copies import Choice
from kiosk.services.store.writer import run
from kiosk.services.tables import sheet_model, snapshots
from tests.aids.factories import (
    enterprise,
    guest,
    make_event,
    make_staff,
    merge,
    sheet_of,
    sign_in,
    sign_in_on_trial,
)

MOBILE = "13800138000"
FULL = Choice(is_masked=False)
FORMATS = ["pdf", "xlsx", "docx", "csv"]


def an_event(**changes: Any) -> EventView:
    event = make_event(starts_at=utcnow(), **changes)
    sign_in(event, enterprise("王强", mobile=MOBILE))
    return event


def freeze(event: EventView, choice: Choice = FULL) -> FrozenView:
    return frozen_sheets.freeze(event, choice, "zh", staff_id=None)


def change(table: type[Any], row_id: int, **values: Any) -> None:
    run(lambda session: session.execute(update(table).where(table.id == row_id).values(**values)))
    db.session.rollback()


def test_a_frozen_sheet_has_a_code_the_hash_of_its_text_and_no_row(both_app: Flask) -> None:
    event, me = an_event(), make_staff(name="周晓玲")
    frozen = frozen_sheets.freeze(event, FULL, "zh", staff_id=me.id)
    model = sheet_of(event, "zh")
    assert frozen.content_hash == sheet_model.content_hash(model)
    assert len(frozen.code) == 10 and set(frozen.code) <= set(ALPHABET)
    assert (frozen.title, frozen.rows, frozen.frozen_by) == (model.title, 1, "周晓玲")
    assert dict(frozen.foot)["实到"] == "1 人"
    kept = db.session.scalars(select(FrozenSheet)).one()
    told = " ".join(str(getattr(kept, column.key)) for column in FrozenSheet.__table__.columns)
    assert "王强" not in told and MOBILE not in told
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "sheet.freeze")).one()
    assert (entry.actor, entry.event_id, entry.subject) == (f"staff:{me.id}", event.id, f"frozen_sheet:{frozen.id}")
    assert entry.changed["code"] == frozen.code and MOBILE not in str(entry.changed)


def test_the_same_sheet_is_frozen_once_and_another_copy_is_another_one(app: Flask) -> None:
    event = an_event()
    first = freeze(event)
    assert freeze(event) == first
    assert freeze(event, Choice(is_masked=True)).code != first.code
    assert freeze(event, Choice(is_masked=False, order="organisation")).code != first.code, "another order, same rows"
    sign_in(event, guest("张爱国"))
    assert freeze(event).code != first.code
    assert db.session.scalar(select(db.func.count(FrozenSheet.id))) == 4


def test_two_freezes_at_once_leave_one(both_app: Flask) -> None:
    event = an_event()
    together, codes = threading.Barrier(4), []

    def one() -> None:
        with both_app.app_context():
            together.wait()
            codes.append(freeze(event).code)

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(codes) == 4 and len(set(codes)) == 1
    assert db.session.scalar(select(db.func.count(FrozenSheet.id))) == 1


@pytest.mark.parametrize("ending", FORMATS)
def test_a_file_is_drawn_with_its_stamp_and_its_hash_is_kept(app: Flask, ending: str) -> None:
    frozen = freeze(an_event())
    file = frozen_sheets.draw(frozen, ending)
    assert file.name == f"首席质量官巡回培训 签到表 {frozen.code}.{ending}"
    known = frozen_sheets.find_file(sha256(file.content).hexdigest())
    assert known is not None and (known.sheet.code, known.format) == (frozen.code, ending)
    assert frozen_sheets.draw(frozen, ending).content == file.content, "drawn again it is the same file"
    assert db.session.scalar(select(db.func.count(FrozenFile.id))) == 1
    changed = bytearray(file.content)
    changed[len(changed) // 2] ^= 1
    assert frozen_sheets.find_file(sha256(changed).hexdigest()) is None


START = datetime(2026, 9, 10, 1, 0, tzinfo=UTC)
LISTED = (
    RosterRow("enterprise", "王强", "湖北东贝制冷有限公司", mobile=MOBILE),
    RosterRow("enterprise", "孙丽", "东贝制冷"),
    RosterRow("enterprise", organisation_name="大冶特钢", seats=1),
)


def a_listed_event() -> EventView:
    """Make an event where 王强 and 张爱国 came, late and from paper, and 孙丽 and a seat are missing."""
    event = make_event(
        title="质量培训", venue="大冶", starts_at=START, ends_at=START + timedelta(hours=3), credited_hours=4.0
    )
    roster_writing.write(event.id, LISTED, actor="staff:1")
    for minutes, details, method in ((-5, enterprise("王强", mobile=MOBILE), "self"), (9, guest("张爱国"), "paper")):
        with clock.freeze(START + timedelta(minutes=minutes)):
            sign_in(event, details, method=method)
    return event


def merge_two(event: EventView) -> None:
    with clock.freeze(START):
        sign_in(event, enterprise("李娜", organisation_name="东贝公司", mobile="13900139001"))
    merge("湖北东贝制冷有限公司", "东贝公司")


def settle_anew(event: EventView) -> None:
    """Change whatever the settings have of a sheet's words, times and rules."""
    draft = events.EventDraft(
        title="换了名称", venue="阳新", timezone="Asia/Urumqi", starts_at=START + timedelta(days=1),
        ends_at=START + timedelta(days=2), late_after_minutes=60, lecturers="某教授", credited_hours=1.0,
        hours_late_minutes=0, are_students_minors=False,
    )  # fmt: skip
    events.update(event.code, draft)


def come_later(event: EventView) -> None:
    """Let somebody come before the others by the time on their paper, and grow the list at its front."""
    with clock.freeze(START + timedelta(hours=4)):
        sign_in(event, guest("陈后来"), claimed_at=START - timedelta(minutes=30), actor="staff:1")
    roster_writing.write(event.id, [RosterRow("enterprise", "新人", "新厂")], actor="staff:1")


@pytest.mark.parametrize("happens", [merge_two, settle_anew, come_later])
def test_what_changes_around_the_rows_leaves_a_frozen_sheet_as_it_was(both_app: Flask, happens: Any) -> None:
    event = a_listed_event()
    wanted = {"docx": Choice("roster", has_no_shows=True), "csv": Choice(variant="certificates", is_masked=False)}
    frozen = {ending: freeze(event, choice) for ending, choice in wanted.items()}
    before = {ending: frozen_sheets.draw(one, ending).content for ending, one in frozen.items()}
    happens(event)
    now = event_views.find_now(event.code)
    assert now is not None
    for ending, one in frozen.items():
        assert frozen_sheets.draw(one, ending).content == before[ending]
        assert freeze(now, one.choice).code != one.code, "and the sheet of today is another one"


def void_first(event: EventView) -> None:
    corrections.void(sign_ins_of(event)[0], staff_id=None, reason="twice")


def correct_second(event: EventView) -> None:
    hand_work.correct(event, sign_ins_of(event)[1], {"name": "张爱党"}, Hand("staff:1"))


def no_show_comes(event: EventView) -> None:
    sign_in(event, enterprise("孙丽", organisation_name="东贝制冷", mobile=None))


def no_show_asks_leave(event: EventView) -> None:
    rosters.set_state(event.id, rosters.entries(event.id)[1].id, "excuse", actor="staff:1")


def seat_is_filled(event: EventView) -> None:
    sign_in(event, enterprise("吴代表", organisation_name="大冶特钢", mobile="13900139002"))


def a_hand_in_the_database(event: EventView) -> None:
    change(SignIn, sign_ins_of(event)[0], mobile="13800138001")


def sign_ins_of(event: EventView) -> list[int]:
    return list(db.session.scalars(select(SignIn.id).where(SignIn.event_id == event.id).order_by(SignIn.id)))


@pytest.mark.parametrize(
    ("happens", "row", "is_listed"),
    [
        (void_first, 1, True),
        (correct_second, 2, True),
        (no_show_comes, 3, True),
        (no_show_asks_leave, 3, False),
        (seat_is_filled, 4, False),
        (a_hand_in_the_database, 1, False),
    ],
)
def test_a_row_that_changed_is_named_by_its_number_and_stops_the_files(
    app: Flask, happens: Any, row: int, is_listed: bool
) -> None:
    event = a_listed_event()
    frozen = freeze(event, Choice(has_no_shows=True, is_masked=False))
    assert frozen.rows == 4
    happens(event)
    with pytest.raises(Refused) as refused:
        frozen_sheets.draw(frozen, "csv")
    assert (refused.value.code, refused.value.about) == ("changed", {"rows": (row,)})
    assert db.session.scalar(select(db.func.count(FrozenFile.id))) == 0
    (line,) = frozen_sheets.of_event(event.id)
    assert line.changed_rows == ((row,) if is_listed else ()), "the desk's list knows of sign-ins without drawing"
    assert frozen_sheets.find(frozen.code) == frozen, "its code says what it was"
    again = freeze(event, frozen.choice)
    assert again.code != frozen.code and frozen_sheets.draw(again, "csv").content


def test_a_row_that_is_what_it_was_again_can_be_drawn_again(app: Flask) -> None:
    event = a_listed_event()
    frozen = freeze(event)
    before = frozen_sheets.draw(frozen, "csv").content
    first = sign_ins_of(event)[0]
    corrections.void(first, staff_id=None, reason="twice")
    corrections.restore(first, staff_id=None)
    assert frozen_sheets.draw(frozen, "csv").content == before
    assert freeze(event).code == frozen.code and frozen_sheets.of_event(event.id)[0].changed_rows == ()


def test_what_is_kept_of_a_row_is_no_name_and_no_number(app: Flask) -> None:
    frozen = freeze(a_listed_event(), Choice(has_no_shows=True, is_masked=False))
    kept = db.session.scalar(select(FrozenSheet.kept).where(FrozenSheet.id == frozen.id))
    assert kept is not None and [ref[0] for ref, _check in kept["rows"]] == ["i", "i", "e", "s"]
    assert all(len(check) == 4 for _ref, check in kept["rows"])
    assert not any(personal in str(kept) for personal in ("王强", "孙丽", "张爱国", MOBILE, "东贝"))


def test_a_trial_sign_in_is_no_change(app: Flask) -> None:
    event = an_event()
    frozen = freeze(event)
    sign_in_on_trial(event, guest("试签"))
    assert frozen_sheets.draw(frozen, "csv").content
    assert frozen_sheets.of_event(event.id)[0].changes == 0


def test_a_purged_event_s_sheet_is_known_and_cannot_be_drawn(app: Flask) -> None:
    event = an_event()
    frozen = freeze(event)
    change(Event, event.id, purged_at=utcnow())
    event_views.forget(event.code)
    with pytest.raises(Refused) as refused:
        frozen_sheets.draw(frozen, "pdf")
    assert refused.value.code == "purged"
    found = frozen_sheets.find(frozen.code)
    assert found is not None and found.purged_at is not None and found.rows == 1


def test_the_first_download_is_kept(app: Flask) -> None:
    frozen = freeze(an_event())
    assert frozen.downloaded_at is None
    first = utcnow()
    with clock.freeze(first):
        frozen_sheets.note_download(frozen.id)
    with clock.freeze(first + timedelta(days=1)):
        frozen_sheets.note_export({"code": frozen.code})
    found = frozen_sheets.find(frozen.code)
    assert found is not None and found.downloaded_at == first


@pytest.mark.parametrize("typed", ["{code}", " {lower} ", "{spaced}", "{full_width}"])
def test_a_code_is_found_however_it_is_typed(app: Flask, typed: str) -> None:
    frozen = freeze(an_event())
    spelt = {
        "code": frozen.code,
        "lower": frozen.code.lower(),
        "spaced": f"{frozen.code[:5]} - {frozen.code[5:]}",
        "full_width": "".join(chr(ord(c) + 0xFEE0) for c in frozen.code),
    }
    assert frozen_sheets.find(typed.format(**spelt)) == frozen


def test_rows_and_totals_of_a_sheet_are_of_one_moment(both_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    event = an_event()
    foot = sheets.foot_of
    late: list[str] = []

    def foot_after_an_arrival(*arguments: Any) -> Any:
        if not late:
            late.append("came")
            in_another_thread(both_app, lambda: sign_in(event, enterprise("李娜", mobile="13900139000")))
        return foot(*arguments)

    monkeypatch.setattr(sheets, "foot_of", foot_after_an_arrival)
    frozen = freeze(event)
    assert late and frozen.rows == 1 and frozen_sheets.of_event(event.id)[0].changes == 1
    assert dict(frozen.foot)["企业"].startswith("1 "), "the second enterprise came after the rows were read"


def in_another_thread(app: Flask, work: Any) -> None:
    def run_it() -> None:
        with app.app_context():
            work()

    thread = threading.Thread(target=run_it)
    thread.start()
    thread.join()


def test_reading_after_a_snapshot_sees_what_came_meanwhile(both_app: Flask) -> None:
    event = an_event()
    count = select(db.func.count(SignIn.id))
    with snapshots.snapshot():
        assert db.session.scalar(count) == 1
        in_another_thread(both_app, lambda: sign_in(event, guest("张爱国")))
        assert db.session.scalar(count) == 1
    assert db.session.scalar(count) == 2


def test_a_long_sheet_is_frozen_and_drawn_by_exports(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports.beside, "start", lambda _task, number: exports.make(number))
    event, me = an_event(), make_staff()
    wish = {"staff_id": me.id, "event_id": event.id}
    exports.start("freeze", sheet_copies.options_of(FULL, "zh"), **wish)
    (line,) = frozen_sheets.of_event(event.id)
    drawn = exports.start("frozen", {"code": line.sheet.code, "format": "csv"}, **wish)
    file = exports.file_of(drawn, me.id)
    assert file is not None and frozen_sheets.find_file(sha256(file.content).hexdigest()) is not None
    void_first(event)
    refused = exports.find(exports.start("frozen", {"code": line.sheet.code, "format": "csv"}, **wish), me.id)
    assert refused is not None and (refused.state, refused.reason) == ("failed", "changed")


def test_nobody_exports_a_frozen_sheet_of_another_event(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports.beside, "start", lambda _task, number: exports.make(number))
    frozen, other, me = freeze(an_event()), make_event(), make_staff()
    made = exports.start("frozen", {"code": frozen.code, "format": "csv"}, staff_id=me.id, event_id=other.id)
    refused = exports.find(made, me.id)
    assert refused is not None and (refused.state, refused.reason) == ("failed", "gone")


def test_a_frozen_sheet_gives_files_until_it_says_something_else(app: Flask) -> None:
    event = an_event()
    freeze(event, FULL)
    (line,) = frozen_sheets.of_event(event.id)
    assert line.state == "same" and line.gives_files(may_run=True) and not line.gives_files(may_run=False)
    masked = replace(line, sheet=replace(line.sheet, choice=Choice()))
    assert masked.gives_files(may_run=False)
    outrun = replace(line, changes=1)
    assert outrun.state == "outrun" and outrun.gives_files(may_run=True)
    for state, later in (
        ("changed", replace(outrun, changed_rows=(1,))),
        ("cleared", replace(outrun, changed_rows=(1,), is_cleared=True)),
        ("purged", replace(line, sheet=replace(line.sheet, purged_at=utcnow()), is_cleared=True)),
    ):
        assert later.state == state and not later.gives_files(may_run=True)
