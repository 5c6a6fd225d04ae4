"""One search for people: the same words find the same person in every list, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from kiosk.clock import freeze, utcnow
from kiosk.services.audit_log.audit import Hand
from kiosk.services.board import people
from kiosk.services.board.people import PeopleFilter
from kiosk.services.door import corrections, hand_search, hand_work
from kiosk.services.event.event_views import EventView
from kiosk.services.hours import hours
from kiosk.services.pages import Page
from kiosk.services.people.search_keys import search_key
from kiosk.services.proofs import issuing, proof_lists, subjects
from kiosk.services.roster import roster_lists, roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.factories import enterprise, guest, make_event, merge, sign_in, student

PUPIL = RosterRow(
    "student", "王强", "东贝（集团）学校", class_name="初二(3)班", student_no="ａ-0305", group_name="二组(红)"
)
STAFF = RosterRow("enterprise", "欧阳娜娜", "ABB (China) Ltd.", mobile="13900139876", job_title="经理")
# What finds one of them and not the other, in whatever way it is typed.
FINDS = {
    "王强": ("王强", "王 强", "wq", "WQ", "ｗｑ", "东贝（集团）", "东贝(集团)", "东贝集团", "初二(3)班", "初二（3）班",
           "初二3班", "A-0305", "a0305", "Ａ０３０５", "二组红", "二组（红）"),
    "欧阳娜娜": ("欧阳", "oyn", "OYNN", "abb", "ＡＢＢ（china）", "9876", "13900139876", "+86 139-0013-9876"),
    None: ("0305", "a030", "1390", "139", "39876", "3900139876", "yn", "%", "_", "经理人", "强东贝", "//", "qw"),
}  # fmt: skip
CASES = [(words, name) for name, typed in FINDS.items() for words in typed]


def hands(event: EventView, words: str) -> set[str]:
    found = hand_search.search(event.id, words) or Page()
    return {row.name for row in found.rows}


def on_board(event: EventView, words: str) -> set[str]:
    return {row.name for row in people.search(event.id, PeopleFilter(typed=words)).rows}


def on_roster(event: EventView, words: str) -> set[str]:
    return {row.name for row in roster_lists.search(event.id, words).rows}


def with_hours(event: EventView, words: str) -> set[str]:
    return {row.person.name for row in hours.search(event, typed=words).rows}


def with_proofs(event: EventView, words: str) -> set[str | None]:
    return {row.name for row in proof_lists.search(subjects.of_event(event), words=words).rows}


LISTS: dict[str, Callable[[EventView, str], Any]] = {
    "hand work": hands, "board": on_board, "roster": on_roster, "hours": with_hours, "proofs": with_proofs,
}  # fmt: skip


def held(**changes: object) -> EventView:
    """Make an event of half a day that is over, with two on its roster who both came."""
    start = utcnow() - timedelta(hours=6)
    times = {"starts_at": start, "ends_at": start + timedelta(hours=4), "credited_hours": 4.0}
    event = make_event(**{**times, "are_students_minors": False, **changes})
    roster_writing.write(event.id, [PUPIL, STAFF], actor="staff:1")
    with freeze(start):
        for entry in rosters.entries(event.id):
            hand_work.sign_in_entry(event, entry.id, Hand("staff:1", hand_work.new_key()))
    issuing.issue(subjects.of_event(event), staff_id=None)
    return event


def test_the_same_words_find_the_same_person_in_every_list(both_app: Flask) -> None:
    event = held()
    wrong = [
        (where, words, search(event, words))
        for words, name in CASES
        for where, search in LISTS.items()
        if search(event, words) != ({name} if name else set())
    ]
    assert not wrong, wrong


@pytest.mark.parametrize("where", LISTS)
def test_no_run_of_digits_but_the_last_four_or_all_of_a_mobile_finds_anybody(app: Flask, where: str) -> None:
    event, mobile = held(), str(STAFF.mobile)
    runs = {mobile[start:end] for start in range(11) for end in range(start + 4, 12)}
    assert {run for run in runs if LISTS[where](event, run)} == {mobile[-4:], mobile}


def test_where_a_name_is_masked_no_part_of_it_finds_anybody(both_app: Flask) -> None:
    """Else whoever sees 王*强 reads the rest by trying; adults' names are masked where hours and proofs are."""
    event = make_event(credited_hours=1.0)
    roster_writing.write(
        event.id, [RosterRow("student", "王小强", "四棵中学", class_name="初二(3)班")], actor="staff:1"
    )
    hand_work.sign_in_entry(event, rosters.entries(event.id)[0].id, Hand("staff:1", "k"))
    sign_in(event, enterprise("王小明"))
    issuing.issue(subjects.of_event(event), staff_id=None, has_minors=True)
    subject = subjects.of_event(event)

    def found(words: str) -> tuple[set[str], ...]:
        return (
            {row.name for row in people.search(event.id, PeopleFilter(typed=words, hidden="minors")).rows},
            {row.name for row in roster_lists.search(event.id, words, hidden="minors").rows},
            {row.person.name for row in hours.search(event, typed=words, hidden="everybody").rows},
            {str(row.name) for row in proof_lists.search(subject, words=words, hidden="everybody").rows},
        )

    for part in ("王小", "小强", "小", "wx", "wxq", "王小强四棵"):
        assert found(part)[1:] == (set(), set(), set()) and "王小强" not in found(part)[0], part
    assert found("王小")[0] == found("wxm")[0] == {"王小明"}
    assert found("王小强") == found("四棵") == found("初二3") == ({"王小强"},) * 4


