"""The report's figures: on the demo each one compared with a count made straight from the tables."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import Event, HandCounter, SignIn
from kiosk.services.demo.build import build
from kiosk.services.directory import merges
from kiosk.services.door import corrections
from kiosk.services.event import campaigns, events
from kiosk.services.event.notices import ensure_default_notice
from kiosk.services.privacy import purges
from kiosk.services.reports import behind, counting, papers, reading
from kiosk.services.reports.behind import READERS, AttendanceRow, FigureQuery, rows_behind
from kiosk.services.reports.counting import ReportFigures
from kiosk.services.reports.sittings import Period
from kiosk.services.reports.trends import draw
from kiosk.services.store.writer import run
from tests.aids.factories import (
    enterprise,
    guest,
    list_organisations,
    make_event,
    make_staff,
    sign_in,
    student,
    ticket_for,
)

DONGBEI = "湖北东贝制冷有限公司"
# What counts, said once more and in SQL only: the tests' own reading of docs/decisions/0010.
COUNTED = """sign_in s JOIN event e ON e.id = s.event_id LEFT JOIN organisation o ON o.id = s.organisation_id
    LEFT JOIN organisation r ON r.id = coalesce(o.root_id, o.id)
    WHERE e.campaign_id = :campaign AND NOT e.is_rehearsal AND s.state = 'arrived' AND s.voided_at IS NULL
    AND NOT s.is_trial"""


def count(what: str, campaign_id: int, more: str = "", **values: Any) -> int:
    """Count straight from the tables."""
    statement = text(f"SELECT count({what}) FROM {COUNTED} {more}")  # noqa: S608  the tests' own words
    return int(db.session.execute(statement, {"campaign": campaign_id, **values}).scalar_one())


def build_demo() -> int:
    """Build the demo and, in its campaign, whatever must not be counted; return the campaign's id."""
    ensure_default_notice()
    demo = build()
    open_event = events.get(demo.open_code)
    gone = sign_in(open_event, enterprise("来过又撤", mobile="13911112222"))
    corrections.void(gone.sign_in_id, staff_id=None, reason="twice")
    rehearsed = make_event(title="演练", campaign_id=demo.campaign_id, district="大冶市")
    sign_in(rehearsed, enterprise("演练的人", mobile="13911113333", organisation_name="演练公司"))

    def rehearse(session: Any) -> None:
        session.get(Event, rehearsed.id).is_rehearsal = True

    run(rehearse)
    make_event(title="还没有人来的活动", campaign_id=demo.campaign_id, district="大冶市")
    other = make_event(title="别的系列的活动", campaign_id=campaigns.create(campaigns.CampaignDraft(title="别的")).id)
    sign_in(other, enterprise("别人", mobile="13911114444", organisation_name="别的公司"))
    return demo.campaign_id


