"""An Office Open XML workbook, made sheets of cells: part by part, element by element, nothing of it kept in memory.

Elements are known by their local names, so that Strict Open XML reads alike. Why not openpyxl:
docs/decisions/0016-reading-cells.md.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from dataclasses import replace
from io import BytesIO
from typing import IO, Any
from xml.sax import SAXException, SAXParseException  # noqa: S406  (exceptions; defusedxml reads)
from xml.sax.handler import ContentHandler  # noqa: S406
from xml.sax.xmlreader import AttributesImpl  # noqa: S406

from defusedxml import sax  # type: ignore[import-untyped]
from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]

from .cell_texts import Shown, show_number, show_text
from .number_formats import BUILT_IN
from .sheet_cells import LONGEST_CELL, MOST_COLUMNS, MOST_MERGES, MOST_SHEETS, Room, SheetCells, Unreadable, book_json

MOST_UNPACKED = 80 * 2**20  # bytes; 5,000 rows of 60 columns take some 20 MB
MOST_PARTS = 500
LAST_ROW = 1_048_576
LONGEST_TEXT = 4 * LONGEST_CELL  # what is kept of an element's text: escapes and spaces may still go
REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})$")
TRUE = {"1", "true"}
ON = TRUE | {"on"}
OTHER_WORKBOOKS = {"mimetype", "xl/workbook.bin"}  # OpenDocument says its type in a part of its own
CONTENT_TYPES = "[content_types].xml"


class _Handler(ContentHandler):
    """Elements by their local names; the text of the elements in `texts`, cut where no cell is as long."""

    texts: frozenset[str] = frozenset()

    def __init__(self) -> None:
        super().__init__()
        self._text: list[str] | None = None
        self._length = 0

    def startElement(self, name: str, attrs: AttributesImpl[str]) -> None:
        name = name.rpartition(":")[2]
        if name in self.texts:
            self._text, self._length = [], 0
        self.begin(name, attrs)

    def characters(self, content: str) -> None:
        if self._text is not None and self._length < LONGEST_TEXT:
            self._text.append(content)
            self._length += len(content)

    def endElement(self, name: str) -> None:
        name = name.rpartition(":")[2]
        text = ""
        if name in self.texts and self._text is not None:
            text, self._text = "".join(self._text), None
        self.end(name, text)

    def begin(self, name: str, attrs: AttributesImpl[str]) -> None:
        """An element begins."""

    @staticmethod
    def is_on(attrs: AttributesImpl[str]) -> bool:
        """Tell whether an element such as <strike/> says yes."""
        return attrs.get("val", "1") in ON

    def end(self, name: str, text: str) -> None:
        """An element ends, with the text in it."""


class _Relations(_Handler):
    """What a part refers to, by id: (type, target)."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, tuple[str, str]] = {}

    def begin(self, name: str, attrs: AttributesImpl[str]) -> None:
        if name == "Relationship" and attrs.get("TargetMode") != "External":
            kind = attrs.get("Type", "").rpartition("/")[2]
            self.found[attrs.get("Id", "")] = (kind, attrs.get("Target", "").replace("\\", "/"))


