"""Lists of a chat, line by line: numbers, order, labels, talk, examples, remarks."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies

from kiosk.services.lists.chats import is_chat, read_line
from kiosk.services.lists.doubts import NoPerson, PersonRead

JIELONG = """#接龙
质量培训报名
例 张某某 单位 电话

1. 甘一 松林机电 13800130001
2. 甘二 青石银行 13800130002 代报：甘三
3、甘三+1
4. 🌸甘四🌸 松林机电
5. 微信昵称：甘五，松林机电有限公司，13800130005
6. 甘六/松林机电/13800130006
7. 13800130007 甘七"""


def one(line: str) -> PersonRead:
    read = read_line(line)
    assert not isinstance(read, NoPerson), line
    (person,) = read
    return person


def told(line: str) -> tuple[str | None, ...]:
    values = one(line).values
    return values.get("name"), values.get("organisation_name"), values.get("mobile")


def test_a_list_of_a_chat_names_its_people_and_nobody_else() -> None:
    """Shared case: jielong.txt."""
    lines = JIELONG.splitlines()
    read = [read_line(line) for line in lines]
    assert is_chat(lines)
    assert [one.code for one in read if isinstance(one, NoPerson)] == ["talk", "talk", "example", "talk"]
    assert [told(line) for line in lines[4:]] == [
        ("甘一", "松林机电", "13800130001"), ("甘二", "青石银行", "13800130002"), ("甘三", None, None),
        ("甘四", "松林机电", None), ("甘五", "松林机电有限公司", "13800130005"), ("甘六", "松林机电", "13800130006"),
        ("甘七", None, "13800130007"),
    ]  # fmt: skip
    doubts = [[doubt.code for doubt in one(line).doubts] for line in lines[4:]]
    assert doubts == [[], ["on_behalf"], ["plus"], [], [], [], []]
    assert not any("job_title" in one(line).values for line in lines[4:])


@pytest.mark.parametrize(
    "line",
    ["1. 甘一 松林机电 13800130001", "1、甘一，松林机电，138-0013-0001", "①甘 一 松林机电 138 0013 0001",
     "甘一 松林机电 13800130001",
     "(1) 甘一 13800130001 松林机电", "【1】甘一｜松林机电｜13800130001", "1. 甘一：13800130001，松林机电",
     "1️⃣ 甘一 松林机电 13800130001",
     "第1位 甘一 松林机电 13800130001", "No.1 甘一 松林机电 13800130001", "1甘一 松林机电 13800130001",
     "一、甘一 松林机电 13800130001",
     "- 甘一 松林机电 13800130001", "01 13800130001 甘一 松林机电", "1. 姓名：甘一 单位：松林机电 电话：13800130001",
     "1 单位：松林机电，姓名：甘一，手机：１３８００１３０００１", "1. 松林机电 甘一 13800130001"],
)  # fmt: skip
def test_a_line_is_read_in_many_hands(line: str) -> None:
    assert told(line) == ("甘一", "松林机电", "13800130001") and not one(line).doubts


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("#接龙 周四活动", "talk"), ("收到", "talk"), ("大家好，明天下午两点开会", "talk"), ("谢谢老师！", "talk"),
        ("", "talk"),
        ("截止周五下班前", "talk"), ("例：甘一 松林机电 13800130001", "example"), ("示例 甘一", "example"),
        ("格式：姓名+单位", "example"),
        ("8.", "number_only"), (" 12 ", "number_only"), ("⑧", "number_only"),
    ],
)  # fmt: skip
def test_a_line_of_talk_names_nobody_and_says_why(line: str, code: str) -> None:
    assert read_line(line) == NoPerson(code)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("4. 甘一、甘二 松林机电有限公司", ["甘一", "甘二"]),
        ("5. 甘一 甘二", ["甘一", "甘二"]),
        ("6. 甘一和甘二", ["甘一", "甘二"]),
    ],
)
def test_two_in_a_line_are_each_proposed_and_asked_about(line: str, names: list[str]) -> None:
    read = read_line(line)
    assert not isinstance(read, NoPerson)
    assert [person.values["name"] for person in read] == names
    assert all(person.doubts[0].code == "several_names" for person in read)


@pytest.mark.parametrize(
    "line", ["7. 13800130001", "有问题联系王老师 13800130009", "3. 质量培训报名", "9. 松林机电有限公司"]
)
def test_a_line_that_names_nobody_for_certain_is_asked_about(line: str) -> None:
    assert one(line).doubts[0].code == "odd_name"


def test_leave_titles_and_landlines_are_kept_each_as_what_it_is() -> None:
    assert one("6. 甘一（请假）").absent == "请假"
    values = one("1. 甘一 质量部经理 松林机电有限公司 0714-6222222转802").values
    assert values == {
        "name": "甘一", "job_title": "质量部经理", "organisation_name": "松林机电有限公司",
        "note": "0714-6222222转802",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "is_it"),
    [
        ("接龙\n甘一", True),
        ("1. 甘一\n2. 甘二", True),
        ("姓名\t单位\n甘一\t松林机电", False),
        ("甘一\n甘二", False),
        ("\n", False),
    ],
)
def test_a_chat_is_told_from_a_table(text: str, is_it: bool) -> None:
    assert is_chat(text.splitlines()) == is_it


@given(
    strategies.text(max_size=80)
    | strategies.text(alphabet="甘一二、：:，（）()13800130001 男岁请假单位姓名例接龙#+公司/", max_size=80)
)
def test_whatever_a_line_holds_it_names_somebody_or_says_why_not(line: str) -> None:
    read = read_line(line)
    assert isinstance(read, NoPerson) or (read and all(any(person.values.values()) for person in read))
