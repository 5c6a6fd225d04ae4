"""The sign-in sheet (签到表): one model for every format (PRODUCT.md 4.1). XLSX is drawn by a job, CSV here.

Columns and order are those of the offices' paper. A sheet on which only students and people without a mobile stand
is the students' variant, which has no column for mobiles.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from io import StringIO

from babel.dates import format_date
from sqlalchemy import select

from kiosk.extensions import db
from kiosk.jobs.runner import run_job
from kiosk.models import SignIn
from kiosk.services.campaigns import DEFAULT_TITLE
from kiosk.services.event_views import EventView
from kiosk.services.names import mask_mobile, mask_name
from kiosk.services.sheet_words import WORDS

# Widths in mm; 186 are what A4 upright leaves between margins of 12.
GENERAL = (
    ("number", 11), ("name", 22), ("organisation", 43), ("job_title", 24), ("mobile", 28), ("signed_in_at", 17),
    ("signature", 24), ("remarks", 17),
)  # fmt: skip
STUDENTS = (("number", 12), ("class", 62), ("name", 34), ("student_no", 30), ("signed_in_at", 20), ("remarks", 28))
LONG_NUMBER = 8  # digits: from here on it is somebody's number, not an amount
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Column:
    """A column of the sheet; `width` in mm on A4 upright."""

    key: str
    title: str
    width: int


@dataclass(frozen=True)
class SheetModel:
    """Everything that stands on the sheet, as text: header lines and foot are pairs of label and value."""

    language: str
    title: str
    name: str  # what the sheet is called, for the tab of a workbook
    lines: tuple[tuple[str, str], ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    foot: tuple[tuple[str, str], ...]
    page: str  # "page x of y" with &P and &N in their places
    colon: str
    is_masked: bool


def build_sheet(event: EventView, language: str, *, is_masked: bool = False, has_dates: bool = False) -> SheetModel:
    """Return the sheet of everybody who arrived, in the order of arrival; void and trial sign-ins are not on it.

    `language` is "zh" or "en"; titles and places fall back to the first language. Times are in the event's zone, with
    the day where it is not the event's or where `has_dates` asks for it. A masked copy hides the middle of mobiles
    and student numbers, and minors' names.
    """
    words = WORDS[language]
    people = _people(event.id)
    is_students = any(one.kind == "student" for one in people) and not any(one.mobile for one in people)
    columns = tuple(Column(key, words[key], width) for key, width in (STUDENTS if is_students else GENERAL))
    rows = []
    for number, one in enumerate(people, start=1):
        cells = _cells(one, event, language, is_masked=is_masked, has_dates=has_dates)
        cells["number"] = str(number)
        rows.append(tuple(cells[column.key] for column in columns))
    late = sum(one.is_late for one in people)
    return SheetModel(
        language=language,
        title=words["title"].format(title=_local(event, "title", language)),
        name=words["sheet"],
        lines=_lines(event, language),
        columns=columns,
        rows=tuple(rows),
        foot=tuple(
            (words[key], words["people"].format(count=n)) for key, n in (("arrived", len(people)), ("late", late))
        ),
        page=words["page"],
        colon=words["colon"],
        is_masked=is_masked,
    )


def xlsx_bytes(model: SheetModel) -> bytes:
    """Return the sheet as a workbook, drawn by a job of its own; raises jobs.runner.JobFailed."""
    return run_job("sheet_xlsx", asdict(model))


def csv_bytes(model: SheetModel) -> bytes:
    """Return header row and rows as CSV: UTF-8 with BOM, CRLF (RFC 4180), every field in quotes.

    Title and foot stay out, so that the first row names the columns. A field that spreadsheets would calculate
    (it begins with = + - @ or a tab) gets an apostrophe in front, which makes it text everywhere and is seen in the
    cell; the workbook has no need of it. A mobile or a number ends in a tab, which is not seen and keeps
    spreadsheets from taking its digits for a quantity (docs/decisions/0005-numbers-in-csv.md).
    """
    file = StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for row in ([column.title for column in model.columns], *model.rows):
        writer.writerow([_harmless(cell) for cell in row])
    return file.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    if cell.startswith(FORMULA_STARTS):
        return f"'{cell}"
    is_number = cell.isdigit() and (len(cell) >= LONG_NUMBER or cell.startswith("0"))
    return f"{cell}\t" if is_number else cell


def _people(event_id: int) -> Sequence[SignIn]:
    statement = (
        select(SignIn)
        .where(SignIn.event_id == event_id, SignIn.state == "arrived", SignIn.voided_at.is_(None), ~SignIn.is_trial)
        .order_by(SignIn.signed_in_at, SignIn.id)
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(statement).all()


def _cells(one: SignIn, event: EventView, language: str, *, is_masked: bool, has_dates: bool) -> dict[str, str]:
    is_minor = one.kind == "student" and event.are_students_minors
    school_class = " ".join(part for part in (one.organisation_name, one.class_name) if part)
    return {
        "name": mask_name(one.name) if is_masked and is_minor else one.name,
        "organisation": school_class,
        "class": school_class,
        "job_title": one.job_title or "",
        "mobile": (mask_mobile(one.mobile) if is_masked else one.mobile) or "",
        "student_no": _mask_number(one.student_no or "") if is_masked else one.student_no or "",
        "signed_in_at": _time(one.signed_in_at, event, has_dates=has_dates),
        "signature": "",
        "remarks": _remarks(one, language),
    }


def _remarks(one: SignIn, language: str) -> str:
    words = WORDS[language]
    return words["between"].join(part for part in (one.identity, words["late"] if one.is_late else None) if part)


def _mask_number(number: str) -> str:
    return "*" * max(len(number) - 2, 0) + number[-2:] if len(number) > 2 else "*" * len(number)


def _time(moment: datetime, event: EventView, *, has_dates: bool) -> str:
    shown = moment.astimezone(event.zone)
    is_the_day = event.starts_at is not None and event.starts_at.astimezone(event.zone).date() == shown.date()
    return shown.strftime("%H:%M" if is_the_day and not has_dates else "%Y-%m-%d %H:%M")


def _lines(event: EventView, language: str) -> tuple[tuple[str, str], ...]:
    words = WORDS[language]
    campaign = None if event.campaign_title == DEFAULT_TITLE else _local(event, "campaign_title", language)
    values = (
        ("campaign", campaign),
        ("time", _when(event, language)),
        ("place", _local(event, "venue", language)),
        ("host", _local(event, "host", language)),
    )
    return tuple((words[key], value) for key, value in values if value)


def _when(event: EventView, language: str) -> str:
    if event.starts_at is None:
        return ""
    starts = event.starts_at.astimezone(event.zone)
    ends = None if event.ends_at is None else event.ends_at.astimezone(event.zone)
    said = f"{format_date(starts, 'long', locale=language)} {starts:%H:%M}"
    if ends is None:
        return said
    if ends.date() == starts.date():
        return f"{said}–{ends:%H:%M}"
    return f"{said} – {format_date(ends, 'long', locale=language)} {ends:%H:%M}"


def _local(event: EventView, name: str, language: str) -> str:
    alternative = getattr(event, f"{name}_alt", None)
    return str((alternative if language == "en" and alternative else getattr(event, name)) or "")