def test_every_figure_of_the_demo_equals_a_count_straight_from_the_tables(both_app: Flask) -> None:
    campaign = build_demo()
    found = counting.figures(campaign)
    is_enterprise = "AND r.type = 'enterprise'"
    assert found.events == count("DISTINCT e.id", campaign) == 13
    assert found.attendances == count("*", campaign) > 500
    assert found.people == count("DISTINCT s.participant_id", campaign) < found.attendances
    assert found.enterprises == count("DISTINCT r.id", campaign, is_enterprise) > 300
    assert found.students == count("DISTINCT s.participant_id", campaign, "AND s.kind = 'student'") == 20
    assert sum(one.attendances for one in found.kinds) == found.attendances
    for kind in found.kinds:
        of_kind = "AND s.kind = :kind"
        assert kind.attendances == count("*", campaign, of_kind, kind=kind.kind)
        assert kind.people == count("DISTINCT s.participant_id", campaign, of_kind, kind=kind.kind)
    assert sum(one.attendances for one in found.districts) == found.attendances
    assert len(found.districts) == 7 and found.districts[-1].district is None
    for one in found.districts:
        here = "AND coalesce(e.district, '') = :district"
        place = {"district": one.district or ""}
        assert one.events == count("DISTINCT e.id", campaign, here, **place)
        assert one.attendances == count("*", campaign, here, **place)
        assert one.enterprises == count("DISTINCT r.id", campaign, f"{here} {is_enterprise}", **place)
    for held in found.held:
        at = {"event": held.sitting.id}
        assert held.attendances == count("*", campaign, "AND e.id = :event", **at)
        assert held.enterprises == count("DISTINCT r.id", campaign, f"AND e.id = :event {is_enterprise}", **at)
        assert held.by_kind.get("student", 0) == count("*", campaign, "AND e.id = :event AND s.kind = 'student'", **at)
    assert sum(bar.attendances for bar in found.trend.bars) == found.attendances
    for counted in found.counted:
        statement = text(
            "SELECT sum(h.count) FROM hand_counter h JOIN event e ON e.id = h.event_id"
            " WHERE e.campaign_id = :campaign AND h.label = :label"
        )
        said = db.session.execute(statement, {"campaign": campaign, "label": counted.label}).scalar_one()
        assert counted.count == said > 0
    assert len(found.counted) == 2
    listed = papers.paper_of(found, campaigns.list_all()[0], "en").organisations.rows
    assert sum(row[1] == "Enterprise" for row in listed) == found.enterprises
    in_organisations = count("*", campaign, "AND s.organisation_id IS NOT NULL")
    assert sum(int(row[4] or 0) for row in listed) == in_organisations


def test_an_event_is_held_once_somebody_came_or_something_was_counted(app: Flask) -> None:
    event, stand = make_event(title="培训"), make_event(title="咨询台")
    assert _held(event.campaign_id) == [] and len(counting.figures(event.campaign_id).planned) == 2
    gone = sign_in(event, enterprise())
    assert _held(event.campaign_id) == ["培训"]
    run(lambda session: session.add(HandCounter(event_id=stand.id, label="宣传资料", count=3)))
    assert _held(event.campaign_id) == ["培训", "咨询台"]
    corrections.void(gone.sign_in_id, staff_id=None, reason="twice")
    assert _held(event.campaign_id) == ["咨询台"]


def test_archived_events_count_and_trials_do_not(app: Flask) -> None:
    event = make_event()
    sign_in(event, enterprise())
    events.set_archived(event.code, is_archived=True)
    early = make_event(opens_at=utcnow() + timedelta(hours=1))
    sign_in(early, guest(), ticket=ticket_for(early, is_trial=True))
    found = counting.figures(event.campaign_id)
    assert (found.events, found.attendances, found.people, len(found.planned)) == (1, 1, 1, 1)


def test_days_are_the_events_own(app: Flask) -> None:
    # 23:30 on the 9th in Shanghai is still the 9th there, and the 10th nowhere else that matters.
    late = make_event(
        title="晚上", timezone="Asia/Shanghai", starts_at=datetime(2026, 9, 9, 15, 30, tzinfo=UTC), closes_at=None
    )
    west = make_event(
        title="西边", timezone="America/Los_Angeles", starts_at=datetime(2026, 9, 10, 2, tzinfo=UTC), closes_at=None
    )
    for event in (late, west):
        sign_in(event, guest())
    ninth, tenth = date(2026, 9, 9), date(2026, 9, 10)
    assert counting.figures(late.campaign_id, Period(ninth, ninth)).events == 2
    assert counting.figures(late.campaign_id, Period(tenth, None)).events == 0
    assert counting.figures(late.campaign_id, Period(None, date(2026, 9, 8))).events == 0


def test_somebody_who_comes_twice_is_one_person_and_two_attendances(both_app: Flask) -> None:
    first, second = make_event(district="大冶市"), make_event(district="阳新县")
    for event in (first, second):
        sign_in(event, enterprise())
    found = counting.figures(first.campaign_id)
    assert (found.attendances, found.people, found.enterprises) == (2, 1, 1)
    assert [(one.district, one.enterprises) for one in found.districts] == [("大冶市", 1), ("阳新县", 1)]


