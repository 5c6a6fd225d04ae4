"""What a list says for one event: each person a RosterRow, or rejected with its number and a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _

from kiosk.closed import Kind
from kiosk.person_fields import LABELS, ROSTER
from kiosk.services import refusal_words
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import FieldErrors
from kiosk.services.lists.choices import Choices
from kiosk.services.lists.doubts import Doubt, PersonRead
from kiosk.services.lists.reading import LeftOut, ListReading, RowRead, SheetDoubt, TableRead, is_hiding, place_of
from kiosk.services.names import has_pictures, key_of, normalise_mobile
from kiosk.services.pauses import pausing
from kiosk.services.refusals import Code, Refused
from kiosk.services.roster.roster_rows import RosterRow

LIMITS = {field.column: field.length for field in ROSTER if field.length}
TEXTS = tuple(column for column in LIMITS if column not in ("name", "mobile"))  # kept as they are read
MOST_SEATS = 1_000
MOST_ASKED = 300  # on one page: it is read on a phone, and its form is sent whole
KIND_WORDS: dict[Kind, str] = {
    "student": "学生 student pupil 中学生 小学生",
    "enterprise": "企业 企业代表 企业人员 单位代表 公司 enterprise company enterpriserepresentative",
    "guest": "嘉宾 来宾 市民 市民观察员 观察员 guest visitor",
}
YES = {"是", "√", "✓", "✔", "1", "★", "☆", "*", "yes", "y", "x", "true", "重点", "星标", "v"}


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that is not taken: its sheet, its number there from 1, what it says, and why."""

    row: int
    text: str
    code: Code
    arguments: Mapping[str, Any]
    sheet: str = ""

    @property
    def what(self) -> str:
        """Return where it stands, in the page's language."""
        return place_of(self.sheet, self.row)

    @property
    def reason(self) -> str:
        """Return the sentence that says why, in the page's language."""
        about = {name: LABELS.get(str(value), value) for name, value in self.arguments.items()}
        return refusal_words.say(self.code, "desk", **about)


@dataclass(frozen=True, slots=True)
class Doubtful:
    """Somebody about whom something is doubtful. `is_asked`: whether they are right as proposed; until somebody says
    so (`is_taken`) they stay out."""

    key: str
    sheet: str
    row: int
    text: str
    proposed: RosterRow
    doubts: tuple[Doubt, ...]
    is_asked: bool
    is_taken: bool

    @property
    def what(self) -> str:
        """Return where it stands, in the page's language."""
        return place_of(self.sheet, self.row)

    @property
    def reason(self) -> str:
        """Return what is doubtful, in the page's language."""
        return " ".join(doubt.reason for doubt in self.doubts)


