"""One list over several events: what it is split by, which event each part means, and that each share is whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import RosterDraft, SplitList
from kiosk.services import tallies
from kiosk.services.account.staff import StaffView
from kiosk.services.event import campaigns, event_access
from kiosk.services.event.campaigns import CampaignDraft
from kiosk.services.event.cleared import EventCleared
from kiosk.services.event.event_views import EventView
from kiosk.services.lists.books import Book, Sheet
from kiosk.services.lists.texts import read_text
from kiosk.services.privacy import purges
from kiosk.services.refusals import Refused, Unknown
from kiosk.services.roster import campaign_lists, import_history, roster_imports, rosters
from kiosk.services.roster.campaign_lists import Split
from kiosk.services.store.writer import WriterBusy
from tests.aids.factories import make_event, make_staff

HEAD = "姓名\t单位\t手机\t县区\n"
ROWS = """王强\t东贝\t13800138000\t大冶市
李娜\t劲牌\t13900139000\t阳新县
赵敏\t东贝\t13700137000\t大冶
钱多\t远方\t13600136000\t武汉
"""
LIST = HEAD + ROWS


@pytest.fixture
def staff(both_app: Flask) -> StaffView:
    return make_staff()


@pytest.fixture
def tour(staff: StaffView) -> dict[str, EventView]:
    """A campaign's tour of three districts."""
    campaign = campaigns.create(CampaignDraft("质量月"))
    districts = ("大冶市", "阳新县", "西塞山区")
    return {one: make_event(title="巡回培训", district=one, campaign_id=campaign.id) for one in districts}


def staged(tour: dict[str, EventView], staff: StaffView, *books: Book) -> tuple[int, str]:
    campaign_id = tour["大冶市"].campaign_id
    return campaign_id, campaign_lists.stage(campaign_id, books, staff, source="名单.xlsx")


def where(split: Split) -> dict[str, str]:
    """Return the district of the event that each value goes to."""
    return {one.value.shown: (one.event.district or "") if one.event else "" for one in split.given}


def names(event: EventView) -> list[str]:
    found = sorted(entry.name for entry in rosters.entries(event.id))
    db.session.rollback()
    return found


def waiting() -> tuple[int, int]:
    counts = [db.session.scalar(select(func.count(one.id))) or 0 for one in (SplitList, RosterDraft)]
    db.session.rollback()
    return counts[0], counts[1]


def test_a_column_of_districts_splits_a_list_and_what_means_no_event_is_left_out(
    tour: dict[str, EventView], staff: StaffView
) -> None:
    place = staged(tour, staff, read_text(LIST))
    split = campaign_lists.split(*place, staff)
    assert split.choices.splits_by == "district"
    assert where(split) == {"大冶市": "大冶市", "阳新县": "阳新县", "大冶": "大冶市", "武汉": ""}
    assert [(share.event.district, share.preview.changes) for share in split.shares] == [("大冶市", 2), ("阳新县", 1)]
    assert (split.changes, split.without_event) == (3, 1)
    assert all(names(event) == [] for event in tour.values()), "nothing is written before the confirmation"
    done = campaign_lists.confirm(*place, staff, actor="staff:1")
    assert [(one.event.district, one.written.added) for one in done] == [("大冶市", 2), ("阳新县", 1)]
    assert names(tour["大冶市"]) == ["王强", "赵敏"] and names(tour["阳新县"]) == ["李娜"]
    assert names(tour["西塞山区"]) == [] and waiting() == (0, 0) and tallies.recount() == ()
    with pytest.raises(Unknown):
        campaign_lists.confirm(*place, staff, actor="staff:1")
    again = campaign_lists.confirm(*staged(tour, staff, read_text(LIST)), staff, actor="staff:1")
    assert [(one.written.added, one.written.updated, one.written.unchanged) for one in again] == [(0, 0, 2), (0, 0, 1)]


def left_out(tour: dict[str, EventView]) -> dict[str, dict[str, int]]:
    """Return what the last import of each event left out, by its history."""
    pasts = {where: import_history.history(event.id) for where, event in tour.items()}
    return {where: past[0].result["left_out"] for where, past in pasts.items() if past}