def test_a_merge_makes_one_enterprise_of_two_and_undoing_it_two_again(both_app: Flask) -> None:
    event = make_event()
    sign_in(event, enterprise("王强", mobile="13800138001", organisation_name=DONGBEI))
    sign_in(event, enterprise("李娜", mobile="13800138002", organisation_name="东贝制冷公司"))
    ids = {row.name: row.id for row in list_organisations()}
    assert counting.figures(event.campaign_id).enterprises == 2
    merges.merge(ids["东贝制冷公司"], ids[DONGBEI], actor="staff:1")
    assert counting.figures(event.campaign_id).enterprises == 1
    behind = rows_behind(event.campaign_id, FigureQuery("enterprises"), make_staff())
    (row,) = behind.rows
    assert (behind.total, row.name, row.others, row.attendances) == (1, DONGBEI, ("东贝制冷公司",), 2)  # type: ignore[union-attr]
    merges.undo(ids["东贝制冷公司"], actor="staff:1")
    assert counting.figures(event.campaign_id).enterprises == 2


def test_a_purge_changes_no_figure_and_leaves_rows_without_names(both_app: Flask) -> None:
    event, later = make_event(district="大冶市"), make_event(district="大冶市")
    for one in (event, later):
        sign_in(one, enterprise())
        sign_in(one, student("李明", student_no="20230301"))
    sign_in(event, guest())
    staff = make_staff()
    before = _plain(counting.figures(event.campaign_id))
    people = rows_behind(event.campaign_id, FigureQuery("people"), staff)
    purges.purge_event(event, "staff:1")
    db.session.rollback()
    assert not db.session.query(SignIn).filter(SignIn.event_id == event.id, SignIn.name != "").count()
    assert _plain(counting.figures(event.campaign_id)) == before
    arrivals = rows_behind(event.campaign_id, FigureQuery("attendances", event=event.code), staff)
    assert arrivals.total == 3 and {row.person.who for row in arrivals.rows} == {"purged"}  # type: ignore[union-attr]
    after = rows_behind(event.campaign_id, FigureQuery("people"), staff)
    assert (after.total, len(after.rows)) == (people.total, len(people.rows))
    # Who is still known from the later event is named by it.
    assert sorted(row.person.who for row in after.rows) == ["masked", "minor", "purged"]  # type: ignore[union-attr]


def test_minors_are_never_named_and_others_are_masked(app: Flask) -> None:
    event = make_event()
    sign_in(event, student("李明"))
    sign_in(event, enterprise("王小强"))
    behind = rows_behind(event.campaign_id, FigureQuery("attendances"), make_staff())
    people = [row.person for row in behind.rows]  # type: ignore[union-attr]
    assert [(one.who, one.name, one.mobile) for one in people] == [
        ("minor", "", ""), ("masked", "王*强", "138****8000"),
    ]  # fmt: skip


def test_organisers_see_the_figures_and_only_their_own_people(app: Flask) -> None:
    organiser = make_staff("organiser")
    own = events.create(events.EventDraft(title="自己的"), owner_id=organiser.id)
    sign_in(own, enterprise())
    sign_in(make_event(title="别人的"), enterprise())
    sign_in(make_event(title="别人的"), enterprise("李娜", mobile="13800138002", organisation_name="另一家公司"))
    for figure, total, listed in (("attendances", 3, 1), ("people", 2, 1), ("enterprises", 2, 1), ("events", 3, 3)):
        found = rows_behind(own.campaign_id, FigureQuery(figure), organiser)
        assert (found.total, found.hidden, len(found.rows)) == (total, total - listed, listed), figure


def test_long_lists_are_cut_into_pages(app: Flask) -> None:
    event = make_event()
    for number in range(53):
        sign_in(event, enterprise(mobile=f"1380013{number:04}"))
    staff = make_staff()
    for figure in ("attendances", "people"):
        pages = [rows_behind(event.campaign_id, FigureQuery(figure), staff, page=page) for page in (1, 2)]
        assert [(len(one.rows), one.total, one.pages) for one in pages] == [(50, 53, 2), (3, 53, 2)]
        assert not set(map(str, pages[0].rows)) & set(map(str, pages[1].rows))


