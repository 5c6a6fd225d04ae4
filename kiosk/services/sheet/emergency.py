"""The emergency sheet (应急签到表), for when phones or the network fail: what stands on it. Drawing it is a job.

Its numbers are those of the back-entry page (services/door/back_entry): the roster's people in their order, then a line
for every seat of an organisation that named nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from kiosk.clock import utcnow
from kiosk.jobs.runner import run_job
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import cells_of
from kiosk.services.names import mask_mobile
from kiosk.services.roster import rosters
from kiosk.services.roster.rosters import EntryView, SeatsView
from kiosk.services.sheet.sheets import head_lines
from kiosk.services.tables.sheet_model import Column
from kiosk.services.tables.sheet_words import WORDS, local_text

# Widths in mm, together the 186 that A4 upright leaves between margins of 12; the signature takes what it can.
GENERAL = (
    ("number", 11), ("name", 24), ("organisation", 49), ("job_title", 25), ("mobile", 27), ("signed_in_at", 18),
    ("signature", 32),
)  # fmt: skip
STUDENTS = (("number", 12), ("class", 58), ("name", 34), ("student_no", 30), ("signed_in_at", 20), ("signature", 32))


@dataclass(frozen=True)
class PaperLine:
    """A row, as text by column. `is_done`: arrived by the time of printing, excused, or replaced."""

    cells: tuple[str, ...]
    is_done: bool


@dataclass(frozen=True)
class EmergencySheet:
    """Everything that stands on it, as text."""

    language: str
    title: str
    lines: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[PaperLine, ...]
    printed: str


def build(event: EventView, language: str) -> EmergencySheet:
    """Return the sheet for paper in "zh" or "en"; without a roster its rows are blank.

    Mobiles are masked, and where only students are expected there is no column for them.
    """
    words = WORDS[language]
    entries, seats = rosters.entries(event.id), rosters.seats(event.id)
    widths = STUDENTS if _is_for_students(event, entries) else GENERAL
    columns = tuple(Column(key, words[key], width) for key, width in widths)
    cells = [_of_entry(entry, event, words) for entry in entries] + _of_seats(seats)
    rows = []
    for number, (is_done, cell) in enumerate(cells, start=1):
        texts = {"number": str(number), **cell}
        rows.append(PaperLine(tuple(texts.get(column.key, "") for column in columns), is_done))
    now = utcnow().astimezone(event.zone)
    return EmergencySheet(
        language=language,
        title=words["emergency_title"].format(title=local_text(event, "title", language)),
        lines=tuple(words["colon"].join(pair) for pair in head_lines(event, language)),
        columns=columns,
        rows=tuple(rows),
        printed=words["printed"].format(when=f"{now:%Y-%m-%d %H:%M}", count=events.counts(event.id).arrived),
    )


def pdf_bytes(sheet: EmergencySheet) -> bytes:
    """Return the sheet as PDF, drawn by a job of its own; raises jobs.runner.JobFailed."""
    return run_job("emergency_sheet", asdict(sheet))


def _is_for_students(event: EventView, entries: Sequence[EntryView]) -> bool:
    if not entries:
        return event.kind_names == ("student",)
    has_mobiles = any(entry.mobile for entry in entries if entry.kind != "student")
    return any(entry.kind == "student" for entry in entries) and not has_mobiles


def _of_entry(entry: EntryView, event: EventView, words: Mapping[str, str]) -> tuple[bool, dict[str, str]]:
    where = " ".join(part for part in (entry.organisation_name, entry.class_name) if part)
    cells = {
        **cells_of(entry, is_masked=False, hides_name=False),
        "organisation": where,
        "class": where,
        "job_title": entry.job_title or entry.identity or "",
        "mobile": "" if event.is_of_minors(entry.kind) else mask_mobile(entry.mobile),
    }
    if entry.signed_in_at is not None:
        cells |= {"signed_in_at": f"{entry.signed_in_at.astimezone(event.zone):%H:%M}", "signature": words["signed"]}
    elif entry.state != "expected":
        cells["signature"] = words[entry.state]
    return "signature" in cells, cells


def _of_seats(seats: Sequence[SeatsView]) -> list[tuple[bool, dict[str, str]]]:
    """Return a line for every seat, with its organisation; who takes it writes the name."""
    lines: list[tuple[bool, dict[str, str]]] = []
    for one in seats:
        lines += [(False, {"organisation": one.organisation_name, "class": one.organisation_name})] * one.seats
    return lines
