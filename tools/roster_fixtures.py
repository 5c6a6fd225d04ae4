"""Make tests/fixtures/rosters again: `python -m tools.roster_fixtures`. LibreOffice saves the workbooks.

The people do not exist; their mobiles begin with 160, which nobody has. `office.xlsx` is an office's sheet of 400
rows: two title rows, merged unit cells, mobiles as numbers, blank lines, padded names, a total, three bad rows.
"""

from __future__ import annotations

import random
import subprocess
import tempfile
from html import escape
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "fixtures" / "rosters"
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建文辉力玲国斌宇浩凯健俊帆雪"
TRADES = ("制冷", "电缆", "锻造", "食品", "药业", "机床", "水泥", "纺织", "模具", "电子")
TITLES = ("质量部经理", "首席质量官", "生产部长", "副总经理", "总工程师")
PEOPLE = 397  # and three bad rows make 400
BAD = {37: "no name", 151: "short mobile", 288: "the same person twice"}
NAMESPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{path}:1.0"'
    for name, path in {"office": "office", "table": "table", "text": "text"}.items()
)


def people() -> list[tuple[str, str, str, str]]:
    """Return (enterprise, name, job title, mobile), one to four of an enterprise beside one another."""
    chance = random.Random(20240910)  # noqa: S311  names, no secret
    found: list[tuple[str, str, str, str]] = []
    while len(found) < PEOPLE:
        number = len(found)
        enterprise = f"黄石{SURNAMES[number % 20]}氏{TRADES[number % 10]}{number}有限公司"
        for _ in range(min(chance.randint(1, 4), PEOPLE - len(found))):
            name = chance.choice(SURNAMES) + "".join(chance.sample(GIVEN, chance.randint(1, 2)))
            found.append((enterprise, name, chance.choice(TITLES), f"160{len(found):08d}"))
    return found


def office(rows: list[tuple[str, str, str, str]]) -> str:
    """Return the office's sheet as flat OpenDocument."""
    titles = ("2024年黄石市首席质量官巡回培训", "参会人员名单（单位、姓名）")
    lines = [_row([_cell(title, columns=6)]) for title in titles]
    lines.append(_row([_cell(word) for word in ("序号", "单 位", "姓　名", "职务", "联系电话", "备注")]))
    bad_rows, number, start = sorted(BAD), 0, 0
    while start < len(rows):
        end = start
        while end < len(rows) and rows[end][0] == rows[start][0]:
            end += 1
        for index in range(start, end):
            _enterprise, name, title, mobile = rows[index]
            number += 1
            shown = f"{name[0]}　{name[1]}" if len(name) == 2 else name
            unit = _cell(rows[start][0], rows=end - start) if index == start else _covered()
            lines.append(_row([_cell(number), unit, _cell(shown), _cell(title), _cell(int(mobile)), _cell("")]))
        while bad_rows and end >= bad_rows[0]:
            number += 1
            lines.append(_row([_cell(cell) for cell in _bad(bad_rows.pop(0), number, rows)]))
            lines.append(_row([_cell("")]))  # offices leave blank lines
        start = end
    lines.append(_row([_cell("合计"), _cell(""), _cell(f"{number}人")]))
    body = f'<table:table table:name="名单">{"".join(lines)}</table:table>'
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document {NAMESPACES} office:version="1.3" '
        f'office:mimetype="application/vnd.oasis.opendocument.spreadsheet"><office:body><office:spreadsheet>{body}'
        "</office:spreadsheet></office:body></office:document>"
    )


def _bad(at: int, number: int, rows: list[tuple[str, str, str, str]]) -> list[str | int]:
    if BAD[at] == "no name":
        return [number, "黄石无名有限公司", "", "经理", 16099999901, ""]
    if BAD[at] == "short mobile":
        return [number, "黄石短号有限公司", "孙　丽", "经理", 1609999990, ""]
    enterprise, name, title, mobile = rows[0]
    return [number, enterprise, name, title, int(mobile), "重复"]


def _cell(value: str | int, *, columns: int = 1, rows: int = 1) -> str:
    spans = f' table:number-columns-spanned="{columns}" table:number-rows-spanned="{rows}"'
    spans = spans if columns * rows > 1 else ""
    kind = f' office:value-type="float" office:value="{value}"' if isinstance(value, int) else ""
    kind = kind or (' office:value-type="string"' if value else "")
    text = f"<text:p>{escape(str(value))}</text:p>" if value != "" else ""
    covered = "<table:covered-table-cell/>" * (columns - 1)
    return f"<table:table-cell{kind}{spans}>{text}</table:table-cell>{covered}"


def _covered() -> str:
    return "<table:covered-table-cell/>"


def _row(cells: list[str]) -> str:
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def form_export(rows: list[tuple[str, str, str, str]]) -> str:
    """Return CSV as a form service lays it out: its own columns first, questions as headers."""
    questions = ("您的姓名：（必填）", "您所在的单位名称", "您的手机号码（必填）", "您的职务", "是否用餐")
    headers = ",".join(["提交时间", "来自IP", *(f"{n}、{question}" for n, question in enumerate(questions, start=1))])
    lines = [
        f"2024-09-0{1 + index % 9} 10:0{index % 10},10.0.0.{index % 250},{name},{enterprise},{mobile},{title},是"
        for index, (enterprise, name, title, mobile) in enumerate(rows)
    ]
    return "\r\n".join([headers, *lines]) + "\r\n"


def chat(rows: list[tuple[str, str, str, str]]) -> str:
    """Return a list as people write it in a chat, in several hands."""
    said = ["#接龙", "首席质量官培训报名，请写姓名、单位、手机", ""]
    for number, (enterprise, name, _title, mobile) in enumerate(rows, start=1):
        if number % 3 == 0:
            said.append(f"{number}、{name}，{enterprise}，{mobile}")
        elif number % 3 == 1:
            said.append(f"{number}. {name} {enterprise} {mobile[:3]} {mobile[3:7]} {mobile[7:]}")
        else:
            said.append(f"{number}． {enterprise} {name}{mobile}")
    return "\n".join(said) + "\n"


def main() -> None:
    """Write the fixtures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    rows = people()
    with tempfile.TemporaryDirectory() as folder:
        for name, ending, text in (("office", "fods", office(rows)), ("form", "csv", form_export(rows))):
            source = Path(folder) / f"{name}.{ending}"
            source.write_text(text, encoding="utf-8")
            options = ["--infilter=CSV:44,34,76,1"] if ending == "csv" else []
            subprocess.run(
                ["soffice", f"-env:UserInstallation={(Path(folder) / 'profile').as_uri()}", "--headless", *options,
                 "--convert-to", "xlsx", "--outdir", str(FOLDER), str(source)], check=True, capture_output=True,
                timeout=100,
            )  # fmt: skip
    header = "姓名,企业名称,职务,手机号\r\n"
    table = header + "".join(f"{name},{enterprise},{title},{mobile}\r\n" for enterprise, name, title, mobile in rows)
    (FOLDER / "gb18030.csv").write_bytes(table.encode("gb18030"))
    (FOLDER / "chat.txt").write_text(chat(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
