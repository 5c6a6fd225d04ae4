"""Whatever field the table has goes all the way: form, roster in and out, hand work, paper, one's own copy, erasure."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from kiosk.extensions import db
from kiosk.models import Participant, RosterEntry, SignIn
from kiosk.person_fields import BY_COLUMN, COLUMNS, LABELS, OF_PARTICIPANT, values_of
from kiosk.services.audit_log.audit import Hand
from kiosk.services.door import hand_work
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import FIELDS, MASK_OF
from kiosk.services.privacy import erasure, persons
from kiosk.services.roster import roster_lists, roster_writing, rosters
from kiosk.services.roster.roster_reading import Reading
from kiosk.services.roster.rosters import EntryView
from kiosk.services.tables.sheet_model import SheetModel
from kiosk.web.desk.roster_form import entry_form
from tests.aids.factories import make_event, sheet_of, sign_in
from tests.aids.lists import reading_of_cells, reading_of_text

pytestmark = pytest.mark.parametrize("kind", ["student", "enterprise", "guest"])


def value_of(column: str) -> str:
    """Return a value that stands for this field and for no other."""
    return {"name": "欧阳长青", "mobile": "13800138001"}.get(column, f"值{COLUMNS.index(column)}{column}")


def of_kind(kind: str) -> dict[str, str]:
    """Return a value for every field that somebody of this kind may be asked for, by column."""
    return {field.column: value_of(field.column) for field in FIELDS if field.kind == kind}


def open_to(kind: str) -> EventView:
    modes = {f"{field.kind}.{field.key}": "optional" for field in FIELDS if field.key != "name"}
    return make_event(kinds=[{"kind": kind}], field_modes=modes)


def the_sign_in() -> SignIn:
    return db.session.scalars(select(SignIn).execution_options(populate_existing=True)).one()


def sign_in_by_form(client: FlaskClient, event: EventView, kind: str) -> None:
    page = client.get(f"/e/{event.code}").text
    typed = {field.key: value_of(field.column) for field in FIELDS if field.kind == kind}
    assert all(f'name="{key}"' in page for key in typed)
    ticket = re.search(r'name="ticket" value="([^"]+)"', page)
    assert ticket is not None
    form: dict[str, Any] = {"ticket": ticket[1], "kind": kind, **typed}
    assert client.post(f"/e/{event.code}/sign-in", data=form).status_code == 303


def read_headed(event: EventView, kind: str) -> Reading:
    """Read a table with a header for every field, as it comes from an office."""
    written = of_kind(kind)
    headers = [BY_COLUMN[column].headers.split()[0] for column in written]
    return reading_of_text("\n".join(("\t".join(headers), "\t".join(written.values()))), event)


def listed(event: EventView, kind: str) -> EntryView:
    roster_writing.write(event.id, read_headed(event, kind).rows, actor="staff:1")
    return rosters.entries(event.id)[0]


def texts(model: SheetModel) -> str:
    return "\n".join("\t".join(row) for row in model.rows)


def known(person: Any) -> dict[str, Any]:
    return {column: value for column, value in values_of(person).items() if value is not None}


def test_the_public_form_asks_for_it_and_it_is_kept(client: FlaskClient, kind: str) -> None:
    sign_in_by_form(client, open_to(kind), kind)
    assert known(the_sign_in()) == of_kind(kind)
    participant = db.session.scalars(select(Participant)).one()
    kept = {column: value for column, value in of_kind(kind).items() if column in OF_PARTICIPANT}
    assert {column: getattr(participant, column) for column in kept} == kept


def test_a_roster_brings_it_in_and_its_own_file_reads_the_same(app: Flask, kind: str) -> None:
    event = open_to(kind)
    entry = listed(event, kind)
    assert known(entry) == of_kind(kind) == known(entry.details())
    with app.test_request_context():
        model = roster_lists.export(event, "zh", is_masked=False)
        assert {str(LABELS[column]) for column in of_kind(kind)} <= {column.title for column in model.columns}
        again = reading_of_cells([[column.title for column in model.columns], *model.rows], event)
        masked = texts(roster_lists.export(event, "zh", is_masked=True))
        assert [known(row) for row in again.rows] == [of_kind(kind)]
        assert {*of_kind(kind)} <= {line.name for line in entry_form(event, entry).lines}
    hidden = {column for column in MASK_OF if column != "name" or kind == "student"}
    assert all((value in masked) != (column in hidden) for column, value in of_kind(kind).items())


def test_by_hand_it_is_asked_for_corrected_and_printed(client: FlaskClient, kind: str) -> None:
    event = open_to(kind)
    assert {field.column for field in hand_work.door_fields(event, kind)} == {*of_kind(kind)}
    assert {field.column for field in hand_work.correction_fields(kind)} == {*of_kind(kind)}
    sign_in_by_form(client, event, kind)
    changes = {column: f"{value}改" for column, value in of_kind(kind).items() if column != "mobile"}
    hand_work.correct(event, the_sign_in().id, changes, Hand("staff:1"))
    assert known(the_sign_in()) == of_kind(kind) | changes
    printed = texts(sheet_of(event, "zh"))
    assert all(value in printed for value in known(the_sign_in()).values())


def test_its_person_is_told_of_it_and_an_erasure_leaves_nothing(app: Flask, kind: str) -> None:
    event = open_to(kind)
    sign_in(event, listed(event, kind).details())
    found = persons.find(value_of("name"), value_of("student_no" if kind == "student" else "mobile"))
    tables = persons.export([one.rows for one in found], "staff:1")["tables"]
    for name in ("sign_in", "roster_entry"):
        assert of_kind(kind).items() <= tables[name][0].items()
    for one in found:
        erasure.erase(one.rows, "staff:1")
    for model in (SignIn, RosterEntry, Participant):
        row = db.session.scalars(select(model).execution_options(populate_existing=True)).one()
        assert [getattr(row, column) for column in OF_PARTICIPANT] == ["", *(None for _ in OF_PARTICIPANT[1:])]
        assert getattr(row, "organisation_name", None) is None