class _Workbook(_Handler):
    """The sheets in their order as (name, state, id of the relation), and where the calendar begins."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, str, str]] = []
        self.is_1904 = False

    def begin(self, name: str, attrs: AttributesImpl[str]) -> None:
        if name == "workbookPr":
            self.is_1904 = attrs.get("date1904", "") in TRUE
        elif name == "sheet":
            relation = next((attrs[key] for key in attrs.keys() if key.rpartition(":")[2] == "id"), "")  # noqa: SIM118
            self.sheets.append((attrs.get("name", ""), attrs.get("state", ""), relation))


class _RichText(_Handler):
    """Rich text: its parts, without the readings above it, and which of them are crossed out."""

    def __init__(self) -> None:
        super().__init__()
        self._parts, self._struck = list[str](), list[str]()
        self._in_reading = self._is_struck = False

    def begin_text(self) -> None:
        """Begin with another text."""
        self._parts, self._struck, self._is_struck = [], [], False

    def begin(self, name: str, attrs: AttributesImpl[str]) -> None:
        if name == "r":
            self._is_struck = False
        elif name == "strike":
            self._is_struck = self.is_on(attrs)
        elif name == "rPh":
            self._in_reading = True

    def end(self, name: str, text: str) -> None:
        if name == "t" and not self._in_reading:
            self._parts.append(text)
            if self._is_struck and text.strip():
                self._struck.append(text)
        elif name == "r":
            self._is_struck = False
        elif name == "rPh":
            self._in_reading = False


class _Texts(_RichText):
    """The texts that cells refer to by number, and what of them is crossed out."""

    texts = frozenset({"t"})

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.struck: dict[int, str] = {}

    def begin(self, name: str, attrs: AttributesImpl[str]) -> None:
        if name == "si":
            self.begin_text()
        else:
            super().begin(name, attrs)

    def end(self, name: str, text: str) -> None:
        if name == "si":
            if self._struck:
                self.struck[len(self.found)] = "".join(self._struck)[:LONGEST_TEXT]
            self.found.append("".join(self._parts)[:LONGEST_TEXT])
        else:
            super().end(name, text)


class _Styles(_Handler):
    """The number format of each cell style, and whether it crosses out. Colours, borders and what is wrong with them
    do not matter here."""

    def __init__(self) -> None:
        super().__init__()
        self._custom: dict[int, str] = {}
        self._numbers: list[int] = []
        self._fonts: list[int] = []
        self._struck_fonts: list[bool] = []
        self._within = ""

    def begin(self, name: str, attrs: AttributesImpl[str]) -> None:
        if name in ("numFmts", "fonts", "cellXfs", "cellStyleXfs", "dxfs"):
            self._within = name
        elif name == "font" and self._within == "fonts":
            self._struck_fonts.append(False)
        elif name == "strike" and self._within == "fonts" and self._struck_fonts:
            self._struck_fonts[-1] = self.is_on(attrs)
        elif name == "numFmt" and self._within == "numFmts":
            self._custom[_whole(attrs.get("numFmtId"))] = attrs.get("formatCode", "")
        elif name == "xf" and self._within == "cellXfs":
            self._numbers.append(_whole(attrs.get("numFmtId")))
            self._fonts.append(_whole(attrs.get("fontId")))

    def end(self, name: str, text: str) -> None:
        if name == self._within:
            self._within = ""

    @property
    def codes(self) -> list[str]:
        return [self._custom.get(number, BUILT_IN.get(number, "General")) for number in self._numbers]

    @property
    def strikes(self) -> list[bool]:
        return [font < len(self._struck_fonts) and self._struck_fonts[font] for font in self._fonts]


class _Sheet(_RichText):
    """One sheet's cells. A row or a cell that does not say where it stands follows the one before it."""

    texts = frozenset({"v", "t"})

    def __init__(self, sheet: SheetCells, texts: _Texts, styles: _Styles, is_1904: bool) -> None:
        super().__init__()
        self._sheet, self._shared, self._is_1904 = sheet, texts, is_1904
        self._codes, self._strikes = styles.codes, styles.strikes
        self._row = self._column = -1
        self._is_hidden_row = self._is_struck_cell = False
        self._kind, self._code = "n", "General"
        self._value, self._has_formula = "", False

    def begin(self, name: str, attrs: AttributesImpl[str]) -> None:
        if name == "c":
            self._begin_cell(attrs)
        elif name == "row":
            number = _whole(attrs.get("r")) - 1
            self._row = number if self._row < number < LAST_ROW else self._row + 1
            self._column, self._is_hidden_row = -1, attrs.get("hidden", "") in TRUE
        elif name == "f":
            self._has_formula = True
        elif name == "col":
            if attrs.get("hidden", "") in TRUE or attrs.get("width") == "0":
                first, last = _whole(attrs.get("min")), min(_whole(attrs.get("max")), MOST_COLUMNS)
                self._sheet.hidden_columns.update(range(first - 1, last))
        elif name == "mergeCell" and len(self._sheet.merges) < MOST_MERGES:
            self._merge(attrs.get("ref", ""))
        else:
            super().begin(name, attrs)

    def _begin_cell(self, attrs: AttributesImpl[str]) -> None:
        reference = REFERENCE.match(attrs.get("r", ""))
        column = _column(reference[1]) if reference else -1
        self._column = column if column > self._column else self._column + 1
        self._kind = attrs.get("t", "n")
        style = _whole(attrs.get("s"))
        self._code = self._codes[style] if 0 <= style < len(self._codes) else "General"
        self._is_struck_cell = 0 <= style < len(self._strikes) and self._strikes[style]
        self._value, self._has_formula = "", False
        self.begin_text()

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        start, end = REFERENCE.match(first), REFERENCE.match(last or first)
        if start and end and _column(start[1]) < MOST_COLUMNS:
            right = min(_column(end[1]), MOST_COLUMNS - 1)
            self._sheet.merges.append([int(start[2]) - 1, _column(start[1]), int(end[2]) - 1, right])

    def end(self, name: str, text: str) -> None:
        if name == "v":
            self._value = text
        elif name != "c":
            super().end(name, text)
        elif self._value or self._parts or self._has_formula:
            if self._sheet.is_full(self._row, self._column):
                return
            shown = self._shown()
            if shown.text and not shown.mark and (struck := self._struck_of(shown.text)):
                shown = replace(shown, mark="struck", was=struck)
            self._sheet.put(self._row, self._column, shown, in_hidden_row=self._is_hidden_row)

    def _struck_of(self, text: str) -> str:
        """Return what of the cell's text is crossed out."""
        if self._is_struck_cell:
            return text
        return self._shared.struck.get(_whole(self._value, -1), "") if self._kind == "s" else "".join(self._struck)

    def _shown(self) -> Shown:
        kind, value = self._kind, self._value
        if self._has_formula and not value and not self._parts and kind not in ("str", "inlineStr"):
            return Shown("", "uncalculated")
        if kind == "s":
            place = _whole(value, -1)
            texts = self._shared.found
            return show_text(texts[place], self._code) if 0 <= place < len(texts) else Shown("", "error")
        if kind == "e":
            return Shown("", "error", value)
        if kind == "b":
            return Shown("TRUE" if value.strip() in TRUE else "FALSE")
        if kind == "d":  # Strict: a day as it is written, 2024-03-02
            return _written_day(value)
        if kind in ("str", "inlineStr"):
            return show_text(value or "".join(self._parts), self._code)
        try:
            number = float(value)
        except ValueError:
            return show_text(value or "".join(self._parts), self._code)
        return show_number(number, self._code, is_1904=self._is_1904)


