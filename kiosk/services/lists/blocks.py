"""The tables on a sheet: each with its header of one or two rows, side by side or one below another."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from kiosk.services.lists.books import Sheet
from kiosk.services.lists.headers import Header, bare, header_of, meanings
from kiosk.services.lists.looks_like import (
    has_surname,
    is_class,
    is_mobile,
    is_name,
    is_organisation,
    is_surely_name,
    is_title,
)
from kiosk.services.lists.statuses import are_statuses
from kiosk.services.lists.talk import is_talk
from kiosk.services.lists.telephones import telephone_in
from kiosk.services.names import without_pictures
from kiosk.services.pauses import pause_if_due, pausing

_NUMBERS = re.compile(r"[0-9一二三四五六]")  # of 参会人1姓名, 参会人2姓名
_REMARK = re.compile(r"[(（【\[][^()（）【】\[\]]{0,40}[)）】\]]|\+\s?\d$")
LOOKED_AT = 20  # filled rows from the top: a header that is one word alone stands there or nowhere
MAJORITY = 0.6
SURELY = 0.4  # of cells that are names beyond doubt: others of the column are rare ones, or have remarks
WIDEST = 1 << 14  # columns that any sheet has
GUESSED_BY = 200  # rows
# Without one of these a row in the middle of people is no header of another table.
WITH_PEOPLE = {"mobile", "class_name", "job_title"}
IN_HEADS = {"event"}  # what a form's head says too (地点： 日期：), and makes no row a header
CORE = {"name", "given_name", "organisation_name", "contact_name"}


@dataclass(frozen=True)
class ListColumn:
    """One column of a table: its number on the sheet from 0, its header as it stands, and what it holds."""

    index: int
    header: str
    meaning: str


@dataclass(frozen=True)
class ListBlock:
    """One table. `key` names it within its book; `rows` are the numbers of the rows below its header, from 0."""

    key: str
    columns: tuple[ListColumn, ...]
    header_rows: tuple[int, ...]
    rows: tuple[int, ...]
    is_bold: bool = False  # guessed, and nothing but the words themselves speaks for people
    first: int = 0  # the first of its own columns, and one after the last
    end: int = WIDEST

    def has_part_in(self, cells: Sequence[str]) -> bool:
        """Say whether a row has anything in the table's own columns."""
        return any(cell.strip() for cell in cells[self.first : self.end])

    @property
    def is_guessed(self) -> bool:
        """Say whether no header says what its columns hold."""
        return not self.header_rows

    @cached_property
    def by_meaning(self) -> Mapping[str, int]:
        """Return the number of the column that holds a field, by field."""
        return {column.meaning: column.index for column in self.columns if column.meaning}

    @property
    def headers(self) -> tuple[str, ...]:
        """Return the headers by which the same list is known the next time."""
        return tuple(column.header for column in self.columns)


@dataclass(frozen=True)
class Tables:
    """What stands on a sheet: its tables, and the numbers of the rows above the first header."""

    blocks: tuple[ListBlock, ...]
    titles: tuple[int, ...]
    again: tuple[int, ...] = ()  # rows in which a header stands once more, as on every printed page


@dataclass(frozen=True)
class _Band:
    """Rows from one header to the next; `header` are the positions of its rows among the filled ones."""

    header: tuple[int, ...]
    headers: tuple[Header, ...]
    rows: tuple[int, ...]  # positions of what stands below
    height: int  # of its header; it may stand again further down

    def with_more(self, other: _Band) -> _Band:
        """Return the band with what stands under the same header further down."""
        return _Band((*self.header, *other.header), self.headers, (*self.rows, *other.rows), self.height)


