"""A copy of an event's sheet, as it was chosen: order, no-shows, variant, masked or full (docs/product.md 4.1).

Short ones are built where they are asked for, long ones by an export in a process of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kiosk.extensions import db
from kiosk.models import Event
from kiosk.services.audit_log import audit
from kiosk.services.event import event_views, events
from kiosk.services.event.event_views import EventView
from kiosk.services.hours import hours
from kiosk.services.refusals import Refused
from kiosk.services.sheet import sheet_rows, sheets
from kiosk.services.sheet.sheet_rows import Order
from kiosk.services.sheet.sheets import Copy
from kiosk.services.sign_in import signatures
from kiosk.services.tables import sheet_files
from kiosk.services.tables.files import Asked, File, Progress
from kiosk.services.tables.sheet_files import FORMATS
from kiosk.services.tables.sheet_model import SheetModel, Variant
from kiosk.services.tables.sheet_words import WORDS, local_text
from kiosk.services.tables.snapshots import snapshot

LONG = 300  # rows; building so many holds the loop for about 20 ms


@dataclass(frozen=True)
class Choice:
    """What is asked for. `variant` None: who stands on the sheet decides."""

    order: Order = "arrival"
    has_no_shows: bool = False
    variant: Variant | None = None
    is_masked: bool = True


def build(
    event: EventView, choice: Choice, language: str, *, is_for_programs: bool = False, on_row: Progress | None = None
) -> SheetModel:
    """Return the sheet of everybody who arrived, as it was chosen; void and trial sign-ins are not on it.

    `language` is "zh" or "en"; titles and places fall back to the first language. Times are in the event's zone, with
    the day where it is not the event's. A masked copy hides the middle of mobiles and student numbers, and minors'
    names, and has no signatures.
    Programs (CSV) get what paper has no room for: days in all times, and the answers to the event's own fields.
    `on_row(done, total)` is called now and then while the rows are written. Rows and totals are of one moment only
    inside snapshots.snapshot().
    """
    words = WORDS[language]
    rows = sheet_rows.read(event.id, choice.order, has_no_shows=choice.has_no_shows)
    variant = choice.variant or sheets.variant_of(rows)
    copy = Copy(
        event,
        language,
        variant,
        is_masked=choice.is_masked,
        is_for_programs=is_for_programs,
        has_roster=events.counts(event.id).expected > 0,
        hours=hours.by_sign_in(event.id) if variant == "certificates" else {},
        signatures={} if choice.is_masked else signatures.cells(event.id),
    )
    columns = tuple(sheets.columns_of(copy))
    return SheetModel(
        language=language,
        title=words["title"].format(title=local_text(event, "title", language)),
        name=words["sheet"],
        lines=sheets.head_lines(event, language),
        columns=columns,
        rows=tuple(sheets.rows_of(rows, [column.key for column in columns], copy, on_row)),
        refs=tuple(row.ref for row in rows),
        foot=sheets.foot_of(event, language, [row for row in rows if row.sign_in is not None]),
        is_masked=choice.is_masked,
        variant=variant,
        signing=tuple(words[key] for key in sheets.SIGNING[variant]),
        timezone=event.timezone,
    )


def file_of(event: EventView, choice: Choice, language: str, ending: str, on_row: Progress | None = None) -> File:
    """Return the copy as a file of sheet_files.FORMATS; raises jobs.runner.JobFailed."""
    with snapshot():
        model = build(event, choice, language, is_for_programs=ending == "csv", on_row=on_row)
    return drawn(model, ending)


def drawn(model: SheetModel, ending: str, code: str | None = None) -> File:
    """Draw a sheet's file, and say which of its characters a PDF cannot print; `code` is a frozen sheet's."""
    unprintable = "".join(sheet_files.uncovered_in(model)) if ending == "pdf" else ""
    content = sheet_files.render(model, ending)
    return File(name_of(model, ending, code), FORMATS[ending], content, unprintable)


def name_of(model: SheetModel, ending: str, code: str | None = None) -> str:
    """Return what a copy's file is called: a masked one says so, a frozen one carries its code."""
    title = model.title[:60]  # a file's name has room for 80
    if model.is_masked:
        title = WORDS[model.language]["masked_copy"].format(title=title)
    return " ".join(filter(None, (title, code))) + f".{ending}"


def rows_of(event_id: int, choice: Choice) -> int:
    """Return about how many rows the sheet will have, read from the tallies: to know a long export beforehand."""
    counts = events.counts(event_id)
    return counts.arrived + (counts.excused + counts.missing if choice.has_no_shows else 0)


def is_long(event_id: int, choice: Choice) -> bool:
    """Say whether building the sheet would hold up others."""
    return rows_of(event_id, choice) > LONG


def note_full_copy(
    event: EventView, choice: Choice, ending: str, *, staff_id: int | None, code: str | None = None
) -> None:
    """Keep in the audit log who takes the sheet with every mobile on it; `code` is a frozen sheet's."""
    rows = rows_of(event.id, choice)
    changed: dict[str, Any] = {"format": ending, "order": choice.order, "rows": rows} | ({"code": code} if code else {})
    audit.note(audit.of_staff(staff_id), "sheet.full_copy", event_id=event.id, changed=changed)


def options_of(choice: Choice, language: str, ending: str | None = None) -> dict[str, Any]:
    """Return the wish as plain JSON, for an export."""
    return {
        "format": ending,
        "language": language,
        "order": choice.order,
        "no_shows": choice.has_no_shows,
        "variant": choice.variant,
        "full": not choice.is_masked,
    }


def choice_of(options: Any) -> Choice:
    """Return the choice that options_of() wrote down."""
    return Choice(options["order"], options["no_shows"], options["variant"], is_masked=not options["full"])


def event_of(asked: Asked) -> EventView:
    """Return the event that an export is of; raise Refused when it is gone."""
    row = db.session.get(Event, asked.event_id)
    view = None if row is None else event_views.find(row.code)
    if view is None:
        raise Refused("gone")
    return view


def make(asked: Asked, progress: Progress) -> File:
    """Make the file of an export "sheet"."""
    options = asked.options
    return file_of(event_of(asked), choice_of(options), options["language"], options["format"], progress)
