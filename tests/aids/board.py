"""A board in the thick of it: a roster with gaps, walk-ins, a substitute, a class, one thing to hand out."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import RosterEntry
from kiosk.services.codes import new_ticket
from kiosk.services.event.event_views import EventView
from kiosk.services.group import groups
from kiosk.services.group.groups import GroupPerson, Submission
from kiosk.services.roster import roster_writing
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.sign_in import organisations
from tests.aids.factories import enterprise, guest, make_event, sign_in, student

PLACES = ("大冶市", "阳新县", "西塞山区")
FIRMS = tuple(
    f"湖北{name}有限公司" for name in ("东贝制冷", "新冶特钢", "劲牌酒业", "华新水泥", "三丰智能", "登峰换热器")
)
LONG_FIRM = "湖北省黄石市大冶市国家高新技术产业开发区城西北工业园东贝制冷压缩机及智能装备研究院股份有限公司质量中心"
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
PUPILS = tuple(f"{surname}小{given}" for surname in "赵钱孙李周" for given in ("明", "丽"))


def busy_event(
    *, people: int = 20, here: int = 12, has_class: bool = True, firms: tuple[str, ...] = FIRMS
) -> EventView:
    """Make an event that began ten minutes ago, to which `people` of the enterprises are expected; of them `here` have
    come, the rest is missing. Two walk-ins, a substitute and a class have come too."""
    starts_at = utcnow() - timedelta(minutes=10)
    event = make_event(starts_at=starts_at, late_after_minutes=5, tick_labels=("资料已领",), venue="市民之家三楼报告厅")
    for number, firm in enumerate(firms):
        organisations.add_many([firm], "enterprise", PLACES[number % len(PLACES)])
    rows = [
        RosterRow(
            "enterprise",
            f"{SURNAMES[at % 20]}建{'国华军平'[at // 20]}",
            firms[at % len(firms)],
            mobile=f"138000{at:05}",
            group_name=f"第{'一二三'[at % 3]}组",
            seat=f"B{at + 1}",
        )
        for at in range(people)
    ]  # fmt: skip
    roster_writing.write(event.id, rows, actor="staff:1")
    if has_class:
        groups.submit(class_of(event, *PUPILS))
    for row in rows[:here]:
        sign_in(event, enterprise(row.name, organisation_name=row.organisation_name, mobile=row.mobile))
    sign_in(event, guest("何振勇", organisation_name="黄石市市场监督管理局"))
    sign_in(event, guest("郑爱国"))
    absent = select(RosterEntry.id).where(RosterEntry.event_id == event.id, RosterEntry.name == rows[-1].name)
    entry_id = db.session.scalar(absent)
    db.session.rollback()
    sign_in(
        event,
        enterprise("龚代表", organisation_name=firms[0], mobile="13900139000"),
        replaces_id=entry_id,
        actor="staff:1",
    )
    return event


def class_of(event: EventView, *names: str) -> Submission:
    """Return what the teacher of a class sends."""
    people = tuple(GroupPerson(student(name)) for name in names)
    shared = {"leader": "王老师", "organisation_name": "四棵中学", "class_name": "初二(3)班", "has_consented": True}
    return Submission(event, new_ticket(event.id), people, **shared)  # type: ignore[arg-type]
