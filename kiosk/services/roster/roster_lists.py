"""The roster as the desk shows it, a page at a time, and as it goes home: template and export."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, func, or_, select

from kiosk.extensions import db
from kiosk.models import RosterEntry, SignIn
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import KIND_WORDS
from kiosk.services.names import key_of, mask_mobile, mask_name, mask_number
from kiosk.services.roster import rosters
from kiosk.services.roster.roster_reading import FIELD_WORDS
from kiosk.services.roster.rosters import EntryView
from kiosk.services.tables import sheet_files
from kiosk.services.tables.sheet_model import Column, SheetModel
from kiosk.services.tables.sheet_words import WORDS

PAGE = 50
STATES = ("all", "missing", "arrived", "excused", "replaced", "starred")
# Widths in mm; on A4 upright they are shrunk together.
COLUMNS = (
    ("name", 24), ("organisation_name", 52), ("class_name", 22), ("student_no", 26), ("job_title", 26),
    ("identity", 26), ("mobile", 30), ("kind", 20), ("group_name", 18), ("seat", 16), ("bus", 16), ("is_starred", 14),
    ("note", 30), ("seats", 14),
)  # fmt: skip
BLANK_ROWS = 40
STATE_WORDS = {
    "expected": _("expected"), "excused": _("excused"), "replaced": _("replaced"), "arrived": _("arrived"),
}  # fmt: skip
EXAMPLE = {
    "name": _("Example: Wang Qiang"), "organisation_name": _("Huangshi Example Co., Ltd."), "mobile": "13800138000",
    "class_name": _("Class 3, Grade 8"), "student_no": "20230301", "job_title": _("Quality manager"),
    "identity": _("Citizen observer"), "group_name": "1", "seat": "A1", "bus": "1",
}  # fmt: skip


@dataclass(frozen=True)
class Found:
    """A page of the roster; `total` is how many were found."""

    entries: tuple[EntryView, ...]
    total: int


def search(event_id: int, typed: str = "", state: str = "all", *, page: int = 1) -> Found:
    """Return a page of entries by name, pinyin initials, organisation or last four digits, in a state of STATES."""
    conditions = [RosterEntry.event_id == event_id, *_state_conditions(state), *_word_conditions(typed)]
    live = (SignIn.roster_entry_id == RosterEntry.id) & SignIn.counts
    ids = select(RosterEntry.id).join(SignIn, live, isouter=True).where(*conditions)
    total = db.session.scalar(select(func.count()).select_from(ids.subquery())) or 0
    ordered = ids.order_by(RosterEntry.position, RosterEntry.id).limit(PAGE).offset((page - 1) * PAGE)
    shown = list(db.session.scalars(ordered))
    return Found(rosters.entries(event_id, RosterEntry.id.in_(shown)) if shown else (), total)


def export(event: EventView, language: str, *, is_masked: bool) -> SheetModel:
    """Return the roster with everybody's state, in its order; its own import reads it back."""
    entries = rosters.entries(event.id)
    rows = [_cells(one, event, language, is_masked=is_masked) for one in entries]
    rows += [
        {"organisation_name": one.organisation_name, "seats": str(one.seats), "group_name": one.group_name or ""}
        for one in rosters.seats(event.id)
    ]
    columns = [(key, width) for key, width in COLUMNS if key == "name" or any(row.get(key) for row in rows)]
    columns += [("state", 18), ("arrived_at", 18)]
    return _model(event, language, columns, rows, is_masked=is_masked)


def template(event: EventView, language: str) -> SheetModel:
    """Return an empty roster with the columns that this event can use, and one example, which no import reads."""
    wanted = {"name", "organisation_name", "mobile", "job_title", "group_name", "seat", "bus", "note", "seats"}
    if "student" in event.kind_names:
        wanted |= {"class_name", "student_no"}
    if "guest" in event.kind_names:
        wanted |= {"identity"}
    if len(event.kind_names) > 1:
        wanted |= {"kind"}
    columns = [(key, width) for key, width in COLUMNS if key in wanted]
    example = {key: str(value) for key, value in EXAMPLE.items()}
    return _model(event, language, columns, [example, *({} for _row in range(BLANK_ROWS))], is_masked=False)


def xlsx_bytes(model: SheetModel) -> bytes:
    """Return the model as a workbook; raises jobs.runner.JobFailed."""
    return sheet_files.xlsx_bytes(model)


def csv_bytes(model: SheetModel) -> bytes:
    """Return the model as CSV, UTF-8 with BOM."""
    return sheet_files.csv_bytes(model)


def _state_conditions(state: str) -> list[ColumnElement[bool]]:
    if state == "missing":
        return [SignIn.id.is_(None), RosterEntry.state == "expected"]
    if state == "arrived":
        return [SignIn.id.is_not(None)]
    if state in ("excused", "replaced"):
        return [RosterEntry.state == state]
    return [RosterEntry.is_starred.is_(True)] if state == "starred" else []


def _word_conditions(typed: str) -> list[ColumnElement[bool]]:
    wanted = key_of(typed)
    if not wanted:
        return []
    if wanted.isdigit() and len(wanted) == 4:
        return [RosterEntry.mobile_last4 == wanted]
    part = wanted.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    columns = (RosterEntry.name_key, RosterEntry.organisation_name, RosterEntry.class_name, RosterEntry.group_name)
    found = [column.like(f"%{part}%", escape="\\") for column in columns]
    return [or_(*found, RosterEntry.name_initials.like(f"{part}%", escape="\\"))]


def _cells(one: EntryView, event: EventView, language: str, *, is_masked: bool) -> dict[str, str]:
    cells = {key: str(getattr(one, key) or "") for key, _width in COLUMNS if key not in ("is_starred", "seats")}
    labels = {kind.kind: (kind.label_alt if language == "en" else None) or kind.label for kind in event.kinds}
    cells["kind"] = str(labels.get(one.kind) or KIND_WORDS[one.kind]) if len(event.kind_names) > 1 else ""
    cells["is_starred"] = "★" if one.is_starred else ""
    cells["state"] = str(STATE_WORDS["arrived" if one.has_arrived else one.state])
    at = one.signed_in_at
    cells["arrived_at"] = at.astimezone(event.zone).strftime("%Y-%m-%d %H:%M") if at else ""
    if is_masked:
        cells["mobile"] = mask_mobile(one.mobile)
        cells["student_no"] = mask_number(one.student_no)
        if one.kind == "student" and event.are_students_minors:
            cells["name"] = mask_name(one.name)
    return cells


def _model(
    event: EventView, language: str, columns: list[tuple[str, int]], rows: list[dict[str, Any]], *, is_masked: bool
) -> SheetModel:
    words = {**FIELD_WORDS, "state": _("State"), "arrived_at": _("Signed in")}
    title = str((event.title_alt if language == "en" else None) or event.title)
    return SheetModel(
        language=language,
        title=str(_("%(title)s: roster", title=title)),
        name=str(_("Roster")),
        lines=(),
        columns=tuple(Column(key, str(words[key]), width) for key, width in columns),
        rows=tuple(tuple(row.get(key) or "" for key, _width in columns) for row in rows),
        foot=(),
        page=WORDS[language]["page"],
        colon=WORDS[language]["colon"],
        is_masked=is_masked,
    )
