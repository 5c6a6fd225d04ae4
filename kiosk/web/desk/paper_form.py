"""The back-entry page's form: ticks and times of the roster's people, lines of walk-ins, text that was pasted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from itertools import zip_longest

from flask_babel import gettext as _

from kiosk.bounds import read_day
from kiosk.clock import utcnow
from kiosk.closed import Kind
from kiosk.person_fields import COLUMNS as COLUMNS_OF_PERSON
from kiosk.services import refusal_words
from kiosk.services.door import back_entry, hand_work
from kiosk.services.door.back_entry import Entered, ListedPerson, PaperRow
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import ORGANISATION_KEY, FieldErrors, parse
from kiosk.services.lists import texts
from kiosk.services.lists.doubts import PersonRead
from kiosk.services.lists.reading import read_book
from kiosk.services.names import composed
from kiosk.services.pages import Page
from kiosk.services.refusals import Refused
from kiosk.services.roster import roster_reading
from kiosk.services.roster.roster_reading import Reading
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.web.frame.inputs import posted, query
from kiosk.web.frame.numbers import read_clock
from kiosk.web.frame.words import time_at

BLANK_LINES = 3
MOST_LINES = 300
LONGEST_LIST = 200_000  # characters
COLUMNS = ("row", "kind", "name", "organisation", "detail", "mobile", "own_time")
# What tells two of one name apart, as the one column beside name and organisation.
DETAIL_KEY = {"student": "class_name", "enterprise": "job_title", "guest": "identity"}


@dataclass(frozen=True)
class TickedPerson:
    """Somebody of the roster, as the page has them."""

    person: ListedPerson
    is_ticked: bool = False
    time: str = ""
    error: str | None = None

    @property
    def row(self) -> str:
        return f"e{self.person.entry.id}"


@dataclass(frozen=True)
class WalkInLine:
    """A walk-in's line, as typed. `row` is its name, fresh for every line, so that no two share a key."""

    row: str
    kind: Kind
    name: str = ""
    organisation: str = ""
    detail: str = ""
    mobile: str = ""
    time: str = ""
    is_another: bool = False
    error: str | None = None
    wrong: tuple[str, ...] = ()  # which of its fields
    is_asked: bool = False  # somebody of this name has signed in

    @property
    def is_blank(self) -> bool:
        return not (self.name or self.organisation or self.detail or self.mobile)


@dataclass(frozen=True)
class PaperForm:
    """The whole page, as typed. `errors` are those of the fields day, time and pasted; `notes` say what a line has no
    place for of pasted rows."""

    key: str
    day: str
    time: str
    ticks: tuple[TickedPerson, ...]
    lines: tuple[WalkInLine, ...]
    listed: Page[ListedPerson]  # the page of the roster that it shows
    pasted: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    notes: tuple[tuple[str, str], ...] = ()  # where, and what

    @property
    def first(self) -> int:
        """Return the number on the emergency sheet with which its page of the roster begins."""
        return (self.listed.number - 1) * back_entry.LISTED + 1

    @property
    def last(self) -> int:
        """Return the number with which it ends."""
        return min(self.first + back_entry.LISTED - 1, self.listed.total or 0)

    @property
    def is_wrong(self) -> bool:
        is_row_wrong = any(tick.error for tick in self.ticks) or any(line.error for line in self.lines)
        return bool(self.errors) or is_row_wrong


def fresh(event: EventView) -> PaperForm:
    """Return the page as it opens: nobody ticked, the time of the start or, before it, of now."""
    now = utcnow()
    starts_at = event.starts_at if event.starts_at is not None and event.starts_at <= now else now
    begins = starts_at.astimezone(event.zone)
    listed = back_entry.listed(event.id, query.page())
    ticks = tuple(TickedPerson(person) for person in listed.rows if person.is_absent)
    return PaperForm(hand_work.new_key(), f"{begins:%Y-%m-%d}", f"{begins:%H:%M}", ticks, _blank_lines(event), listed)


def read(event: EventView) -> PaperForm:
    """Return the form that was sent, every ticked person in it, also who has arrived since the page was opened."""
    ticked = set(posted.numbers("entry"))
    listed = back_entry.listed(event.id, query.page(), ticked)
    ticks = [
        TickedPerson(one, one.entry.id in ticked, time=posted.text(f"t_{one.entry.id}", 10)) for one in listed.rows
    ]
    return PaperForm(
        key=posted.raw("key", 40) or hand_work.new_key(),
        day=posted.text("day", 10),
        time=posted.text("time", 10),
        ticks=tuple(one for one in ticks if one.is_ticked or one.person.is_absent),
        lines=tuple(_typed_lines(event)),
        listed=listed,
        pasted=posted.raw("pasted", LONGEST_LIST),
    )


