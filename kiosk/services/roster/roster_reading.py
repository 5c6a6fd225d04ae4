"""What a table says: each row a RosterRow, or rejected with its number and a reason."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _

from kiosk.closed import Kind
from kiosk.person_fields import LABELS, ROSTER
from kiosk.services import refusal_words
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import FieldErrors
from kiosk.services.names import clean, has_pictures, key_of, mask_mobile, normalise_mobile
from kiosk.services.refusals import Code, Refused
from kiosk.services.roster.roster_columns import Columns, find_columns
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.roster.roster_tables import RosterTable

LIMITS = {field.column: field.length for field in ROSTER if field.length}
TEXTS = tuple(column for column in LIMITS if column not in ("name", "mobile"))  # kept as they are read
MERGED = {field.column for field in ROSTER if field.is_merged}
MOST_SEATS = 1_000
KIND_WORDS: dict[Kind, str] = {
    "student": "学生 student pupil 中学生 小学生",
    "enterprise": "企业 企业代表 企业人员 单位代表 公司 enterprise company enterpriserepresentative",
    "guest": "嘉宾 来宾 市民 市民观察员 观察员 guest visitor",
}
YES = {"是", "√", "✓", "✔", "1", "★", "☆", "*", "yes", "y", "x", "true", "重点", "星标", "v"}
NOTHING = {"无", "没有", "暂无", "/", "-", "—", "——", "\\", "none", "n/a", "na"}
_EXAMPLE = re.compile(r"例[:：]|[(（]例[)）]|example[:：]", re.IGNORECASE)  # the template's
_FOOT = re.compile(
    r"合计|总计|共计|小计|总数|总人数|共\s*\d+|total\b|sum\b|填表人|填报人|制表|审核|经办|联系人[:：]|备注[:：]|说明[:：]|注[:：]",
    re.IGNORECASE,
)
_LOST_MOBILE = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")
_WHOLE_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_SEVERAL = re.compile(r"[/、,，;；\s]+")
_HAN_ONLY = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff·\s]+")


@dataclass(frozen=True)
class Rejected:
    """A row that is not taken: its number in the file, from 1, what it says, and why."""

    row: int
    text: str
    code: Code
    arguments: Mapping[str, Any]

    @property
    def reason(self) -> str:
        """Return the sentence that says why, in the page's language."""
        about = {name: LABELS.get(str(value), value) for name, value in self.arguments.items()}
        return refusal_words.say(self.code, "desk", **about)


@dataclass(frozen=True)
class Reading:
    """What a table gave. `given`: the fields it has columns for; `ignored`: headers that nothing is taken from."""

    rows: tuple[RosterRow, ...]
    rejected: tuple[Rejected, ...]
    given: tuple[str, ...]
    ignored: tuple[str, ...] = ()


def read_rows(table: RosterTable, event: EventView) -> Reading:
    """Say what each row means for this event. Raises Refused when no row can be a person."""
    if table.fields:
        columns = Columns({name: index for index, name in enumerate(table.fields)}, 0)
    else:
        columns = find_columns(table.rows)
    by_field, first = columns.by_field, columns.first
    if not {"name", "seats"} & by_field.keys():
        raise Refused("no_names")
    repeated = _repeated(table, by_field)
    rows: list[RosterRow] = []
    rejected: list[Rejected] = []
    seen: dict[str, int] = {}
    for number, cells in enumerate(table.rows[first:], start=first):
        values = {
            field: repeated.get((number, index)) or (clean(cells[index]) if index < len(cells) else "")
            for field, index in by_field.items()
        }
        if _is_empty(cells, values) or _is_foot(cells, values):
            continue
        try:
            row = _row(values, event)
            _refuse_repeats(row, number + 1, seen)
            rows.append(row)
        except Refused as refusal:
            text = _WHOLE_MOBILE.sub(lambda whole: mask_mobile(whole[0]), " ".join(" ".join(cells).split()))[:80]
            rejected.append(Rejected(number + 1, text, refusal.code, refusal.about))
    if not rows and not rejected:
        raise Refused("empty_table")
    return Reading(tuple(rows), tuple(rejected), tuple(by_field), columns.ignored)


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


def _repeated(table: RosterTable, by_field: Mapping[str, int]) -> dict[tuple[int, int], str]:
    """Return what cells hold that were merged into the one above them."""
    wanted = {by_field[field] for field in MERGED if field in by_field}
    repeats: dict[tuple[int, int], str] = {}
    for top, left, bottom, _right in table.merges:
        if left in wanted and bottom > top and top < len(table.rows) and left < len(table.rows[top]):
            value = clean(table.rows[top][left])
            repeats |= {(number, left): value for number in range(top + 1, bottom + 1)}
    return repeats


def _is_empty(cells: Sequence[str], values: Mapping[str, str]) -> bool:
    """A row with nothing of its own: blank, or a running number and what was merged into it."""
    own = [cell for cell in cells if cell.strip()]
    return not own or (not any(values.get(field) for field in values if field not in MERGED)
                       and all(cell.strip().rstrip(".").isdigit() for cell in own))  # fmt: skip


def _is_foot(cells: Sequence[str], values: Mapping[str, str]) -> bool:
    """Totals and signatures below the people, and the template's example."""
    beginnings = (next(cell.strip() for cell in cells if cell.strip()), values.get("name", ""))
    if any(_EXAMPLE.match(beginning) for beginning in beginnings):
        return True
    return any(_FOOT.match(beginning) for beginning in beginnings) and not normalise_mobile(values.get("mobile", ""))


def _row(values: Mapping[str, str], event: EventView) -> RosterRow:
    texts: dict[str, Any] = {field: _text(field, values.get(field, "")) for field in TEXTS}
    name = _name(values.get("name", ""))
    seats = _seats(values.get("seats", "")) if not name and texts["organisation_name"] else 0
    if not name and not seats:
        raise Refused("no_name")
    if seats:
        about = {field: texts[field] for field in ("organisation_name", "group_name", "note", "district")}
        return RosterRow(_kind(values, event), seats=seats, **about)
    mobile = _mobile(values.get("mobile", ""))
    is_starred = values.get("is_starred", "").casefold() in YES
    return RosterRow(_kind(values, event), name=name, mobile=mobile, is_starred=is_starred, **texts)


def _text(field: str, value: str) -> str | None:
    if len(value) > LIMITS[field]:
        raise Refused("too_long", field=field, most=LIMITS[field])
    if has_pictures(value):
        raise Refused("pictures", field=field)
    return None if not value or value.casefold() in NOTHING else value


def _name(value: str) -> str:
    name = _text("name", value) or ""
    if name and not any(character.isalnum() for character in name):
        raise Refused("bad_name")
    return "".join(name.split()) if _HAN_ONLY.fullmatch(name) else name  # 王　强, padded for looks


def _mobile(value: str) -> str | None:
    value = value.removesuffix(".0").lstrip("'")
    if not value or value.casefold() in NOTHING:
        return None
    if _LOST_MOBILE.fullmatch(value):
        raise Refused("lost_mobile")
    mobile = normalise_mobile(value) or next(filter(None, map(normalise_mobile, _SEVERAL.split(value))), None)
    if mobile is None:
        raise Refused("bad_mobile")
    return mobile


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
