"""The sign-in sheet (签到表): who and what stands on it (docs/product.md 4.1). Its formats are
services/tables/sheet_files.

Columns and order are those of the offices' paper. A sheet on which only students and people without a mobile stand
is the students' variant, which has no column for mobiles; the certificates' variant leaves grade and number blank.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from babel.dates import format_date

from kiosk.jobs import ink
from kiosk.models import SignIn
from kiosk.services import enterprises
from kiosk.services.event import events
from kiosk.services.event.campaigns import DEFAULT_TITLE
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import cells_of
from kiosk.services.names import mask_name
from kiosk.services.roster.rosters import EntryView
from kiosk.services.sheet import sheet_rows
from kiosk.services.sheet.sheet_rows import SheetRow
from kiosk.services.tables.files import Progress
from kiosk.services.tables.sheet_model import Column, Variant
from kiosk.services.tables.sheet_words import WORDS, local_text

# Widths in mm; 186 are what A4 upright leaves between margins of 12.
COLUMNS: Mapping[Variant, Sequence[tuple[str, int]]] = {
    "general": (
        ("number", 10), ("name", 21), ("organisation", 42), ("job_title", 22), ("mobile", 28), ("signed_in_at", 18),
        ("signature", 24), ("remarks", 21),
    ),
    "students": (
        ("number", 12), ("class", 58), ("name", 30), ("student_no", 28), ("came_at", 18), ("left_at", 18),
        ("remarks", 22),
    ),
    "certificates": (
        ("number", 11), ("name", 22), ("organisation", 46), ("job_title", 26), ("hours", 15), ("grade", 16),
        ("certificate_no", 32), ("remarks", 18),
    ),
}  # fmt: skip
# Of an event that wants people to sign out; students have the column anyway.
WITH_SIGN_OUT = (
    ("number", 10), ("name", 20), ("organisation", 36), ("job_title", 19), ("mobile", 27), ("signed_in_at", 17),
    ("signed_out_at", 17), ("signature", 21), ("remarks", 19),
)  # fmt: skip
# Of grown-up students at an event that asks for a signature.
SIGNED_STUDENTS = (
    ("number", 11), ("class", 45), ("name", 25), ("student_no", 25), ("came_at", 17), ("left_at", 17),
    ("signature", 27), ("remarks", 19),
)  # fmt: skip
SIGNING: Mapping[Variant, Sequence[str]] = {
    "general": ("sign_lecturer", "sign_organiser"),
    "students": ("sign_teacher", "sign_organiser"),
    "certificates": ("sign_lecturer", "sign_organiser"),
}
ANSWER = 30  # mm for an answer to a field of the event's own
ROWS_A_STEP = 100  # between two reports of progress


@dataclass(frozen=True)
class Copy:
    """What is wanted of a copy, for those who write its cells; the event's rules are those of the view."""

    event: EventView
    language: str
    variant: Variant
    is_masked: bool
    is_for_programs: bool  # CSV gets what paper has no room for: days in the times, answers to the event's own fields
    has_roster: bool
    hours: Mapping[int, float]
    signatures: Mapping[int, str]  # the cell of each, by the sign-in's id (services/sign_in/signatures)


def variant_of(rows: Sequence[SheetRow]) -> Variant:
    """Return the variant that who stands on the sheet makes it; certificates are only ever chosen."""
    people = [row.person for row in rows if row.sign_in is not None or row.entry is not None]
    has_students = any(one.kind == "student" for one in people)
    has_others = any(one.mobile or one.kind == "enterprise" for one in people)
    return "students" if has_students and not has_others else "general"


def columns_of(copy: Copy) -> Iterator[Column]:
    """Yield the columns; for programs also those of the event's own fields, in a masked copy without free text."""
    is_general = copy.variant == "general" and copy.event.wants_sign_out
    is_signed = copy.variant == "students" and copy.event.asks_signature and not copy.event.are_students_minors
    columns = WITH_SIGN_OUT if is_general else SIGNED_STUDENTS if is_signed else COLUMNS[copy.variant]
    for key, width in columns:
        yield Column(key, WORDS[copy.language][key], width)
    for own in copy.event.own_fields if copy.is_for_programs else ():
        if own["type"] != "text" or not copy.is_masked:
            label = (own.get("label_alt") if copy.language == "en" else None) or own["label"]
            yield Column(f"x_{own['key']}", label, ANSWER)


