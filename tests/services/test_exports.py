"""Exports: files made in a process beside the server; who asked gets them, and an hour later they are gone."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import Task
from kiosk.services import exports
from kiosk.services.exports import ExportView
from kiosk.services.refusals import Refused
from kiosk.services.sheet import sheet_copies
from kiosk.services.store import writer
from kiosk.services.store.writer import WriterBusy
from kiosk.services.tables.files import Asked, File, Progress
from kiosk.services.tasks import beside, tasks
from kiosk.services.upkeep import housekeeping
from tests.aids.factories import enterprise, make_event, make_staff, sign_in

LETTER = File("信.txt", "text/plain", "您好".encode())


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """What would have been started beside the server; nothing is."""
    calls: list[tuple[str, int]] = []
    monkeypatch.setattr(beside, "start", lambda task, number=0: calls.append((task, number)))
    return calls


def make_letters(monkeypatch: pytest.MonkeyPatch, maker: exports.Maker = lambda _asked, _progress: LETTER) -> None:
    monkeypatch.setitem(exports.MAKERS, "letter", maker)


def view(export_id: int, staff_id: int) -> ExportView:
    found = exports.find(export_id, staff_id)
    assert found is not None
    db.session.rollback()
    return found


def test_an_export_goes_from_the_wish_to_the_file(
    both_app: Flask, monkeypatch: pytest.MonkeyPatch, started: list[tuple[str, int]]
) -> None:
    heard: list[Asked] = []
    make_letters(monkeypatch, lambda asked, _progress: heard.append(asked) or LETTER)  # type: ignore[func-returns-value]
    me, event = make_staff(), make_event()
    export_id = exports.start("letter", {"to": "zh"}, staff_id=me.id, event_id=event.id, total=3)
    assert started == [("export", export_id)]
    waiting = view(export_id, me.id)
    assert (waiting.state, waiting.done, waiting.total, waiting.event_code) == ("waiting", 0, 3, event.code)
    assert exports.file_of(export_id, me.id) is None
    exports.make(export_id)
    assert heard == [Asked(me.id, {"to": "zh"}, event.id)]
    assert view(export_id, me.id).state == "done"
    assert exports.file_of(export_id, me.id) == LETTER


def test_only_who_asked_gets_it(app: Flask, monkeypatch: pytest.MonkeyPatch, started: list[Any]) -> None:
    make_letters(monkeypatch)
    me, other = make_staff(), make_staff("organiser")
    export_id = exports.start("letter", {}, staff_id=me.id)
    exports.make(export_id)
    assert exports.find(export_id, other.id) is None
    assert exports.file_of(export_id, other.id) is None
    assert exports.start_again(export_id, other.id) is None


def test_the_same_wish_while_it_is_made_starts_nothing_new(
    both_app: Flask, monkeypatch: pytest.MonkeyPatch, started: list[Any]
) -> None:
    make_letters(monkeypatch)
    me, other = make_staff(), make_staff("organiser")
    first = exports.start("letter", {"to": "zh"}, staff_id=me.id)
    assert exports.start("letter", {"to": "zh"}, staff_id=me.id) == first
    assert exports.start("letter", {"to": "en"}, staff_id=me.id) != first
    assert exports.start("letter", {"to": "zh"}, staff_id=other.id) != first
    assert len(started) == 3
    exports.make(first)
    assert exports.start("letter", {"to": "zh"}, staff_id=me.id) != first, "what is done is as old as it is"


def test_a_second_process_does_not_make_it_again(app: Flask, monkeypatch: pytest.MonkeyPatch, started: Any) -> None:
    made: list[int] = []
    make_letters(monkeypatch, lambda asked, _progress: made.append(asked.staff_id) or LETTER)  # type: ignore[func-returns-value]
    me = make_staff()
    export_id = exports.start("letter", {}, staff_id=me.id)
    exports.make(export_id)
    exports.make(export_id)
    assert made == [me.id]


def test_progress_is_written_while_it_is_made(
    both_app: Flask, monkeypatch: pytest.MonkeyPatch, started: list[Any]
) -> None:
    monkeypatch.setattr(tasks, "TELL_SECONDS", 0.01)
    me = make_staff()
    seen: list[ExportView] = []

    def slowly(_asked: Asked, progress: Progress) -> File:
        for done in (1200, 5000):
            progress(done, 5000)
            while view(export_id, me.id).done != done:
                pass
            seen.append(view(export_id, me.id))
        return LETTER

    make_letters(monkeypatch, slowly)
    export_id = exports.start("letter", {}, staff_id=me.id)
    exports.make(export_id)
    assert [(one.state, one.done, one.total, one.is_drawn) for one in seen] == [
        ("running", 1200, 5000, False),
        ("running", 5000, 5000, True),
    ]


def test_a_living_process_says_so_even_when_no_row_is_done(
    app: Flask, monkeypatch: pytest.MonkeyPatch, started: list[Any]
) -> None:
    monkeypatch.setattr(tasks, "TELL_SECONDS", 0.01)
    monkeypatch.setattr(tasks, "BEAT_SECONDS", 0.05)
    me = make_staff()

    def heard_at() -> Any:
        db.session.rollback()
        return db.session.scalar(select(Task.heard_at).where(Task.id == export_id))

    def silent(_asked: Asked, _progress: Progress) -> File:
        first = heard_at()
        while heard_at() == first:
            pass
        return LETTER

    make_letters(monkeypatch, silent)
    export_id = exports.start("letter", {}, staff_id=me.id)
    exports.make(export_id)
    assert view(export_id, me.id).state == "done"


@pytest.mark.parametrize("claims", [False, True], ids=["before it began", "in the middle"])
def test_a_dead_process_shows_as_failed_and_can_be_asked_again(
    app: Flask, monkeypatch: pytest.MonkeyPatch, started: list[Any], claims: bool
) -> None:
    class Killed(BaseException):
        pass

    def die(_asked: Asked, _progress: Progress) -> File:
        raise Killed

    make_letters(monkeypatch, die)
    me = make_staff()
    export_id = exports.start("letter", {"to": "zh"}, staff_id=me.id, total=7)
    if claims:
        with pytest.raises(Killed):
            exports.make(export_id)
    assert not view(export_id, me.id).is_over
    with clock.freeze(utcnow() + tasks.SILENCE + timedelta(seconds=1)):
        found = view(export_id, me.id)
        assert (found.state, found.reason) == ("failed", "lost")
        again = exports.start_again(export_id, me.id)
        assert again not in (None, export_id), "the same wish of a dead process is no running one"
        assert view(again or 0, me.id).options == {"to": "zh"} and view(again or 0, me.id).total == 7


def refuse(_asked: Asked, _progress: Progress) -> File:
    raise Refused("changed")


def crash(_asked: Asked, _progress: Progress) -> File:
    raise RuntimeError("who knows")


@pytest.mark.parametrize(("maker", "reason"), [(refuse, "changed"), (crash, "broken")])
def test_a_failure_says_why(
    app: Flask, monkeypatch: pytest.MonkeyPatch, started: list[Any], maker: exports.Maker, reason: str
) -> None:
    make_letters(monkeypatch, maker)
    me = make_staff()
    export_id = exports.start("letter", {}, staff_id=me.id)
    exports.make(export_id)
    found = view(export_id, me.id)
    assert (found.state, found.reason, exports.file_of(export_id, me.id)) == ("failed", reason, None)


def test_a_full_disk_is_said_to_be_one(app: Flask, monkeypatch: pytest.MonkeyPatch, started: list[Any]) -> None:
    make_letters(monkeypatch, lambda _asked, _progress: File("信.txt", "text/plain", b"x" * 2**20))
    me = make_staff()
    export_id = exports.start("letter", {}, staff_id=me.id)
    pages = db.session.scalar(text("PRAGMA page_count")) or 0
    db.session.rollback()
    writer.run(lambda session: session.execute(text(f"PRAGMA max_page_count = {pages + 20}")))
    exports.make(export_id)
    found = view(export_id, me.id)
    assert (found.state, found.reason, exports.file_of(export_id, me.id)) == ("failed", "no_room", None)


def test_what_was_asked_for_can_be_come_back_to_for_an_hour(
    app: Flask, monkeypatch: pytest.MonkeyPatch, started: list[Any]
) -> None:
    me, other, event = make_staff(), make_staff("viewer"), make_event()
    first = exports.start("sheet", {"format": "pdf"}, staff_id=me.id, event_id=event.id)
    second = exports.start("freeze", {}, staff_id=me.id, event_id=event.id)
    exports.start("proofs", {}, staff_id=me.id, event_id=event.id)  # has a page of its own
    exports.start("sheet", {"format": "pdf"}, staff_id=other.id, event_id=event.id)
    assert [one.id for one in exports.recent(event.id, me.id)] == [second, first]
    with clock.freeze(utcnow() + timedelta(minutes=61)):
        assert exports.recent(event.id, me.id) == ()


def test_a_busy_writer_does_not_cost_the_file(app: Flask, monkeypatch: pytest.MonkeyPatch, started: list[Any]) -> None:
    make_letters(monkeypatch)
    me = make_staff()
    export_id = exports.start("letter", {}, staff_id=me.id)
    answers = iter([True, False, False, True])  # the claim is written, the ending only at the third try
    write = writer.run

    def busy(work: Any, **options: Any) -> Any:
        if not next(answers):
            raise WriterBusy("busy")
        return write(work, **options)

    monkeypatch.setattr(writer, "run", busy)
    exports.make(export_id)
    assert exports.file_of(export_id, me.id) == LETTER


def test_waiting_ends_with_the_export_or_with_patience(
    app: Flask, monkeypatch: pytest.MonkeyPatch, started: list[Any]
) -> None:
    make_letters(monkeypatch)
    me = make_staff()
    export_id = exports.start("letter", {}, staff_id=me.id)
    waiting = exports.wait_for(export_id, me.id, 0.0)
    assert waiting is not None and waiting.state == "waiting"
    monkeypatch.setattr(exports.time, "sleep", lambda _seconds: exports.make(export_id))
    done = exports.wait_for(export_id, me.id, 60.0)
    assert done is not None and done.state == "done"


def test_an_hour_later_it_is_gone(both_app: Flask, monkeypatch: pytest.MonkeyPatch, started: list[Any]) -> None:
    make_letters(monkeypatch)
    me = make_staff()
    export_id = exports.start("letter", {}, staff_id=me.id)
    exports.make(export_id)
    assert (exports.has_old, exports.clear_old) in housekeeping.CHORES
    monkeypatch.setattr(housekeeping, "CHORES", ((exports.has_old, exports.clear_old),))
    housekeeping.do_what_is_due()
    assert exports.file_of(export_id, me.id) == LETTER
    with clock.freeze(utcnow() + exports.KEPT + timedelta(seconds=1)):
        assert housekeeping.is_anything_due()
        housekeeping.do_what_is_due()
    assert exports.find(export_id, me.id) is None


def test_a_process_of_its_own_makes_a_sheet(both_app: Flask) -> None:
    event, me = make_event(), make_staff()
    sign_in(event, enterprise("王强", mobile="13800138000"))
    options = sheet_copies.options_of(sheet_copies.Choice(), "zh", "csv")
    export_id = exports.start("sheet", options, staff_id=me.id, event_id=event.id, total=1)
    done = exports.wait_for(export_id, me.id, 60.0)
    assert done is not None and done.state == "done", done
    file = exports.file_of(export_id, me.id)
    assert file is not None and "138****8000" in file.content.decode() and file.name.endswith("（脱敏）.csv")


def test_two_wishes_at_once_start_one_process(
    both_app: Flask, monkeypatch: pytest.MonkeyPatch, started: list[Any]
) -> None:
    make_letters(monkeypatch)
    me, together, ids = make_staff(), threading.Barrier(4), []

    def wish() -> None:
        with both_app.app_context():
            together.wait()
            ids.append(exports.start("letter", {}, staff_id=me.id))

    threads = [threading.Thread(target=wish) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 4 and len(set(ids)) == 1 and len(started) == 1