def test_each_event_s_history_counts_what_belongs_to_it(tour: dict[str, EventView], staff: StaffView) -> None:
    head = ("姓名", "单位", "手机", "县区", "是否参加")
    rows = [
        ("2024年巡回培训报名表",),
        head,
        ("王强", "东贝", "13800138000", "大冶市", "参加"),
        ("李娜", "劲牌", "13900139000", "阳新县", "不参加"),
        ("赵敏", "劲牌", "13700137000", "阳新县", "参加"),
        ("孙立", "劲牌", "13700137001", "阳新县", "不参加"),
        ("合计", "2", "", "", ""),
    ]
    place = staged(tour, staff, Book((Sheet(list(enumerate(rows)), "报名"),)))
    whole = campaign_lists.split(*place, staff).read
    assert sorted((one.code, one.count) for one in whole.left_out) == [
        ("foot", 1), ("not_coming", 1), ("not_coming", 1), ("title", 1)
    ]  # fmt: skip
    campaign_lists.confirm(*place, staff, actor="staff:1")
    assert left_out(tour) == {"大冶市": {}, "阳新县": {"not_coming": 2}}, "title and total are of neither"
    of_sheet = [("报名表",), ("姓名", "手机"), ("钱一", "13600136001"), ("合计", "1")]
    other = [("报名表",), ("姓名", "手机"), ("钱二", "13600136002")]
    notes = [("填表说明",), ("请于周五前报送",)]
    sheets = (("说明", notes), ("大冶", of_sheet), ("阳新", other))
    place = staged(tour, staff, Book(tuple(Sheet(list(enumerate(rows)), name) for name, rows in sheets)))
    campaign_lists.confirm(*place, staff, actor="staff:1")
    assert left_out(tour) == {"大冶市": {"title": 1, "foot": 1}, "阳新县": {"title": 1}}, "each sheet's own"


def test_a_list_of_one_event_belongs_to_it_as_a_whole(tour: dict[str, EventView], staff: StaffView) -> None:
    rows = [("报名表",), ("姓名", "手机", "县区"), ("钱一", "13600136001", "大冶市"), ("合计", "1", "")]
    place = staged(tour, staff, Book((Sheet(list(enumerate(rows)), "报名"),)))
    campaign_lists.confirm(*place, staff, actor="staff:1")
    assert left_out(tour) == {"大冶市": {"title": 1, "foot": 1}}


