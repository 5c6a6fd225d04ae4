"""For whom proofs are made in one go: kinds apart, and who came to work apart from them."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from kiosk.services.event.event_views import EventView
from kiosk.services.proofs import issuing, proof_lists, standings, subjects, whom
from kiosk.services.proofs.whom import Group
from kiosk.services.roster import roster_writing
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.factories import enterprise, guest, make_event, sign_in, student

PLAIN = {"student": 0, "enterprise": 0, "guest": 0, "staff": 0}


def waiting(event: EventView) -> dict[Group, int]:
    return standings.one(subjects.of_event(event)).by_group


def names(event: EventView) -> set[str | None]:
    return {row.name for row in proof_lists.search(subjects.of_event(event)).rows}


@pytest.mark.parametrize(
    ("details", "group"),
    [
        (enterprise("王强"), "enterprise"),
        (enterprise("王强", job_title="培训讲师"), "staff"),
        (enterprise("王强", job_title="Lecturer"), "staff"),
        (enterprise("王强", job_title="Staff engineer"), "enterprise"),
        (guest("张爱国"), "guest"),
        (guest("张爱国", identity="会务人员"), "staff"),
        (guest("张爱国", identity="市民观察员"), "guest"),
        (student("李明"), "student"),
    ],
)
def test_everybody_stands_in_one_group(both_app: Flask, details: Any, group: Group) -> None:
    event = make_event(are_students_minors=False)
    sign_in(event, details)
    assert waiting(event) == PLAIN | {group: 1}


def test_what_the_list_says_of_somebody_counts_as_well(both_app: Flask) -> None:
    event = make_event()
    rows = [
        RosterRow(name="钱进", kind="enterprise", organisation_name="东贝", mobile="13900000001", job_title="授课专家"),
        RosterRow(
            name="孙丽", kind="enterprise", organisation_name="东贝", mobile="13900000002", group_name="工作人员"
        ),
        RosterRow(name="李娜", kind="enterprise", organisation_name="东贝", mobile="13900000003", group_name="一组"),
    ]
    roster_writing.write(event.id, rows, actor="command")
    for row in rows:
        sign_in(event, enterprise(row.name, organisation_name="东贝", mobile=row.mobile))
    assert waiting(event) == PLAIN | {"enterprise": 1, "staff": 2}


def test_a_kind_s_name_and_the_line_of_lecturers_tell_too(both_app: Flask) -> None:
    kinds = [{"kind": "guest", "label": "会务"}, {"kind": "enterprise"}]
    event = make_event(kinds=kinds, lecturers="李教授、王强（省质检院）")
    sign_in(event, guest("张爱国"))
    sign_in(event, enterprise("王强"))
    sign_in(event, enterprise("王小强", mobile="13900139000"))
    assert waiting(event) == PLAIN | {"enterprise": 1, "staff": 2}
    teachers = make_event(kinds=[{"kind": "guest", "label": "教师"}, {"kind": "student"}])
    sign_in(teachers, guest("张爱国"))
    assert waiting(teachers) == PLAIN | {"guest": 1}, "a class's teacher is no lecturer, and a guest"


def test_only_those_asked_for_get_one(both_app: Flask) -> None:
    event = make_event()
    sign_in(event, enterprise("王强"))
    sign_in(event, enterprise("钱进", mobile="13900139000", job_title="讲师"))
    sign_in(event, guest("张爱国"))
    sign_in(event, student("李明"))
    subject = subjects.of_event(event)
    assert standings.one(subject).minors_waiting == 1 and standings.one(subject).waiting == 3
    assert issuing.issue(subject, staff_id=None, groups=subject.usual_groups) == 1 and names(event) == {"王强"}
    assert issuing.issue(subject, staff_id=None, groups=[]) == 0
    assert issuing.issue(subject, staff_id=None, groups=["student"]) == 0, "a minor is asked for apart"
    assert issuing.issue(subject, staff_id=None, groups=[], has_minors=True) == 1
    assert issuing.issue(subject, staff_id=None, groups=["guest", "staff"]) == 2
    assert names(event) == {"王强", "李明", "张爱国", "钱进"}


def test_who_works_at_one_event_of_a_series_works_there(both_app: Flask) -> None:
    from_a_series = [make_event(title=f"第{number}天") for number in range(2)]
    assert whom.usual(["guest"]) == {"student", "enterprise", "guest"}
    assert whom.usual(["guest", "enterprise"]) == {"student", "enterprise"}
    sign_in(from_a_series[0], enterprise("王强"))
    assert waiting(from_a_series[0])["enterprise"] == 1 and waiting(from_a_series[1]) == PLAIN