def rows_of(
    rows: Sequence[SheetRow | None], keys: Sequence[str], copy: Copy, on_row: Progress | None = None
) -> Iterator[tuple[str, ...]]:
    """Yield the cells of each row in these columns, numbered from 1; nothing in a row that is None."""
    for number, row in enumerate(rows, start=1):
        cells = {} if row is None else _cells(row, copy) | {"number": str(number)}
        yield tuple(cells.get(key, "") for key in keys)
        if on_row is not None and (number % ROWS_A_STEP == 0 or number == len(rows)):
            on_row(number, len(rows))


def foot_of(event: EventView, language: str, arrived: Sequence[SheetRow]) -> tuple[tuple[str, str], ...]:
    """Return the totals: of the rows who came and how, of the roster what is left of it, and of how many enterprises.

    Expected is arrived less walk-ins, and excused and no-shows; a substitute is among those who arrived.
    """
    words, counts = WORDS[language], events.counts(event.id)
    people = words["people"].format
    late = sum(_is_late(row.sign_in, event) for row in arrived if row.sign_in is not None)
    paper = sum(row.sign_in is not None and row.sign_in.method == "paper" for row in arrived)
    foot = [(words["arrived"], people(count=len(arrived)))]
    if event.late_from() is not None:  # without a start nobody is late, and "0 late" would praise them for it
        foot.append((words["late"], people(count=late)))
    if counts.expected:
        among = {"unlisted": sum(row.is_unlisted for row in arrived), "replaced": sum(r.is_substitute for r in arrived)}
        some = words_between([f"{words[key]} {people(count=n)}" for key, n in among.items() if n], language)
        if some:
            foot[0] = (words["arrived"], words["among"].format(all=people(count=len(arrived)), some=some))
        foot.insert(0, (words["expected"], people(count=counts.expected)))
        no_shows = counts.missing - sheet_rows.missing_to_confirm(event.id, counts)
        foot += [(words["excused"], people(count=counts.excused)), (words["no_show"], people(count=no_shows))]
    if counts.unconfirmed:
        foot.append((words["unconfirmed"], words["uncounted"].format(count=counts.unconfirmed)))
    if came_from := enterprises.count([event.id]):
        foot.append((words["enterprises"], words["enterprise_count"].format(count=came_from)))
    if paper:
        by_method = {"electronic": len(arrived) - paper, "paper": paper, "total": len(arrived)}
        foot.append((words["how"], words["by_method"].format(**by_method)))
    return tuple(foot)


def _cells(row: SheetRow, copy: Copy) -> dict[str, str]:
    one, words = row.person, WORDS[copy.language]
    hides_name = copy.is_masked and copy.event.is_of_minors(one.kind)
    cells = cells_of(one, is_masked=copy.is_masked, hides_name=hides_name)
    school_class = " ".join(part for part in (one.organisation_name, one.class_name) if part)
    came_at = _time(row.sign_in.signed_in_at if row.sign_in is not None else None, copy)
    hours = copy.hours.get(row.sign_in.id) if row.sign_in is not None else None
    answers = (row.sign_in.answers or {}) if row.sign_in is not None else {}
    return {
        **{key: words.get(f"answer_{answer}", str(answer)) for key, answer in answers.items()},
        **cells,
        # An empty name is one that was taken out: a purge, or the days of a minor are over.
        "name": cells["name"] or words[_nameless(row)],
        "organisation": school_class,
        "class": school_class,
        "signed_in_at": came_at,
        "came_at": came_at,
        "left_at": _signed_out(row, copy) if copy.event.wants_sign_out else _time(row.left_at, copy),
        "signed_out_at": _signed_out(row, copy),
        "hours": "" if hours is None else f"{hours:g}",
        "signature": _signature(row, copy),
        "remarks": words_between(_remarks(row, copy, hides_name=hides_name), copy.language),
    }


def _signed_out(row: SheetRow, copy: Copy) -> str:
    """Return when somebody signed out, or that they were closed without it; a head-count is no sign-out."""
    if row.sign_in is None:
        return ""
    return WORDS[copy.language]["no_sign_out"] if row.sign_in.has_no_sign_out else _time(row.sign_in.left_at, copy)


