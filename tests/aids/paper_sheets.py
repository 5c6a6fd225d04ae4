"""Sheets as models, made without a database: for tests of what the formats make of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from kiosk.services.demo.directory import LONG_NAME
from kiosk.services.sheet.sheets import COLUMNS, SIGNING
from kiosk.services.tables.sheet_model import Column, SheetModel, Stamp, Variant, content_hash
from kiosk.services.tables.sheet_words import WORDS

TITLE = "2024年度企业首席质量官巡回培训（大冶专场）"
STAMP_TIME = datetime(2024, 9, 27, 2, 3, 4, tzinfo=UTC)  # 10:03:04 in Huangshi
HARD = (
    {"name": "刘䶮", "organisation": LONG_NAME, "class": "四棵中学 初二(3)班"},
    {"name": "吴𠮷祥", "mobile": "+4915112345678", "remarks": "市民观察员、代赵敏、迟到、早退 10:20、纸质补录"},
    {"name": "=1+1", "job_title": "@SUM(A1)", "remarks": "-1"},
    {"name": "Christopher Montgomery-Smith", "organisation": "Gesellschaft für Zusammenarbeit & Söhne <mbH>"},
)


def person(number: int, **changes: str) -> dict[str, str]:
    """Return the cells of somebody whose name holds the number."""
    return {
        "number": str(number),
        "name": f"代表{number:03}",
        "organisation": f"第{number:03}机械有限公司",
        "class": "四棵中学 初二(3)班",
        "job_title": "质量总监",
        "mobile": f"138{number:08}",
        "signed_in_at": "08:55",
        "came_at": "08:55",
        "left_at": "11:30",
        "student_no": f"2023{number:04}",
        "hours": "4",
        **changes,
    }


def people(count: int, hard: Sequence[Mapping[str, str]] = ()) -> list[dict[str, str]]:
    """Return `count` people, the first of them with what is hard to print."""
    return [person(n, **(hard[n - 1] if n <= len(hard) else {})) for n in range(1, count + 1)]


def a_sheet(
    rows: Sequence[Mapping[str, str]],
    *,
    language: str = "zh",
    variant: Variant = "general",
    is_stamped: bool = False,
    **changes: Any,
) -> SheetModel:
    """Return a sheet of these rows."""
    words = WORDS[language]
    columns = tuple(Column(key, words[key], width) for key, width in COLUMNS[variant])
    values = {
        "campaign": "2024年黄石市质量月",
        "time": "2024年9月26日 09:00–12:00",
        "place": "大冶市市民之家三楼会议室",
        "host": "黄石市市场监督管理局",
        "lecturers": "张教授、李高工",
    }
    totals = {"expected": len(rows) + 5, "arrived": len(rows), "late": 1, "excused": 2, "no_show": 3}
    model = SheetModel(
        **{
            "language": language,
            "title": words["title"].format(title=TITLE),
            "name": words["sheet"],
            "lines": tuple((words[key], value) for key, value in values.items()),
            "columns": columns,
            "rows": tuple(tuple(row.get(column.key, "") for column in columns) for row in rows),
            "foot": tuple((words[key], words["people"].format(count=count)) for key, count in totals.items()),
            "is_masked": False,
            "variant": variant,
            "signing": tuple(words[key] for key in SIGNING[variant]),
            "timezone": "Asia/Shanghai",
            **changes,
        }
    )
    if not is_stamped:
        return model
    address = "http://192.168.1.23:8000/verify?code=K7M4PQ9RT2"
    return replace(model, stamp=Stamp("K7M4PQ9RT2", STAMP_TIME, content_hash(model), address))