def test_nobody_of_another_event_is_found(app: Flask) -> None:
    held()
    other = make_event(credited_hours=1.0)
    assert all(search(other, "王强") == set() for search in LISTS.values())


def test_walk_ins_are_found_like_the_listed(both_app: Flask) -> None:
    event = make_event(credited_hours=1.0)
    sign_in(
        event, student("单雄信", organisation_name="四棵中学（东校区）", class_name="初二（3）班", student_no="0305")
    )
    for words in ("sxx", "四棵中学东校区", "初二(3)班", "0305", "1"):
        assert on_board(event, words) == with_hours(event, words) == {"单雄信"}, words
        assert len(words) < 2 or hands(event, words) == {"单雄信"}, words


def test_a_correction_is_found_by_what_it_says_and_by_what_the_roster_says(both_app: Flask) -> None:
    event = make_event(credited_hours=1.0)
    roster_writing.write(event.id, [STAFF], actor="staff:1")
    (entry,) = rosters.entries(event.id)
    done = hand_work.sign_in_entry(event, entry.id, Hand("staff:1", "k1"))
    assert done.sign_in_id is not None
    changes = {"name": "王强", "organisation_name": "劲牌（集团）"}
    hand_work.correct(event, done.sign_in_id, changes, Hand("staff:1", "k2"))
    for words in ("wq", "劲牌集团", "oynn", "abb"):
        assert hands(event, words) == on_board(event, words) == with_hours(event, words) == {"王强"}, words
        assert on_roster(event, words) == {"欧阳娜娜"}, words


def test_people_are_found_by_every_name_of_their_organisation(both_app: Flask) -> None:
    event = make_event(credited_hours=1.0)
    sign_in(event, enterprise("甲方", organisation_name="黄石东贝"))
    sign_in(event, enterprise("乙方", organisation_name="湖北东贝制冷有限公司", mobile="13900139000"))
    merge("黄石东贝", "湖北东贝制冷有限公司")
    for search in (hands, on_board, with_hours):
        assert search(event, "湖北东贝") == {"甲方", "乙方"} and search(event, "黄石东贝") == {"甲方"}


def test_who_was_taken_back_is_found_as_such(app: Flask) -> None:
    event = make_event()
    corrections.void(sign_in(event, guest("张爱国")).sign_in_id, staff_id=None)
    (row,) = people.search(event.id, PeopleFilter(typed="zag")).rows
    assert row.is_void and hands(event, "zag") == {"张爱国"} and with_hours(event, "zag") == set()


@pytest.mark.parametrize(
    ("given", "key"),
    [
        (
            ("王　强", "湖北东贝（集团）", "初二(3)班", "A-03", "一组"),
            "王强 湖北东贝集团 初二3班 一组/,wq,yq,wj,yj/a03",
        ),
        (("万俟明",), "万俟明/,mqm,wqm,msm,wsm/"),
        (("A/B C",), "abc/,abc/"),
        ((",", "/", "，"), "/,/"),
        (("",), ""),
    ],
)
def test_a_search_key_has_words_initials_and_number(given: tuple[str, ...], key: str) -> None:
    assert search_key(*given) == key