def test_pages_of_large_and_small_events_follow_each_other(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(behind, "PAGE", 4)
    for number, count in enumerate((2, 1, 9, 1, 0, 3, 5, 1)):
        event = make_event(starts_at=utcnow() + timedelta(minutes=number))
        for one in range(count):
            sign_in(event, enterprise(f"王{number}{one}", mobile=f"138{number:04}{one:04}"))
    asked = event.campaign_id, FigureQuery("attendances"), make_staff()
    pages = [rows_behind(*asked, page=page).rows for page in range(1, 7)]
    assert [len(rows) for rows in pages] == [4, 4, 4, 4, 4, 2]
    rows = [row for page in pages for row in page if isinstance(row, AttendanceRow)]
    assert rows == sorted(rows, key=lambda row: (row.sitting.day, row.sitting.starts_at, row.signed_in_at))
    assert len({(row.sitting.id, row.signed_in_at) for row in rows}) == 22


def test_the_trend_takes_the_unit_that_can_be_read() -> None:
    first = date(2026, 1, 1)
    for days, unit, bars in ((1, "day", 1), (31, "day", 31), (32, "week", 5), (300, "month", 10), (2000, "year", 6)):
        trend = draw([(first, 2), (first + timedelta(days=days - 1), 3)])
        assert (trend.unit, len(trend.bars)) == (unit, bars)
        assert sum(bar.attendances for bar in trend.bars) == 5
        assert all(a.until + timedelta(days=1) == b.since for a, b in zip(trend.bars, trend.bars[1:], strict=False))
    assert draw([]).bars == ()


def _held(campaign_id: int) -> list[str]:
    return [one.sitting.title for one in counting.figures(campaign_id).held]


def _plain(figures: ReportFigures) -> object:
    return (
        figures.events, figures.attendances, figures.people, figures.enterprises, figures.students, figures.kinds,
        figures.districts, figures.trend, [(one.sitting.id, one.by_kind, one.enterprises) for one in figures.held],
    )  # fmt: skip


def test_figures_of_a_large_event_are_read_in_small_steps(both_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "STEP", 3)
    large, small, twin = make_event(), make_event(), make_event()
    for number in range(8):
        sign_in(large, enterprise(mobile=f"1380013800{number}"))
    for event in (small, twin):
        sign_in(event, enterprise(mobile="13800138000"))
    gone = sign_in(small, guest())
    corrections.void(gone.sign_in_id, staff_id=None, reason="twice")
    steps = [len(step) for step in reading.arrivals([large.id, small.id, twin.id])]
    assert max(steps) == 3 and sum(steps) == 10
    assert counting.figures(large.campaign_id).people == 8
    assert rows_behind(large.campaign_id, FigureQuery("people"), make_staff()).rows[0].events == 3  # type: ignore[union-attr]


def test_a_page_behind_the_last_one_is_the_last_one(app: Flask) -> None:
    first, second = make_event(starts_at=utcnow()), make_event(starts_at=utcnow() + timedelta(minutes=1))
    for number in range(53):
        sign_in(first if number < 27 else second, enterprise(mobile=f"1380013{number:04}"))
    staff = make_staff()
    for figure in READERS:
        found = rows_behind(first.campaign_id, FigureQuery(figure), staff, page=10**30)
        assert (found.page, len(found.rows)) == (found.pages, found.total % 50), figure
    both = rows_behind(first.campaign_id, FigureQuery("attendances"), staff)
    assert [row.sitting.id for row in both.rows] == [first.id] * 27 + [second.id] * 23  # type: ignore[union-attr]


def test_a_clone_has_not_brought_anything_about_yet(app: Flask) -> None:
    event = make_event(outcome="成为第9家基地", outcome_alt="The ninth base")
    made = events.clone(event.code)
    assert (made.title, made.outcome, made.outcome_alt) == (event.title, None, None)
