"""An import that is killed: it says how far it came, and goes on until it is whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import AuditEntry, RosterDraft, RosterEntry
from kiosk.services import tallies
from kiosk.services.event import events
from kiosk.services.event.cleared import EventCleared
from kiosk.services.lists.choices import Choices
from kiosk.services.lists.texts import read_text
from kiosk.services.privacy import purges
from kiosk.services.refusals import Unknown
from kiosk.services.roster import roster_drafts, roster_imports, roster_writing
from kiosk.services.upkeep import housekeeping
from tests.aids.factories import enterprise, log_in, make_event, make_staff, post, sign_in
from tests.aids.paths import ROOT

ROWS = 400
# The command as it is, in steps that can be met with a kill.
SLOW = """
import sys, time
from kiosk.services.roster import roster_imports
plan = roster_imports.roster_writing.plan
def slowly(*args, **kwargs):
    for part in plan(*args, **kwargs):
        yield part
        time.sleep(0.05)
roster_imports.roster_writing.plan = slowly
from kiosk import create_app
create_app().cli.main(["roster", "import", *sys.argv[1:]], prog_name="flask")
"""


# The same of taking the import back.
SLOW_BACK = """
import sys, time
from kiosk.services.roster import import_history
part = import_history._take_part_back
def slowly(*args):
    is_more = part(*args)
    time.sleep(0.05)
    return is_more
