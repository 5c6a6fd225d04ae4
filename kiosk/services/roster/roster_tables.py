"""A roster as it comes, a file or pasted text, made rows of cells; roster_reading says what they mean."""

from __future__ import annotations

import csv
import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from kiosk.jobs.runner import JobFailed, run_job
from kiosk.services.lists import chats
from kiosk.services.lists.doubts import NoPerson, PersonRead
from kiosk.services.names import composed
from kiosk.services.refusals import Refused
from kiosk.services.roster.roster_columns import find_columns

MOST_BYTES = 5 * 2**20
MOST_CHARACTERS = 300_000
MOST_ROWS = 5_000
SECONDS = 25.0
# What a line of a chat's list may say of a person.
IN_CHATS = ("name", "organisation_name", "class_name", "job_title", "mobile", "note")


@dataclass(frozen=True)
class RosterTable:
    """Rows of cells as they stand; `merges` are (top, left, bottom, right), counted from 0, ends included.

    `fields` names the columns when the reader knew them (a chat's list), else they are to be found.
    """

    rows: Sequence[Sequence[str]]
    merges: Sequence[Sequence[int]] = ()
    fields: tuple[str, ...] = ()


def read_file(content: bytes) -> RosterTable:
    """Read the first sheet of a file that people see and that holds anything, in a job process; raise Refused."""
    if len(content) > MOST_BYTES:
        raise Refused("too_big")
    try:
        answer: dict[str, Any] = json.loads(
            run_job("read_table", {"file": b64encode(content).decode()}, timeout=SECONDS)
        )
    except JobFailed as error:
        raise Refused("too_big") from error  # it ran out of time or memory
    if "problem" in answer:
        raise Refused(answer["problem"], count=MOST_ROWS)
    sheets = [sheet for sheet in answer["books"][0]["sheets"] if sheet["rows"] and not sheet["is_hidden"]]
    if not sheets:
        raise Refused("empty_table")
    return _dense(sheets[0])


def _dense(sheet: dict[str, Any]) -> RosterTable:
    """Return every row up to the last filled one; what stands further down than any list is drawn together."""
    numbers = [number for number, _ in sheet["rows"]]
    if numbers[-1] >= MOST_ROWS:
        return RosterTable([cells for _, cells in sheet["rows"]])
    rows: list[list[str]] = [[] for _ in range(numbers[-1] + 1)]
    for number, cells in sheet["rows"]:
        rows[number] = cells
    return RosterTable(rows, sheet["merges"])


def read_text(text: str) -> RosterTable:
    """Read what was pasted: cells from a spreadsheet, a chat's numbered list, one name a line."""
    if len(text) > MOST_CHARACTERS:
        raise Refused("too_big")
    lines = composed(text).splitlines()
    if len(lines) > MOST_ROWS:
        raise Refused("too_many_rows", count=MOST_ROWS)
    if not any(line.strip() for line in lines):
        raise Refused("empty_table")
    if "\t" in text:
        return RosterTable(_cells(lines, "\t"))
    filled = [line for line in lines if line.strip()]
    is_list = any(map(chats.is_numbered, filled))
    for delimiter in ",;，":
        if delimiter in text and len({line.count(delimiter) for line in filled}) == 1:
            rows = _cells(lines, delimiter)
            if not is_list or find_columns(rows).has_header:
                return RosterTable(rows)
    return _chat(lines)


def _cells(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    """Return the cells of pasted lines; raise Refused for a cell that is longer than any."""
    try:
        return list(csv.reader(StringIO("\n".join(lines)), delimiter=delimiter))
    except csv.Error as error:
        raise Refused("no_table") from error


def _chat(lines: Sequence[str]) -> RosterTable:
    """Read a list as people write it in a chat; what stands above the first number is talk."""
    first = chats.lines_before(lines)
    rows: list[tuple[str, ...]] = [()] * first
    for line in lines[first:]:
        read = chats.read_line(line)
        rows += [()] if isinstance(read, NoPerson) else map(_cells_of, read)
    return RosterTable(rows, fields=IN_CHATS)


def _cells_of(person: PersonRead) -> tuple[str, ...]:
    values = {**person.values, "note": " ".join(filter(None, (person.values.get("note"), person.absent)))}
    return tuple(values.get(name, "") for name in IN_CHATS)
