"""Every typed word stands somewhere, in any order, and a name is found by every reading of its characters."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import permutations
from typing import Any

import pytest
from flask import Flask

from kiosk.services.audit_log.audit import Hand
from kiosk.services.board import people
from kiosk.services.board.people import PeopleFilter
from kiosk.services.door import hand_work
from kiosk.services.event.event_views import EventView
from kiosk.services.hours import hours
from kiosk.services.people import pinyin, searching
from kiosk.services.proofs import issuing, proof_lists, subjects
from kiosk.services.roster import roster_lists, roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.factories import make_event
from tests.aids.paths import FIXTURES
from tests.services.people.test_searching import LISTS, held

SUR = FIXTURES / "lists" / "sur.csv"
# How the surnames and the others of sur.csv are read, the surname's own reading first.
READ = {
    "单小明": "sxm dxm", "仇小明": "qxm cxm", "解小明": "xxm jxm", "曾小明": "zxm cxm", "查小明": "zxm cxm",
    "区小明": "oxm qxm", "朴小明": "pxm", "尉迟明": "ycm wcm", "万俟明": "mqm wqm wsm", "乐小明": "yxm lxm",
    "盖小明": "gxm", "覃小明": "qxm txm", "欧阳单": "oyd oys oyc", "李乐乐": "lll lyy lly lyl",
    "王重阳": "wzy wcy", "张长江": "zzj zcj",
}  # fmt: skip
LISTED = (
    RosterRow("enterprise", "王强", "湖北东贝（集团）", mobile="13900139876", group_name="一组"),
    RosterRow("enterprise", "王小明", "青石银行", mobile="13900131234"),
    RosterRow("enterprise", "Anna Li", "ABB (China) Ltd.", mobile="13900135555"),
    RosterRow("student", "李明", "四棵中学", class_name="初二(3)班", student_no="0305"),
    RosterRow("student", "李小强", "四棵中学", class_name="初二(4)班", student_no="0306"),
)
MEANT: dict[str, set[str]] = {
    "东贝 王": {"王强"}, "王 东贝": {"王强"}, "王　强": {"王强"}, "一组，wq": {"王强"}, "9876 王": {"王强"},
    "wq 东贝 9876 一组": {"王强"}, "王 13900139876": {"王强"}, "139 0013 9876": {"王强"}, "王 银行": {"王小明"},
    "w": {"王强", "王小明"}, "王 四棵": set(), "王 1234 东贝": set(), "9876 1234": set(), "王 9001": set(),
    "li anna": {"Anna Li"}, "china anna abb": {"Anna Li"}, "abb, china": {"Anna Li"},
    "初二3班 李": {"李明"}, "李 初二(3)班": {"李明"}, "0305 四棵": {"李明"}, "四棵 030": set(),
    "李 四棵": {"李明", "李小强"},
    "班 强": {"李小强"}, "lxq 初二": {"李小强"}, "lxj 初二": {"李小强"}, "、": set(),
    "李 %": {"李明", "李小强"}, "李 // 明": {"李明"}, "王 / 东贝": {"王强"}, "％ ／": set(),
}  # fmt: skip


def came(event: EventView, rows: Iterable[RosterRow]) -> EventView:
    """Put these on the roster, let all of them come, and give each a proof."""
    roster_writing.write(event.id, list(rows), actor="staff:1")
    for entry in rosters.entries(event.id):
        hand_work.sign_in_entry(event, entry.id, Hand("staff:1", hand_work.new_key()))
    issuing.issue(subjects.of_event(event), staff_id=None, has_minors=True)
    return event


def open_lists(event: EventView, words: str) -> dict[str, set[Any]]:
    """Return whom each list finds; hand work begins at two characters."""
    typed_enough = len(searching.key_of_typed(words)) > 1
    return {where: search(event, words) for where, search in LISTS.items() if typed_enough or where != "hand work"}


def test_every_word_stands_somewhere_in_whatever_order(both_app: Flask) -> None:
    event = came(make_event(credited_hours=1.0, are_students_minors=False), LISTED)
    found = {words: open_lists(event, words) for words in MEANT}
    wrong = [
        (words, found[words]) for words, names in MEANT.items() if any(one != names for one in found[words].values())
    ]
    assert not wrong, wrong


@pytest.mark.parametrize("words", ["东贝 王", "9876 wq 一组", "初二3班 李 四棵", "abb anna"])
def test_the_order_of_words_changes_nothing(app: Flask, words: str) -> None:
    event = came(make_event(credited_hours=1.0, are_students_minors=False), LISTED)
    found = [open_lists(event, " ".join(order)) for order in permutations(words.split())]
    assert all(found[0].values()) and all(one == found[0] for one in found)


def test_a_list_with_every_kind_of_surname_is_found_by_every_reading(both_app: Flask) -> None:
    event = make_event(credited_hours=1.0)
    result = both_app.test_cli_runner().invoke(args=["roster", "import", event.code, str(SUR), "--json"])
    assert json.loads(result.stdout)["added"] == len(READ)
    came(event, ())
    wrong = [
        (name, initials, where)
        for name, readings in READ.items()
        for initials in readings.split()
        for where, names in open_lists(event, initials).items()
        if name not in names
    ]
    assert not wrong, wrong
    assert open_lists(event, "银行 wcy") == dict.fromkeys(LISTS, {"王重阳"})
    assert open_lists(event, "zhj") == dict.fromkeys(LISTS, set())


def test_a_surname_s_own_reading_comes_first() -> None:
    first = {name: readings.split()[0] for name, readings in READ.items()}
    assert {name: pinyin.all_initials_of(name)[0] for name in READ} == first
    assert {name: pinyin.initials_of(name) for name in READ} == first


def test_readings_are_bounded_and_those_that_differ_least_come_first() -> None:
    assert pinyin.all_initials_of("单乐重")[:6] == ("slz", "dlz", "clz", "syz", "slc", "slt")
    assert len(set(pinyin.all_initials_of("单乐重"))) == 18  # of three characters all there are
    many = pinyin.all_initials_of("乐重长" * 20)
    assert len(set(many)) == len(many) == pinyin.MOST and all(len(one) == 60 for one in many)
    assert pinyin.all_initials_of("Anna Li") == ("annali",) and pinyin.all_initials_of("欸") == ("a", "e", "x")


def test_what_a_list_masks_is_found_by_no_word_that_is_a_part_of_it(both_app: Flask) -> None:
    """A second word must not open what a first alone does not: a minor is found by all of the name and by what
    stands beside it, in any order."""
    event = came(make_event(credited_hours=1.0), LISTED)
    subject = subjects.of_event(event)

    def found(words: str) -> tuple[set[Any], ...]:
        return (
            {row.name for row in people.search(event.id, PeopleFilter(typed=words, hidden="minors")).rows},
            {row.name for row in roster_lists.search(event.id, words, hidden="minors").rows},
            {row.person.name for row in hours.search(event, typed=words, hidden="everybody").rows},
            {row.name for row in proof_lists.search(subject, words=words, hidden="everybody").rows},
        )

    for words in ("初二3班 李", "四棵 小强", "lxq 四棵", "李小 四棵", "四棵 030", "强 初二4班 0306"):
        assert found(words) == (set(),) * 4, words
    for words in ("李小强 初二", "四棵 李小强", "李 小强", "0306 四棵", "初二4班 四棵"):
        assert found(words) == ({"李小强"},) * 4, words
    assert found("王 银行") == ({"王小明"}, {"王小明"}, set(), set())


def test_a_word_of_the_roster_and_a_word_of_the_sign_in_find_one_person(both_app: Flask) -> None:
    event = make_event(credited_hours=1.0)
    roster_writing.write(event.id, [RosterRow("enterprise", "欧阳娜娜", "青石银行")], actor="staff:1")
    (entry,) = rosters.entries(event.id)
    done = hand_work.sign_in_entry(event, entry.id, Hand("staff:1", "k1"))
    assert done.sign_in_id is not None
    hand_work.correct(event, done.sign_in_id, {"name": "王强", "organisation_name": "劲牌"}, Hand("staff:1", "k2"))
    for words in ("欧阳 劲牌", "wq 银行", "青石 王"):
        shown = {"hand work": {"王强"}, "board": {"王强"}, "roster": {"欧阳娜娜"}, "hours": {"王强"}, "proofs": set()}
        assert open_lists(event, words) == shown, words


def test_a_pasted_line_is_cut_to_so_many_words(app: Flask) -> None:
    event = held()
    words = " ".join(["王强", "初二", "东贝", "学校", "二组", "a0305", "wq", "班", *(["不在"] * 50), "x" * 500])
    assert open_lists(event, words) == dict.fromkeys(LISTS, {"王强"})
    assert all(one == set() for one in open_lists(event, "不在 " + words).values())
