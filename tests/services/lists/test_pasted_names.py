"""A group's pasted list: names told apart, headings left out, leave an absence, doubts told."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies

from kiosk.services.lists.doubts import PersonRead
from kiosk.services.lists.pasted_names import people_pasted


def names_in(pasted: str) -> list[str]:
    return [person.values["name"] for person in people_pasted(pasted)]


def codes(person: PersonRead) -> list[str]:
    return [doubt.code for doubt in person.doubts]


@pytest.mark.parametrize(
    ("pasted", "names"),
    [
        ("1. 张三\n2. 李四\n3、王　强", ["张三", "李四", "王强"]),
        ("张三、李四，王五;赵六", ["张三", "李四", "王五", "赵六"]),
        ("张三 李四 王五", ["张三", "李四", "王五"]),
        ("1张三 2李四 3王小明", ["张三", "李四", "王小明"]),
        ("1.张三2.李四", ["张三", "李四"]),
        ("1：张三\n2：李四", ["张三", "李四"]),
        ("初二(3)班名单：张三、李四（班长）", ["张三", "李四"]),
        ("张三 男 20240315\n李四 女 20240316", ["张三", "李四"]),
        ("李明1 李明2", ["李明1", "李明2"]),
        ("欧阳 娜娜 王强", ["欧阳娜娜", "王强"]),
        ("王 强 李 娜", ["王强", "李娜"]),
        ("@张三 @李四", ["张三", "李四"]),
        ("Alexandra Montgomery, Bob\nCarl Benz", ["Alexandra Montgomery", "Bob", "Carl Benz"]),
        ("买买提·吐尔逊江·阿不都 䶮建国", ["买买提·吐尔逊江·阿不都", "䶮建国"]),
        ("张三 13800138000", ["张三"]),
        (" \n ", []),
    ],
)
def test_pasted_names_are_told_apart(pasted: str, names: list[str]) -> None:
    assert names_in(pasted) == names


@pytest.mark.parametrize(
    ("pasted", "names"),
    [
        ("#接龙 周四活动\n\n1. 甘一\n2. 甘二", ["甘一", "甘二"]),
        ("接龙\n甘一", ["甘一"]),
        ("请各位家长接好龙，周四活动：甘一、甘二", ["甘一", "甘二"]),
        ("组长：甘一 组员：甘二、甘三", ["甘一", "甘二", "甘三"]),
        ("甘三、甘四", ["甘三", "甘四"]),
        ("甘一 男 13岁\n甘二，女，12岁", ["甘一", "甘二"]),
        ("甘一（3班）", ["甘一"]),
        ("(1)甘一(2)甘二", ["甘一", "甘二"]),
        ("甘(大)、甘(小)", ["甘(大)", "甘(小)"]),
        ("甘一 代报：甘二", ["甘一"]),
    ],
)
def test_headings_and_remarks_make_no_pupils(pasted: str, names: list[str]) -> None:
    people = people_pasted(pasted)
    assert [person.values["name"] for person in people] == names
    assert not any(doubt.asks or person.absent for person in people for doubt in person.doubts)


@pytest.mark.parametrize(
    ("pasted", "reasons"),
    [
        ("周一诺（请假）", ["请假"]),
        ("甘一、周一诺（病假，发烧）、甘二", ["", "病假，发烧", ""]),
        ("甘一：事假", ["事假"]),
        ("请假：甘一、甘二", ["请假", "请假"]),
        ("到：甘一 请假：甘二", ["", "请假"]),
    ],
)
def test_leave_is_an_absence_with_its_reason(pasted: str, reasons: list[str]) -> None:
    assert [person.absent for person in people_pasted(pasted)] == reasons


@pytest.mark.parametrize(
    ("pasted", "name", "code"),
    [
        ("甘三等3人", "甘三", "and_others"),
        ("甘一（待定）", "甘一", "status"),
        ("各位家长请注意", "各位家长请注意", "odd_name"),
        ("松林机电有限公司", "松林机电有限公司", "odd_name"),
        ("甘一+1", "甘一", "plus"),
        ("甘\ue863", "甘\ue863", "private_use"),
    ],
)
def test_what_is_doubtful_is_said(pasted: str, name: str, code: str) -> None:
    (person,) = people_pasted(pasted)
    assert person.values["name"] == name and codes(person) == [code]


@given(
    strategies.text(max_size=80) | strategies.text(alphabet="甘一二、：:\n（）()1男岁请假等3人+接龙#@ ", max_size=80)
)
def test_whatever_is_pasted_it_is_read_and_everybody_has_a_name(pasted: str) -> None:
    assert all(person.values["name"] for person in people_pasted(pasted))
