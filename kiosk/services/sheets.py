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

from kiosk.jobs.runner import run_job
from kiosk.models import SignIn
from kiosk.services import events, sheet_rows
from kiosk.services.campaigns import DEFAULT_TITLE
from kiosk.services.event_views import EventView
from kiosk.services.names import mask_mobile, mask_name
from kiosk.services.sheet_rows import Order, SheetRow
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


def build_sheet(
    event: EventView,
    language: str,
    *,
    is_masked: bool = False,
    has_dates: bool = False,
    order: Order = "arrival",
    has_no_shows: bool = False,
) -> SheetModel:
    """Return the sheet of everybody who arrived; void and trial sign-ins are not on it.

    `language` is "zh" or "en"; titles and places fall back to the first language. Times are in the event's zone, with
    the day where it is not the event's or where `has_dates` asks for it. A masked copy hides the middle of mobiles
    and student numbers, and minors' names. `has_no_shows` adds who was expected and did not come (未到人员).
    """
    words = WORDS[language]
    found = sheet_rows.read(event.id, order, has_no_shows=has_no_shows)
    people = [row.person for row in found]
    is_students = any(one.kind == "student" for one in people) and not any(one.mobile for one in people)
    columns = tuple(Column(key, words[key], width) for key, width in (STUDENTS if is_students else GENERAL))
    rows = []
    for number, row in enumerate(found, start=1):
        cells = _cells(row, event, language, is_masked=is_masked, has_dates=has_dates)
        cells["number"] = str(number)
        rows.append(tuple(cells[column.key] for column in columns))
    return SheetModel(
        language=language,
        title=words["title"].format(title=local_text(event, "title", language)),
        name=words["sheet"],
        lines=head_lines(event, language),
        columns=columns,
        rows=tuple(rows),
        foot=_foot(event, language, [row.sign_in for row in found if row.sign_in is not None]),
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


def _foot(event: EventView, language: str, arrived: Sequence[SignIn]) -> tuple[tuple[str, str], ...]:
    """Return the totals: of the rows who came and how, of the roster what is left of it.

    Expected is arrived less walk-ins, and excused, replaced and no-shows. The second and third only where there are.
    """
    words, counts = WORDS[language], events.counts(event.id)
    late, paper = sum(one.is_late for one in arrived), sum(one.method == "paper" for one in arrived)
    totals = [("arrived", len(arrived)), ("late", late)]
    if counts.expected:
        totals.insert(0, ("expected", counts.expected))
        totals += [("excused", counts.excused), ("no_show", counts.missing)]
        totals += [(key, n) for key, n in (("replaced", counts.replaced), ("unlisted", counts.walk_ins)) if n]
    foot = [(words[key], words["people"].format(count=count)) for key, count in totals]
    if paper:
        by_method = {"electronic": len(arrived) - paper, "paper": paper, "total": len(arrived)}
        foot.append((words["how"], words["by_method"].format(**by_method)))
    return tuple(foot)


def _cells(row: SheetRow, event: EventView, language: str, *, is_masked: bool, has_dates: bool) -> dict[str, str]:
    one = row.person
    is_minor = one.kind == "student" and event.are_students_minors
    school_class = " ".join(part for part in (one.organisation_name, one.class_name) if part)
    signed_in_at = row.sign_in.signed_in_at if row.sign_in is not None else None
    return {
        "name": mask_name(one.name) if is_masked and is_minor else one.name,
        "organisation": school_class,
        "class": school_class,
        "job_title": one.job_title or "",
        "mobile": (mask_mobile(one.mobile) if is_masked else one.mobile) or "",
        "student_no": _mask_number(one.student_no or "") if is_masked else one.student_no or "",
        "signed_in_at": "" if signed_in_at is None else _time(signed_in_at, event, has_dates=has_dates),
        "signature": "",
        "remarks": words_between(_remarks(row, language, is_masked=is_masked and is_minor), language),
    }


def _remarks(row: SheetRow, language: str, *, is_masked: bool) -> list[str]:
    """Return what is remarkable, in the order of its weight; the reason of a leave stays with staff."""
    words, one = WORDS[language], row.sign_in
    said = [row.person.identity or ""]
    if one is None:
        return [*said, words["excused" if row.entry and row.entry.state == "excused" else "no_show"]]
    if row.is_substitute and row.entry is not None:
        name = mask_name(row.entry.name) if is_masked else row.entry.name
        said.append(words["in_place_of"].format(name=name))
    return [*said, words["late"] if one.is_late else "", words["paper"] if one.method == "paper" else ""]


def words_between(parts: Sequence[str], language: str) -> str:
    """Join the parts that say something, as the language does."""
    return WORDS[language]["between"].join(part for part in parts if part)


def _mask_number(number: str) -> str:
    return "*" * max(len(number) - 2, 0) + number[-2:] if len(number) > 2 else "*" * len(number)


def _time(moment: datetime, event: EventView, *, has_dates: bool) -> str:
    shown = moment.astimezone(event.zone)
    is_the_day = event.starts_at is not None and event.starts_at.astimezone(event.zone).date() == shown.date()
    return shown.strftime("%H:%M" if is_the_day and not has_dates else "%Y-%m-%d %H:%M")


def head_lines(event: EventView, language: str) -> tuple[tuple[str, str], ...]:
    """Return what stands above the table: campaign, time, place and host, as far as they are known."""
    words = WORDS[language]
    campaign = None if event.campaign_title == DEFAULT_TITLE else local_text(event, "campaign_title", language)
    values = (
        ("campaign", campaign),
        ("time", _when(event, language)),
        ("place", local_text(event, "venue", language)),
        ("host", local_text(event, "host", language)),
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


def local_text(event: EventView, name: str, language: str) -> str:
    """Return a text of the event in the paper's language, falling back to the first one."""
    alternative = getattr(event, f"{name}_alt", None)
    return str((alternative if language == "en" and alternative else getattr(event, name)) or "")
