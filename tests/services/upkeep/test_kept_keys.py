"""What rows keep of a name after an upgrade: searched meanwhile, written anew in parts, never brought back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text

from kiosk.extensions import db
from kiosk.migrating import downgrade, upgrade
from kiosk.models import Participant, RosterEntry, SignIn, StoredSetting
from kiosk.services import tallies
from kiosk.services.audit_log.audit import Hand
from kiosk.services.board import people
from kiosk.services.board.people import PeopleFilter
from kiosk.services.door import hand_work
from kiosk.services.event.event_views import EventView
from kiosk.services.names import key_of
from kiosk.services.people.search_keys import search_key_of
from kiosk.services.privacy import erasure, persons
from kiosk.services.roster import roster_lists, roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.store.writer import WriterSession, run
from kiosk.services.upkeep import housekeeping, kept_keys
from tests.aids.apps import build_app, close
from tests.aids.factories import enterprise, make_event, sign_in, student

MOBILES = [f"1390013100{number}" for number in range(6)]
DOT = "古丽‧某某"  # U+2027, which keys of before kept


@pytest.fixture
def old_app(tmp_path: Path, database_url: str) -> Iterator[Flask]:
    """An application on a database that stands at 0013, with people; their dotted names have keys of before."""
    app = build_app(tmp_path / "instance", KIOSK_DATABASE_URL=database_url)
    with app.app_context():
        yield app
        close(app)


def held() -> EventView:
    """Make an event with a roster and sign-ins, and let its database be one of before."""
    event = make_event(are_students_minors=False)
    listed = RosterRow("student", "王重阳", "四棵中学", class_name="初二(3)班", student_no="0305", group_name="一组")
    roster_writing.write(
        event.id, [listed, RosterRow("enterprise", DOT, "青石银行", mobile=MOBILES[0])], actor="staff:1"
    )
    hand_work.sign_in_entry(event, rosters.entries(event.id)[0].id, Hand("staff:1", "k"))
    sign_in(event, enterprise("张长江", mobile=MOBILES[1]))
    sign_in(event, enterprise(DOT, mobile=MOBILES[2]))
    sign_in(event, student("单小明", student_no="0306"))
    db.session.rollback()
    downgrade(revision="0013")
    write("UPDATE {} SET name_key = :old WHERE name = :name", old=DOT, name=DOT)
    write("UPDATE {} SET search_key = replace(search_key, :key, :old)", of=("sign_in", "roster_entry"), old=DOT)
    return event


def write(sql: str, of: tuple[str, ...] = ("participant", "roster_entry", "sign_in"), **values: str) -> None:
    """Run a statement of before on these tables."""

    def work(session: WriterSession) -> None:
        for table in of:
            session.execute(text(sql.format(table)), {"key": key_of(DOT), **values})

    run(work)


def keys(table: str) -> list[tuple[str, str]]:
    found = db.session.execute(text(f"SELECT name, search_key FROM {table} ORDER BY id")).tuples().all()  # noqa: S608
    db.session.rollback()
    return [(name, key) for name, key in found]


def found(event: EventView, words: str) -> tuple[set[str], set[str]]:
    on_board = {row.name for row in people.search(event.id, PeopleFilter(typed=words)).rows}
    return on_board, {row.name for row in roster_lists.search(event.id, words).rows}


def are_right() -> bool:
    """Say whether every key says what it would say if it were written today."""
    rows = [*db.session.scalars(select(SignIn)), *db.session.scalars(select(RosterEntry))]
    right = all(row.search_key == (search_key_of(row) if row.name else "") for row in rows)
    rows += db.session.scalars(select(Participant))
    right = right and all(row.name_key == key_of(row.name) for row in rows)
    db.session.rollback()
    return right


def test_people_are_found_before_and_after_their_keys_are_written_anew(old_app: Flask) -> None:
    event = held()
    assert keys("sign_in")[0] == ("王重阳", "王重阳 四棵中学 初二3班/wzy/0305")
    upgrade()
    assert keys("sign_in")[0] == ("王重阳", "王重阳 四棵中学 初二3班/,wzy/0305")
    assert keys("roster_entry")[0] == ("王重阳", "王重阳 四棵中学 初二3班 一组/,wzy/0305")
    for words in ("王重阳", "wzy", "0305", "班 王", "四棵 重阳"):
        assert found(event, words) == ({"王重阳"}, {"王重阳"}), words
    assert found(event, "wcy") == found(event, "古丽某某") == (set(), set()) and not are_right()
    assert housekeeping.is_anything_due()
    housekeeping.do_what_is_due()
    assert are_right() and not housekeeping.is_anything_due()
    assert found(event, "wcy") == found(event, "wzy") == ({"王重阳"}, {"王重阳"})
    assert found(event, "zcj")[0] == {"张长江"} and found(event, "dxm 四棵")[0] == {"单小明"}
    assert found(event, "古丽·某某") == ({DOT}, {DOT})
    assert sign_in(event, enterprise("古丽某某", mobile=MOBILES[2])).is_repeat
    assert tallies.recount() == ()


def test_keys_are_written_in_parts_and_what_was_cut_short_goes_on(
    old_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    held()
    upgrade()
    monkeypatch.setattr(kept_keys, "STEP", 2)
    steps = []
    while len(steps) < 3 and kept_keys._renew_some():
        steps.append(db.session.scalar(select(StoredSetting.value).where(StoredSetting.key == kept_keys.WANTED)))
        db.session.rollback()
    assert steps[0].startswith("participant ") and len(set(steps)) == 3 and not are_right()
    assert kept_keys.are_old()
    kept_keys.renew()
    assert are_right() and not kept_keys.are_old()


def test_nothing_of_who_was_erased_meanwhile_comes_back(old_app: Flask) -> None:
    event = held()
    upgrade()
    (one,) = persons.find("王重阳", "0305")
    erasure.erase(one.rows, "command")
    kept_keys.renew()
    assert ("", "") in keys("sign_in") and ("", "") in keys("roster_entry") and are_right()
    assert found(event, "wcy") == found(event, "四棵 0305") == (set(), set())


def test_a_participant_keeps_the_old_key_where_another_has_the_new_one(old_app: Flask) -> None:
    """Two rows of one mobile and one name are not made one: each has sign-ins of its own."""
    held()
    write("UPDATE {} SET mobile = :mobile WHERE name = :name", of=("participant",), mobile=MOBILES[5], name=DOT)
    upgrade()
    later = make_event()
    sign_in(later, enterprise("古丽某某", mobile=MOBILES[5]))
    kept_keys.renew()
    named = select(Participant.name_key).where(Participant.mobile == MOBILES[5]).order_by(Participant.name_key)
    assert sorted(db.session.scalars(named)) == sorted([DOT, key_of(DOT)])
    db.session.rollback()
    assert not kept_keys.are_old() and sign_in(later, enterprise(DOT, mobile=MOBILES[5])).is_repeat


def test_a_new_database_has_nothing_to_write_anew(app: Flask) -> None:
    assert not kept_keys.are_old()
