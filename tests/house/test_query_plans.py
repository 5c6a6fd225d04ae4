"""A page of an event costs the same at 100 and at 100,000 sign-ins (docs/product.md 5): no statement of any page walks
over a whole table, and lists are read in the order of an index. Plans hold still where times do not; `python -m
bench.pages` measures."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import SignIn
from kiosk.services import tallies
from kiosk.services.audit_log.audit import Hand
from kiosk.services.board import dashboards
from kiosk.services.door import confirmations, links, roll_calls, roll_sheets, steward_notes
from kiosk.services.event.event_views import EventView
from kiosk.services.roster import roster_writing
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.sign_in import movements, places
from kiosk.services.store.statements import Statement
from kiosk.services.store.writer import WriterSession, unit
from tests.aids.apps import build_app, close
from tests.aids.factories import enterprise, guest, log_in, make_event, make_staff, sign_in
from tests.aids.statements import addresses, noted, plan_of, traced, values_of

# Tables that grow with the people of all events.
LARGE = ("sign_in", "roster_entry", "participant", "movement", "signature", "tick", "roll_tick", "proof",
         "hours_override", "sign_in_change", "audit_entry", "event_minute", "event_tally", "event_refusal")  # fmt: skip
WALKS = re.compile(rf"SCAN ({'|'.join(LARGE)})\b(?! USING COVERING INDEX ix_movement_back)")  # of few rows
# Of the whole house, and of no event: all notices are counted in steps (services/event/notices), the log is read from
# its end, and an organisation's events are looked for among the tallies of all events.
OF_THE_HOUSE = {
    "/notices", "/audit", "/organisations/<int:organisation_id>", "/organisations/<int:organisation_id>/merge",
}  # fmt: skip
# Lists in pages, each in an order of which there is an index.
IN_ORDER = ("/events/<code>/sign-ins", "/events/<code>/hours", "/events/<code>/hand/inside", "/events/<code>/roster",
            "/events/<code>/paper")  # fmt: skip
# Pages with sums over everybody, and lists of those whom they know more of: once they were looked at, a change is all
# they read.
AFTER_A_CHANGE = (
    "/events/<code>/hours", "/events/<code>/privacy", "/events/<code>/proofs", "/campaigns/<int:campaign_id>/proofs",
    "/campaigns/<int:campaign_id>/report", "/campaigns/<int:campaign_id>/report/rows",
    "/events/<code>/hand/roll-calls/<int:roll_call_id>", "/steward/<code>/roll-calls/<int:roll_call_id>/list",
)  # fmt: skip
# Everybody who came to an event, or everybody who ever had a proof of it; but by an index of few rows.
EVERYBODY = re.compile(r"SEARCH (sign_in|proof) USING (COVERING )?INDEX (?!ix_sign_in_no_sign_out)\w+ \(event_id=\?\)")
# Statements of one sign-in at most, its BEGIN and COMMIT with them, without a roster and with one.
OF_A_SIGN_IN = (10, 15)


@dataclass(frozen=True)
class House:
    """An event with somebody in most states, and the pages of it by their rule: what each asked, and its plans."""

    app: Flask
    event: EventView
    plans: dict[str, list[tuple[str, list[str]]]]
    paths: dict[str, str]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    app = build_app(tmp_path_factory.mktemp("plans"))
    with app.app_context():
        make_staff()
        times = {"starts_at": utcnow() - timedelta(hours=1), "ends_at": utcnow() + timedelta(hours=3)}
        event = make_event(**times, credited_hours=4.0, wants_sign_out=True, tick_labels=("资料",))
        roster_writing.write(event.id, [RosterRow("enterprise", name, "东贝") for name in ("李四", "赵敏")], actor="x")
        ids = [sign_in(event, details).sign_in_id for details in (enterprise(), guest(), enterprise("李四"))]
        movements.move(event.id, ids[0], "out", Hand("staff:1", "k"), method="steward")
        roll_calls.start(event.id, "", Hand("staff:1"))
        client, token = app.test_client(), links.make(event.id, "steward", "小李", staff_id=None)
        values = values_of(event)
        db.session.remove()
        log_in(client, "admin@example.org")
        client.get(f"/st/{token}")
        plans, paths = {}, dict(addresses(app, values))
        for rule, path in paths.items():
            asked: list[tuple[str, object]] = []
            with noted(db.engine, asked):
                assert client.get(path).status_code < 500, path
            with db.engine.connect() as connection:
                reads = [one for one in asked if one[0].startswith(("SELECT", "WITH"))]
                plans[rule] = [(statement, plan_of(connection, statement, given)) for statement, given in reads]
        yield House(app, event, plans, paths)
        close(app)


def test_no_page_walks_over_a_whole_table(house: House) -> None:
    assert len(house.plans) > 80
    walks = {
        rule: step
        for rule, plans in house.plans.items()
        for _statement, plan in plans
        for step in plan
        if rule not in OF_THE_HOUSE and WALKS.match(step)
    }
    assert walks == {}


@pytest.mark.parametrize("rule", IN_ORDER)
def test_a_page_of_a_list_is_read_in_the_order_of_an_index(house: House, rule: str) -> None:
    of_page = [(statement, plan) for statement, plan in house.plans[rule] if "OFFSET" in statement]
    assert of_page, "no statement of this page is one of a page"
    sorted_anew = [statement for statement, plan in of_page if any("TEMP B-TREE FOR ORDER BY" in step for step in plan)]
    assert sorted_anew == []


@pytest.mark.parametrize("rule", AFTER_A_CHANGE)
def test_after_a_change_no_page_reads_everybody(house: House, rule: str) -> None:
    client, path = house.app.test_client(), house.paths[rule]
    with house.app.app_context():
        client.get(f"/st/{links.make(house.event.id, 'steward', '小李', staff_id=None)}")
        log_in(client, "admin@example.org")
        assert client.get(path).status_code == 200
        change_one(house.event.id)
        asked: list[tuple[str, object]] = []
        with noted(db.engine, asked):
            assert client.get(path).status_code == 200
        reads = [one for one in asked if one[0].startswith(("SELECT", "WITH")) and "LIMIT" not in one[0]]
        with db.engine.connect() as connection:
            steps = {step: statement for statement, given in reads for step in plan_of(connection, statement, given)}
        db.session.remove()
    assert [(step, statement) for step, statement in steps.items() if EVERYBODY.search(step)] == []


@unit
def change_one(session: WriterSession, event_id: int) -> None:
    row = session.scalars(select(SignIn).where(SignIn.event_id == event_id).limit(1)).one()
    row.revision = tallies.change(session.driver, event_id) or 0


def test_few_among_many_are_found_by_an_index_of_their_own(house: House) -> None:
    """Of two that serve alike SQLite takes the one that was made last: beside an index on the order of a list, each
    look at a steward's page would read all of it (docs/decisions/0028-flat-cost.md)."""
    asked: list[tuple[str, object]] = []
    with house.app.app_context():
        with noted(db.engine, asked):
            confirmations.waiting(house.event.id)
            steward_notes.are_any(house.event.id)
            roll_sheets.running(house.event.id)
        with db.engine.connect() as connection:
            steps = {step for statement, given in asked for step in plan_of(connection, statement, given)}
        db.session.remove()
    for index in ("ix_sign_in_unconfirmed", "ix_roster_entry_steward_note", "ix_sign_in_no_sign_out"):
        assert any(index in step for step in steps), (index, steps)


