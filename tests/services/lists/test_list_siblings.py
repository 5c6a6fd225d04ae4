"""Siblings of the cases from the field: what the same kinds of fault look like in other lists."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from flask import Flask

from kiosk.services.lists.books import Book, CellMark, Sheet
from kiosk.services.lists.pasted_names import names_pasted
from kiosk.services.lists.reading import ListReading, read_book
from kiosk.services.lists.texts import read_text

Cells = Sequence[str]
M = "13800130001"


def read(*rows: Cells) -> ListReading:
    filled = [(number, tuple(cells)) for number, cells in enumerate(rows) if any(cells)]
    return read_book(Book((Sheet(filled, "名单"),)))


def pasted(text: str) -> ListReading:
    return read_book(read_text(text))


def sure(reading: ListReading) -> list[str]:
    return [row.person.values.get("name", "") for row in reading.rows if not row.is_asked]


def asked(reading: ListReading) -> list[tuple[str, str]]:
    """Return who is asked about, with the first reason."""
    return [
        (row.person.values.get("name", ""), next(doubt.code for doubt in row.person.doubts if doubt.asks))
        for row in reading.rows
        if row.is_asked
    ]


def values(reading: ListReading, field: str) -> list[str]:
    return [row.person.values.get(field, "") for row in reading.rows]


@pytest.mark.parametrize(
    "talk",
    [
        "早六点半 学习\n各位老师早上好\n收到\n谢谢老师\n明天几点集合",
        "大家好\n我是甘一\n收到\n好的\n明白",
        "路上堵车\n晚点到\n马上\n知道了",
        "张三 9:30\n收到\n李四 9:31\n好的\n方阵",
        "张三 2024年5月1日 09:30\n早上好\n李四 2024年5月1日 09:31\n方阵",
        "张三:\n收到\n李四:\n好的，谢谢",
        "甘一：收到\n甘二：好的\n甘三：明白",
        "收到，谢谢老师\n好的，明天见\n明白，辛苦了",
        "Good morning everyone\nOK\nThanks\nsee you tomorrow",
        "@所有人 明天8点集合\n收到\n收到\n+1",
    ],
)
def test_a_chat_of_talk_names_nobody_for_sure(app: Flask, talk: str) -> None:
    reading = pasted(talk)
    assert sure(reading) == []
    assert len(reading.rows) + sum(one.count for one in reading.left_out) >= len(talk.splitlines())
    people = names_pasted(talk).people
    assert all(any(doubt.asks for doubt in person.doubts) for person in people)


def test_names_among_which_somebody_says_a_word_stay_sure(app: Flask) -> None:
    text = "甘一\n甘二\n甘三\n水晓涛\n收到\n甘四"
    assert sure(pasted(text)) == ["甘一", "甘二", "甘三", "水晓涛", "甘四"]
    assert sure(pasted("大家早上好\n甘一\n甘二\n甘三\n甘四")) == ["甘一", "甘二", "甘三", "甘四"]


@pytest.mark.parametrize(
    ("line", "codes"),
    [
        ("1. 甘一 水晓涛 13800130001", ["either"]),
        ("1. 甘一 海尔", ["either"]),
        ("1. 甘一 松林机电 13800130001", []),
        ("1. 甘一 自驾", ["remark"]),
        ("1. 甘一 准时参加 13800130001", ["remark"]),
        ("1. 甘一 松林机电 总裁", ["job_title"]),
    ],
)
def test_a_word_that_may_be_no_enterprise_is_asked_about(app: Flask, line: str, codes: list[str]) -> None:
    (row,) = pasted(f"#接龙\n{line}").rows
    assert [doubt.code for doubt in row.person.doubts] == codes and row.is_asked == (codes == ["either"])


def test_other_lines_say_what_an_enterprise_is(app: Flask) -> None:
    twice = pasted("1. 甘一 新冶钢 13800130001\n2. 甘二 新冶钢 13800130002")
    assert sure(twice) == ["甘一", "甘二"] and {one.person.doubts[0].code for one in twice.rows} == {"organisation"}
    lines = [f"{n}. 甘{'一二三四'[n - 1]} 松林机电{n}厂 1380013000{n}" for n in range(1, 5)]
    assert sure(pasted("\n".join([*lines, "5. 甘五 海尔 13800130005"])))[-1] == "甘五"
    assert asked(pasted("\n".join([*lines, "5. 甘五 张江 13800130005"]))) == [
        ("甘五", "several_names"), ("张江", "several_names"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line", ["1. 甘一-松林机电-13800130001", "1. 甘一+松林机电+13800130001", "9。甘一/松林机电/13800130001"]
)
def test_the_joints_of_a_form_in_a_chat_part_words(app: Flask, line: str) -> None:
    (row,) = pasted(f"#接龙\n{line}").rows
    said = row.person.values
    assert (said["name"], said["organisation_name"], said["mobile"]) == ("甘一", "松林机电", "13800130001")
    assert [doubt.code for doubt in pasted("#接龙\n1. 甘一+家属").rows[0].person.doubts] == ["plus"]


@pytest.mark.parametrize(
    ("line", "note"),
    [
        ("1. 甘一 松林机电 （０７１４）６３５０００１", "(0714)6350001"),
        ("1. 甘一 （０７１４）－６３５０００１转８０２", "(0714)-6350001转802"),
        ("1. 甘一 ０７１４－６３５０００１", "0714-6350001"),
        ("1. 甘一 ４００－８２０－８８２０", "400-820-8820"),
        ("1. 甘一（０７１４－６３５０００１）", "0714-6350001"),
    ],
)
def test_a_telephone_beside_a_name_is_kept_in_plain_digits(app: Flask, line: str, note: str) -> None:
    (row,) = pasted(f"#接龙\n{line}").rows
    assert (row.person.values["name"], row.person.values["note"]) == ("甘一", note)
    assert "organisation_name" not in row.person.values or row.person.values["organisation_name"] == "松林机电"


@pytest.mark.parametrize(
    "name",
    ["空缺", "待报", "暂缺", "xx", "某某某", "甘X", "甘某", "甘总", "东城区", "第一组", "市直单位", "办公室", "签字：",
     "明白",
     "甘一已取消", "甘一（取消）", "甘一❌", "甘一甘二", "张三李四", "松林机电：甘一、甘二"],
)  # fmt: skip
def test_what_is_no_name_or_nobody_who_comes_is_asked_about(app: Flask, name: str) -> None:
    reading = read(("姓名", "单位"), ("甘九", "松林机电"), (name, "松林机电"))
    assert sure(reading) == ["甘九"] and len(reading.rows) + len(reading.left_out) > 1


def test_two_names_that_stand_together_are_two_proposals(app: Flask) -> None:
    assert [name for name, _code in asked(read(("姓名", "单位"), ("甘四甘五", "松林机电")))] == ["甘四", "甘五"]
    assert sure(read(("姓名", "单位"), ("欧阳娜娜", "松林机电"), ("买买提·吐尔逊", "松林机电"))) == [
        "欧阳娜娜", "买买提·吐尔逊",
    ]  # fmt: skip


@pytest.mark.parametrize("note", ["不参加", "请假", "已取消", "替换为甘五", "因病请假", "无法参加", "Cancelled"])
def test_a_remark_that_somebody_stays_away_is_asked_about(app: Flask, note: str) -> None:
    reading = read(("姓名", "备注"), ("甘一", note), ("甘二", "带话筒"))
    assert (sure(reading), asked(reading)) == (["甘二"], [("甘一", "status")])


def test_a_column_of_answers_is_a_status_whatever_its_header(app: Flask) -> None:
    reading = read(("姓名", "回执"), ("甘一", "不参加"), ("甘二", "参加"))
    assert sure(reading) == ["甘二"] and [one.code for one in reading.left_out] == ["not_coming"]
    assert sure(read(("姓名", "党员"), ("甘一", "否"), ("甘二", "是"))) == ["甘一", "甘二"]


@pytest.mark.parametrize(
    ("header", "cells", "mobile"),
    [
        (("学校", "领队", "领队电话", "队员姓名", "队员电话"), ("松林", "甘老", "13900139001", "甘一", M), M),
        (("单位", "负责人", "电话", "参会代表", "电话"), ("松林", "甘老", "13900139001", "甘一", M), M),
        (("姓名", "监护人", "手机号码"), ("甘一", "甘父", "13900139001"), ""),
        (("姓名", "手机", "推荐人", "联系电话"), ("甘一", "13800130001", "甘老", "13900139001"), "13800130001"),
    ],
)  # fmt: skip
def test_a_telephone_is_whose_column_it_stands_behind(app: Flask, header: Cells, cells: Cells, mobile: str) -> None:
    reading = read(header, cells)
    assert (sure(reading), values(reading, "mobile")) == (["甘一"], [mobile])
    assert any(table.unused for table in reading.tables), "what is not taken is said"


def test_attendees_with_numbers_in_their_headers_are_lists_side_by_side(app: Flask) -> None:
    reading = read(
        ("单位", "参会人1姓名", "参会人1电话", "参会人2姓名", "参会人2电话"),
        ("松林", "甘一", "13800130001", "甘二", "13800130002"),
    )
    assert list(zip(sure(reading), values(reading, "mobile"), values(reading, "organisation_name"), strict=True)) == [
        ("甘一", "13800130001", "松林"), ("甘二", "13800130002", "松林"),
    ]  # fmt: skip
    assert sure(read(("单位", "参会人员1", "参会人员2"), ("松林", "甘一", "甘二"))) == ["甘一", "甘二"]


def test_grade_and_class_whatever_they_are_called(app: Flask) -> None:
    header = ("姓名", "所在年级", "所在班级")
    reading = read(header, ("甘一", "初一", "3班"), ("甘一", "初二", "3班"), ("甘二", "七年级", "七（3）班"))
    assert values(reading, "class_name") == ["初一3班", "初二3班", "七（3）班"]


@pytest.mark.parametrize("cell", ["同上", "〃", "如上", '"', "″", "--〃--", "Ditto"])
def test_as_above_is_what_stands_above_with_a_word(app: Flask, cell: str) -> None:
    rows = (
        ("姓名", "单位", "职务", "手机"), ("甘一", cell, "部长", "13800130001"), ("甘二", "松林机电", cell, cell),
        ("甘三", cell, "", ""), ("甘四", cell, cell, ""), ("甘五", "青石", cell, ""),
    )  # fmt: skip
    cells = [(number, cells) for number, cells in enumerate(rows)]
    reading = read_book(Book((Sheet(cells, "名单"),)))
    assert values(reading, "name") == ["甘一", "甘二", "甘三", "甘四", "甘五"]
    assert values(reading, "organisation_name") == [cell, "松林机电", "松林机电", "松林机电", "青石"], (
        "the first has nothing above"
    )
    assert values(reading, "job_title") == ["部长", "部长", "", "部长", "部长"]
    assert values(reading, "mobile") == ["13800130001", "", "", "", ""], "a mobile is one person's"
    told = [[one.code for one in row.person.doubts].count("ditto") for row in reading.rows]
    assert told == [0, 1, 1, 2, 1] and all(row.is_taken for row in reading.rows)


def test_as_above_means_what_is_seen_above_and_is_doubted_like_it(app: Flask) -> None:
    rows = (("姓名", "班级"), ("甘一", "3月2日"), ("甘二", "同上"), ("甘三", "1班"), ("甘四", "2班"), ("甘五", "同上"),
            ("姓名", "班级"), ("甘六", "同上"))  # fmt: skip
    marks = {(1, 1): CellMark("date", "3-2"), (4, 1): CellMark("struck", "2班")}
    reading = read_book(Book((Sheet(list(enumerate(rows)), "名单", hidden_rows=frozenset({4}), marks=marks),)))
    assert asked(reading) == [("甘一", "date"), ("甘二", "date")] and sure(reading) == ["甘三", "甘五", "甘六"]
    assert values(reading, "class_name") == ["3-2", "3-2", "1班", "1班", "1班"]


@pytest.mark.parametrize(
    ("header", "cell", "organisation", "title"),
    [
        ("工作单位及职务", "松林机电有限公司 总经理", "松林机电有限公司", "总经理"),
        ("单位职务", "东湖精密有限公司质量部部长", "东湖精密有限公司", "质量部部长"),
        ("单位/职务", "国家电网公司黄石供电公司/经理", "国家电网公司黄石供电公司", "经理"),
        ("所在单位和职务", "黄石市市场监督管理局副局长", "黄石市市场监督管理局", "副局长"),
        ("单位及职务", "省农业科学研究院院长", "省农业科学研究院", "院长"),
        ("单位及职务", "黄石中心小学校长", "黄石中心小学", "校长"),
        ("单位及职务", "江北大学附属中学校长", "江北大学附属中学", "校长"),
        ("单位及职务", "黄石中心小学", "黄石中心小学", ""),
        ("单位及职务", "松林机电有限公司", "松林机电有限公司", ""),
        ("单位、职务", "总经理", "", "总经理"),
        ("单位及职务", "松林 机电有限公司", "松林 机电有限公司", ""),
        ("单位", "松林机电有限公司 总经理", "松林机电有限公司 总经理", ""),
    ],
)
def test_organisation_and_job_title_in_one_column_are_two(
    app: Flask, header: str, cell: str, organisation: str, title: str
) -> None:
    reading = pasted(f"姓名\t{header}\n甘一\t{cell}\n甘二\t青石厂")
    assert values(reading, "organisation_name") == [organisation, "青石厂"]
    assert values(reading, "job_title") == [title, ""]
    told = [one.about["shown"] for row in reading.rows for one in row.person.doubts if one.code == "job_title"]
    assert told == ([title] if title else [])


def test_a_hidden_column_of_both_is_left_out(app: Flask) -> None:
    rows = [(0, ("姓名", "单位及职务", "手机")), (1, ("甘一", "松林机电有限公司 总经理", M))]
    reading = read_book(Book((Sheet(rows, "名单", hidden_columns=frozenset({1})),)))
    assert (sure(reading), values(reading, "organisation_name"), values(reading, "mobile")) == (["甘一"], [""], [M])


@pytest.mark.parametrize("remark", ["已转学", "休学", "退学", "因病休学", "离职", "已调离"])
def test_who_has_left_is_asked_about(app: Flask, remark: str) -> None:
    assert asked(pasted(f"姓名\t备注\n甘一\t{remark}\n甘二\t转学生")) == [("甘一", "status")]


@pytest.mark.parametrize("cell", ["TBC", "tba", "Unknown"])
def test_who_is_to_be_named_later_is_asked_about(app: Flask, cell: str) -> None:
    assert asked(pasted(f"Name\tCompany\nAda Example\tAcme\n{cell}\tAcme")) == [(cell, "odd_name")]


@pytest.mark.parametrize("bullet", ["●", "•", "·", "∙", "◦"])
def test_what_a_line_begins_with_is_no_part_of_a_name(app: Flask, bullet: str) -> None:
    assert sure(pasted(f"姓名\t单位\n{bullet}甘一\t松林\n阿依古丽{bullet}买买提\t松林")) == [
        "甘一",
        f"阿依古丽{bullet}买买提",
    ]


@pytest.mark.parametrize("cell", ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#名称?"])
def test_errors_in_text_are_empty_cells(app: Flask, cell: str) -> None:
    for separator in "\t,":
        text = "\n".join(
            separator.join(row) for row in (("姓名", "单位"), ("甘一", cell), (cell, "松林"), ("甘二", "青石"))
        )
        reading = pasted(text)
        assert values(reading, "name") == ["甘一", "", "甘二"] and values(reading, "organisation_name")[0] == ""


@pytest.mark.parametrize(
    ("shown", "was"),
    [("3月2日", "3-2"), ("2-Mar", "3-2"), ("Mar-02", "3-2"), ("2024/3/2", "2024-3-2"), ("2024-03-02", "2024-3-2")],
)  # fmt: skip
def test_days_in_text_where_a_class_stands_are_asked_about(app: Flask, shown: str, was: str) -> None:
    reading = pasted(f"姓名\t班级\n甘一\t{shown}\n甘二\t3-2")
    assert (sure(reading), asked(reading)) == (["甘二"], [("甘一", "date")])
    assert values(reading, "class_name") == [was, "3-2"]


def test_tables_side_by_side_ask_nothing_when_they_are_pasted(app: Flask) -> None:
    assert sure(pasted("姓名\t单位\t姓名\t单位\n甘一\t松林\t甘二\t青石\n甘三\t松林\t\t")) == ["甘一", "甘三", "甘二"]


def test_rows_that_say_the_same_are_two_people_with_a_word(app: Flask) -> None:
    rows = (
        ("甘一", "3班", ""),
        ("甘 一", "3班", ""),
        ("甘一", "4班", ""),
        ("甘二", "3班", "A1"),
        ("甘二", "3班", "A2"),
    )
    reading = read(("姓名", "班级", "座位"), *rows)
    assert len(sure(reading)) == 5
    told = [(row.row, doubt.code, doubt.about) for row in reading.rows for doubt in row.person.doubts]
    assert told == [(3, "twice", {"row": 2})]
    assert [row.person.doubts for row in pasted("1. 甘一\n2. 甘一").rows][1][0].code == "twice"


def test_rows_far_down_are_pasted_too_and_a_head_between_tables_is_named(app: Flask) -> None:
    assert sure(pasted("姓名\t单位\n甘一\t松林" + "\n\t" * 6_000 + "\n甘二\t青石")) == ["甘一", "甘二"]
    reading = pasted("姓名,姓名\n姓名\n姓名,姓名\n姓名,姓名")
    rows = {row.row for row in reading.rows} | {one.row for one in reading.left_out}
    assert rows | {row for table in reading.tables for row in table.header_rows} == {1, 2, 3, 4}


@pytest.mark.parametrize(
    "names",
    [
        ("郭刚超(病假)", "张喆（请假）", "🌸袁娟桂🌸", "何超娜"),
        ("郭刚超（代：吕明）", "张喆🌟", "袁娟桂（素食）", "何超娜+1"),
        ("✅郭刚超", "张喆 (请假)", "袁娟桂（联系人）", "何超娜（晚到）"),
    ],
)
@pytest.mark.parametrize("is_first", [True, False])
def test_without_a_header_names_are_known_whatever_stands_beside_them(
    app: Flask, names: Cells, *, is_first: bool
) -> None:
    """A column of enterprises whose names tell nothing was read as names, and the names as enterprises."""
    where = ("四棵中学", "大冶有色", "", "新冶钢")
    mobiles = ("13831255053", "", "13832245055", "138 7601 5056")
    rows = (cells if is_first else (cells[1], cells[0], cells[2]) for cells in zip(names, where, mobiles, strict=True))
    reading = read(*rows)
    values = [row.person.values for row in reading.rows]
    assert [one["name"] for one in values] == ["郭刚超", "张喆", "袁娟桂", "何超娜"]
    assert tuple(one.get("organisation_name", "") for one in values) == where
