"""Workbooks as people make them, made by chance with a known truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from random import Random

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.aids.list_people import People, Person
from tests.aids.old_books import old_book

Rows = list[list[str]]
HEADERS = {
    "name": ("姓名", "参会人员", "参会人姓名", "学生姓名", "1、您的姓名（必填）", "名字"),
    "organisation_name": ("单位", "单位名称", "工作单位", "企业名称", "2.所在单位（必填）", "公司"),
    "job_title": ("职务", "职位", "职务/职称", "岗位"), "class_name": ("班级", "所在班级"), "student_no": ("学号",),
    "mobile": ("手机", "联系电话", "手机号码", "电话", "3、您的手机号（必填）", "联系方式"),
    "seat": ("座位", "座位号"), "note": ("备注", "说明"),
}  # fmt: skip
LATIN_HEADERS = {
    "name": ("Name", "Full Name", "Participant", "NAME"),
    "organisation_name": ("Company", "Organisation", "Company Name"),
    "job_title": ("Job Title", "Position"), "class_name": ("Class",), "student_no": ("Student No.",),
    "mobile": ("Mobile", "Phone", "Mobile Number"), "seat": ("Seat",), "note": ("Notes", "Remarks"),
}  # fmt: skip
SHAPES = (
    ("name", "organisation_name", "job_title", "mobile"), ("name", "organisation_name", "mobile", "note"),
    ("name", "organisation_name", "class_name", "student_no"), ("name", "organisation_name"),
    ("name", "organisation_name", "job_title", "mobile", "seat"), ("name", "class_name", "mobile"),
)  # fmt: skip
ERRORS = ("#REF!", "#N/A", "#VALUE!", "#NAME?")


@dataclass
class MadeList:
    """A list and its truth. `content`: a file's bytes, or what is pasted; `others`: names that must not come out."""

    kind: str
    content: bytes | str
    people: list[Person]
    others: set[str] = field(default_factory=set)


class Maker:
    """Makes one list of a seed."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.people: list[Person] = []
        self.others: set[str] = set()
        self.maker = People(self.chance)
        self.headers = HEADERS

    def likes(self, share: float) -> bool:
        """Say yes by chance."""
        return self.chance.random() < share

    def shape(self) -> tuple[str, ...]:
        """Choose the columns and their order."""
        fields = list(self.chance.choice([one for one in SHAPES if set(one) <= self.headers.keys()]))
        if self.likes(0.4):
            self.chance.shuffle(fields)
        return tuple(fields)

    def header(self, fields: Sequence[str]) -> list[str]:
        """Word the columns."""
        return [self.chance.choice(self.headers[name]) for name in fields]

    def add(self, fields: Sequence[str], *, is_plain: bool = False) -> Person:
        """Make one of the list's people."""
        person = self.maker.one(tuple(fields), is_plain=is_plain)
        self.people.append(person)
        return person

    def rows(self, fields: Sequence[str], count: int) -> Rows:
        """Make rows of people."""
        return [[person.cells.get(name, "") for name in fields] for person in (self.add(fields) for _ in range(count))]

    def stranger(self) -> str:
        """Make a name that must not come out."""
        name = self.maker.one(("name",), is_plain=True).name
        self.others.add(name)
        return name

    def made(self, kind: str, content: bytes | str) -> MadeList:
        """Return the list."""
        return MadeList(kind, content, self.people, self.others)


def workbook(make: Maker) -> MadeList:
    """Make a workbook, perhaps of several sheets, with sheets beside that list nobody."""
    kind, book = _book(make)
    file = BytesIO()
    book.save(file)
    return make.made(f"xlsx {kind}", file.getvalue())


def old_workbook(make: Maker) -> MadeList:
    """Make the same as an old program saves it."""
    kind, book = _book(make)
    return make.made(f"xls {kind}", old_book(book))