import_history._take_part_back = slowly
from kiosk import create_app
create_app().cli.main(["roster", "import", *sys.argv[1:]], prog_name="flask")
"""


def kill(app: Flask, script: str, arguments: Sequence[str], is_time: Callable[[], bool]) -> None:
    """Run a command on the application's database, and kill its process as soon as it is time."""
    settings = app.config["KIOSK"]
    kept = {key: value for key, value in os.environ.items() if not key.startswith("KIOSK_")}
    environ = {**kept, "KIOSK_INSTANCE_DIR": str(settings.instance_dir), "KIOSK_DATABASE_URL": settings.database_url}
    process = subprocess.Popen(
        [sys.executable, "-c", script, *arguments], cwd=ROOT, env=environ, stdout=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    while not is_time() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()


@pytest.fixture
def killed(both_app: Flask, tmp_path: Path) -> Iterator[str]:
    """An event whose list of 400 was being imported when its process was killed."""
    event = make_event()
    file = tmp_path / "list.csv"
    rows = "".join(f"{name_of(n)},单位{n % 40},138{n:08}\n" for n in range(ROWS))
    file.write_text(f"姓名,单位,手机\n{rows}", "utf-8")
    kill(both_app, SLOW, [event.code, str(file)], lambda: names_of(event.id) >= 100)
    yield event.code


def name_of(number: int) -> str:
    return f"王{chr(0x4E00 + number)}"


def names_of(event_id: int) -> int:
    found = len(db.session.scalars(select(RosterEntry.name).where(RosterEntry.event_id == event_id)).all())
    db.session.rollback()
    return found


@pytest.mark.timeout(180)
def test_a_killed_import_says_how_far_it_came_and_goes_on(both_app: Flask, killed: str) -> None:
    event, client = events.get(killed), both_app.test_client()
    came = names_of(event.id)
    assert 100 <= came < ROWS
    stands = roster_imports.going_on(event.id)
    assert stands is not None and (stands.done, stands.total, stands.written.added) == (came, ROWS, came)
    db.session.rollback()
    make_staff()
    log_in(client, "admin@example.org")
    page = client.get(f"/events/{event.code}/roster", headers={"Accept-Language": "en"}).text
    assert f"{came} of {ROWS} rows are written" in page
    with clock.freeze(utcnow() + timedelta(hours=3)):  # its draft is older than a preview lives, and others come
        roster_drafts.stage(event, [read_text("姓名\n别人\n")], staff_id=1, source="")
        assert housekeeping.is_anything_due()
        housekeeping.do_what_is_due()
        assert roster_imports.going_on(event.id) is None and roster_imports.lost() == ()
    written = select(RosterEntry.name).where(RosterEntry.event_id == event.id).order_by(RosterEntry.position)
    assert db.session.scalars(written).all() == [name_of(n) for n in range(ROWS)]
    (totals,) = db.session.scalars(select(AuditEntry.changed).where(AuditEntry.action == "roster.write"))
    assert totals == {"added": ROWS, "updated": 0, "unchanged": 0}
    assert len(db.session.scalars(select(RosterDraft.id)).all()) == 1, "the other's is left"
    db.session.rollback()
    assert (events.counts(event.id).expected, tallies.recount()) == (ROWS, ())


@pytest.mark.timeout(180)
def test_a_killed_take_back_says_how_far_it_came_and_goes_on(both_app: Flask) -> None:
    event, client = make_event(), both_app.test_client()
    text = "姓名,单位,手机\n" + "".join(f"{name_of(n)},单位{n % 40},138{n:08}\n" for n in range(ROWS))
    roster_imports.write(event, [read_text(text)], Choices(), actor="staff:1")
    kill(both_app, SLOW_BACK, [event.code, "--undo"], lambda: names_of(event.id) <= ROWS - 100)
    left = names_of(event.id)
    assert 0 < left <= ROWS - 100
    make_staff()
    log_in(client, "admin@example.org")
    said = f"{ROWS - left} of {ROWS} changes are undone"
    for page in ("roster", "roster/import"):
        assert said in client.get(f"/events/{event.code}/{page}", headers={"Accept-Language": "en"}).text
    again = post(client, f"/events/{event.code}/roster/import", pasted="姓名\n新人\n").location
    assert again is not None and post(client, again).location == again, "the list is kept, and can be confirmed later"
    assert "正在写入或撤回" in client.get(again).text and names_of(event.id) == left
    with clock.freeze(utcnow() + timedelta(minutes=2)):
        housekeeping.do_what_is_due()
    assert roster_imports.going_on(event.id) is None and names_of(event.id) == 0
    post(client, again)
    assert (events.counts(event.id).expected, tallies.recount()) == (1, ())


def test_two_at_one_import_write_each_row_once(both_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    event = make_event()
    sign_in(event, enterprise(name_of(30), mobile="13800000030"))
    text = "姓名,手机\n" + "".join(f"{name_of(n)},138{n:08}\n" for n in range(60))
    token = roster_drafts.stage(event, [read_text(text)], staff_id=1, source="")
    plan = roster_writing.plan
    others: list[int] = []

    def meeting_another(*args: object, **kwargs: object) -> Iterator[roster_writing.Part]:
        for part in plan(*args, **kwargs):  # type: ignore[arg-type]
            if not others and part.done:
                others.append(1)
                with pytest.raises(Unknown):
                    roster_imports.confirm(event, token, actor="staff:2")  # tapped again
                with clock.freeze(utcnow() + timedelta(minutes=1)):
                    roster_imports.carry_lost_on()  # the first one was held up, not dead
            yield part

    monkeypatch.setattr(roster_writing, "plan", meeting_another)
    _reading, written = roster_imports.confirm(event, token, actor="staff:1")
    assert (written.added, written.unchanged, written.here, names_of(event.id)) == (60, 0, 1, 60)
    assert roster_imports.going_on(event.id) is None and tallies.recount() == ()


def test_an_import_whose_people_were_cleared_ends(app: Flask) -> None:
    event = make_event()
    token = roster_drafts.stage(event, [read_text("姓名\n王强\n")], staff_id=1, source="")
    roster_imports._accept(event.id, token, "staff:1", roster_drafts.reading_of(event, token))
    purges.purge_event(event, "command")
    with clock.freeze(utcnow() + timedelta(minutes=1)):
        roster_imports.carry_lost_on()
    assert (roster_imports.going_on(event.id), names_of(event.id)) == (None, 0)


def test_an_import_stops_where_the_purge_began_and_is_over(both_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    event = make_event()
    text = "姓名\n" + "".join(f"{name_of(n)}\n" for n in range(60))
    token = roster_drafts.stage(event, [read_text(text)], staff_id=1, source="")
    plan = roster_writing.plan

    def meeting_a_purge(*args: object, **kwargs: object) -> Iterator[roster_writing.Part]:
        for part in plan(*args, **kwargs):  # type: ignore[arg-type]
            if part.done:
                purges.purge_event(event, "command")
            yield part

    monkeypatch.setattr(roster_writing, "plan", meeting_a_purge)
    with pytest.raises(EventCleared):
        roster_imports.confirm(event, token, actor="staff:1")
    assert set(db.session.scalars(select(RosterEntry.name))) == {""} and roster_imports.going_on(event.id) is None