def tables_of(sheet: Sheet, number: int) -> Tables:
    """Find the tables of the book's sheet of this number."""
    rows = sheet.rows
    bands = _bands(sheet)
    if not bands:
        cells = [cells for _, cells in rows]
        columns = _guessed(cells)
        block = ListBlock(f"{number}.0.0", columns, (), tuple(row for row, _ in rows), _is_bold(columns, cells))
        return Tables((block,) if columns else (), () if columns else tuple(row for row, _ in rows))
    bands = [_with_statuses(band, rows) for band in pausing(bands)]
    again = [position for band in bands for position in band.header[band.height :]]
    blocks = tuple(block for band in pausing(bands) for block in _beside(band, rows, number))
    # Above the first header, and a form's head above a later one.
    taken = {position for band in bands for position in (*band.header, *band.rows)}
    titles = tuple(row for position, (row, _) in enumerate(rows) if position not in taken)
    return Tables(blocks, titles, tuple(rows[position][0] for position in again))


def _bands(sheet: Sheet) -> list[_Band]:
    rows = sheet.rows
    starts = list(_strong_headers(rows)) or _weak_header(rows)
    groups: list[list[int]] = []
    for position in starts:
        if groups and position == groups[-1][-1] + 1 and len(groups[-1]) == 1:
            groups[-1].append(position)
        else:
            groups.append([position])
    groups = [_with_second_row(group, rows) for group in pausing(groups)]
    ends = [*(group[0] for group in groups[1:]), len(rows)][: len(groups)]
    bands: list[_Band] = []
    for group, end in pausing(zip(groups, ends, strict=True)):
        header, headers = _combined(sheet, group)
        band = _Band(header, headers, tuple(range(group[-1] + 1, end)), len(header))
        if bands and [one.text for one in bands[-1].headers] == [one.text for one in headers]:
            bands[-1] = bands[-1].with_more(band)
        else:
            bands.append(band)
    return bands


def _with_statuses(band: _Band, rows: Sequence[tuple[int, Sequence[str]]]) -> _Band:
    """Return the band with what its cells alone say: a column that nothing is known of holds statuses (回执)."""
    if any(header.meaning == "status" for header in band.headers):
        return band
    below = [rows[position][1] for position in band.rows]
    headers = list(band.headers)
    for index, header in enumerate(headers):
        cells = [] if header.is_known or not header.text else _filled(below, index)
        if cells and are_statuses(cells):
            headers[index] = replace(header, meaning="status", is_known=True)
            break
    return replace(band, headers=tuple(headers))


def _strong_headers(rows: Sequence[tuple[int, Sequence[str]]]) -> Iterator[int]:
    """Yield the positions of rows that are headers for sure: mostly known words, one of them what every list has."""
    known: set[str] = set()
    for position, (_, cells) in enumerate(pausing(rows)):
        filled = [cell for cell in cells if cell.strip()]
        if len(filled) < 2 or (position >= LOOKED_AT and not known.intersection(filled)):
            continue
        headers = [header for header in map(header_of, filled) if header.meaning not in IN_HEADS]
        sure = [header for header in headers if header.is_exact]
        is_mostly = sum(header.is_known for header in headers) * 2 > len(filled)
        if is_mostly and len(sure) + sum(header.is_known for header in headers) > 2 and CORE.intersection(
            header.meaning for header in headers
        ) and sure and not any(map(is_mobile, filled)):  # fmt: skip
            known.update(filled)
            yield position


def _weak_header(rows: Sequence[tuple[int, Sequence[str]]]) -> list[int]:
    """Return the position of the row near the top that says most of its columns, if any says something."""
    best, most = -1, 0
    for position, (_, cells) in enumerate(rows[:LOOKED_AT]):
        if any(map(is_mobile, cells)):
            continue  # a row of a person
        headers = [header_of(cell) for cell in cells]
        headers = [header for header in headers if header.meaning not in IN_HEADS]
        meant = len({header.meaning for header in headers if header.meaning})
        # One word within one cell is a title ("参会人员姓名汇总") more often than a header.
        if meant > most and (meant > 1 or any(header.is_exact for header in headers)):
            best, most = position, meant
    return [best] if best >= 0 else []


def _with_second_row(group: list[int], rows: Sequence[tuple[int, Sequence[str]]]) -> list[int]:
    """Add the row below a header when it tells apart what the header says once for several columns."""
    below = group[-1] + 1
    if len(group) > 1 or below >= len(rows):
        return group
    top, cells = rows[group[0]][1], rows[below][1]
    filled = [index for index, cell in enumerate(cells) if cell.strip()]
    is_open = any(index >= len(top) or not top[index].strip() for index in filled)
    return [*group, below] if filled and is_open and all(header_of(cells[i]).is_known for i in filled) else group


