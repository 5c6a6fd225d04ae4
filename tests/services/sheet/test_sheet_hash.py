"""What the content hash of a sheet is taken of: everything that it says, as text that anybody can write down."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest
from flask import Flask

from kiosk.clock import utcnow
from kiosk.services.tables import sheet_model
from kiosk.services.tables.sheet_model import Column, SheetModel
from tests.aids.factories import enterprise, make_event, sheet_of, sign_in, student
from tests.aids.paper_sheets import HARD, a_sheet, people


def a_small_sheet() -> SheetModel:
    return replace(
        a_sheet([]),
        title="培训 签到表",
        lines=(("时间", "9月26日"), ("地点", "市民之家")),
        columns=(Column("number", "序号", 11), Column("name", "姓名", 22), Column("remarks", "备注", 20)),
        rows=(("1", "刘䶮", ""), ("2", "吴\t𠮷\n祥", "a\\b\r")),
        foot=(("实到", "2 人"),),
    )


def test_the_text_is_what_the_documentation_says() -> None:
    text = (
        "kiosk-sheet 1\n"
        "title\t培训 签到表\n"
        "line\t时间\t9月26日\n"
        "line\t地点\t市民之家\n"
        "columns\t序号\t姓名\t备注\n"
        "row\t1\t刘䶮\t\n"
        "row\t2\t吴\\t𠮷\\n祥\ta\\\\b\\r\n"
        "foot\t实到\t2 人\n"
    )
    assert sheet_model.canonical_text(a_small_sheet()) == text
    assert sheet_model.content_hash(a_small_sheet()) == sha256(text.encode("utf-8")).hexdigest()
    # What `sha256sum` says of the text: hashes on paper must stay true whatever becomes of this program.
    assert (
        sheet_model.content_hash(a_small_sheet()) == "fc1411c7916e888f6bb8f284e58c5923ac4e9e6d225ed8ebba4caad67a00e435"
    )


@pytest.mark.parametrize("part", ["title", "lines", "columns", "rows", "foot"])
def test_one_letter_changed_anywhere_changes_the_hash(part: str) -> None:
    model = a_small_sheet()
    changed = {
        "title": model.title + "。",
        "lines": (*model.lines[:1], ("地点", "市民之家 ")),
        "columns": (*model.columns[:2], Column("remarks", "备考", 20)),
        "rows": (("1", "刘龑", ""), *model.rows[1:]),
        "foot": (("实到", "3 人"),),
    }[part]
    assert sheet_model.content_hash(replace(model, **{part: changed})) != sheet_model.content_hash(model)  # type: ignore[arg-type]


def test_text_moved_to_the_next_cell_is_another_sheet() -> None:
    model = a_small_sheet()
    moved = replace(model, rows=(("1", "", "刘䶮"), *model.rows[1:]))
    joined = replace(model, rows=(("1", "刘䶮\t", ""), *model.rows[1:]))
    assert len({sheet_model.content_hash(one) for one in (model, moved, joined)}) == 3


def test_the_stamp_is_no_part_of_what_it_stamps() -> None:
    plain, stamped = a_sheet(people(3, HARD)), a_sheet(people(3, HARD), is_stamped=True)
    assert stamped.stamp is not None and plain.stamp is None
    assert sheet_model.content_hash(stamped) == sheet_model.content_hash(plain) == stamped.stamp.content_hash


def test_the_same_sign_ins_give_the_same_hash_and_another_copy_another(app: Flask) -> None:
    event = make_event(starts_at=utcnow())
    sign_in(event, enterprise("乙", organisation_name="乙厂"))
    sign_in(event, student("李小明", organisation_name="丙校"))
    sign_in(event, enterprise("甲", organisation_name="甲厂", mobile="13900139000"))

    def content_hash(**copy: object) -> str:
        return sheet_model.content_hash(sheet_of(event, "zh", **copy))

    assert content_hash() == content_hash()
    copies = [
        {},
        {"is_masked": True},
        {"order": "organisation"},
        {"variant": "certificates"},
        {"is_for_programs": True},
    ]
    assert len({content_hash(**copy) for copy in copies}) == len(copies)