def test_an_event_whose_import_is_being_taken_back_gets_its_share_later(
    tour: dict[str, EventView], staff: StaffView, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign_lists.confirm(*staged(tour, staff, read_text(LIST)), staff, actor="staff:1")
    import_history._begin(tour["大冶市"].id, "staff:1")
    place = staged(tour, staff, read_text(LIST + "孙立\t东贝\t13700137001\t大冶市\n钱二\t劲牌\t\t阳新县\n"))
    done = campaign_lists.confirm(*place, staff, actor="staff:1")
    assert [(one.failure, one.written.added) for one in done] == [("import_going_on", 0), ("", 1)]
    assert names(tour["大冶市"]) == ["王强", "赵敏"] and names(tour["阳新县"]) == ["李娜", "钱二"]
    with clock.freeze(utcnow() + timedelta(minutes=2)):
        import_history.carry_lost_on()
    done = campaign_lists.confirm(*place, staff, actor="staff:1")
    assert [(one.failure, one.written.added) for one in done] == [("", 3), ("", 0)]
    assert names(tour["大冶市"]) == ["孙立", "王强", "赵敏"] and tallies.recount() == ()


def test_each_value_and_what_splits_the_list_can_be_chosen(tour: dict[str, EventView], staff: StaffView) -> None:
    sheets = (("大冶", "王强", "A"), ("阳新", "李娜", "B"))
    book = Book(
        tuple(
            Sheet([(0, ("姓名", "手机", "批")), (1, (name, f"1380013800{n}", batch))], sheet)
            for n, (sheet, name, batch) in enumerate(sheets)
        )
    )
    place = staged(tour, staff, book)
    split = campaign_lists.split(*place, staff)
    assert split.choices.splits_by == "sheet" and where(split) == {"大冶": "大冶市", "阳新": "阳新县"}
    assert "header:批" in [way.by for way in split.ways]
    campaign_lists.choose(*place, staff, split.choices, {}, "header:批")
    split = campaign_lists.split(*place, staff)
    assert split.choices.splits_by == "event" and where(split) == {"A": "", "B": ""} and split.shares == ()
    given = {"a": tour["西塞山区"].id, "b": campaign_lists.NO_EVENT}
    campaign_lists.choose(*place, staff, split.choices, given, "")
    campaign_lists.confirm(*place, staff, actor="staff:1")
    assert [names(event) for event in tour.values()] == [[], [], ["王强"]]


def test_who_comes_to_two_of_the_events_is_no_repeat(tour: dict[str, EventView], staff: StaffView) -> None:
    rows = [(0, ("姓名", "手机")), (1, ("王强", "13800138000"))]
    place = staged(tour, staff, Book((Sheet(rows, "大冶"), Sheet(rows, "阳新"))))
    done = campaign_lists.confirm(*place, staff, actor="staff:1")
    assert [one.written.added for one in done] == [1, 1]


def test_a_doubtful_row_waits_for_its_tick_and_goes_to_its_own_event(
    tour: dict[str, EventView], staff: StaffView
) -> None:
    place = staged(tour, staff, read_text(f"{HEAD}王强、李娜\t东贝\t\t大冶市\n赵敏\t劲牌\t13700137000\t阳新县\n"))
    split = campaign_lists.split(*place, staff)
    assert [one.proposed.name for one in split.asked] == ["王强", "李娜"] and split.changes == 1
    ticked = {one.key: True for one in split.asked[:1]}
    campaign_lists.choose(*place, staff, replace(split.choices, rows=ticked), {}, "")
    done = campaign_lists.confirm(*place, staff, actor="staff:1")
    assert names(tour["大冶市"]) == ["王强"] and names(tour["阳新县"]) == ["赵敏"]
    assert [one.not_taken for one in done] == [1, 0]


@pytest.mark.parametrize(("error", "failure"), [(WriterBusy("full"), "busy"), (EventCleared(1), "purged")])
def test_when_one_event_fails_the_rest_can_be_confirmed_again(
    tour: dict[str, EventView], staff: StaffView, monkeypatch: pytest.MonkeyPatch, error: Exception, failure: str
) -> None:
    place = staged(tour, staff, read_text(LIST))
    real = roster_imports.write_read

    def fail(event: EventView, *given: object, **more: object) -> object:
        if event.district == "大冶市":
            raise error
        return real(event, *given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(roster_imports, "write_read", fail)
    done = campaign_lists.confirm(*place, staff, actor="staff:1")
    assert [(one.failure, one.written.added) for one in done] == [(failure, 0), ("", 1)]
    monkeypatch.undo()
    done = campaign_lists.confirm(*place, staff, actor="staff:1")
    assert [(one.written.added, one.written.unchanged) for one in done] == [(2, 0), (0, 1)]
    assert names(tour["大冶市"]) == ["王强", "赵敏"] and names(tour["阳新县"]) == ["李娜"]


def test_a_cleared_event_takes_nobody_and_the_list_says_so(tour: dict[str, EventView], staff: StaffView) -> None:
    purges.purge_event(tour["大冶市"], "staff:1")
    place = staged(tour, staff, read_text(LIST))
    split = campaign_lists.split(*place, staff)
    cleared = [(one.value.shown, one.cleared.district) for one in split.given if one.cleared]
    assert cleared == [("大冶市", "大冶市"), ("大冶", "大冶市")]
    assert tour["大冶市"].id not in [event.id for event in split.events]
    campaign_lists.choose(*place, staff, split.choices, {"大冶": tour["大冶市"].id}, "")
    campaign_lists.confirm(*place, staff, actor="staff:1")
    assert names(tour["大冶市"]) == [] and names(tour["阳新县"]) == ["李娜"]
    for event in tour.values():
        purges.purge_event(event, "staff:1")
    with pytest.raises(Refused) as refused:
        staged(tour, staff, read_text(LIST))
    assert refused.value.code == "purged"


def test_a_purge_of_one_event_forgets_its_campaign_s_lists(tour: dict[str, EventView], staff: StaffView) -> None:
    staged(tour, staff, read_text(LIST))
    purges.purge_event(make_event(), "staff:1")
    assert waiting() == (1, 0), "another campaign's"
    purges.purge_event(tour["阳新县"], "staff:1")
    assert waiting() == (0, 0)


def test_only_events_that_one_may_run_are_offered_and_nobody_else_sees_the_list(
    tour: dict[str, EventView], staff: StaffView
) -> None:
    partner = make_staff("organiser")
    event_access.share(tour["阳新县"].id, partner.email)
    campaign_id = tour["大冶市"].campaign_id
    token = campaign_lists.stage(campaign_id, [read_text(LIST)], partner, source="")
    split = campaign_lists.split(campaign_id, token, partner)
    assert [event.district for event in split.events] == ["阳新县"] and where(split)["大冶市"] == ""
    campaign_lists.choose(campaign_id, token, partner, split.choices, {"大冶市": tour["大冶市"].id}, "")
    campaign_lists.confirm(campaign_id, token, partner, actor="staff:2")
    assert names(tour["大冶市"]) == [] and names(tour["阳新县"]) == ["李娜"]
    token = campaign_lists.stage(campaign_id, [read_text(LIST)], partner, source="")
    with pytest.raises(Unknown):
        campaign_lists.split(campaign_id, token, staff)
    with clock.freeze(utcnow() + timedelta(hours=2)), pytest.raises(Unknown):
        campaign_lists.split(campaign_id, token, partner)
    with clock.freeze(utcnow() + timedelta(hours=2)):
        campaign_lists.stage(campaign_id, [read_text(LIST)], staff, source="")
    assert waiting() == (1, 0), "what nobody confirmed is deleted with the next list"
