"""A name's cell as people fill it: two in one, remarks beside it, rare characters, what is no name at all."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies

from kiosk.services.lists.cell_names import people_in, reads_like_name
from kiosk.services.lists.doubts import Doubt, PersonRead


def one(cell: str) -> PersonRead:
    (person,) = people_in(cell)
    return person


def codes(person: PersonRead) -> list[str]:
    return [doubt.code for doubt in person.doubts]


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("甘一、甘二", "甘一 甘二"), ("甘四\n甘五", "甘四 甘五"), ("甘一/甘二", "甘一 甘二"),
        ("甘一和甘二", "甘一 甘二"),
        ("甘一 甘二", "甘一 甘二"), ("甘一，欧阳娜娜；甘三", "甘一 欧阳娜娜 甘三"),
        ("甘一（病假，发烧）、甘二", "甘一 甘二"),
        ("Ada Example / Bo Sample", "Ada_Example Bo_Sample"),
    ],
)  # fmt: skip
def test_two_in_a_cell_are_each_proposed_and_asked_about(cell: str, names: str) -> None:
    people = people_in(cell)
    assert [person.values["name"] for person in people] == [name.replace("_", " ") for name in names.split()]
    assert all(codes(person)[0] == "several_names" and person.doubts[0].asks for person in people)


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("王　强", "王强"), ("王 小 强", "王小强"), ("李和平", "李和平"), ("欧阳 娜娜", "欧阳娜娜"),
        ("欧 阳 娜 娜", "欧阳娜娜"),
        ("甘(大)", "甘(大)"), ("李明（小）", "李明（小）"), ("李明1", "李明1"), ("甘䶮", "甘䶮"), ("甘𬱖", "甘𬱖"),
        ("甘𠅤", "甘𠅤"),
        ("葛\U000e0100城", "葛\U000e0100城"), ("古丽·某某", "古丽·某某"), ("某某•买买提", "某某•买买提"),
        ("🌸甘四🌸", "甘四"),
        ("❤\ufe0f甘四", "甘四"), ("Ada Example", "Ada Example"), ("Sammy Davis Jr.", "Sammy Davis Jr."),
        ("O'Neil", "O'Neil"),
        ("Алексей Иванов", "Алексей Иванов"), ("김민준", "김민준"), ("ปรีชา", "ปรีชา"), ("（甘一）", "甘一"),
        ("1.甘一", "甘一"),
        ("微信昵称：甘五", "甘五"), ("田中太郎", "田中太郎"), ("买买提·吐尔逊江·阿不都", "买买提·吐尔逊江·阿不都"),
    ],
)  # fmt: skip
def test_one_name_is_one_sure_person(cell: str, name: str) -> None:
    assert one(cell) == PersonRead({"name": name})


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("甘一（女）", "女"), ("甘一（组长）", "组长"), ("甘一（13岁）", "13岁"), ("甘一 男 13岁", "男 13岁"),
        ("甘一，女，13岁", "女 13岁"),
        ("甘一 经理", "经理"), ("甘一老师", "老师"), ("甘一（不请假）", "不请假"), ("甘一 20230301", "20230301"),
    ],
)  # fmt: skip
def test_a_remark_is_told_and_kept_as_a_note(cell: str, shown: str) -> None:
    assert one(cell) == PersonRead({"name": "甘一", "note": shown}, (Doubt("remark", {"shown": shown}),))


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("甘一（请假）", "请假"), ("甘一(病假)", "病假"), ("甘一【不参加】", "不参加"), ("甘一 事假", "事假"),
        ("甘一请假", "请假"),
        ("甘一因病请假", "因病请假"), ("甘一（请假", "请假"), ("甘一（病假，发烧）", "病假，发烧"),
        ("甘一，请假", "请假"), ("甘一 absent", "absent"),
    ],
)  # fmt: skip
def test_leave_beside_a_name_is_an_absence_with_its_reason(cell: str, reason: str) -> None:
    assert one(cell) == PersonRead({"name": "甘一"}, (Doubt("absent", {"shown": reason}),), reason)


@pytest.mark.parametrize(
    ("cell", "name", "code", "about"),
    [
        ("甘三等3人", "甘三", "and_others", {"name": "甘三"}),
        ("甘三一行四人", "甘三", "and_others", {"name": "甘三"}),
        ("甘三 共3人", "甘三", "and_others", {"name": "甘三"}),
        ("甘三+1", "甘三", "plus", {"shown": "+1"}),
        ("甘三（+2人）", "甘三", "plus", {"shown": "+2人"}),
        ("甘三 ＋家属", "甘三", "plus", {"shown": "＋家属"}),
        ("甘一 代报：甘三", "甘一", "on_behalf", {"shown": "代报：甘三"}),
        ("甘一（代甘二）", "甘一", "on_behalf", {"shown": "代甘二"}),
        ("甘一，代填: 甘三、甘四", "甘一", "on_behalf", {"shown": "代填: 甘三、甘四"}),
        ("甘一（待定）", "甘一", "status", {"shown": "待定"}),
        ("甘一可能不来", "甘一", "status", {"shown": "可能不来"}),
        ("甘一（不来？）", "甘一", "status", {"shown": "不来？"}),
        ("甘\ue863", "甘\ue863", "private_use", {"character": "U+E863", "proposed": "甘䶮"}),
        ("\ue82d 一", "\ue82d一", "private_use", {"character": "U+E82D", "proposed": "㭎一"}),
        ("甘\ue000", "甘\ue000", "private_unknown", {"character": "U+E000"}),
    ],
)
def test_what_is_doubtful_is_said_by_its_code(cell: str, name: str, code: str, about: dict[str, str]) -> None:
    person = one(cell)
    assert person.values["name"] == name and not person.absent
    assert [(doubt.code, doubt.about) for doubt in person.doubts] == [(code, about)]
    assert "%" not in person.doubts[0].reason


@pytest.mark.parametrize(
    "cell",
    [
        "12345", "13800130001", "松林机电有限公司", "松林机电", "松林(青石)有限公司", "青石中学", "初二(3)班", "经理",
        "甘老师", "姓名", "合计", "收到",
        "Müller, Hans", "http://example.com", "请假", "各位家长请注意", "the quick brown fox jumps over it", "A",
        "甘", "王Sir先",
        "质量培训报名", "x" * 500,
    ],
)  # fmt: skip
def test_what_does_not_read_like_a_name_is_asked_about_whole(cell: str) -> None:
    person = one(cell)
    assert codes(person)[0] == "odd_name" and person.doubts[0].asks
    assert ("cut" in codes(person)) == (len(cell) > 400)


@pytest.mark.parametrize("cell", ["", " ", "-", "——", "🌸", "\n", "。"])
def test_a_cell_without_a_word_names_nobody(cell: str) -> None:
    assert people_in(cell) == ()


def test_a_mobile_behind_the_name_is_theirs() -> None:
    first, second = people_in("甘一13800130001、甘二 139-0013-0002")
    assert (first.values["mobile"], second.values["mobile"]) == ("13800130001", "13900130002")


ODD = "甘一二欧阳·、，/ \n（）()【】+1等3人男岁请假病代报：🌸\ue863\U000e0100aB.-和"


@given(strategies.text(max_size=60) | strategies.text(alphabet=ODD, max_size=60))
def test_whatever_a_cell_holds_somebody_is_read_or_it_says_nothing(cell: str) -> None:
    people = people_in(cell)
    assert people or not any(map(str.isalnum, cell))
    assert all(person.values.get("name") for person in people)
    assert all("%" not in doubt.reason or "%" in cell for person in people for doubt in person.doubts)


def test_a_surname_before_a_pronoun_is_no_talk() -> None:
    assert reads_like_name("王们") and reads_like_name("李你")
    assert not any(map(reads_like_name, ("你们", "他们", "谢你", "祝你")))