def _combined(sheet: Sheet, group: Sequence[int]) -> tuple[tuple[int, ...], tuple[Header, ...]]:
    """Return the header's rows and what they say of each column together.

    Of two headers without people between, the first is a form's head ("填报单位： 联系人：") unless the second one
    fills what it leaves open.
    """
    rows = sheet.rows
    last = rows[group[-1]][1]
    if len(group) == 1:
        return tuple(group), tuple(header_of(cell) for cell in last)
    number, top = rows[group[0]]
    filled = [index for index, cell in enumerate(last) if cell.strip()]
    is_open = any(index >= len(top) or not top[index].strip() for index in filled)
    if not is_open or any(cell.strip().endswith((":", "：")) for cell in top):
        return (group[-1],), tuple(header_of(cell) for cell in last)
    spread = _spread(sheet, number, top, max(len(top), len(last)))
    below = [*last, *[""] * (len(spread) - len(last))]
    return tuple(group), tuple(map(_joined, spread, below))


def _spread(sheet: Sheet, number: int, top: Sequence[str], width: int) -> list[str]:
    """Return the upper header's words over all the columns that they stand above."""
    spread = [top[index] if index < len(top) else "" for index in range(width)]
    for first, left, _last, right in sheet.merges:
        if first == number and left < width:
            spread[left : right + 1] = [spread[left]] * (min(right, width - 1) - left + 1)
    if not any(first == number for first, *_ in sheet.merges):
        for index in range(1, width):
            spread[index] = spread[index] if spread[index].strip() else spread[index - 1]
    return spread


def _joined(upper: str, lower: str) -> Header:
    if not lower.strip():
        return header_of(upper)
    below, above = header_of(lower), header_of(upper)
    if not bare(lower):
        return above
    meaning = below.meaning
    if above.meaning.startswith("contact_") and meaning in ("name", "mobile"):
        meaning = f"contact_{meaning}"
    text = " ".join(filter(None, (above.text, below.text)))
    return Header(text, meaning, is_exact=below.is_exact, is_known=True)


def _beside(band: _Band, rows: Sequence[tuple[int, Sequence[str]]], number: int) -> Iterator[ListBlock]:
    """Yield the tables that one header holds side by side."""
    headers = band.headers
    numbers = tuple(rows[position][0] for position in band.rows)
    header_rows = tuple(rows[position][0] for position in band.header[: band.height])
    starts = _starts(headers)
    shared = [index for index in range(starts[0]) if headers[index].meaning != "serial"] if len(starts) > 1 else []
    bounds = [*starts[1:], WIDEST]
    for start, end in zip(starts, bounds, strict=True):
        indexes = [*shared, *range(start, min(end, len(headers)))]
        meant = meanings([headers[index] for index in indexes])
        columns = tuple(
            ListColumn(index, headers[index].text, meaning) for index, meaning in zip(indexes, meant, strict=True)
        )
        first = 0 if start == starts[0] else start
        key = f"{number}.{header_rows[0]}.{start}"
        yield ListBlock(key, columns, header_rows, numbers, first=first, end=end)


def _starts(headers: Sequence[Header]) -> list[int]:
    """Return where the tables begin whose headers stand in one row: at the words that come again before each name."""
    words = [_NUMBERS.sub("", bare(header.text)) for header in headers]
    names = [index for index, header in enumerate(headers) if header.meaning in ("name", "given_name")]
    again = [index for index in names if words[index] == words[names[0]]] if names else []
    if len(again) < 2:
        return [0]
    width, start = again[1] - again[0], again[0]
    while (
        start and words[start - 1] and start - 1 + width < len(words) and words[start - 1] == words[start - 1 + width]
    ):
        start -= 1
    return [index - (again[0] - start) for index in again]


def _filled(rows: Sequence[Sequence[str]], index: int) -> list[str]:
    return [cell for row in rows if index < len(row) and (cell := row[index].strip())]


