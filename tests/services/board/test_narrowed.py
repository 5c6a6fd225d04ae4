"""The board narrowed by a tapped bar: its numbers are a part of the whole, and all parts make the whole."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from kiosk.extensions import db
from kiosk.models import RosterEntry
from kiosk.services.board import dashboards, narrowed
from kiosk.services.board.people import PeopleFilter
from kiosk.services.event.events import Counts
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.board import FIRMS, busy_event
from tests.aids.factories import enterprise, guest, sign_in

PARTS = ("arrived", "listed", "unlisted", "expected", "missing", "excused")


def of(counts: Counts) -> dict[str, int]:
    return {name: getattr(counts, name) for name in PARTS}


def test_the_parts_add_up_to_the_whole(both_app: Flask) -> None:
    event = busy_event(people=24, here=10)
    more = [RosterRow("enterprise", "", FIRMS[0], seats=3), RosterRow("enterprise", "甘一", mobile="13700137000")]
    roster_writing.write(event.id, more, actor="staff:1")
    sign_in(event, enterprise("领名额", organisation_name=FIRMS[0], mobile="13900139033"))
    sign_in(event, guest("没有单位"))
    absent = db.session.scalar(
        select(RosterEntry.id).where(RosterEntry.event_id == event.id, RosterEntry.name == "甘一")
    )
    db.session.rollback()
    rosters.set_state(event.id, absent or 0, "excuse", actor="staff:1")
    whole = dashboards.read(event)
    assert whole.counts.excused == 1 and whole.counts.missing > 0 and whole.counts.unlisted > 0
    bars = {
        "organisation_id": {bar.key: bar.equation for bar in whole.organisations if bar.key},
        "district": {bar.key: bar.equation for bar in whole.districts if bar.key},
        "kind": {each.kind.kind: each.equation for each in whole.kinds},
    }
    for name, of_it in bars.items():
        parts = {key: narrowed.read(event, PeopleFilter(**{name: key})).counts for key in of_it}  # type: ignore[arg-type]
        for key, bar in of_it.items():
            assert of(parts[key]) == {one: getattr(bar, one) for one in PARTS}, (name, key)
        if name == "kind":
            assert {one: sum(getattr(part, one) for part in parts.values()) for one in PARTS} == of(whole.counts)


def test_a_district_narrows_the_missing_the_arrivals_and_the_chart(both_app: Flask) -> None:
    event = busy_event(people=12, here=6, has_class=False)
    part = narrowed.read(event, PeopleFilter(district="大冶市"))
    assert part.missing is not None
    assert {gap.organisation for gap in part.missing.gaps} <= {FIRMS[0], FIRMS[3]}
    assert sum(len(gap.people) for gap in part.missing.gaps) == part.counts.missing == 2
    # The substitute is of the first, though who is replaced is expected elsewhere.
    assert {(gap.equation.listed, gap.equation.expected) for gap in part.missing.gaps} == {(2, 3), (1, 2)}
    assert sum(bar.arrived for bar in part.chart.bars) == part.counts.arrived == 3 == len(part.latest)


@pytest.mark.parametrize(
    "wanted", [PeopleFilter(kind="student"), PeopleFilter(organisation_id=999), PeopleFilter(district="无")]
)
def test_a_part_of_nobody_is_empty(app: Flask, wanted: PeopleFilter) -> None:
    event = busy_event(people=4, here=2, has_class=False)
    part = narrowed.read(event, wanted)
    assert (part.counts.arrived, part.counts.expected, part.missing, part.latest) == (0, 0, None, ())