def test_what_has_changed_in_a_roll_call_is_found_by_its_revision(house: House) -> None:
    asked: list[tuple[str, object]] = []
    with house.app.app_context():
        call = roll_sheets.running(house.event.id)[0]
        with noted(db.engine, asked):
            assert roll_sheets.changes(house.event.id, call.id, roll_sheets.revision(house.event.id) - 1) is not None
        with db.engine.connect() as connection:
            plans = [plan_of(connection, statement, given) for statement, given in asked if "UNION ALL" in statement]
        db.session.remove()
    steps = [step for plan in plans for step in plan]
    assert any("ix_sign_in_latest (event_id=? AND revision>?)" in step for step in steps), steps
    assert not [step for step in steps if WALKS.match(step)]


def test_one_sign_in_asks_so_much_and_no_more(house: House) -> None:
    counts = []
    for event in (make_event(), house.event):
        sign_in(event, enterprise("王一", mobile="13900000001"))  # what is prepared once is prepared
        statements: list[str] = []
        writer = house.app.extensions["kiosk_writer"].writer
        with ExitStack() as stack:
            for engine in (writer._engine, db.engine):
                stack.enter_context(traced(engine, statements))
            sign_in(event, enterprise("王二", mobile="13900000002"))
        counts.append(len(statements))
    assert all(count <= most for count, most in zip(counts, OF_A_SIGN_IN, strict=True)), counts


def test_a_change_costs_the_dashboard_as_much_whoever_has_come(house: House) -> None:
    with house.app.app_context():
        few = _statements(house)
        for number in range(40):
            sign_in(house.event, guest(f"来宾{number}", mobile=f"138{number:08}"))
        assert _statements(house) == few
        db.session.remove()


def _statements(house: House) -> int:
    asked: list[tuple[str, object]] = []
    dashboards.read(house.event)  # what is expected is known
    with noted(db.engine, asked):
        dashboards.read(house.event)
    db.session.remove()
    return len(asked)


def test_a_statement_of_the_door_is_found_by_what_it_asks_and_not_by_its_order(house: House) -> None:
    """SQLite walks an event's whole roster by its places to save a sort, or all who came, where nothing stops it."""
    walked = re.compile(r"ix_roster_entry_position|ix_sign_in_arrived|ix_sign_in_latest|SCAN (sign_in|roster_entry)")
    gc.unfreeze()  # what was made at import
    statements = {one for one in gc.get_objects() if type(one) is Statement and one.sql.lstrip().startswith("SELECT")}
    assert len(statements) > 15
    connection = db.session.connection()
    plans = {
        one.sql: str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {one.numbered}", tuple(one.names)).all())
        for one in statements
        if "FOR UPDATE" not in one.sql and one is not places.BY_STUDENT_NO  # of a school, as well as of an event
    }
    assert [f"{sql}: {plan}" for sql, plan in plans.items() if walked.search(plan)] == []