def with_blank_lines(event: EventView, form: PaperForm, more: int = 0) -> PaperForm:
    """Add blank lines below those that are filled in."""
    filled = tuple(line for line in form.lines if not line.is_blank)
    count = max(BLANK_LINES, len(form.lines) - len(filled)) + more
    return replace(form, lines=filled + _blank_lines(event, min(count, MOST_LINES)))


def fill_in(event: EventView, form: PaperForm) -> PaperForm:
    """Make lines of the pasted text, to be looked through; what cannot be read stays in the box."""
    text = composed(form.pasted)
    try:
        book = texts.read_text(text)
        read = read_book(book)
        reading = roster_reading.read_rows(read, event)
    except Refused as refusal:
        return replace(form, errors={"pasted": refusal_words.say(refusal, "desk")})
    filled = [line for line in form.lines if not line.is_blank]
    if len(filled) + len(reading.rows) > MOST_LINES:
        return replace(form, errors={"pasted": _("At most %(count)s rows at once, please.", count=MOST_LINES)})
    came = [row for row in reading.rows if not row.absent]
    notes = (*_told(reading), *(note for row in came if (note := _not_kept(row))))
    waiting = [(bad.row, bad.reason) for bad in reading.rejected]
    waiting += [(one.row, one.reason) for one in reading.asked if not one.is_taken]
    waiting += [(one.row, _away(one.person)) for one in read.rows if one.is_taken and one.person.absent]
    filled += [_line_of(row) for row in came]
    if not waiting:
        return replace(form, lines=tuple(filled), pasted="", notes=notes)
    cells_of = dict(book.sheets[0].rows)
    headers = {row for table in reading.tables if table.is_list for row in table.header_rows}
    left = [_pasted_again(cells_of[row - 1]) for row in sorted(headers | {row for row, _why in waiting})]
    why = " ".join(dict.fromkeys(str(reason) for _row, reason in waiting))
    return replace(form, lines=tuple(filled), pasted="\n".join(left), errors={"pasted": why}, notes=notes)


def _pasted_again(cells: Sequence[str]) -> str:
    """Return a row as it is pasted: a cell of several lines in quotes."""
    return "\t".join(f'"{cell}"' if "\n" in cell else cell for cell in cells)


def _told(reading: Reading) -> Iterable[tuple[str, str]]:
    """Yield what is worth a look of the rows that became lines, and which rows name nobody."""
    for one in reading.told:
        if not one.proposed.absent:
            yield f"{one.what}: {one.proposed.name}", one.reason
    for left in sorted(reading.left_out, key=lambda one: one.row):
        yield left.what, left.reason


def _not_kept(row: RosterRow) -> tuple[str, str] | None:
    """Return what a line has no place for."""
    has_place = {"name", "organisation_name", DETAIL_KEY[row.kind], *(("mobile",) if row.kind != "student" else ())}
    more = [value for name in (*COLUMNS_OF_PERSON, "note") if name not in has_place and (value := getattr(row, name))]
    return (row.name, _("Not kept here: %(words)s", words=" · ".join(more))) if more else None


def _away(person: PersonRead) -> str:
    about = {"name": person.values.get("name", ""), "reason": person.absent}
    return str(_("%(name)s did not come (%(reason)s) and is in no line.", **about))


def check(event: EventView, form: PaperForm) -> tuple[PaperForm, tuple[PaperRow, ...]]:
    """Return the form with its errors said, and the lines that are right and can be written."""
    errors: dict[str, str] = {}
    day = read_day(form.day)
    if day is None:
        errors["day"] = _("Please write a date.")
    common = read_clock(form.time)
    if common is None:
        errors["time"] = _("Please write a time such as 09:05.")
    if day is None or common is None:
        return replace(form, errors=errors), ()
    rows: list[PaperRow] = []
    ticks = tuple(_check_tick(event, one, day, common, rows) for one in form.ticks)
    lines = tuple(_check_line(event, one, day, common, rows) for one in form.lines)
    return replace(form, ticks=ticks, lines=lines), tuple(rows)


