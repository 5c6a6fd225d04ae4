"""What is kept of a frozen sheet beside its hash, so that it can be drawn again whatever changes around its rows.

Header lines, columns, totals and the rules by which the rows were written are kept as they were: a merge, a new title
or other hours change nothing of it. Of a row only where it is found again and a checksum of 16 bits are kept: enough
to say which row is another now, too little to find a person by (docs/decisions/0009-freezing.md). It would confirm a
guess, so that it goes with the names (services/privacy/declaration).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from kiosk.services.event.event_views import EventView
from kiosk.services.hours import hours
from kiosk.services.refusals import Refused
from kiosk.services.sheet import sheet_rows, sheets
from kiosk.services.sheet.sheets import Copy
from kiosk.services.sign_in import signatures
from kiosk.services.tables import sheet_model
from kiosk.services.tables.files import Progress
from kiosk.services.tables.sheet_model import Column, SheetModel, canonical_line
from kiosk.services.tables.sheet_words import WORDS

# What of an event's settings decides what a row says.
RULES = (
    "timezone", "starts_at", "ends_at", "late_after_minutes", "are_students_minors", "credited_hours",
    "hours_late_minutes", "hours_early_minutes", "wants_sign_out",
)  # fmt: skip
TIMES = {"starts_at", "ends_at"}
CHECK = 4  # hexadecimal digits


@dataclass(frozen=True)
class Kept:
    """The text around the rows, and where the rows are; `rules` as the event had them, `rows` of ref and checksum."""

    model: SheetModel  # without rows
    has_roster: bool
    rules: Mapping[str, Any]
    rows: tuple[tuple[str, str], ...]


def keep(model: SheetModel, event: EventView, *, has_roster: bool) -> dict[str, Any]:
    """Return as plain JSON what is kept of a sheet, to be stored with it; read_kept() is its other half."""
    rules = {name: getattr(event, name) for name in RULES}
    salt = sheet_model.content_hash(model)
    return {
        "title": model.title,
        "lines": model.lines,
        "columns": [[column.key, column.title, column.width] for column in model.columns],
        "signing": model.signing,
        "variant": model.variant,
        "has_roster": has_roster,
        "rules": rules | {name: None if rules[name] is None else rules[name].isoformat() for name in TIMES},
        "rows": [[ref, _check(salt, row)] for ref, row in zip(model.refs, model.rows, strict=True)],
    }


def read_kept(content: Mapping[str, Any], foot: tuple[tuple[str, str], ...], language: str, *, is_masked: bool) -> Kept:
    """Return what keep() wrote down; the totals are stored beside it."""
    words, rules = WORDS[language], {"wants_sign_out": False, **content["rules"]}  # frozen before there was one
    rules |= {name: None if rules[name] is None else datetime.fromisoformat(rules[name]) for name in TIMES}
    model = SheetModel(
        language=language,
        title=content["title"],
        name=words["sheet"],
        lines=tuple((label, value) for label, value in content["lines"]),
        columns=tuple(Column(*column) for column in content["columns"]),
        rows=(),
        foot=foot,
        is_masked=is_masked,
        variant=content["variant"],
        signing=tuple(content["signing"]),
        timezone=rules["timezone"],
    )
    return Kept(model, content["has_roster"], rules, tuple((ref, check) for ref, check in content["rows"]))


def draw_again(
    kept_sheet: Kept,
    event: EventView,
    content_hash: str,
    *,
    has_dates: bool = False,
    on_row: Progress | None = None,
) -> SheetModel:
    """Return the sheet as it was, its rows read from the sign-ins and the roster of today.

    Raises Refused("changed") with the `rows`, counted from 1, that were taken back, corrected or filled since; with
    none when something else has changed. A CSV's times carry their day (`has_dates`), which is no change.
    """
    copy = Copy(
        event=replace(event, **kept_sheet.rules),
        language=kept_sheet.model.language,
        variant=kept_sheet.model.variant,
        is_masked=kept_sheet.model.is_masked,
        is_for_programs=False,
        has_roster=kept_sheet.has_roster,
        hours={},
        signatures={} if kept_sheet.model.is_masked else signatures.cells(event.id),
    )
    if copy.variant == "certificates":
        copy = replace(copy, hours=hours.by_rule(event.id, hours.rule_of(copy.event)))
    today = {row.ref: row for row in sheet_rows.read(event.id, "arrival", has_no_shows=True)}
    present_rows = [today.get(ref) for ref, _check_then in kept_sheet.rows]
    keys = [column.key for column in kept_sheet.model.columns]
    rows = tuple(sheets.rows_of(present_rows, keys, copy, on_row))
    model = replace(kept_sheet.model, rows=rows)
    if sheet_model.content_hash(model) != content_hash:
        raise Refused("changed", rows=_changed(kept_sheet.rows, present_rows, rows, content_hash))
    return (
        replace(model, rows=tuple(sheets.rows_of(present_rows, keys, replace(copy, is_for_programs=True))))
        if has_dates
        else model
    )


def _changed(
    refs: Sequence[tuple[str, str]], present_rows: Sequence[object], rows: Sequence[tuple[str, ...]], salt: str
) -> tuple[int, ...]:
    now = zip(refs, present_rows, rows, strict=True)
    return tuple(
        number for number, ((_ref, was), row, cells) in enumerate(now, 1) if row is None or _check(salt, cells) != was
    )


def _check(salt: str, row: tuple[str, ...]) -> str:
    return sha256(f"{salt}\t{canonical_line(row)}".encode()).hexdigest()[:CHECK]