def _book(make: Maker) -> tuple[str, Workbook]:
    if make.likes(0.25):
        make.maker.script, make.headers = "latin", LATIN_HEADERS
    book = Workbook()
    book.remove(book.worksheets[0])
    if make.likes(0.3):
        _instructions(make, book.create_sheet("填写说明"))
    layout = make.chance.choice(
        (table, table, side_by_side, stacked, two_rows, status, grades, merged, odd_cells, asides, bare, seats)
    )
    for number in range(make.chance.choice((1, 1, 1, 2, 3))):
        layout(make, book.create_sheet(f"名单{number + 1}"))
    if make.likes(0.15):
        hidden = book.create_sheet("去年")
        hidden.sheet_state = "hidden"
        _put(hidden, [["姓名", "单位"], [make.stranger(), "松林机电"], [make.stranger(), "青石银行"]])
    if make.likes(0.2):
        _put(book.create_sheet("汇总"), [["单位", "人数"], ["松林机电", "3"], ["青石银行", "2"], ["合计", "5"]])
    return layout.__name__, book


def _put(sheet: Worksheet, rows: Rows) -> None:
    first = sheet.max_row if any(cell.value for cell in sheet[1]) else 0
    for number, cells in enumerate(rows, start=first + 1):
        for column, cell in enumerate(cells, start=1):
            if cell:
                whole = int(cell) if cell.isdigit() and len(cell) == 11 and number % 3 == 0 else cell
                sheet.cell(number, column, whole)


def _instructions(make: Maker, sheet: Worksheet) -> None:
    _put(
        sheet,
        [
            ["填写说明"],
            ["1. 请填写姓名、单位和联系电话"],
            ["2. 请勿改动表头"],
            [f"联系人：{make.stranger()} 0714-6222222"],
        ],
    )


def table(make: Maker, sheet: Worksheet) -> None:
    """One table, with what stands above, between and below."""
    fields = make.shape()
    serial = make.likes(0.4)
    lead = ["1"] if serial else []
    header = ["序号" if make.headers is HEADERS else "No."] * serial + make.header(fields)
    if make.likes(0.4):
        _put(sheet, [["首席质量官培训参会人员名单" if make.headers is HEADERS else "List of participants"]])
        if make.likes(0.5):
            sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(header))
    _put(sheet, [header])
    rows = [[*lead, *row] for row in make.rows(fields, make.chance.randrange(3, 20))]
    for number in range(len(rows) - 1, 0, -1):
        if make.likes(0.06):
            rows.insert(number, [])
        if make.likes(0.04):
            rows.insert(number, list(header))
        if make.likes(0.04) and serial:
            rows.insert(number, ["二、企业代表"])
    _put(sheet, rows)
    _spoil(make, sheet, rows, fields, len(lead))
    if make.likes(0.3):
        _put(sheet, [["", f"合计：{len(rows)}人"], ["备注：请准时参加。"]][: make.chance.randrange(1, 3)])
    if make.likes(0.2):
        _hide(make, sheet)


def _spoil(make: Maker, sheet: Worksheet, rows: Rows, fields: Sequence[str], before: int) -> None:
    """Put an error into a cell of what is not a name."""
    if not make.likes(0.25) or len(fields) < 2:
        return
    person = make.chance.choice(make.people)
    spoiled = next(
        (name for name in ("job_title", "note", "seat", "class_name") if name in fields), "organisation_name"
    )
    for row in sheet.iter_rows():
        at = before + fields.index("name")
        if at < len(row) and row[at].value == person.cells["name"]:
            row[before + fields.index(spoiled)].value = make.chance.choice(ERRORS)
            person.values.pop(spoiled, None)
            return


def _hide(make: Maker, sheet: Worksheet) -> None:
    person = make.chance.choice(make.people)
    for row in sheet.iter_rows():
        if any(cell.value == person.cells["name"] for cell in row):
            sheet.row_dimensions[row[0].row or 1].hidden = True
            person.comes = False