def _is_bold(columns: Sequence[ListColumn], rows: Sequence[Sequence[str]]) -> bool:
    """Say whether, of several columns, none holds what only people have, and the names begin with no surname; or, of
    one, a third is what people say in a chat."""
    if len(columns) == 1:
        cells = _filled(rows, columns[0].index)
        return sum(map(is_talk, cells)) * 3 >= len(cells)
    by_meaning = {column.meaning: column.index for column in columns}
    if len(columns) < 2 or WITH_PEOPLE & by_meaning.keys() or "name" not in by_meaning:
        return False
    if sum(map(is_organisation, _filled(rows, by_meaning.get("organisation_name", WIDEST)))) >= MAJORITY * len(rows):
        return False
    filled = list(map(_without_remarks, _filled(rows, by_meaning["name"])))
    return sum(map(has_surname, filled)) < MAJORITY * len(filled)


def _may_be_organisation(cell: str) -> bool:
    """Say whether a cell beside a name may be an enterprise, whose name tells nothing: 新冶钢, 凯创化工."""
    return len(cell) > 2 and any(map(str.isalpha, cell)) and not is_class(cell) and not is_title(cell)


def _without_remarks(cell: str) -> str:
    """Return a cell as a name is known by: 张喆（请假） and 🌸袁娟桂🌸 are names, whatever stands beside.

    No word without brackets is taken off: a cell with an organisation and a mobile is a line.
    """
    return cell if is_surely_name(cell) else _REMARK.sub("", without_pictures(cell)).strip()


# What a column holds, which cells say so, and how many must; the surest first, and each in its likeliest column.
GUESSES: tuple[tuple[str, Callable[[str], bool], float], ...] = (
    ("mobile", is_mobile, MAJORITY),
    ("organisation_name", is_organisation, MAJORITY),
    ("class_name", is_class, MAJORITY),
    ("job_title", is_title, MAJORITY),
    ("name", is_surely_name, SURELY),
    ("name", is_name, MAJORITY),
    ("name", lambda cell: any(map(str.isalpha, cell)) and not any(map(str.isdigit, cell)), MAJORITY),  # other letters
    ("mobile", lambda cell: telephone_in(cell).mobile is not None, SURELY),  # the others have landlines, or none
    ("mobile", lambda cell: telephone_in(cell).is_lost, MAJORITY),  # to be named one by one
    ("organisation_name", _may_be_organisation, MAJORITY),
    ("seats", lambda cell: cell.isdigit() and len(cell) < 4, MAJORITY),
)


def _guessed(rows: Sequence[Sequence[str]]) -> tuple[ListColumn, ...]:
    """Guess what columns without a header hold, the surest first; none when nothing of it is a person."""
    filled = [row for row in rows if any(cell.strip() for cell in row)][:GUESSED_BY]
    width = max((len(row) for row in filled), default=0)
    columns = [
        [row[index].strip() for row in filled if index < len(row) and row[index].strip()] for index in range(width)
    ]
    bare_columns = [[_without_remarks(cell) for cell in pausing(cells)] for cells in columns]
    by_field: dict[str, int] = {}
    for field, test, least in GUESSES:
        if field in by_field or (field == "seats" and "name" in by_field):
            continue
        shares = {
            index: sum(map(test, cells)) / len(cells)
            for index, cells in enumerate(bare_columns if field == "name" else columns)
            if cells and index not in by_field.values()
        }
        if test is _may_be_organisation:
            shares = {} if "name" not in by_field else {
                index: share for index, share in shares.items()
                if sum(map(is_surely_name, bare_columns[index])) * 2 <= len(columns[index])  # other people
            }  # fmt: skip
        pause_if_due()
        best = max(shares, key=lambda index: shares[index], default=-1)  # noqa: B023
        if best >= 0 and shares[best] >= least:
            by_field[field] = best
    if not {"name", "seats"} & by_field.keys():
        return ()
    meant = {index: field for field, index in by_field.items()}
    return tuple(ListColumn(index, "", meant.get(index, "")) for index in range(width))
