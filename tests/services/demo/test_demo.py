"""The demo's figures agree with the article's (docs/product.md), counted from rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import func, select
from wtforms.validators import Length

from kiosk import clock
from kiosk.extensions import db
from kiosk.models import Event, Notice, Organisation, Participant, SignIn
from kiosk.services import tallies
from kiosk.services.account import staff
from kiosk.services.demo import programme
from kiosk.services.demo.attendance import STILL_TO_COME
from kiosk.services.demo.build import Demo, build
from kiosk.services.demo.directory import CABLE, DISTRICTS, DONGBEI, LEBEIZI, LONG_NAME, MAYINGLONG, SCHOOL
from kiosk.services.event import campaigns, event_views, events
from kiosk.services.event.notices import ensure_default_notice
from kiosk.services.roster import rosters
from kiosk.services.sign_in import organisations
from kiosk.web.desk import event_form
from tests.aids.factories import enterprise, guest, sign_in, student

TRAINING = "2024年度企业首席质量官巡回培训%"


def build_demo() -> Demo:
    ensure_default_notice()
    return build()


def count_rows(title: str, *conditions: object) -> int:
    """Count arrivals at events of this title, in the rows and nowhere else."""
    statement = select(func.count()).select_from(SignIn).join(Event, Event.id == SignIn.event_id)
    wanted = (Event.title.like(title), SignIn.state == "arrived", SignIn.voided_at.is_(None), ~SignIn.is_trial)
    return db.session.scalar(statement.where(*wanted, *conditions)) or 0  # type: ignore[arg-type]


def test_figures_of_the_article_are_counted_from_rows(app: Flask) -> None:
    build_demo()
    visitors = count_rows("质量考察团赴马应龙药业学习交流", SignIn.kind == "enterprise")
    assert 30 <= visitors < 40
    assert count_rows("%社会实践活动", SignIn.kind == "student") == 20
    assert count_rows("%社会实践活动", SignIn.kind == "student", SignIn.class_name.like("初二%")) == 20
    districts = set(db.session.scalars(select(Event.district).where(Event.title.like(TRAINING))))
    assert districts == set(DISTRICTS) and len(DISTRICTS) == 6
    assert 380 <= count_rows(TRAINING, SignIn.kind == "enterprise") < 400


def test_the_demo_s_settings_can_be_saved_as_they_stand(app: Flask) -> None:
    build_demo()
    with app.test_request_context():
        for row in events.list_all():
            form = event_form.filled_form(row.view)
            for field in (*form, *(one for own in form.own_fields for one in own.form)):
                most = [one.max for one in field.validators if isinstance(one, Length)]
                assert not most or len(field.data or "") <= most[0], f"{row.view.title}: {field.data}"


def test_one_more_sign_in_changes_the_figures(app: Flask) -> None:
    demo = build_demo()
    event = events.get(demo.open_code)
    rows, tallied = count_rows(TRAINING, SignIn.kind == "enterprise"), events.counts(event.id).enterprise
    sign_in(event, enterprise("再来一人", mobile="13912345678"))
    assert count_rows(TRAINING, SignIn.kind == "enterprise") == rows + 1
    assert events.counts(event.id).enterprise == tallied + 1


def test_figures_still_agree_when_everybody_has_come(app: Flask) -> None:
    demo = build_demo()
    event = events.get(demo.open_code)
    for arrival in demo.coming:
        assert not sign_in(event, arrival.details).is_repeat
    assert count_rows(TRAINING, SignIn.kind == "enterprise") == sum(programme.REPRESENTATIVES.values()) < 400
    assert sum(arrival.details.kind == "enterprise" for arrival in demo.coming) == STILL_TO_COME
    assert tallies.recount() == ()


def test_tallies_equal_the_rows(both_app: Flask) -> None:
    build_demo()
    assert tallies.recount() == ()
    assert count_rows("%") > 500


def test_one_training_is_open_and_everything_else_is_over(app: Flask) -> None:
    now = datetime(2026, 11, 20, 2, 47, 13, tzinfo=UTC)
    with clock.freeze(now):
        demo = build_demo()
        rows = events.list_all(campaign_id=demo.campaign_id)
        open_ones = [row.view for row in rows if row.view.phase(now) == "open"]
        assert [view.code for view in open_ones] == [demo.open_code]
        assert {row.view.phase(now) for row in rows} == {"open", "closed"}
    (view,) = open_ones
    assert view.starts_at is not None and timedelta() < view.starts_at - now <= timedelta(minutes=5)
    assert "西塞山区" in view.title
    latest = db.session.scalar(select(func.max(SignIn.signed_in_at)).where(SignIn.event_id == view.id))
    assert latest is not None and timedelta() < now - latest < timedelta(minutes=1)


def test_the_open_event_is_todays_also_just_before_midnight(app: Flask) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    now = datetime(2026, 11, 20, 23, 58, 30, tzinfo=zone)
    with clock.freeze(now):
        view = events.get(build_demo().open_code)
    assert view.starts_at is not None and view.starts_at.astimezone(zone).date() == now.date()
    assert view.phase(now) == "open"


def test_arrivals_gather_before_the_start_and_some_are_late(app: Flask) -> None:
    build_demo()
    before = count_rows(TRAINING, SignIn.signed_in_at < Event.starts_at)
    late = count_rows(TRAINING, SignIn.is_late)
    assert late == count_rows(TRAINING, SignIn.signed_in_at > Event.starts_at)
    assert 0 < late < before / 5


def test_people_and_enterprises_that_try_the_screens_are_there(app: Flask) -> None:
    demo = build_demo()
    open_event = events.get(demo.open_code)
    names = set(db.session.scalars(select(SignIn.name).where(SignIn.event_id == open_event.id)))
    assert "刘䶮" in names and len(LONG_NAME) == 60
    assert count_rows(TRAINING, SignIn.name == "吴𠮷祥") == 1
    assert count_rows("%社会实践活动", SignIn.name == "李明") == 2
    wangs = set(db.session.scalars(select(SignIn.participant_id).where(SignIn.name == "王强")))
    assert len(wangs) == 2
    for enterprise_name in (DONGBEI, MAYINGLONG, CABLE, LEBEIZI, LONG_NAME):
        assert count_rows("%", SignIn.organisation_name == enterprise_name), enterprise_name


def test_somebody_who_comes_twice_is_one_participant(app: Flask) -> None:
    build_demo()
    events_of = select(SignIn.participant_id, func.count(SignIn.event_id.distinct()).label("events"))
    several = select(func.count()).select_from(
        events_of.group_by(SignIn.participant_id).having(func.count() > 2).subquery()
    )
    assert (db.session.scalar(several) or 0) >= 10  # the bus, the visit and a training
    mobiles = db.session.scalars(select(Participant.mobile).where(Participant.mobile.is_not(None))).all()
    assert len(mobiles) == len(set(mobiles)) and all(mobile.startswith("160") for mobile in mobiles)


def test_directory_knows_districts_and_types(app: Flask) -> None:
    build_demo()
    listed = db.session.execute(
        select(Organisation.name, Organisation.type, Organisation.district, Organisation.is_listed)
    )
    known = {name: (type_, district) for name, type_, district, is_listed in listed if is_listed}
    assert known[SCHOOL] == ("school", "黄石港区")
    assert known["黄石市市场监督管理局"][0] == "agency"
    assert {known[name][1] for name in known if known[name][0] == "enterprise"} == {*DISTRICTS, "武汉市"}
    assert len(known) == db.session.scalar(select(func.count()).select_from(Organisation))  # nobody typed a new one
    assert "湖北东贝制冷有限公司" in organisations.complete("东贝制冷", "enterprise")


def test_rosters_show_who_is_expected_missing_excused_and_unannounced(app: Flask) -> None:
    demo = build_demo()
    event = events.get(demo.open_code)
    before = events.counts(event.id)
    assert before.excused == 2 and before.walk_ins > 3 and before.listed_arrived < before.expected - 10
    starred = [entry for entry in rosters.entries(event.id) if entry.is_starred and entry.kind == "enterprise"]
    assert sorted(entry.has_arrived for entry in starred) == [False, True]
    for arrival in demo.coming:
        sign_in(event, arrival.details)
    assert events.counts(event.id).missing == 4  # and two on leave
    assert sum(entry.has_arrived for entry in starred) < sum(
        entry.has_arrived for entry in rosters.entries(event.id) if entry.is_starred and entry.kind == "enterprise"
    )
    school = next(
        row for row in events.list_all(campaign_id=demo.campaign_id) if row.view.title.endswith("社会实践活动")
    )
    counts = school.counts
    assert (counts.expected, counts.listed_arrived, counts.excused, counts.missing) == (21, 20, 1, 0)
    assert tallies.recount() == ()


def test_every_event_has_a_second_title_a_notice_and_the_campaign(app: Flask) -> None:
    demo = build_demo()
    campaign = campaigns.get(demo.campaign_id)
    assert (campaign.title, campaign.palette) == ("2024年黄石市“质量月”活动", "ceremony")
    rows = events.list_all(campaign_id=campaign.id)
    assert len(rows) == campaign.events == len(programme.SITTINGS)
    notice = db.session.scalar(select(Notice.id))
    assert all(row.view.title_alt and row.view.venue_alt and row.view.notice_id == notice for row in rows)


def test_every_kind_of_event_takes_one_more_person_of_its_kinds(app: Flask) -> None:
    demo = build_demo()
    by_kind = {
        "enterprise": enterprise("后到者", mobile="13912345678"),
        "guest": guest("后到者"),
        "student": student("后到者"),
    }
    seen = set()
    for row in events.list_all(campaign_id=demo.campaign_id):
        assert row.view.starts_at is not None and row.view.fields_by_kind
        for kind in row.view.kind_names:
            with clock.freeze(row.view.starts_at):
                result = sign_in(event_views.find(row.view.code) or row.view, by_kind[kind])
            assert not result.is_repeat and result.state == "arrived"
            seen.add(kind)
    assert seen == set(by_kind)
    assert tallies.recount() == ()


def test_log_in_of_the_run_opens_the_account(app: Flask) -> None:
    demo = build_demo()
    account = staff.authenticate(demo.email, demo.password)
    assert account is not None and account.may_organise
    assert staff.setup_url_token() is None
