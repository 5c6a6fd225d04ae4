"""An event's course: which part of its day it is in, and what is to be done then."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from kiosk.services.board import course, pulse
from kiosk.services.board.course import Facts, Stage
from kiosk.services.door import links
from kiosk.services.event import events, preparations, series
from kiosk.services.event.event_views import EventView
from kiosk.services.proofs import issuing, subjects
from kiosk.services.roster import roster_writing
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.sheet import frozen_sheets
from kiosk.services.sheet.sheet_copies import Choice
from tests.aids.factories import enterprise, make_event, sign_in

NOW = datetime(2026, 9, 10, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def facts(**changes: Any) -> Facts:
    plain: dict[str, Any] = {
        "phase": "open", "starts_at": None, "has_come": False, "done": frozenset(), "prepared": {},
        "is_cleared_by_itself": False,
    }  # fmt: skip
    return Facts(**{**plain, **changes})


@pytest.mark.parametrize(
    ("stage", "changes"),
    [
        ("before", {"phase": "early", "starts_at": NOW + 24 * HOUR}),
        ("before", {"phase": "early", "has_come": True}),  # closed again by new times
        ("before", {}),  # a title only: people prepare the evening before
        ("during", {"has_come": True}),
        ("before", {"starts_at": NOW + 3 * HOUR}),  # opened early by hand, and nobody is here
        ("during", {"starts_at": NOW + 3 * HOUR, "has_come": True}),
        ("during", {"starts_at": NOW + HOUR}),
        ("during", {"starts_at": NOW - HOUR}),
        ("after", {"phase": "closed"}),
        ("after", {"phase": "closed", "starts_at": NOW + HOUR, "has_come": True}),
    ],
)
def test_the_stage_follows_the_day(stage: Stage, changes: dict[str, Any]) -> None:
    assert course.course_of(facts(**changes), NOW).stage == stage


@pytest.mark.parametrize(
    ("changes", "states", "large"),
    [
        ({}, "open open open open open", "list"),
        ({"done": frozenset({"list", "phone"})}, "done open done open open", "poster"),
        ({"prepared": {"list": "skipped", "poster": "done"}}, "skipped done open open open", "phone"),
        ({"done": frozenset({"list"}), "prepared": {"list": "skipped"}}, "done open open open open", "poster"),
        ({"done": frozenset(course.TO_DO["before"])}, "done done done done done", None),
        ({"phase": "closed"}, "open open open open", "freeze"),
        ({"phase": "closed", "is_cleared_by_itself": True}, "open open open by_itself", "freeze"),
        (
            {"phase": "closed", "done": frozenset({"freeze", "report"}), "prepared": {"proofs": "skipped"}},
            "done skipped done open", "clear",
        ),
        ({"phase": "closed", "done": frozenset(course.TO_DO["after"])}, "done done done done", None),
        ({"has_come": True}, "", None),
    ],
)  # fmt: skip
def test_what_is_done_is_ticked_and_the_first_of_the_rest_is_next(
    changes: dict[str, Any], states: str, large: str | None
) -> None:
    shown = course.course_of(facts(**changes), NOW)
    assert " ".join(one.state for one in shown.to_do) == states and shown.next == large


def states(event: EventView) -> dict[str, str]:
    view = events.get(event.code)
    return {one.item: one.state for one in course.read(view, events.counts(view.id)).to_do}


def test_before_the_event_the_list_ticks_itself(both_app: Flask) -> None:
    event, other = make_event(), make_event()
    roster_writing.write(event.id, [RosterRow("guest", "王强")], actor="staff:1")
    links.make(event.id, "steward", "王老师", staff_id=None)
    links.make(event.id, "display", staff_id=None)
    pulse.opened(event.id, "phone_private")
    pulse.flush()
    preparations.note_done(event.id, "poster")
    assert set(states(event).values()) == {"done"}
    assert set(states(other).values()) == {"open"}, "of each event its own"
    links.revoke(event.id, "steward", links.list_of(event.id, "steward")[0].id, actor="staff:1")
    assert states(event)["stewards"] == "open"


def test_after_the_event_the_list_ticks_itself(both_app: Flask) -> None:
    campaign_id = make_event().campaign_id
    tied = series.ensure(campaign_id, "首席质量官培训")
    event, other = (make_event(series_id=tied), make_event())
    for one in (event, other):
        sign_in(one, enterprise())
        events.close(one.code)
    assert set(states(other).values()) == {"open"}
    frozen_sheets.freeze(events.get(event.code), Choice(), "zh", staff_id=None)
    issuing.issue(subjects.of_event(events.get(event.code)), staff_id=None)
    assert states(event) == {"freeze": "done", "proofs": "done", "report": "open", "clear": "open"}
    assert set(states(other).values()) == {"open"}, "a series' proofs are not another event's"
    draft = replace(events.draft_of(events.get(event.code)), outcome="发放资料 300 份", retention_days=3000)
    events.update(event.code, draft)
    assert states(event) == {"freeze": "done", "proofs": "done", "report": "done", "clear": "by_itself"}


def test_what_is_not_needed_is_skipped_and_needed_again(app: Flask) -> None:
    event = make_event()
    preparations.set_skipped(event.id, "list", is_skipped=True, actor="staff:1")
    assert states(event)["list"] == "skipped"
    assert states(events.clone(event.code))["list"] == "open"
    preparations.set_skipped(event.id, "list", is_skipped=False, actor="staff:1")
    assert states(event)["list"] == "open"
