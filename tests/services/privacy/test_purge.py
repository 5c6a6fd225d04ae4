"""A purge clears what the columns declare as personal, in place, and no figure changes (docs/product.md 4.4,
"Decided")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import JSON, String, Text, Update, cast, func, select, text, update

from kiosk.extensions import Base, db
from kiosk.models import (
    AuditEntry,
    Event,
    EventTally,
    FrozenSheet,
    GroupSignIn,
    Participant,
    Proof,
    RosterDraft,
    SignIn,
    Task,
)
from kiosk.services import tallies
from kiosk.services.codes import Ticket
from kiosk.services.door import links, receipts
from kiosk.services.event import events
from kiosk.services.group import group_views, groups
from kiosk.services.group.groups import GroupPerson, Submission
from kiosk.services.privacy import clearing, erasure, persons, purges
from kiosk.services.privacy.declaration import CLEARED, OUTSIDE, TABLES, PersonalTable, Target
from kiosk.services.refusals import Refused, SignInRefused
from kiosk.services.reports import counting
from kiosk.services.roster import roster_writing
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.sheet import frozen_sheets
from kiosk.services.sheet.sheet_copies import Choice
from kiosk.services.sign_in import sign_ins
from kiosk.services.store.writer import WriterSession, run
from tests.aids.factories import enterprise, make_event, make_staff, request_for, sign_in, student, ticket_for
from tests.aids.personal import (
    CAME,
    MOBILES,
    NAMES,
    NUMBERS,
    add_export,
    fresh,
    make_full_event,
    participants_named,
    tie,
)


def personal_columns(table: Any) -> set[str]:
    return {column.name for column in table.columns if column.info.get("personal", "no") != "no"}


def every_text() -> str:
    """All that stands in all tables, as one text."""
    told = []
    for table in Base.metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, (String, Text, JSON)):
                told += [str(value) for value in db.session.scalars(select(cast(column, Text))) if value]
    db.session.rollback()
    return "\n".join(told).encode().decode("unicode_escape", "ignore") + "\n".join(told)


@pytest.mark.parametrize("table", Base.metadata.tables.values(), ids=lambda table: table.name)
def test_every_table_with_personal_columns_is_declared(table: Any) -> None:
    columns = personal_columns(table)
    declared = {one.name: one for one in TABLES}
    if not columns:
        assert table.name not in declared or declared[table.name].is_deleted
    elif table.name in OUTSIDE:
        assert table.name not in declared
    else:
        assert table.name in declared, f"nobody says whose the rows of {table.name} are"
        one = declared[table.name]
        if not one.is_deleted:
            assert columns == set(one.empty) | set(one.kept), f"{table.name}: what becomes of these columns?"


def test_outside_are_tables_that_exist() -> None:
    assert set(OUTSIDE) <= set(Base.metadata.tables)


def test_a_purge_clears_everybody_and_the_figures_stay(both_app: Flask) -> None:
    boss = make_staff()
    event = make_full_event()
    add_export(event, boss.id, f"{CAME} {MOBILES[0]}")
    before, figures = events.counts(event.id), counting.figures(event.campaign_id)
    assert figures.people == 3 and figures.enterprises == 1
    said = every_text()
    assert [one for one in (*NAMES, *MOBILES, *NUMBERS) if one not in said] == []
    done = purges.purge_event(event, "staff:1")
    assert (done.done, done.total, done.scrubbed_at) == (7, 7, None) and done.ended_at is not None
    said = every_text()
    assert [one for one in (*NAMES, *MOBILES, *NUMBERS) if one in said] == []
    after = events.counts(event.id)
    assert {k: v for k, v in vars(after).items() if k != "revision"} == {
        k: v for k, v in vars(before).items() if k != "revision"
    }
    assert after.revision > before.revision
    assert counting.figures(event.campaign_id) == figures
    assert tallies.recount() == ()


@pytest.mark.parametrize("table", CLEARED, ids=lambda one: one.name)
def test_a_chunk_is_looked_up_by_its_rows_keys(app: Flask, table: PersonalTable) -> None:
    """And not among all of an event's or a campaign's: the writer is held meanwhile, and the door waits."""
    rows = clearing.among(table, purges.target_of(make_event().id), range(1, 21))
    sql = (
        update(table.model)
        .where(*rows)
        .values({table.id.key: table.id})
        .compile(db.engine, compile_kwargs={"literal_binds": True})
    )
    plan = db.session.execute(text(f"EXPLAIN QUERY PLAN {sql}")).all()
    assert plan[0][3] == f"SEARCH {table.name} USING INTEGER PRIMARY KEY (rowid=?)"


def test_a_purged_event_is_over_for_every_door(both_app: Flask) -> None:
    event = make_event()
    kept = Ticket(event.id, ticket_for(event).issued_at, "the same key")
    first = sign_in(event, enterprise(), ticket=kept)
    purges.purge_event(event, "command")
    for actor in (None, "staff:1"):
        with pytest.raises(SignInRefused) as refused:
            sign_in(fresh(event), enterprise("李四", mobile="13800138001"), actor=actor)
        assert refused.value.code == "closed"
    again = sign_ins.sign_in(request_for(fresh(event), enterprise(), ticket=kept))
    assert again.is_repeat and again.sign_in_id == first.sign_in_id  # the key stays, and finds its row


def test_the_addresses_of_its_groups_and_stewards_are_dead(app: Flask) -> None:
    event = make_event(kinds=[{"kind": "student"}])
    people = (GroupPerson(student("李明")),)
    token = groups.submit(Submission(event=event, ticket=ticket_for(event), people=people, has_consented=True))
    link = links.make(event.id, "steward", "小李", staff_id=None)
    assert group_views.find(token) is not None and links.find(link, "steward") is not None
    purges.purge_event(event, "command")
    assert group_views.find(token) is None and links.find(link, "steward") is None


def test_opening_a_purged_event_again_lets_nobody_in(app: Flask) -> None:
    event = make_event()
    purges.purge_event(event, "command")
    events.open_now(event.code)
    with pytest.raises(SignInRefused):
        sign_in(fresh(event), enterprise())


def test_who_is_needed_at_another_event_stays_until_that_one_is_purged(both_app: Flask) -> None:
    first, second, third = make_event(), make_event(), make_event()
    for event in (first, second):
        sign_in(event, enterprise("王强", mobile=MOBILES[0]))
    sign_in(first, enterprise("赵敏", mobile=MOBILES[1]))
    sign_in(first, enterprise("孙莉", mobile=MOBILES[2]))
    roster_writing.write(third.id, [RosterRow("enterprise", "赵敏", "甲公司", mobile=MOBILES[1])], actor="staff:1")
    purges.purge_event(first, "command")
    assert [participants_named(name) for name in ("王强", "赵敏", "孙莉")] == [1, 1, 0]
    same = sign_in(third, enterprise("赵敏", mobile=MOBILES[1]))
    assert counting.figures(first.campaign_id).people == 3 and not same.is_repeat
    purges.purge_event(third, "command")
    purges.purge_event(second, "command")
    assert [participants_named(name) for name in ("王强", "赵敏")] == [0, 0]
    assert counting.figures(first.campaign_id).people == 3


def test_an_expected_person_s_participant_goes_with_the_last_roster(app: Flask) -> None:
    first, second = make_event(), make_event()
    sign_in(first, enterprise("赵敏", mobile=MOBILES[1]))
    roster_writing.write(second.id, [RosterRow("enterprise", "赵敏", "甲公司", mobile=MOBILES[1])], actor="staff:1")
    purges.purge_event(first, "command")
    assert participants_named("赵敏") == 1
    purges.purge_event(second, "command")  # never came there
    assert participants_named("赵敏") == 0


def test_a_proof_of_a_series_stays_while_an_event_of_it_does(app: Flask) -> None:
    first, second = make_full_event(), make_full_event()
    series = tie(first)
    tie(second)
    proof = db.session.scalars(select(Proof).where(Proof.event_id == first.id)).one()
    proof.event_id, proof.series_id = None, series
    db.session.commit()
    purges.purge_event(first, "command")
    assert db.session.get_one(Proof, proof.id, populate_existing=True).name == CAME
    purges.purge_event(second, "command")
    assert db.session.get_one(Proof, proof.id, populate_existing=True).name is None


def test_minors_go_sooner_and_stay_counted(both_app: Flask) -> None:
    event = make_full_event()
    kept = Ticket(event.id, ticket_for(event).issued_at, "a pupil's key")
    first = sign_in(event, student("李明"), ticket=kept)
    purge = purges.carry_on(purges.begin(event, "minors", "retention"))
    assert (purge.what, purge.done) == ("minors", 3)
    rows = db.session.execute(select(SignIn.kind, SignIn.name, SignIn.student_no, SignIn.class_name)).all()
    assert {row for row in rows if row.kind == "student"} == {("student", "", None, None)}
    assert CAME in {row.name for row in rows}
    group = db.session.scalars(select(GroupSignIn)).one()
    assert group.absent == [] and group.has_guardian_consent and group.leader is not None
    assert events.counts(event.id).student == 2 and tallies.recount() == ()
    again = sign_in(fresh(event), student("李明"), ticket=kept)
    assert again.is_repeat and again.sign_in_id == first.sign_in_id
    assert fresh(event).minors_cleared_at is not None and fresh(event).phase(purge.asked_at) == "open"


def test_a_pupil_entered_later_is_cleared_as_well(both_app: Flask) -> None:
    event = make_event()
    sign_in(event, student("李明"))
    purges.carry_on(purges.begin(event, "minors", "retention"))
    sign_in(fresh(event), student("王丽"))
    assert fresh(event).minors_cleared_at is None  # so that housekeeping looks again
    purges.carry_on(purges.begin(fresh(event), "minors", "retention"))
    assert participants_named("王丽") == 0


def test_a_repeated_purge_is_the_same_one(app: Flask) -> None:
    event = make_full_event()
    first = purges.purge_event(event, "command")
    assert purges.purge_event(fresh(event), "command") == first
    assert db.session.scalar(select(func.count(Task.id))) == 1


def test_what_came_in_after_a_purge_is_cleared_by_the_next(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    event = make_full_event()
    purges.purge_event(event, "command")
    monkeypatch.setattr(roster_writing, "refuse_cleared", lambda _session, _event_id: None)
    roster_writing.write(event.id, [RosterRow("enterprise", "赵敏", "甲公司", mobile=MOBILES[1])], actor="command")
    again = purges.purge_event(fresh(event), "command")
    assert again.done == 1 and not clearing.is_anything_left(purges.target_of(event.id))


def test_a_purge_left_undone_is_carried_on(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    event = make_event()
    for number in range(6):
        sign_in(event, enterprise(f"王{number}", mobile=f"1391234567{number}"))
    monkeypatch.setattr(clearing, "CHUNK", 2)
    real, seen = clearing._clear_chunk, []

    def dies(*given: Any) -> None:
        seen.append(given)
        if len(seen) == 3:
            raise KeyboardInterrupt
        real(*given)

    monkeypatch.setattr(clearing, "_clear_chunk", dies)
    purge_id = purges.begin(event, "event", "command")
    with pytest.raises(KeyboardInterrupt):
        purges.carry_on(purge_id)
    half = purges.get(purge_id)
    assert (half.done, half.ended_at) == (4, None) and purges.unfinished() == (purge_id,)
    purges.carry_all_on()
    assert purges.get(purge_id).done == 6 and purges.unfinished() == ()
    assert not clearing.is_anything_left(purges.target_of(event.id))


def test_no_unit_of_work_empties_more_than_a_chunk(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    event = make_event()
    for number in range(7):
        sign_in(event, enterprise(f"王{number}", mobile=f"1391234567{number}"))
    monkeypatch.setattr(clearing, "CHUNK", 3)
    sizes: list[int] = []
    statements: dict[str, set[object]] = {}
    real = clearing._clear_chunk

    def clear_chunk(table: PersonalTable, target: Target, statement: Update, ids: Sequence[int]) -> None:
        sizes.append(len(ids))
        statements.setdefault(table.name, set()).add(statement)
        real(table, target, statement, ids)

    monkeypatch.setattr(clearing, "_clear_chunk", clear_chunk)
    purges.purge_event(event, "command")
    assert sizes and max(sizes) == 3
    assert len(statements["sign_in"]) == 1, "built before the writer is held, and not again for each chunk"


def test_the_log_says_who_purged_and_names_nobody(app: Flask) -> None:
    event = make_full_event()
    purges.purge_event(event, "staff:7")
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "privacy.event")).one()
    assert (entry.actor, entry.event_id, entry.changed["people"]) == ("staff:7", event.id, 7)


def test_waiting_files_and_imports_are_deleted(app: Flask) -> None:
    boss = make_staff()
    event, other = make_full_event(), make_full_event()
    add_export(event, boss.id, CAME)
    purges.purge_event(event, "command")
    assert db.session.scalar(select(func.count(Task.id).filter(Task.kind == "export"))) == 0
    assert db.session.scalars(select(RosterDraft.event_id)).all() == [other.id]


def test_another_event_s_people_stay(both_app: Flask) -> None:
    event, other = make_full_event(), make_event()
    sign_in(other, enterprise("赵敏", mobile="13700137000"))
    purges.purge_event(event, "command")
    row = db.session.scalars(select(SignIn).where(SignIn.event_id == other.id)).one()
    assert (row.name, row.mobile) == ("赵敏", "13700137000")
    assert db.session.scalar(select(func.count(Participant.id)).where(Participant.name != "")) == 1
    assert db.session.get_one(Event, other.id).purged_at is None


def test_the_phone_that_asks_later_is_told_that_it_counted(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    address = receipts.address_of(sign_in(event, enterprise()), is_kiosk=False)
    page = client.get(f"/done/{address}").text
    assert "王强" in page
    purges.purge_event(event, "command")
    page = client.get(f"/done/{address}", headers={"Accept-Language": "en"}).text
    assert "王强" not in page and "have been deleted" in page
    over = client.get(f"/e/{event.code}", headers={"Accept-Language": "en"}).text
    assert "This event is over" in over


def test_a_phone_that_remembered_somebody_knows_nobody_any_more(app: Flask) -> None:
    event = make_event()
    result = sign_in(event, enterprise())
    cookie = receipts.remember(result.participant_id or 0)
    assert receipts.remembered(cookie) is not None
    purges.purge_event(event, "command")
    assert receipts.remembered(cookie) is None


def test_recount_still_finds_an_answer_too_many(app: Flask) -> None:
    event = make_full_event()
    purges.purge_event(event, "command")

    def count_wrongly(session: WriterSession) -> None:
        tally = session.get_one(EventTally, (event.id, "x_lunch", "yes"))
        tally.arrived += 3  # more than rows were cleared

    run(count_wrongly)
    assert [one.counter for one in tallies.recount()] == ["x_lunch yes"]


@pytest.mark.parametrize("scope", ["event", "minors", "person"])
def test_a_frozen_sheet_confirms_nobody_who_was_cleared(both_app: Flask, scope: str) -> None:
    """Its checksums of rows: too short to find a name by, and long enough to confirm a guessed one."""
    event, other = make_full_event(), make_event(kinds=[{"kind": "enterprise"}, {"kind": "student"}])
    sign_in(other, enterprise("赵敏", mobile="13700137000"))
    for one in (event, other):
        frozen_sheets.freeze(one, Choice(), "zh", staff_id=None)
    if scope == "event":
        purges.purge_event(event, "command")
    elif scope == "minors":
        for one in (event, other):  # nobody under age came there
            purges.carry_on(purges.begin(one, "minors", "retention"))
    else:
        erasure.erase(persons.find(CAME, MOBILES[0])[0].rows, "command")
    kept = dict(db.session.execute(select(FrozenSheet.event_id, FrozenSheet.kept)).tuples().all())
    assert kept[event.id] == {} and kept[other.id]["rows"]
    (line,), (untouched,) = frozen_sheets.of_event(event.id), frozen_sheets.of_event(other.id)
    assert line.is_cleared and not untouched.is_cleared
    with pytest.raises(Refused) as refused:
        frozen_sheets.draw(line.sheet, "csv")
    assert refused.value.code == {"event": "purged", "minors": "minors", "person": "changed"}[scope]


def test_every_declared_column_is_tried_and_emptied(app: Flask) -> None:
    event = make_full_event()
    frozen_sheets.freeze(event, Choice(), "zh", staff_id=None)
    target = purges.target_of(event.id)
    for table in CLEARED:
        for column in table.empty:
            assert is_full(table, column, target), f"{table.name}.{column} is never tried: fill it in aids/personal.py"
    purges.purge_event(event, "command")
    for table in CLEARED:
        for column in table.empty:
            assert not is_full(table, column, target), f"{table.name}.{column}"


def is_full(table: PersonalTable, column: str, target: Target) -> bool:
    """Say whether a row of the table holds something personal in the column."""
    empty = {None, "", "[]", "{}"}
    values = db.session.scalars(select(cast(table.model.__table__.c[column], Text)))
    found = [value for value in values if value not in empty and not str(value).startswith("purged:")]
    db.session.rollback()
    return bool(found)