def side_by_side(make: Maker, sheet: Worksheet) -> None:
    """Two or three tables under one row of headers."""
    fields, times = make.shape(), make.chance.choice((2, 2, 3))
    gap = make.chance.choice((0, 1))
    header = [*make.header(fields), *[""] * gap] * times
    count = make.chance.randrange(2, 7)
    tables = [
        make.rows(fields, count - (make.chance.randrange(2) if part == times - 1 else 0)) for part in range(times)
    ]
    rows = []
    for number in range(count):
        parts = [one[number] if number < len(one) else [""] * len(fields) for one in tables]
        rows.append([cell for part in parts for cell in [*part, *[""] * gap]])
    _put(sheet, [header, *rows])


def stacked(make: Maker, sheet: Worksheet) -> None:
    """One table below another, with other columns."""
    for part in range(make.chance.choice((2, 3))):
        fields = make.shape()
        title = [[f"{'一二三'[part]}、第{part + 1}组"]] if make.likes(0.5) and make.headers is HEADERS else []
        blank: Rows = [[]] if part and make.likes(0.7) else []
        start = sheet.max_row if part else 0
        for number, cells in enumerate([*blank, *title, make.header(fields), *make.rows(fields, 4)], start=start + 1):
            for column, cell in enumerate(cells, start=1):
                sheet.cell(number, column, cell or None)


def two_rows(make: Maker, sheet: Worksheet) -> None:
    """A header of two rows, with a contact person beside the attendee."""
    make.headers, make.maker.script = HEADERS, "zh"
    top = ["序号", "单位", "参会人员", "", "", "联系人", ""]
    below = ["", "", "姓名", "职务", make.chance.choice(("手机", "电话")), "姓名", "电话"]
    _put(sheet, [top, below])
    for area in ("A1:A2", "B1:B2", "C1:E1", "F1:G1"):
        sheet.merge_cells(area)
    for number in range(make.chance.randrange(2, 8)):
        person = make.add(("name", "organisation_name", "job_title", "mobile"))
        cells = [person.cells.get(name, "") for name in ("organisation_name", "name", "job_title", "mobile")]
        _put(sheet, [[str(number + 1), *cells, make.stranger(), make.maker.mobile()]])


def status(make: Maker, sheet: Worksheet) -> None:
    """A form's answers, with who comes and who does not."""
    fields = make.shape()
    is_latin = make.headers is not HEADERS
    yes, no = (
        (("Yes", "Attending"), ("No", "Cancelled"))
        if is_latin
        else (("参加", "是", "已报名"), ("不参加", "已取消", "否"))
    )
    rows = []
    for _ in range(make.chance.randrange(3, 12)):
        person = make.add(fields)
        person.comes = make.likes(0.75)
        rows.append([*(person.cells.get(name, "") for name in fields), make.chance.choice(yes if person.comes else no)])
    _put(
        sheet,
        [[*make.header(fields), "Status" if is_latin else make.chance.choice(("是否参加", "状态", "报名状态"))], *rows],
    )


def grades(make: Maker, sheet: Worksheet) -> None:
    """A school's list: grade and class each in a column."""
    make.headers, make.maker.script = HEADERS, "zh"
    rows = []
    for _ in range(make.chance.randrange(3, 12)):
        person = make.add(("name", "student_no"))
        grade, number = make.chance.choice(("初一", "初二", "高三", "七年级")), make.chance.choice(("1", "3", "12"))
        person.values["class_name"] = f"{grade}{number}班"
        given = number if make.likes(0.5) else f"{number}班"
        rows.append([person.cells["name"], person.cells.get("student_no", ""), grade, given])
    _put(sheet, [["姓名", "学号", "年级", "班级"], *rows])


def merged(make: Maker, sheet: Worksheet) -> None:
    """Organisations' cells merged downwards."""
    fields = ("organisation_name", "name", "mobile")
    _put(sheet, [make.header(fields)])
    row = 2
    for _ in range(make.chance.randrange(2, 5)):
        count = make.chance.randrange(1, 4)
        people = [make.add(fields) for _ in range(count)]
        organisation = people[0].values.get("organisation_name", "松林机电")
        sheet.cell(row, 1, organisation)
        for number, person in enumerate(people):
            person.values["organisation_name"] = organisation
            sheet.cell(row + number, 2, person.cells["name"])
            sheet.cell(row + number, 3, person.cells["mobile"] or None)
        if count > 1:
            sheet.merge_cells(start_row=row, start_column=1, end_row=row + count - 1, end_column=1)
        row += count


