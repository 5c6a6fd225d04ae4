"""A roster as it comes, a file or pasted text, made rows of cells; roster_reading says what they mean."""

from __future__ import annotations

import csv
import json
import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from kiosk.jobs.runner import JobFailed, run_job
from kiosk.services.lists.looks_like import HAN, is_class, is_organisation, is_title
from kiosk.services.names import clean, composed
from kiosk.services.refusals import Refused
from kiosk.services.roster.roster_columns import find_columns

MOST_BYTES = 5 * 2**20
MOST_CHARACTERS = 300_000
MOST_ROWS = 5_000
SECONDS = 25.0
# What a line of a chat's list may say of a person.
IN_CHATS = ("name", "organisation_name", "class_name", "job_title", "mobile", "note")

_NUMBERED = re.compile(r"^\s*(?:[(（]?\d{1,4}(?:[.、．,，:：)）]|\s(?=\S))|[①-⑳㉑-㉟])\s*(?!\d)")
_MOBILE = re.compile(r"(?<!\d)(?:\+?86[-\s]?)?1[3-9]\d[-\s]?\d{4}[-\s]?\d{4}(?!\d)|(?<!\d)1[\d-]{9,12}(?!\d)")
_APART = re.compile(r"[,，、;；|/]+")


@dataclass(frozen=True)
class RosterTable:
    """Rows of cells as they stand; `merges` are (top, left, bottom, right), counted from 0, ends included.

    `fields` names the columns when the reader knew them (a chat's list), else they are to be found.
    """

    rows: Sequence[Sequence[str]]
    merges: Sequence[Sequence[int]] = ()
    fields: tuple[str, ...] = ()


def read_file(content: bytes) -> RosterTable:
    """Read XLSX or CSV (UTF-8, GB18030; comma, semicolon or tab) in a job process; raise Refused."""
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
    return RosterTable(answer["rows"], answer["merges"])


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
    is_list = any(_NUMBERED.match(line) for line in filled)
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
    numbered = [_NUMBERED.match(line) is not None for line in lines]
    first = numbered.index(True) if sum(numbered) * 2 >= sum(bool(line.strip()) for line in lines) else 0
    rows: list[tuple[str, ...]] = [()] * first
    rows += [_words(_NUMBERED.sub("", line, count=1)) for line in lines[first:]]
    return RosterTable(rows, fields=IN_CHATS)


def _words(line: str) -> tuple[str, ...]:
    by_field: dict[str, str] = {}
    if mobile := _MOBILE.search(line):
        by_field["mobile"] = mobile[0]
        line = line[: mobile.start()] + " " + line[mobile.end() :]
    parts = [part for word in _APART.split(line) if (part := clean(word).strip(" :："))]
    words = parts if len(parts) > 1 else _joined(clean(line).strip(" :：").split())
    rest = []
    for word in words:
        if "mobile" not in by_field and word.lstrip("+").isdigit() and len(word) > 6:
            by_field["mobile"] = word  # a wrong one: the preview says so
        elif is_organisation(word) and "organisation_name" not in by_field:
            by_field["organisation_name"] = word
        elif is_class(word) and "class_name" not in by_field:
            by_field["class_name"] = word
        else:
            rest.append(word)
    for word in list(rest[1:]):
        if is_title(word) and "job_title" not in by_field:
            by_field["job_title"] = word
            rest.remove(word)
    if rest:
        by_field["name"] = rest.pop(0)
    if rest and "organisation_name" not in by_field:
        by_field["organisation_name"] = rest.pop(0)
    if rest and "job_title" not in by_field:
        by_field["job_title"] = rest.pop(0)
    by_field["note"] = " ".join(rest)
    return tuple(by_field.get(name, "") for name in IN_CHATS) if any(by_field.values()) else ()


def _joined(words: list[str]) -> list[str]:
    """Join what belongs together: 王　强, padded for looks, and the words of a name in Latin letters."""
    joined: list[str] = []
    for word in words:
        is_one_han = len(word) == 1 and HAN.fullmatch(word) is not None
        if joined and is_one_han and len(joined[-1]) == 1 and HAN.fullmatch(joined[-1]):
            joined[-1] += word
        elif joined and word.isascii() and word.isalpha() and joined[-1].replace(" ", "").isascii():
            joined[-1] += f" {word}"
        else:
            joined.append(word)
    return joined
