"""A person's fields stand in one table; what must name them for the type checker is held to it."""

from __future__ import annotations

import ast
from dataclasses import fields

import pytest

from kiosk import models
from kiosk.person_fields import BY_COLUMN, COLUMNS, OF_PARTICIPANT, PERSON, Snapshot
from kiosk.services.fields import FIELDS, cells_of
from kiosk.services.names import MASKS
from kiosk.services.privacy.declaration import TABLES
from kiosk.services.roster.roster_rows import LISTED
from tests.aids.factories import student
from tests.aids.paths import ROOT


def test_what_is_written_of_a_person_has_the_table_s_fields() -> None:
    assert tuple(field.name for field in fields(Snapshot)) == ("kind", *COLUMNS)


@pytest.mark.parametrize(
    ("model", "columns"),
    [(models.SignIn, COLUMNS), (models.RosterEntry, LISTED[1:]), (models.Participant, OF_PARTICIPANT)],
)
def test_every_table_of_people_has_them_with_their_lengths(model: type, columns: tuple[str, ...]) -> None:
    for name in columns:
        column, field = model.__table__.c[name], BY_COLUMN[name]
        assert getattr(column.type, "length", 0) == (field.length or 0), column
        assert column.info.get("personal", "no") == field.personal, column


def test_an_erasure_empties_all_of_them() -> None:
    of_people = {table.model: table for table in TABLES}
    for model in (models.SignIn, models.RosterEntry, models.Participant):
        named = {*COLUMNS} & {*model.__table__.columns.keys()}
        assert named <= {*of_people[model].empty}, model


def test_every_field_is_asked_of_somebody_and_every_mask_is_known() -> None:
    assert {field.column for field in FIELDS} == {*COLUMNS}
    assert {field.mask for field in PERSON} - {None} == {*MASKS}


def test_a_masked_list_shows_no_mobile_no_number_and_no_minor_s_name() -> None:
    pupil = student("李明明", student_no="05", mobile="13800138000")
    assert cells_of(pupil, is_masked=True, hides_name=True) == {
        **cells_of(pupil, is_masked=False, hides_name=False), "name": "李*明", "student_no": "**",
        "mobile": "138****8000",
    }  # fmt: skip
    assert cells_of(pupil, is_masked=True, hides_name=False)["name"] == "李明明"


# What a line of a chat can say; what an invented person types.
SPELLED_OUT = {"person_fields.py", "person.py", "chats.py", "crowd.py"}


def test_no_other_file_spells_out_a_person_s_fields() -> None:
    for path in (ROOT / "kiosk").rglob("*.py"):
        if path.name in SPELLED_OUT or "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            parts = node.keys if isinstance(node, ast.Dict) else getattr(node, "elts", ())
            named = {part.value for part in parts if isinstance(part, ast.Constant)} & {*COLUMNS}
            assert len(named) < 4, f"{path.relative_to(ROOT)}:{node.lineno} lists {named}: take kiosk/person_fields"