def without(event: EventView, form: PaperForm, done: Iterable[Entered]) -> PaperForm:
    """Return the form without what has been written, and with the question about namesakes."""
    written = {one.row for one in done if one.code != "same_name"}
    asked = {one.row: one.signed_in_at for one in done if one.code == "same_name"}
    lines = []
    for line in form.lines:
        if (at := asked.get(line.row)) is not None:
            question = _("Somebody of this name signed in at %(time)s.", time=time_at(at, event.zone))
            line = replace(line, error=question, wrong=("name",), is_asked=True)
        if line.row not in written:
            lines.append(line)
    ticks = tuple(one for one in form.ticks if one.row not in written)
    return replace(form, ticks=ticks, lines=tuple(lines))


def _check_tick(event: EventView, tick: TickedPerson, day: date, common: time, rows: list[PaperRow]) -> TickedPerson:
    if not tick.is_ticked:
        return tick
    claimed, problem = _claimed(event, day, tick.time, common)
    if claimed is None:
        return replace(tick, error=problem)
    rows.append(PaperRow(tick.row, tick.person.entry.details(), claimed, tick.person.entry.id))
    return tick


def _check_line(event: EventView, line: WalkInLine, day: date, common: time, rows: list[PaperRow]) -> WalkInLine:
    if line.is_blank:
        return line
    typed = {"name": line.name, ORGANISATION_KEY[line.kind]: line.organisation, DETAIL_KEY[line.kind]: line.detail}
    if line.kind != "student":
        typed["mobile"] = line.mobile
    fields = hand_work.correction_fields(line.kind)
    try:
        details = parse(line.kind, fields, typed)
    except FieldErrors as error:
        labels = {one.key: one.label for one in fields}
        why = " ".join(f"{labels[key]}: {message}" for key, message in error.messages.items())
        columns = {ORGANISATION_KEY[line.kind]: "organisation", DETAIL_KEY[line.kind]: "detail"}
        return replace(line, error=why, wrong=tuple(columns.get(key, key) for key in error.messages))
    claimed, problem = _claimed(event, day, line.time, common)
    if claimed is None:
        return replace(line, error=problem, wrong=("own_time",))
    rows.append(PaperRow(line.row, details, claimed, is_another=line.is_another))
    return line


def _claimed(event: EventView, day: date, typed: str, common: time) -> tuple[datetime | None, str | None]:
    """Return the claimed moment, or what is wrong with its time."""
    at = read_clock(typed) if typed else common
    if at is None:
        return None, _("Please write a time such as 09:05.")
    claimed = datetime.combine(day, at, tzinfo=event.zone)
    if claimed > utcnow():
        return None, _("This time is still to come.")
    return claimed, None


def _typed_lines(event: EventView) -> Iterable[WalkInLine]:
    another = set(posted.texts("another"))
    columns = (posted.texts(column, 200)[:MOST_LINES] for column in COLUMNS[1:])
    for row, kind, *words in zip_longest(posted.texts("row", 12)[:MOST_LINES], *columns, fillvalue=""):
        kind = kind if kind in event.kind_names else event.kind_names[0]
        row = row or _new_row()
        name, organisation, detail, mobile, at = words
        yield WalkInLine(row, kind, name, organisation, detail, mobile, at, is_another=row in another)


def _line_of(row: RosterRow) -> WalkInLine:
    return WalkInLine(
        row=_new_row(),
        kind=row.kind,
        name=row.name,
        organisation=row.organisation_name or "",
        detail=getattr(row, DETAIL_KEY[row.kind]) or "",
        mobile=row.mobile or "",
    )


def _blank_lines(event: EventView, count: int = BLANK_LINES) -> tuple[WalkInLine, ...]:
    return tuple(WalkInLine(_new_row(), event.kind_names[0]) for _number in range(count))


def _new_row() -> str:
    return f"w{hand_work.new_key()[:8]}"


def names_of(event: EventView, done: Sequence[Entered], *, most: int = 5) -> str:
    """Return names with their times, at most so many: a message, and with it the cookie, stays small."""
    names = [f"{one.name} {time_at(one.signed_in_at, event.zone)}" if one.signed_in_at else one.name for one in done]
    rest = len(names) - most
    listed = str(_(", ")).join(names[:most])
    return str(_("%(names)s and %(count)s more", names=listed, count=rest)) if rest > 0 else listed