def _signature(row: SheetRow, copy: Copy) -> str:
    """Return what somebody signed, on a full copy: drawn lines as jobs/ink has them, for programs that there are some.
    A masked copy, and whoever did not sign, have room for ink."""
    cell = "" if row.sign_in is None or copy.is_masked else copy.signatures.get(row.sign_in.id, "")
    return WORDS[copy.language]["signed_by_hand"] if copy.is_for_programs and ink.is_drawn(cell) else cell


def _nameless(row: SheetRow) -> str:
    return "seat" if row.sign_in is None and row.entry is None else "cleared"


def _remarks(row: SheetRow, copy: Copy, *, hides_name: bool) -> list[str]:
    """Return what is remarkable, in the order of its weight; the reason of a leave stays with staff."""
    words, one = WORDS[copy.language], row.sign_in
    remarks = [row.person.identity or ""]
    if one is None:
        return [*remarks, words[_why_absent(row.entry)]]
    if row.is_substitute and row.entry is not None and row.entry.name:  # it was taken out after a purge
        name = mask_name(row.entry.name) if hides_name else row.entry.name
        remarks.append(words["in_place_of"].format(name=name))
    if copy.has_roster and row.is_unlisted:
        remarks.append(words["walk_in"])
    if _is_late(one, copy.event):
        remarks.append(words["late"])
    if _has_left_early(one, copy.event):
        has_column = copy.variant == "students" or (copy.event.wants_sign_out and copy.variant == "general")
        remarks.append(words["left_early"] + ("" if has_column else f" {_time(one.left_at, copy)}"))
    if copy.event.wants_sign_out and one.has_no_sign_out and copy.variant == "certificates":
        remarks.append(words["no_sign_out"])
    return [*remarks, words["paper"] if one.method == "paper" else ""]


def _why_absent(entry: EntryView | None) -> str:
    """Return the word of who did not arrive; who waits for a steward did sign in, and is no no-show."""
    if entry is None or entry.state != "expected":
        return "no_show" if entry is None or entry.state != "excused" else "excused"
    return "unconfirmed" if entry.is_unconfirmed else "no_show"


def _is_late(one: SignIn, event: EventView) -> bool:
    """Say whether this arrival was late by the rules of this view, which may be those at the time of a freezing."""
    late_from = event.late_from()
    return late_from is not None and one.signed_in_at > late_from


def _has_left_early(one: SignIn, event: EventView) -> bool:
    """Say whether staff noted that this person left before the end; without an end every leave is early."""
    return one.left_at is not None and (event.ends_at is None or one.left_at < event.ends_at)


def words_between(parts: Sequence[str], language: str) -> str:
    """Join the parts that say something, as the language does."""
    return WORDS[language]["between"].join(part for part in parts if part)


def _time(moment: datetime | None, copy: Copy) -> str:
    if moment is None:
        return ""
    event, shown = copy.event, moment.astimezone(copy.event.zone)
    if copy.is_for_programs or event.starts_at is None:
        return shown.strftime("%Y-%m-%d %H:%M")
    day = event.starts_at.astimezone(event.zone).date()
    if {day} == {shown.date(), (event.ends_at or event.starts_at).astimezone(event.zone).date()}:
        return shown.strftime("%H:%M")
    # The head has the year; a narrow column would divide a whole date.
    return shown.strftime("%m-%d %H:%M" if day.year == shown.year else "%Y-%m-%d %H:%M")


def head_lines(event: EventView, language: str) -> tuple[tuple[str, str], ...]:
    """Return what stands above the table: campaign, time, place, host and lecturers, as far as they are known."""
    words = WORDS[language]
    campaign = None if event.campaign_title == DEFAULT_TITLE else local_text(event, "campaign_title", language)
    values = (
        ("campaign", campaign),
        ("time", _when(event, language)),
        ("place", local_text(event, "venue", language)),
        ("host", local_text(event, "host", language)),
        ("lecturers", event.lecturers),
    )
    return tuple((words[key], value) for key, value in values if value)


def _when(event: EventView, language: str) -> str:
    if event.starts_at is None:
        return ""
    starts = event.starts_at.astimezone(event.zone)
    ends = None if event.ends_at is None else event.ends_at.astimezone(event.zone)
    start = f"{format_date(starts, 'long', locale=language)} {starts:%H:%M}"
    if ends is None:
        return start
    if ends.date() == starts.date():
        return f"{start}–{ends:%H:%M}"
    return f"{start} – {format_date(ends, 'long', locale=language)} {ends:%H:%M}"
