"""The roster as the desk shows it, a page at a time, and as it goes home: template and export."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, func, select

from kiosk.extensions import db
from kiosk.models import RosterEntry
from kiosk.person_fields import LABELS, ROSTER
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import KIND_WORDS, cells_of
from kiosk.services.pages import Page, cut, page_of
from kiosk.services.people import searching
from kiosk.services.people.rows import PersonRow, of_entry, select_entries
from kiosk.services.people.searching import Hidden
from kiosk.services.roster import rosters
from kiosk.services.roster.rosters import EntryView
from kiosk.services.sign_in import namesakes
from kiosk.services.tables.sheet_model import Column, SheetModel

PAGE = 50
FEW = 2_000  # beyond so many, as many as a page are soon met with in the order of the list
STATES = ("all", "missing", "arrived", "excused", "replaced", "starred")
# Widths in mm; on A4 upright they are shrunk together.
COLUMNS = tuple((field.column, field.width) for field in ROSTER if field.width)
BLANK_ROWS = 40
STATE_WORDS = {
    "expected": _("expected"), "excused": _("excused"), "replaced": _("replaced"), "arrived": _("arrived"),
}  # fmt: skip


def search(
    event_id: int, typed: str = "", state: str = "all", *, page: int = 1, hidden: Hidden = "nobody"
) -> Page[PersonRow]:
    """Return a page of the entries whom the typed words mean, in a state of STATES; `hidden` names it masks."""
    conditions = (*_state_conditions(state), *searching.entries_meant([event_id], typed, hidden))
    meant = select_entries(event_id).where(*conditions)
    # Each entry is one row of the list, whoever has come for it.
    total = db.session.scalar(select(func.count()).where(RosterEntry.event_id == event_id, *conditions)) or 0
    if conditions and total <= FEW:  # a sum is in no index: these few are found and sorted, and the others not read
        meant = meant.order_by(None).order_by(RosterEntry.position + 0, RosterEntry.id)
    shown = [of_entry(entry, sign_in) for entry, sign_in in db.session.execute(cut(meant, PAGE, page))]
    return page_of(namesakes.beside(event_id, shown), PAGE, page, total=total)


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
    usable = [
        field
        for field in ROSTER
        if field.width and field.column != "is_starred" and (field.of_kind is None or field.of_kind in event.kind_names)
    ]
    columns = [(one.column, one.width) for one in usable if one.column != "kind" or len(event.kind_names) > 1]
    example = {one.column: str(one.example) for one in usable}
    return _model(event, language, columns, [example, *({} for _row in range(BLANK_ROWS))], is_masked=False)


def _state_conditions(state: str) -> list[ColumnElement[bool]]:
    if state == "missing":
        return [~RosterEntry.is_here, RosterEntry.state == "expected"]
    if state == "arrived":
        return [RosterEntry.is_here.is_(True)]
    if state in ("excused", "replaced"):
        return [RosterEntry.state == state]
    return [RosterEntry.is_starred.is_(True)] if state == "starred" else []


def _cells(one: EntryView, event: EventView, language: str, *, is_masked: bool) -> dict[str, str]:
    cells = cells_of(one, is_masked=is_masked, hides_name=event.is_of_minors(one.kind))
    for_door = () if is_masked else ("steward_note",)  # it speaks of a person to whoever works the door
    of_list = ("group_name", "seat", "bus", "note", *for_door)
    cells |= {name: str(getattr(one, name) or "") for name in of_list}
    labels = {kind.kind: (kind.label_alt if language == "en" else None) or kind.label for kind in event.kinds}
    cells["kind"] = str(labels.get(one.kind) or KIND_WORDS[one.kind]) if len(event.kind_names) > 1 else ""
    cells["is_starred"] = "★" if one.is_starred else ""
    cells["state"] = str(STATE_WORDS["arrived" if one.has_arrived else one.state])
    at = one.signed_in_at if one.has_arrived else None
    cells["arrived_at"] = at.astimezone(event.zone).strftime("%Y-%m-%d %H:%M") if at else ""
    return cells


def _model(
    event: EventView, language: str, columns: list[tuple[str, int]], rows: list[dict[str, Any]], *, is_masked: bool
) -> SheetModel:
    words = {**LABELS, "state": _("State"), "arrived_at": _("Signed in at")}
    title = str((event.title_alt if language == "en" else None) or event.title)
    return SheetModel(
        language=language,
        title=str(_("%(title)s: roster", title=title)),
        name=str(_("Roster")),
        lines=(),
        columns=tuple(Column(key, str(words[key]), width) for key, width in columns),
        rows=tuple(tuple(row.get(key) or "" for key, _width in columns) for row in rows),
        foot=(),
        is_masked=is_masked,
    )
