"""The cases from the field (tests/fixtures/lists): what must come out of each, whichever door it comes through.

One table of truth: tests/services/lists, tests/services/roster, tests/cli and tests/web read it, each by its own door.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from kiosk.services.lists.books import Sheet
from kiosk.services.lists.doubts import Doubt
from kiosk.services.lists.files import read_file
from kiosk.services.lists.reading import LeftOut
from kiosk.services.roster.roster_reading import Reading, Rejected
from tests.aids.paths import FIXTURES

FOLDER = FIXTURES / "lists"
SHEET = "名单"
# What is compared of a person; what a case does not name is empty. `absent`: the reason of somebody on leave.
COMPARED = (
    "name",
    "organisation_name",
    "class_name",
    "student_no",
    "job_title",
    "mobile",
    "group_name",
    "seat",
    "note",
)
PINE, STONE, PINE_SCHOOL = "松林机电", "青石银行", "松林中学"


@dataclass(frozen=True)
class Case:
    """One file. `sure` go in without a question, `asked` as soon as somebody says so; `doubts` by sheet and row, row
    None for all of a sheet or text. `refusal`: why nothing of it is read. `after`: a file that is imported before.
    """

    file: str
    sure: tuple[Mapping[str, str], ...] = ()
    asked: tuple[Mapping[str, str], ...] = ()
    doubts: tuple[tuple[str, int | None, Doubt], ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    unused: tuple[str, ...] = ()  # columns that are not taken, and said to be
    sheets: tuple[str, ...] = (SHEET,)  # the tables that are lists
    refusal: str = ""
    after: str = ""
    reads: tuple[Mapping[str, str], ...] | None = None  # what the list says itself, where the roster knows more
    searches: Mapping[str, tuple[str, ...]] | None = None  # who must be found by which words

    @property
    def content(self) -> bytes:
        return (FOLDER / self.file).read_bytes()


def who(name: str, organisation: str = "", mobile: str = "", **more: str) -> dict[str, str]:
    """Return a person as they must stand in the roster; a mobile is its last digit, or the whole of it."""
    mobile = f"1380013000{mobile}" if len(mobile) == 1 else mobile
    filled = {"name": name, "organisation_name": organisation, "mobile": mobile, **more}
    return {column: value for column, value in filled.items() if value}


def values_of(person: Any) -> dict[str, str]:
    """Return a row that was read, or an entry of the roster, as `who` has it."""
    return {column: value for column in COMPARED if (value := getattr(person, column))}


def in_order(people: Iterable[Mapping[str, str]]) -> list[list[tuple[str, str]]]:
    """Return people in an order of their own: tables that stand side by side are read one after the other."""
    return sorted(sorted(one.items()) for one in people)


def manager(name: str, number: int, organisation: str = PINE) -> dict[str, str]:
    return who(name, organisation, str(number), job_title="经理")


def doubt(code: str, **about: Any) -> Doubt:
    return Doubt(code, about)  # type: ignore[arg-type]


TWO_MANAGERS = (manager("甘一", 1), manager("甘二", 2))
SEATED = (who("甘一", PINE, "1", seat="A1", job_title="经理"), who("甘二", PINE, "2", seat="A2", job_title="经理"))
SURNAMES = (
    "单小明", "仇小明", "解小明", "曾小明", "查小明", "区小明", "朴小明", "尉迟明", "万俟明", "乐小明", "盖小明",
    "覃小明",
)  # fmt: skip

CASES = (
    Case(
        "three-sheets.xlsx",
        tuple(manager(f"甘{name}", number) for number, name in enumerate("一二三四五", start=1)),
        sheets=("市直", "东城区", "西城区"),
    ),
    Case(
        "side-by-side.xlsx",
        (who("甘一", PINE), who("甘二", PINE), who("甘三", STONE), who("甘四", STONE)),
        sheets=(SHEET, SHEET),
    ),
    Case(
        "hidden-rows.xlsx",
        (manager("甘一", 1), manager("甘四", 4)),
        doubts=((SHEET, 3, doubt("hidden_rows", count=2)),),
        left_out=(LeftOut(SHEET, 3, "hidden", 2),),
    ),
    Case("far-row.xlsx", (*TWO_MANAGERS, manager("甘三", 3))),
    Case("empty-fill.xlsx", TWO_MANAGERS),
    Case("strict.xlsx", TWO_MANAGERS),
    Case(
        "delimiter.csv",
        (
            who("甘一", PINE, note="负责：设备；材料；会务；接站；合影；住宿"),
            who("甘二", STONE, note="负责：签到；引导；摄影；记录；茶歇；名牌"),
        ),
        sheets=("",),
    ),
    Case(
        "quote.csv",
        (
            who("甘一", '"松林"机电', note="普通"), who("甘二", PINE, note='"他说:到时再看'),
            who("甘三", PINE, note="普通"), who("甘四", STONE, note="普通"), who("甘五", STONE, note="普通"),
        ),
        doubts=(("", 3, doubt("open_quote")),),
        sheets=("",),
    ),
    Case(
        "cp1252-quiet.csv",
        (who("Müller Ada", "Pine Motors"), who("Grün Bo", "Stone Bank")),
        doubts=(("", None, doubt("encoding", encoding="cp1252")),),
        sheets=("",),
    ),
    Case("big5.csv", (who("陳大文", "松林機電"), who("黃小明", "青石銀行")), sheets=("",)),
    Case(
        "error-cells.xlsx",
        (who("甘一", "", "1", job_title="经理"), who("甘三", PINE)),
        rejected=(Rejected(3, "", "no_name", {}, SHEET),),
    ),
    Case(
        "formula-no-cache.xlsx",
        asked=(who("甘一", PINE, "1"), who("甘二", PINE, "2")),
        doubts=tuple((SHEET, row, doubt("uncalculated_name")) for row in (2, 3)),
    ),
    Case(
        "contact-and-attendee.xlsx",
        (who("甘一", PINE, "1", job_title="总经理"), who("甘二", STONE, "2", job_title="行长")),
        unused=("联系人", "联系电话"),
    ),
    Case(
        "class-as-date.xlsx",
        (who("甘二", PINE_SCHOOL, class_name="3-2", group_name="1-2"),),
        (who("甘一", PINE_SCHOOL, class_name="3-2", group_name="1-2"),),
        doubts=(
            (SHEET, 2, doubt("date", shown="3月2日", was="3-2")), (SHEET, 2, doubt("date", shown="1月2日", was="1-2")),
        ),
    ),
    Case(
        "text-dates.xlsx",
        (who("甘二", PINE, seat="3-10"),),
        (who("甘一", PINE, seat="3-10"),),
        doubts=((SHEET, 2, doubt("date", shown="3月10日", was="3-10")),),
    ),
    Case(
        "zeros.xlsx",
        (who("甘一", PINE_SCHOOL, student_no="20240107"), who("甘二", PINE_SCHOOL, student_no="00001234")),
    ),
    Case("x000d.xlsx", (who("甘一", PINE, job_title="经理"), who("甘二", PINE, job_title="经理"))),
    Case("first.csv", SEATED, sheets=("",)),
    Case(
        "second.csv", SEATED, sheets=("",), after="first.csv", reads=(who("甘一", PINE), who("甘二", PINE, "2")),
    ),
    Case(
        "landline.xlsx",
        tuple(
            who(name, PINE, mobile, job_title="经理", note=note)
            for name, mobile, note in (
                ("甘一", "", "0714-6222222"), ("甘二", "2", "微信同号"), ("甘三", "", "0714-6222222转802"),
                ("甘四", "", "6222222"), ("甘五", "5", "转办公室"), ("甘六", "", ""), ("甘七", "7", ""),
                ("甘八", "8", "0714-6222222"), ("甘九", "+85291234567", ""), ("甘十", "", "400-820-8820"),
            )
        ),
    ),
    Case(
        "two-in-a-cell.xlsx",
        asked=(
            who("甘一", PINE), who("甘二", PINE), who("甘三", STONE, note="等3人"),
            who("甘四", PINE), who("甘五", PINE),
        ),
        doubts=(
            *((SHEET, 2, doubt("several_names", names="甘一、甘二")),) * 2,
            (SHEET, 3, doubt("and_others", name="甘三")),
            *((SHEET, 4, doubt("several_names", names="甘四、甘五")),) * 2,
        ),
    ),
    Case(
        "grade-and-class.xlsx",
        (
            who("甘一", PINE_SCHOOL, class_name="初一3班"), who("甘一", PINE_SCHOOL, class_name="初二3班"),
            who("甘二", PINE_SCHOOL, class_name="初二3班"),
        ),
    ),
    Case(
        "header-again-no-mobile.xlsx",
        (who("甘一", PINE), who("甘二", PINE), who("甘三", STONE)),
        left_out=(LeftOut(SHEET, 4, "header_again"),),
    ),
    Case("two-row-header.xlsx", (who("甘一", PINE, "1"), who("甘二", PINE, "2")), unused=("联系方式 邮箱",)),
    Case("html-table.xls", refusal="html_table", sheets=()),
    Case("xml2003.xls", refusal="xml_workbook", sheets=()),
    Case(
        "rare-names.xlsx",
        tuple(
            who(name, PINE)
            for name in (
                "甘䶮", "甘𬱖", "甘𠅤", "甘\ue863", "古丽·某某", "某某•买买提", "葛\U000e0100城", "甘(大)",
            )
        ),
        doubts=((SHEET, 5, doubt("private_use", character="U+E863", proposed="甘䶮")),),
    ),
    Case(
        "english-split.xlsx",
        (who("Ada Example", "Pine Motors", "+447700900123"), who("Bo Sample", "Pine Motors", "+447700900124")),
        unused=("Order #", "Email", "Ticket Type"),
    ),
    Case(
        "tencent-form.xlsx",
        (who("甘一", PINE, "1"),),
        left_out=(LeftOut(SHEET, 3, "not_coming"),),
        unused=("提交者（自动）", "提交时间（自动）"),
    ),
    Case("status-column.xlsx", (who("甘二", PINE, "2"),), left_out=(LeftOut(SHEET, 2, "not_coming"),)),
    Case(
        "jielong.txt",
        (
            who("甘一", PINE, "1"), who("甘二", STONE, "2", note="代报：甘三"), who("甘三", note="+1"),
            who("甘四", PINE), who("甘五", "松林机电有限公司", "5"), who("甘六", PINE, "6"), who("甘七", "", "7"),
        ),
        doubts=(("", 6, doubt("on_behalf", shown="代报：甘三")), ("", 7, doubt("plus", shown="+1"))),
        left_out=(LeftOut("", 1, "talk", 2), LeftOut("", 3, "example")),
        sheets=(),
    ),
    Case(
        "rt.csv",
        (
            who("甘一", PINE, "1", job_title="经理", student_no="00123", note="讲稿；课件，话筒", seat="1-2"),
            who("O'Neil Ann", "Pine Motors", job_title="@lead", student_no="0007"),
        ),
        (who("=1+1", "松林,机电", "+85291234567", job_title="-经理", note='他说 "好"', seat="3-4"),),
        doubts=(("", 3, doubt("odd_name", shown="=1+1")),),
        sheets=("",),
    ),
    Case(
        "sur.csv",
        (
            *(who(name, PINE) for name in SURNAMES),
            who("欧阳单", STONE), who("李乐乐", STONE), who("王重阳", STONE), who("张长江", STONE),
        ),
        sheets=("",),
        searches={"王重阳": ("wcy", "wzy"), "张长江": ("zcj", "zzj"), "单小明": ("sxm", "dxm")},
    ),
)  # fmt: skip
BY_FILE = {case.file: case for case in CASES}


def differences(case: Case, reading: Reading) -> list[str]:
    """Return in sentences what a list was read into otherwise than it must be."""
    asked = [one.proposed for one in reading.asked]
    sure = [row for row in reading.rows if not any(row is one for one in asked)]
    doubts = [(one.sheet, one.row, one.doubt) for one in reading.doubts]
    doubts += [(one.sheet, one.row, doubt) for one in reading.doubtful for doubt in one.doubts]
    left_out = [replace(one, text="") for one in reading.left_out]
    rejected = [replace(one, text="") for one in reading.rejected]
    pairs: tuple[tuple[str, object, object], ...] = (
        ("sure", in_order(map(values_of, sure)), in_order(case.sure if case.reads is None else case.reads)),
        ("asked", in_order(map(values_of, asked)), in_order(case.asked)),
        ("doubts", sorted(map(repr, doubts)), sorted(map(repr, case.doubts))),
        ("left out", sorted(map(repr, left_out)), sorted(map(repr, case.left_out))),
        ("rejected", rejected, list(case.rejected)),
        ("unused", sorted(reading.ignored), sorted(case.unused)),
        ("sheets", [table.sheet for table in reading.tables if table.is_list], list(case.sheets)),
    )
    return [f"{case.file}: {what} is {read}, not {true}" for what, read, true in pairs if read != true]


def pastes_of(case: Case) -> tuple[str, ...]:
    """Return the case as people paste it: the text itself, and the cells as spreadsheets copy them, sheet by sheet."""
    if case.file.endswith(".txt"):
        return (case.content.decode(),)
    books = read_file(case.content)
    cells = "\n".join(map(_copied, books[0].sheets))
    if not case.file.endswith(".csv"):
        return (cells,)
    return cells, case.content.decode(books[0].encoding)


def as_pasted(case: Case) -> Case | None:
    """Return what must come out of the case when it is pasted: text has no sheets, no encoding and hides nothing. None
    where there is nothing to paste, what is calculated only when it is opened."""
    if case.refusal or case.file == "formula-no-cache.xlsx":
        return None
    if case.file == "hidden-rows.xlsx":
        return replace(case, sure=tuple(manager(f"甘{name}", n) for n, name in enumerate("一二三四", start=1)),
                       doubts=(), left_out=(), sheets=("",))  # fmt: skip
    if case.file == "three-sheets.xlsx":  # below one another
        again = (LeftOut("", 4, "header_again"), LeftOut("", 7, "header_again"))
        return replace(case, left_out=again, sheets=("",))
    return replace(
        case,
        doubts=tuple(("", row, one) for _sheet, row, one in case.doubts if one.code != "encoding"),
        left_out=tuple(replace(one, sheet="") for one in case.left_out),
        rejected=tuple(replace(one, sheet="") for one in case.rejected),
        sheets=("",) * len(case.sheets),
    )


@cache
def pastes() -> tuple[tuple[Case, str], ...]:
    """Return every case that can be pasted with each of its pastes."""
    return tuple((whole, text) for case in CASES if (whole := as_pasted(case)) for text in pastes_of(case))


def _copied(sheet: Sheet) -> str:
    """Return a sheet's cells as a spreadsheet copies them: errors as they are shown, breaks in quotes."""
    cells_of = dict(sheet.rows)
    width = max(map(len, cells_of.values()))
    rows = []
    for number in range(max(cells_of) + 1):
        cells = [*cells_of.get(number, ()), *[""] * width][:width]
        for column in range(width):
            mark = sheet.marks.get((number, column))
            cells[column] = mark.was if mark is not None and mark.code == "error" else cells[column]
        rows.append("\t".join(f'"{cell}"' if "\n" in cell else cell for cell in cells))
    return "\n".join(rows)