@dataclass(frozen=True)
class Reading:
    """What a list gave. `rows` go in; `given`: the fields it has columns for; `ignored`: headers that nothing is taken
    from."""

    rows: tuple[RosterRow, ...]
    rejected: tuple[Rejected, ...]
    given: tuple[str, ...]
    ignored: tuple[str, ...] = ()
    doubtful: tuple[Doubtful, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    doubts: tuple[SheetDoubt, ...] = ()
    tables: tuple[TableRead, ...] = ()

    @property
    def asked(self) -> tuple[Doubtful, ...]:
        """Return those about whom somebody is asked."""
        return tuple(one for one in self.doubtful if one.is_asked)

    @property
    def told(self) -> tuple[Doubtful, ...]:
        """Return those who go in, and of whom something is told."""
        return tuple(one for one in self.doubtful if not one.is_asked)

    @property
    def hides(self) -> bool:
        """Say whether the book hides rows or columns."""
        return is_hiding(self.doubts)

    @property
    def not_taken(self) -> int:
        """Return how many rows named somebody who does not go in."""
        return len(self.rejected) + sum(not one.is_taken for one in self.doubtful)


def first_asked(asked: Sequence[Doubtful], choices: Choices) -> tuple[Doubtful, ...]:
    """Return those whom one page asks about, of whom nobody has said anything yet first."""
    return tuple(sorted(asked, key=lambda one: one.key in choices.rows)[:MOST_ASKED])


def read_rows(read: ListReading, event: EventView) -> Reading:
    """Say what each row means for this event. Raises Refused when no row can be a person."""
    if not any(table.is_list for table in read.tables) and not read.rows:
        raise Refused("no_names")
    rows: list[RosterRow] = []
    rejected: list[Rejected] = []
    doubtful: list[Doubtful] = []
    seen: dict[str, int] = {}
    for one in pausing(read.rows):
        try:
            row = _row(one.person, event)
            if one.is_taken:
                _refuse_repeats(row, one.row, seen)
                rows.append(row)
            if one.person.doubts:
                doubtful.append(_doubtful(one, row))
        except Refused as refusal:
            rejected.append(Rejected(one.row, one.text, refusal.code, refusal.about, one.sheet))
    if not rows and not rejected and not doubtful and not read.left_out:
        raise Refused("empty_table")
    unused = (name for table in read.tables for name in table.unused)
    spoken = tuple(name for name in read.given if name in LABELS)
    return Reading(
        tuple(rows), tuple(rejected), spoken, tuple(dict.fromkeys(unused)), tuple(doubtful),
        read.left_out, read.doubts, read.tables,
    )  # fmt: skip


def check_row(row: RosterRow) -> None:
    """Hold a row that was typed to the rules of an import; raise fields.FieldErrors, a sentence a field."""
    errors: dict[str, Any] = {}
    for field, most in LIMITS.items():
        value = getattr(row, field) or ""
        if len(value) > most:
            errors[field] = _("At most %(count)s characters, please.", count=most)
        elif has_pictures(value):
            errors[field] = _("Please leave out emoji: they cannot be printed on the sheet.")
    if not row.seats and not any(character.isalnum() for character in row.name):
        errors["name"] = _("Please write a name with letters or characters.")
    if row.seats and not row.organisation_name:
        errors["organisation_name"] = _("Please fill this in.")
    if row.seats and not 0 < row.seats <= MOST_SEATS:
        errors["seats"] = refusal_words.say("bad_seats", "desk")
    if row.mobile and normalise_mobile(row.mobile) != row.mobile:
        errors["mobile"] = _("Please check the number: 11 digits, or + and the country code.")
    if errors:
        raise FieldErrors(errors)


def _doubtful(one: RowRead, row: RosterRow) -> Doubtful:
    return Doubtful(one.key, one.sheet, one.row, one.text, row, one.person.doubts, one.is_asked, one.is_taken)


def _row(person: PersonRead, event: EventView) -> RosterRow:
    values = person.values
    texts: dict[str, Any] = {field: _text(field, values.get(field, "")) for field in TEXTS}
    name = _text("name", values.get("name", "")) or ""
    seats = _seats(values.get("seats", "")) if not name and texts["organisation_name"] else 0
    if not name and not seats:
        raise Refused("uncalculated" if any(one.code == "uncalculated_name" for one in person.doubts) else "no_name")
    if seats:
        about = {field: texts[field] for field in ("organisation_name", "group_name", "note", "district")}
        return RosterRow(_kind(values, event), seats=seats, **about)
    if not any(character.isalnum() for character in name):
        raise Refused("bad_name")
    texts["absent"] = _text("note", person.absent)
    is_starred = values.get("is_starred", "").casefold() in YES
    return RosterRow(
        _kind(values, event), name=name, mobile=values.get("mobile") or None, is_starred=is_starred, **texts
    )


def _text(field: str, value: str) -> str | None:
    if len(value) > LIMITS[field]:
        raise Refused("too_long", field=field, most=LIMITS[field])
    if has_pictures(value):
        raise Refused("pictures", field=field)
    return value or None


def _seats(value: str) -> int:
    if not value:
        return 0
    digits = value.removesuffix(".0").rstrip("人名个位 ")
    if not digits.isascii() or not digits.isdigit() or not 0 < int(digits[:9]) <= MOST_SEATS:
        raise Refused("bad_seats")
    return int(digits)


def _kind(values: Mapping[str, str], event: EventView) -> Kind:
    admitted = event.kind_names
    if typed := key_of(values.get("kind", "")):
        labels = {key_of(label): kind.kind for kind in event.kinds for label in (kind.label, kind.label_alt) if label}
        labels |= {word: kind for kind, words in KIND_WORDS.items() for word in words.split() if word not in labels}
        if typed not in labels:
            raise Refused("unknown_kind")
        if labels[typed] not in admitted:
            raise Refused("not_admitted")
        return labels[typed]
    if len(admitted) == 1:
        return admitted[0]
    order: list[Kind] = ["guest", "enterprise", "student"]
    if values.get("class_name") or values.get("student_no"):
        order = ["student", "guest", "enterprise"]
    elif not values.get("identity") and (values.get("mobile") or values.get("organisation_name")):
        order = ["enterprise", "guest", "student"]
    return next(kind for kind in order if kind in admitted)


def _refuse_repeats(row: RosterRow, number: int, seen: dict[str, int]) -> None:
    """Refuse what is certainly one person twice. One name in one class, without a number, may be two people."""
    keys: list[tuple[Code, str]] = []
    if row.seats:
        keys.append(("same_seats", f"o|{key_of(row.organisation_name or '')}"))
    if row.mobile:
        keys.append(("same_row", row.entry_key))
    if row.student_no:
        keys.append(("same_number", f"s|{key_of(row.organisation_name or '')}|{row.student_no}"))
    for code, key in keys:
        if key in seen:
            raise Refused(code, row=seen[key])
    seen.update({key: number for _code, key in keys})