def odd_cells(make: Maker, sheet: Worksheet) -> None:
    """Cells that are no plain text: numbers by their format, days that were classes, formulas without a value."""
    make.headers, make.maker.script = HEADERS, "zh"
    _put(sheet, [["姓名", "单位", "班级", "学号", "手机"]])
    for number in range(2, make.chance.randrange(4, 12)):
        person = make.add(("name", "organisation_name", "mobile"), is_plain=True)
        sheet.cell(number, 1, person.cells["name"])
        organisation = person.cells.get("organisation_name", "")
        breaks = make.chance.choice(("", "\n", "_x000D_\n"))
        sheet.cell(number, 2, organisation[:2] + breaks + organisation[2:] if organisation else None)
        in_class = sheet.cell(number, 3)
        if make.likes(0.2):
            in_class.value, in_class.number_format = (
                date(2024, 3, 2),
                make.chance.choice(('m"月"d"日"', "d-mmm", "m/d")),
            )
            person.values["class_name"] = "3-2"
        else:
            in_class.value = person.values["class_name"] = "初二3班"
        student = sheet.cell(number, 4, number * 37)
        student.number_format, person.values["student_no"] = "00000000", f"{number * 37:08d}"
        mobile = sheet.cell(number, 5, int(person.values["mobile"]))
        if make.likes(0.1):
            mobile.value = f"=E{number + 40}"
            person.values["mobile"] = ""
        elif make.likes(0.3):
            mobile.number_format = make.chance.choice(("0", "000-0000-0000", "@", "#"))


def asides(make: Maker, sheet: Worksheet) -> None:
    """Columns that no list takes, two names in a cell, a contact person's column with another order."""
    make.headers, make.maker.script = HEADERS, "zh"
    columns = ["序号", "姓名", "性别", "单位", "部门", "手机", "邮箱", "联系人", "联系人电话"]
    if make.likes(0.5):
        columns = ["联系人", "联系人电话", "单位", "姓名", "性别", "邮箱", "手机", "部门", "序号"]
    rows = []
    for number in range(1, make.chance.randrange(3, 10)):
        person = make.add(("name", "organisation_name", "mobile"))
        written = {
            "姓名": person.cells["name"],
            "单位": person.cells.get("organisation_name", ""),
            "手机": person.cells["mobile"],
        }
        if make.likes(0.15):
            other = make.add(("name",), is_plain=True)
            written["姓名"] = make.chance.choice(("{}、{}", "{} {}", "{}\n{}", "{}/{}")).format(person.name, other.name)
            other.values |= {key: value for key, value in person.values.items() if key == "organisation_name"}
        about = {"序号": str(number), "性别": make.chance.choice("男女"), "部门": "质量部", "邮箱": "a@example.com"}
        written |= about | {"联系人": make.stranger(), "联系人电话": make.maker.mobile()}
        rows.append([written[column] for column in columns])
    _put(sheet, [columns, *rows])


def bare(make: Maker, sheet: Worksheet) -> None:
    """A table without any header."""
    make.headers, make.maker.script = HEADERS, "zh"
    fields = ["name", "organisation_name", "mobile"]
    make.chance.shuffle(fields)
    _put(sheet, make.rows(fields, make.chance.randrange(3, 12)))


def seats(make: Maker, sheet: Worksheet) -> None:
    """A list of people beside which places of enterprises are counted."""
    make.headers, make.maker.script = HEADERS, "zh"
    rows = make.rows(("organisation_name", "name", "mobile"), 4)
    _put(sheet, [["单位", "姓名", "手机", "名额"], *([*row, ""] for row in rows)])
