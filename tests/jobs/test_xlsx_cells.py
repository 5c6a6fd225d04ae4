"""Workbooks made cells as people saw them: what other programs wrote, what no program should, what means harm."""

from __future__ import annotations

import base64
import json
import zipfile
from io import BytesIO
from typing import Any

import pytest

from kiosk.jobs import sheet_cells, xlsx_cells
from kiosk.jobs.read_table import SECONDS, read
from kiosk.jobs.runner import run_job
from kiosk.jobs.sheet_cells import Unreadable
from tests.aids.books import MAIN, book_file, marks_by_place, rows_by_number
from tests.aids.paths import FIXTURES

LISTS = FIXTURES / "lists"
NUMBERS = (
    '<numFmts><numFmt numFmtId="176" formatCode="{}"/></numFmts>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="176"/></cellXfs>'
)
MANY = "<row><c t='inlineStr'><is><t>甘</t></is></c></row>" * (sheet_cells.MOST_ROWS + 1)


def sheets(content: bytes) -> list[dict[str, Any]]:
    (book,) = read(content)
    found: list[dict[str, Any]] = book["sheets"]
    return found


def case(name: str) -> dict[str, Any]:
    return sheets((LISTS / name).read_bytes())[0]


def styles(code: str) -> dict[str, str]:
    return {"xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{NUMBERS.format(code)}</styleSheet>'}


def sheet(rows: str, **given: Any) -> dict[str, Any]:
    return sheets(book_file(f"<sheetData>{rows}</sheetData>", **given))[0]


def problem(content: bytes) -> str:
    with pytest.raises(Unreadable) as unreadable:
        read(content)
    return unreadable.value.code


def test_rows_stand_anywhere() -> None:
    assert rows_by_number(case("far-row.xlsx"))[29_999][1] == "甘三"
    last = sheet('<row r="1048576"><c r="B1048576"><v>7</v></c></row>')
    assert last["rows"] == [[1_048_575, ["", "7"]]]
    unnumbered = sheet(
        "<row><c><v>1</v></c><c><v>2</v></c></row><row/><row><c r='C3'><v>3</v></c><c><v>4</v></c></row>"
    )
    assert unnumbered["rows"] == [[0, ["1", "2"]], [2, ["", "", "3", "4"]]]


def test_a_row_or_a_cell_given_twice_loses_nothing() -> None:
    twice = sheet(
        "<row r='2'><c r='A2'><v>1</v></c><c r='A2'><v>2</v></c></row><row r='2'><c r='A2'><v>3</v></c></row>"
    )
    assert twice["rows"] == [[1, ["1", "2"]], [2, ["3"]]]


def test_hidden_rows_columns_and_sheets_are_told() -> None:
    assert case("hidden-rows.xlsx")["hidden_rows"] == [2, 3]
    found = sheets(
        book_file(
            "<cols><col min='2' max='3' hidden='1'/><col min='5' max='16384' width='0'/></cols>"
            "<sheetData><row r='1' hidden='true'><c><v>1</v></c></row><row r='2' hidden='1'/></sheetData>",
            "<sheetData><row><c><v>2</v></c></row></sheetData>",
            states=["visible", "veryHidden"],
        )
    )
    assert found[0]["hidden_rows"] == [0], "a hidden row with nothing in it hides nothing"
    assert found[0]["hidden_columns"] == [1, 2, *range(4, sheet_cells.MOST_COLUMNS)]
    assert [one["is_hidden"] for one in found] == [False, True]


def test_every_sheet_is_read_in_the_books_order() -> None:
    names = [one["name"] for one in sheets((LISTS / "three-sheets.xlsx").read_bytes())]
    assert names == ["市直", "东城区", "西城区"]


def test_errors_are_empty_cells_with_a_mark() -> None:
    found = case("error-cells.xlsx")
    assert rows_by_number(found)[1][:3] == ["1", "甘一", ""]
    assert marks_by_place(found)[2, 1] == ("error", "#REF!") and marks_by_place(found)[3, 4] == ("error", "#N/A")
    alone = sheet("<row><c t='e'><v>#NAME?</v></c></row><row><c t='s'><v>99</v></c></row>")
    assert alone["rows"] == [] and set(marks_by_place(alone)) == {(0, 0), (1, 0)}


def test_formulas_that_were_never_calculated_are_marked() -> None:
    found = case("formula-no-cache.xlsx")
    assert marks_by_place(found) == {(1, 2): ("uncalculated", ""), (2, 2): ("uncalculated", "")}
    openpyxls = sheet(
        "<row><c><f>A2</f><v></v></c><c t='str'><f>IF(1,\"\")</f><v></v></c><c><f>1+1</f><v>2</v></c></row>"
    )
    assert marks_by_place(openpyxls) == {(0, 0): ("uncalculated", "")} and openpyxls["rows"] == [[0, ["", "", "2"]]]


def test_what_is_crossed_out_is_marked_a_cell_or_words_of_it() -> None:
    assert marks_by_place(case("struck.xlsx")) == {
        (2, 0): ("struck", "甘二"), (2, 1): ("struck", "松林机电"), (2, 2): ("struck", "13800130002"),
        (3, 2): ("struck", "13800130003"), (4, 1): ("struck", "东湖精密"),
    }  # fmt: skip
    fonts = "<fonts><font/><font><strike/></font><font><strike val='0'/></font></fonts>"
    formats = "<cellXfs><xf fontId='0'/><xf fontId='1'/><xf fontId='2'/><xf fontId='9'/></cellXfs>"
    elsewhere = "<dxfs><dxf><font><strike/></font></dxf></dxfs>"
    made = {"xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{fonts}{formats}{elsewhere}</styleSheet>'}
    runs = "<r><rPr><strike/></rPr><t>甘一</t></r><r><t>甘二</t></r><r><rPr><strike val='false'/></rPr><t>、</t></r>"
    cells = (
        "".join(f"<c s='{style}'><v>{style + 1}</v></c>" for style in range(4))
        + f"<c t='inlineStr'><is>{runs}</is></c>"
    )
    found = sheet(f"<row>{cells}<c><v>9</v></c></row>", parts=made)
    assert found["rows"] == [[0, ["1", "2", "3", "4", "甘一甘二、", "9"]]]
    assert marks_by_place(found) == {(0, 1): ("struck", "2"), (0, 4): ("struck", "甘一")}


def test_days_that_a_program_made_are_marked_with_what_was_typed() -> None:
    assert marks_by_place(case("class-as-date.xlsx")) == {(1, 2): ("date", "3-2"), (1, 3): ("date", "1-2")}
    assert rows_by_number(case("text-dates.xlsx"))[1][2] == "3月10日"
    cell = "<row><c s='1'><v>43891</v></c><c t='d'><v>2024-03-02T00:00:00</v></c></row>"
    dated = sheet(cell, parts=styles("d-mmm"), pr="<workbookPr date1904='1'/>")
    assert dated["rows"] == [[0, ["2-Mar", "2024-03-02"]]]
    assert list(marks_by_place(dated).values()) == [("date", "3-2"), ("date", "2024-3-2")]


def test_zeros_in_front_are_kept_as_the_format_shows_them() -> None:
    assert [cells[2] for cells in list(rows_by_number(case("zeros.xlsx")).values())[1:]] == ["20240107", "00001234"]
    assert sheet("<row><c s='1'><v>7</v></c><c s='9'><v>7</v></c></row>", parts=styles("000"))["rows"] == [
        [0, ["007", "7"]]
    ]


def test_escapes_are_decoded_and_readings_left_out() -> None:
    assert rows_by_number(case("x000d.xlsx")) == {
        0: ["姓名", "单位", "职务"], 1: ["甘一", "松林\n机电", "经理"], 2: ["甘二", "松林机电", "经理"]
    }  # fmt: skip
    texts = "<sst><si><r><t>甘</t></r><r><t>_x000a_一</t></r><rPh><t>がん</t></rPh></si></sst>"
    inline = "<c t='inlineStr'><is><t>乙</t><rPh><t>おつ</t></rPh></is></c>"
    found = sheet(f"<row><c t='s'><v>0</v></c>{inline}</row>", parts={"xl/sharedStrings.xml": texts})
    assert found["rows"] == [[0, ["甘\n一", "乙"]]]


def test_strict_and_prefixed_workbooks_read_like_others() -> None:
    assert [cells[1] for cells in rows_by_number(case("strict.xlsx")).values()] == ["姓名", "甘一", "甘二"]
    prefixed = (
        f"<x:worksheet xmlns:x='{MAIN}'><x:sheetData><x:row><x:c><x:v>5</x:v></x:c></x:row></x:sheetData></x:worksheet>"
    )
    assert sheet("", parts={"xl/worksheets/s1.xml": prefixed})["rows"] == [[0, ["5"]]]


def test_wrong_style_sheets_are_no_obstacle() -> None:
    assert len(case("empty-fill.xlsx")["rows"]) == 3
    wrong = "<styleSheet><fills><fill><nonsense/></fill></fills><cellXfs><xf numFmtId='x'/><xf/></cellXfs></styleSheet>"
    assert sheet("<row><c s='1'><v>5</v></c></row>", parts={"xl/styles.xml": wrong})["rows"] == [[0, ["5"]]]


def test_rare_characters_are_kept_whole() -> None:
    names = [cells[0] for cells in rows_by_number(case("rare-names.xlsx")).values()]
    assert len(names) == 9 and "葛󠄀城" in names and any(0xE000 <= ord(one[-1]) < 0xF900 for one in names)


def test_what_is_longer_or_further_right_than_any_list_is_marked() -> None:
    long = f"<c t='inlineStr'><is><t>{'长' * 600}</t></is></c>"
    found = sheet(f"<row>{long}<c r='BI1'><v>1</v></c><c r='XFD1'><v>2</v></c></row>")
    assert len(rows_by_number(found)[0][0]) == sheet_cells.LONGEST_CELL + 1
    assert marks_by_place(found) == {(0, 0): ("cut", ""), (0, sheet_cells.MOST_COLUMNS - 1): ("cut", "1")}


def test_only_filled_rows_count() -> None:
    assert problem(book_file(f"<sheetData>{MANY}</sheetData>")) == "too_many_rows"
    few = sheet("<row><c s='1'/></row>" * 20_000 + "<row><c><v>1</v></c></row>")
    assert few["rows"] == [[20_000, ["1"]]]
    found = sheets(
        book_file(
            "<sheetData><row><c><v>1</v></c></row></sheetData>", f"<sheetData>{MANY}</sheetData>", states=["", "hidden"]
        )
    )
    assert found[1]["rows"] == [] and found[1]["marks"] == [[0, 0, "cut", ""]]


def test_sheets_and_merges_are_bounded() -> None:
    assert problem(book_file(*["<sheetData/>"] * (sheet_cells.MOST_SHEETS + 1))) == "too_big"
    merge = "<mergeCells>" + "<mergeCell ref='A1:A3'/>" * 30_000 + "<mergeCell ref='nonsense'/></mergeCells>"
    found = sheets(book_file(f"<sheetData><row><c><v>1</v></c></row></sheetData>{merge}"))[0]
    assert found["merges"] == [[0, 0, 2, 0]]
    same = "".join("<sheet name='x' r:id='r1' xmlns:r='x'/>" for _ in range(150))
    book = {"xl/workbook.xml": f"<workbook><sheets>{same}</sheets></workbook>"}
    assert len(sheets(book_file("<sheetData><row><c><v>1</v></c></row></sheetData>", parts=book))) == 1


def test_parts_are_bounded() -> None:
    parts = {f"xl/x{number}.xml": "" for number in range(xlsx_cells.MOST_PARTS)}
    assert problem(book_file("<sheetData/>", parts=parts)) == "too_big"


def test_archives_that_are_no_workbooks_get_their_reason() -> None:
    whole = book_file("<sheetData><row><c><v>1</v></c></row></sheetData>")
    assert problem(whole[: len(whole) // 2]) == "damaged"
    assert problem(book_file("<sheetData><row>")) == "damaged"
    assert problem(book_file("<sheetData/>")) == "empty_table"
    assert problem(book_file(parts={"xl/workbook.xml": "<document/>"})) == "no_table"
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert problem(file.getvalue()) == "other_workbook"
    assert problem(book_file(parts={"xl/workbook.bin": ""})) == "other_workbook"


def hostile(kind: str) -> bytes:
    if kind == "blank rows":
        blank = "".join(f'<row r="{n}"><c r="A{n}" s="1"/></row>' for n in range(1, 1_000_001))
        return book_file(f"<sheetData>{blank}</sheetData>")
    if kind == "zip bomb":
        return book_file(" " * (xlsx_cells.MOST_UNPACKED + 1))
    if kind == "giant cell":
        return book_file(f"<sheetData><row><c t='inlineStr'><is><t>{'a' * 5_000_000}</t></is></c></row></sheetData>")
    if kind == "columns":
        return book_file("<sheetData>" + ("<row>" + "<c><v>1</v></c>" * 16_384 + "</row>") * 10 + "</sheetData>")
    if kind == "texts":
        texts = f"<sst>{'<si><t/></si>' * 1_000_000}</sst>"
        return book_file("<sheetData/>", parts={"xl/sharedStrings.xml": texts})
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    bomb = f'<!DOCTYPE x [<!ENTITY l0 "ha">{entities}]><x>&l8;</x>'
    return book_file("", parts={"xl/styles.xml" if kind.endswith("styles") else "xl/sharedStrings.xml": bomb})


EXPECTED = {
    "blank rows": "empty_table", "zip bomb": "too_big", "entities": "hostile", "entities in styles": "hostile",
    "giant cell": "", "columns": "", "texts": "empty_table",
}  # fmt: skip


@pytest.mark.parametrize("kind", EXPECTED)
def test_hostile_workbooks_end_within_the_limits(kind: str) -> None:
    payload = {"file": base64.b64encode(hostile(kind)).decode()}
    answer = json.loads(run_job("read_table", payload, timeout=SECONDS * 3))
    assert answer.get("problem", "") == EXPECTED[kind]
    if kind in ("giant cell", "columns"):
        assert sheet_cells.items_of(answer["books"][0]["sheets"][0]["marks"][0])[0][2] == "cut"
