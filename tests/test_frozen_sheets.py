"""Frozen sheets: a code for what stood on the sheet, files only as long as it stands there, no row kept."""

from __future__ import annotations

import threading
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import AuditEntry, Event, FrozenFile, FrozenSheet, SignIn
from kiosk.services.codes import ALPHABET
from kiosk.services.door import corrections
from kiosk.services.event import event_views
from kiosk.services.event.event_views import EventView
from kiosk.services.sheet import exports, frozen_sheets, sheet_copies, sheets, snapshots
from kiosk.services.sheet.frozen_sheets import CannotDraw, FrozenView
from kiosk.services.sheet.sheet_copies import Choice
from kiosk.services.writer import run
from tests.factories import enterprise, guest, make_event, make_staff, sign_in, ticket_for

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
    model = sheets.build_sheet(event, "zh")
    assert frozen.content_hash == sheets.content_hash(model)
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


def a_walk_in(event: EventView) -> None:
    sign_in(event, guest("张爱国"))


def a_void(event: EventView) -> None:
    one = db.session.scalars(select(SignIn).where(SignIn.event_id == event.id)).one()
    corrections.void(one.id, staff_id=None, reason="twice")


@pytest.mark.parametrize("happens", [a_walk_in, a_void])
def test_no_file_is_drawn_when_the_sign_ins_have_changed(app: Flask, happens: Any) -> None:
    event = an_event()
    frozen = freeze(event)
    happens(event)
    with pytest.raises(CannotDraw) as refused:
        frozen_sheets.draw(frozen, "csv")
    assert (refused.value.code, refused.value.changes) == ("changed", 1)
    assert db.session.scalar(select(db.func.count(FrozenFile.id))) == 0
    (line,) = frozen_sheets.of_event(event.id)
    assert (line.changes, line.formats) == (1, ())


def test_a_change_by_hand_in_the_database_is_found_too(app: Flask) -> None:
    event = an_event()
    frozen = freeze(event)
    one = db.session.scalars(select(SignIn)).one()
    change(SignIn, one.id, mobile="13800138001")
    with pytest.raises(CannotDraw) as refused:
        frozen_sheets.draw(frozen, "csv")
    assert (refused.value.code, refused.value.changes) == ("changed", 0)


def test_a_trial_sign_in_is_no_change(app: Flask) -> None:
    event = an_event()
    frozen = freeze(event)
    sign_in(event, guest("试签"), ticket=ticket_for(event, is_trial=True))
    assert frozen_sheets.draw(frozen, "csv").content
    assert frozen_sheets.of_event(event.id)[0].changes == 0


def test_a_purged_event_s_sheet_is_known_and_cannot_be_drawn(app: Flask) -> None:
    event = an_event()
    frozen = freeze(event)
    change(Event, event.id, purged_at=utcnow())
    event_views.forget(event.code)
    with pytest.raises(CannotDraw) as refused:
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
    foot = sheets._foot
    late: list[str] = []

    def foot_after_an_arrival(*arguments: Any) -> Any:
        if not late:
            late.append("came")
            in_another_thread(both_app, lambda: sign_in(event, enterprise("李娜", mobile="13900139000")))
        return foot(*arguments)

    monkeypatch.setattr(sheets, "_foot", foot_after_an_arrival)
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
    sign_in(event, guest("张爱国"))
    refused = exports.find(exports.start("frozen", {"code": line.sheet.code, "format": "csv"}, **wish), me.id)
    assert refused is not None and (refused.state, refused.reason) == ("failed", "changed")


def test_nobody_exports_a_frozen_sheet_of_another_event(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports.beside, "start", lambda _task, number: exports.make(number))
    frozen, other, me = freeze(an_event()), make_event(), make_staff()
    made = exports.start("frozen", {"code": frozen.code, "format": "csv"}, staff_id=me.id, event_id=other.id)
    refused = exports.find(made, me.id)
    assert refused is not None and (refused.state, refused.reason) == ("failed", "gone")
