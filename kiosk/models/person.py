"""The columns of a person, alike in every table that knows people; their lengths are those of kiosk/person_fields."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Mapped, MappedColumn

from kiosk.closed import Kind
from kiosk.models.columns import search_key, text
from kiosk.person_fields import BY_COLUMN, Described


def of_person(column: str) -> MappedColumn[Any]:
    """Return a column that holds this field of a person."""
    field = BY_COLUMN[column]
    return text(field.length, field.personal)


class PersonColumns:
    """What a campaign knows of a participant."""

    kind: Mapped[Kind] = text(10)
    name: Mapped[str] = of_person("name")
    name_key: Mapped[str] = of_person("name")  # what spellings of the name share
    class_name: Mapped[str | None] = of_person("class_name")
    student_no: Mapped[str | None] = of_person("student_no")
    job_title: Mapped[str | None] = of_person("job_title")
    identity: Mapped[str | None] = of_person("identity")
    mobile: Mapped[str | None] = of_person("mobile")


class SnapshotColumns(Described, PersonColumns):
    """The snapshot of a person (person_fields.Snapshot): as it was written, whatever is corrected elsewhere later."""

    search_key: Mapped[str] = search_key()
    organisation_name: Mapped[str | None] = of_person("organisation_name")
