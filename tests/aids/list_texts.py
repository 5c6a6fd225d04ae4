"""Text lists as people make them, made by chance with a known truth: files, pastes and chats."""

from __future__ import annotations

import csv
from io import StringIO

from tests.aids.list_maker import HEADERS, LATIN_HEADERS, MadeList, Maker, Rows, old_workbook, workbook

BIG5_HEADERS = {
    "name": ("姓名",),
    "organisation_name": ("單位",),
    "job_title": ("職務",),
    "mobile": ("電話", "手機"),
    "note": ("備註",),
}
ENCODINGS = (
    ("utf-8", "zh"),
    ("utf-8-sig", "zh"),
    ("gb18030", "gb2312"),
    ("utf-16", "zh"),
    ("big5", "big5"),
    ("cp1252", "latin"),
)


def make_list(seed: int) -> MadeList:
    """Make the list of a seed."""
    maker = Maker(seed)
    return (workbook, old_workbook if seed % 2 else workbook, text_file, paste, chat)[seed % 5](maker)


def text_file(make: Maker) -> MadeList:
    """Make a text file in one of the encodings, with one of the separators."""
    encoding, script = make.chance.choice(ENCODINGS)
    make.maker.script = script
    make.headers = {"latin": LATIN_HEADERS, "big5": BIG5_HEADERS}.get(script, HEADERS)
    fields = make.shape()
    rows = [make.header(fields), *make.rows(fields, make.chance.randrange(4, 25))]
    for number in range(len(rows) - 1, 1, -1):
        if make.likes(0.05):
            rows.insert(number, [])
    separator = make.chance.choice(",,;\t|")
    if make.likes(0.2):
        rows[0].append("No." if script == "latin" else "部门")
        rows[1:] = [[*row, f"a{separator}b" if make.likes(0.5) else "c"] if row else row for row in rows[1:]]
    text = _written(rows, separator, make.chance.choice(("\r\n", "\n")))
    content = text.encode(encoding, "replace")
    if encoding == "utf-8" and make.likes(0.3):
        content = content.rstrip()[:-1] if content.rstrip()[-1] > 0x7F else content  # cut within a character
    return make.made(f"text {encoding} {separator!r}", content)


def _written(rows: Rows, separator: str, end: str) -> str:
    file = StringIO()
    csv.writer(file, delimiter=separator, lineterminator=end).writerows(rows)
    return file.getvalue()


def paste(make: Maker) -> MadeList:
    """Make what is copied from a spreadsheet, or typed line by line, with a header or without."""
    if make.likes(0.2):
        make.maker.script, make.headers = "latin", LATIN_HEADERS
    fields = make.shape()
    separator = make.chance.choice("\t\t,，")
    has_header = make.likes(0.7) or "organisation_name" not in fields or make.maker.script == "latin"
    if not has_header:
        fields = ("name", "organisation_name", "mobile")
    rows = [make.header(fields)] if has_header else []
    rows += make.rows(fields, make.chance.randrange(4, 12))
    if separator == "\t":
        return make.made("paste of cells", _written(rows, separator, "\n"))
    if make.likes(0.2) and make.headers is HEADERS:
        separator = " "
        for person, row in zip(make.people, rows[has_header:], strict=True):
            row[:] = [person.values.get(name, "") for name in fields]
            person.is_absent = False
    rows = [[cell.replace(separator, " ") for cell in row] for row in rows]
    return make.made(f"paste {separator}", "\n".join(separator.join(row) for row in rows))


LABELS = {"name": "姓名", "organisation_name": "单位", "mobile": "电话"}
NUMBERINGS = ("{}. ", "{}、", "{}.", "{}) ", "({})", "【{}】", "{} ")


def chat(make: Maker) -> MadeList:
    """Make a chat's list."""
    fields = make.chance.choice((("name",), ("name", "mobile"), ("name", "organisation_name", "mobile")))
    lines = [make.chance.choice(("#接龙", "#接龙 周四活动")), "质量培训报名"]
    lines += [f"例 {make.stranger()} 单位 电话"] * make.likes(0.4)
    lines += [""] * make.likes(0.5)
    numbering, separator = make.chance.choice(NUMBERINGS), make.chance.choice((" ", " ", "，", "/", ","))
    for number in range(1, make.chance.randrange(4, 16)):
        person = make.add(fields, is_plain=separator == "/")
        said = [person.cells.get(one, "") for one in fields]
        if make.likes(0.05) and "mobile" in fields:
            said[0] += f"{separator}{make.add(('name',), is_plain=True).name}"
        if make.likes(0.1):
            said = [f"{LABELS[name]}：{cell}" for name, cell in zip(fields, said, strict=True) if cell]
        line = numbering.format(number) + separator.join(filter(None, said))
        lines.append(f"{line} 代报：{make.stranger()}" if make.likes(0.05) else line)
        if make.likes(0.03):
            lines.append(make.chance.choice(("好的，收到", "", "辛苦了")))
    return make.made(f"chat {numbering!r} {separator!r}", "\n".join(lines))
