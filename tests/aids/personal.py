"""Events full of personal data, and a search for any trace of it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import Event, GroupSignIn, HoursOverride, Participant, Proof, Series, Signature, SignIn
from kiosk.services import exports
from kiosk.services.account.staff import StaffView
from kiosk.services.audit_log.audit import Hand
from kiosk.services.door import corrections, desk_errands, links, roll_calls, ticks
from kiosk.services.event import event_views
from kiosk.services.event.event_views import EventView
from kiosk.services.group import groups
from kiosk.services.group.groups import Absent, GroupPerson, Submission
from kiosk.services.lists.texts import read_text
from kiosk.services.people import pinyin
from kiosk.services.roster import campaign_lists, roster_drafts, roster_writing, rosters  # fmt: skip
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.store.writer import WriterSession, run
from kiosk.services.tasks import tasks
from tests.aids.factories import enterprise, guest, make_event, sign_in, student, ticket_for

OWN_FIELDS = (
    {"key": "lunch", "type": "yes_no", "label": "用餐", "label_alt": None, "mode": "optional"},
    {"key": "wish", "type": "text", "label": "其他", "label_alt": None, "mode": "optional"},
)
# Long enough that neither they nor their initials stand anywhere by chance.
CAME = "欧阳买买提热合曼"
MISSED = "司马阿不都克里木"
EXCUSED = "诸葛吐尔逊古丽扎"
GUEST = "上官努尔古丽夏提"
PUPIL = "东方帕尔哈提江山"
ABSENT = "皇甫艾尼瓦尔玉素"
TEACHER = "尉迟古丽米热艾则"
STEWARD = "慕容亚森江图尔荪"
WRITTEN = "轩辕库尔班阿吉热"  # in reasons, remarks and answers
WAITING = "令狐托合提如则麦"  # in an import that nobody has confirmed
SIGNED = "夏侯热依汗古丽娅"  # typed instead of a signature
NAMES = (CAME, MISSED, EXCUSED, GUEST, PUPIL, ABSENT, TEACHER, STEWARD, WRITTEN, WAITING, SIGNED)
MOBILES = ("13912345671", "13912345672", "13912345673", "13912345674")
INK = "0.913.245.671.1000.13"  # the lines of a signature by hand
NUMBERS = ("20240917SCH01", INK)


def make_full_event(**changes: object) -> EventView:
    """Make an event with somebody in every table and column that may hold a person."""
    usual = {"title": "巡回培训", "own_fields": OWN_FIELDS, "tick_labels": ["资料"], "credited_hours": 4.0}
    event = make_event(**{**usual, **changes})
    fill(event)
    return event


def fill(event: EventView) -> None:
    """Let people come, be missed, be excused, be corrected, be proved, and wait in drafts and files."""
    roster_writing.write(
        event.id,
        [
            RosterRow("enterprise", CAME, "甲公司", mobile=MOBILES[0], group_name=f"{TEACHER}组", note=WRITTEN),
            RosterRow("enterprise", MISSED, "乙公司", mobile=MOBILES[1], job_title="质量部长"),
            RosterRow("enterprise", EXCUSED, "丙公司", mobile=MOBILES[2], steward_note=f"{WRITTEN}请带路"),
            RosterRow("student", "东郭先生", "第八中学", class_name="初二(3)班", student_no="9"),
            RosterRow("guest", "南宫先生", "丁单位", identity=f"{WRITTEN}之友"),
            RosterRow("enterprise", "", "戊公司", seats=2, group_name=f"{TEACHER}组", note=WRITTEN),
        ],
        actor="staff:1",
    )
    excused = next(one for one in rosters.entries(event.id) if one.name == EXCUSED)
    rosters.set_state(event.id, excused.id, "excuse", actor="staff:1", reason=f"{WRITTEN}代")
    answers = (("x_lunch", "yes"), ("x_wish", f"与{WRITTEN}同座"))
    came = sign_in(
        event, enterprise(CAME, organisation_name="甲公司", mobile=MOBILES[0], job_title="经理", answers=answers)
    )
    visitor = sign_in(event, guest(GUEST, mobile=MOBILES[3]))
    corrections.void(visitor.sign_in_id, staff_id=None, reason=f"{WRITTEN}说的")
    corrections.restore(visitor.sign_in_id, staff_id=None)
    ticks.set_tick(event.id, came.sign_in_id, "资料", is_ticked=True, hand=Hand("staff:1"))
    links.make(event.id, "steward", STEWARD, staff_id=None)
    links.make(event.id, "count", STEWARD, staff_id=None)
    call = roll_calls.start(event.id, f"{TEACHER}的车", Hand("staff:1"))
    roll_calls.tick(event.id, call, came.sign_in_id, Hand("staff:1"), is_there=True)
    links.make(event.id, "group", TEACHER, staff_id=None, group_name=f"{TEACHER}组")
    pupil = student(PUPIL, organisation_name="第八中学", student_no=NUMBERS[0])
    submission = Submission(
        event=event,
        ticket=ticket_for(event),
        people=(GroupPerson(pupil),),
        absent=(Absent(ABSENT, f"{WRITTEN}带走"),),
        leader=TEACHER,
        organisation_name="第八中学",
        class_name="初二(3)班",
        has_consented=True,
    )
    groups.submit(submission)
    _name_group(event)
    roster_drafts.stage(
        event,
        [read_text(f"姓名\t单位\t手机\n{WAITING}\t丁公司\t13912345679\n")],
        staff_id=1,
        source="x",
    )
    campaign_lists.stage(
        event.campaign_id,
        [read_text(f"姓名\t单位\t手机\n{WAITING}\t丁公司\t13912345679\n")],
        StaffView(1, "admin@example.org", None, "admin"),
        source="x",
    )
    words = f"{WRITTEN}找不到车"
    desk_errands.send(event.id, Hand("steward:1"), sign_in_id=came.sign_in_id, entry_id=None, note=words)
    _prove(event, came.sign_in_id)
    _sign(came.sign_in_id, typed=SIGNED)
    _sign(visitor.sign_in_id, drawn=INK)


def _name_group(event: EventView) -> None:
    def work(session: WriterSession) -> None:
        session.scalars(select(GroupSignIn).where(GroupSignIn.event_id == event.id)).one().group_name = f"{TEACHER}组"

    run(work)


def _prove(event: EventView, sign_in_id: int) -> None:
    def work(session: WriterSession) -> None:
        row = session.get_one(SignIn, sign_in_id)
        session.add(
            HoursOverride(sign_in_id=row.id, hours=2.0, reason=f"{WRITTEN}批准", set_by="staff:1", set_at=utcnow())
        )
        session.add(
            Proof(
                code=f"P{event.code}", number=f"N{event.code}", campaign_id=event.campaign_id, event_id=event.id,
                participant_id=row.participant_id, name=row.name, organisation_name="甲公司", title="巡回培训",
                issued_by="staff:1", issued_at=utcnow(), void_reason=WRITTEN,
            )
        )  # fmt: skip

    run(work)


def _sign(sign_in_id: int, **signed: str) -> None:
    run(lambda session: session.add(Signature(sign_in_id=sign_in_id, signed_at=utcnow(), **signed)))


def add_export(event: EventView, staff_id: int, body: str) -> None:
    """Leave a file that somebody asked for."""
    who = f"staff:{staff_id}"
    tasks.add(exports.ExportView, what="sheet", event_id=event.id, asked_by=who, state="done", body=body.encode())


def fresh(event: EventView) -> EventView:
    """Return the event as it is now, past the cache."""
    event_views.forget(event.code)
    found = event_views.find(event.code)
    assert found is not None
    return found


def ended(event: EventView, days: float, **changes: Any) -> EventView:
    """Let an event have ended so many days ago, with other columns changed as well."""

    def work(session: WriterSession) -> None:
        row = session.get_one(Event, event.id)
        row.ends_at = utcnow() - timedelta(days=days)
        row.starts_at = row.ends_at - timedelta(hours=3)
        for name, value in changes.items():
            setattr(row, name, value)

    run(work)
    return fresh(event)


def tie(event: EventView, title: str = "两个半天") -> int:
    """Put an event into a series and return it."""

    def work(session: WriterSession) -> int:
        known = session.scalar(select(Series.id).where(Series.title == title))
        if known is None:
            series = Series(campaign_id=event.campaign_id, title=title)
            session.add(series)
            session.flush()
            known = series.id
        session.get_one(Event, event.id).series_id = known
        return known

    return run(work)


def participants_named(name: str) -> int:
    """Return how many participants still have this name."""
    found = len(db.session.scalars(select(Participant.id).where(Participant.name == name)).all())
    db.session.rollback()
    return found


def traces(texts: Iterable[str] = (*NAMES, *MOBILES, *NUMBERS)) -> dict[bytes, str]:
    """Return how these texts may stand in a file: as UTF-8, GB18030, escaped as in JSON, and as initials."""
    found: dict[bytes, str] = {}
    for text in texts:
        forms = {text.encode(), text.encode("gb18030"), json.dumps(text)[1:-1].encode()}
        forms.add(json.dumps(text)[1:-1].upper().replace("\\U", "\\u").encode())
        if not text[0].isdigit():
            forms.add(pinyin.initials_of(text).encode())
        found |= dict.fromkeys(forms, text)
    return found


def traces_in(folder: Path, wanted: dict[bytes, str] | None = None) -> set[tuple[str, str]]:
    """Return each file under the folder in whose raw bytes a person is found, with what was found."""
    wanted = traces() if wanted is None else wanted
    found = set()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            body = path.read_bytes()
            found |= {(path.name, text) for form, text in wanted.items() if form in body}
    return found


def with_ends(event: EventView, **changes: object) -> EventView:
    """Return the view with other values, without writing them."""
    return replace(event, **changes)  # type: ignore[arg-type]