def _written_day(value: str) -> Shown:
    """Return a day that the file writes out, without the midnight that programs add."""
    day, _, hour = value.strip().partition("T")
    hour = hour.partition(".")[0].removesuffix("Z")
    parts = day.split("-")
    was = "-".join(part.lstrip("0") for part in parts)
    text = day if hour in ("", "00:00:00") else f"{day} {hour}"
    return Shown(text, "date", was) if len(parts) == 3 else Shown(text)


def _whole(text: str | None, otherwise: int = 0) -> int:
    return int(text) if text and text.isascii() and text.strip().isdigit() and len(text) < 10 else otherwise


def _column(letters: str) -> int:
    """Return the number of a column from 0: A is 0, AA is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def read_xlsx(content: bytes) -> dict[str, Any]:
    """Return the book, as kiosk/services/lists/books.py has it; raise Unreadable."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return _read(_Parts(archive))
    except DefusedXmlException as error:
        raise Unreadable("hostile") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, SAXParseException) as error:
        # What begins like an archive and does not end like one was cut on its way.
        raise Unreadable("damaged" if content.startswith(b"PK\x03\x04") else "no_workbook") from error
    except RuntimeError as error:  # zipfile asks for a password, or does not know how a part is packed
        raise Unreadable("password" if "password" in str(error) else "no_workbook") from error
    except (SAXException, KeyError, ValueError, LookupError) as error:
        raise Unreadable("no_workbook") from error


class _Parts:
    """The parts of an archive by their names, whose case does not matter."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        parts = archive.infolist()
        # A part whose header lies about its size is cut off there by zipfile, and fails its checksum.
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
            raise Unreadable("too_big")
        self._archive = archive
        self._by_name = {part.filename.replace("\\", "/").lstrip("/").lower(): part for part in parts}
        if OTHER_WORKBOOKS & self._by_name.keys():
            raise Unreadable("other_workbook")
        if CONTENT_TYPES not in self._by_name:
            raise Unreadable("no_workbook")
        self.read(CONTENT_TYPES, _Handler())

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._by_name

    def read(self, name: str, handler: _Handler) -> None:
        part: IO[bytes]
        with self._archive.open(self._by_name[name.lower()]) as part:
            sax.parse(part, handler, forbid_entities=True)

    def relations_of(self, name: str) -> dict[str, tuple[str, str]]:
        """Return what a part refers to, by id: (type, name of the part)."""
        folder, _, file = name.rpartition("/")
        relations = _Relations()
        if (listed := posixpath.join(folder, "_rels", f"{file}.rels")) in self:
            self.read(listed, relations)
        return {
            key: (kind, posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/"))
            for key, (kind, target) in relations.found.items()
        }


def _read(parts: _Parts) -> dict[str, Any]:
    main = next((name for kind, name in parts.relations_of("").values() if kind == "officeDocument"), "xl/workbook.xml")
    book, styles, texts = _Workbook(), _Styles(), _Texts()
    parts.read(main, book)
    if not book.sheets:  # a text or slides
        raise Unreadable("no_table")
    if len(book.sheets) > MOST_SHEETS:
        raise Unreadable("too_big")
    relations = parts.relations_of(main)
    for kind, handler in (("styles", styles), ("sharedStrings", texts)):
        for name in {name for reference, name in relations.values() if reference == kind and name in parts}:
            parts.read(name, handler)
    sheets: list[SheetCells] = []
    room, read = Room(), set[str]()
    for title, state, relation in book.sheets:
        kind, name = relations.get(relation, ("", ""))
        if kind != "worksheet" or name in read:  # a chart
            continue
        read.add(name)
        sheet = SheetCells(room, title, is_hidden=state in ("hidden", "veryHidden"))
        sheets.append(sheet)
        try:
            parts.read(name, _Sheet(sheet, texts, styles, book.is_1904))
        except Unreadable as error:
            if error.code != "too_many_rows" or not sheet.is_hidden:
                raise
            sheet.empty()
    return book_json(sheets)
