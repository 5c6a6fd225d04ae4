"""The stage's roster: an import that waits for its confirmation, one under way, those before it, and one entry."""

from __future__ import annotations

from datetime import timedelta

from kiosk.clock import utcnow
from kiosk.models import Task
from kiosk.services.account.staff import StaffView
from kiosk.services.event.event_views import EventView
from kiosk.services.lists.texts import read_text
from kiosk.services.roster import campaign_lists, roster_drafts, rosters
from kiosk.services.store.writer import WriterSession, run

PASTED = """姓名\t单位\t手机\t备注\t提交时间
王强\t湖北东贝制冷有限公司\t13800138000\t\t9:00
\t劲牌有限公司\t13900139000\t\t9:01
李娜\t黄石美尔雅股份有限公司\t1.39E+10\t\t9:02
赵敏\t大冶电缆\t13700137000\t晚到\t9:03
"""


SPLIT_OVER = ("县区", "大冶市", "阳新县", "黄石港", "荆州市")  # beside the rows of PASTED


def set_roster(event: EventView, staff_id: int) -> dict[str, str]:
    """Leave a draft on the event, which has a roster; return what its addresses need."""
    source = "首席质量官巡回培训报名表（终稿）.xlsx"
    _set_history(event, staff_id, source)
    token = roster_drafts.stage(event, [read_text(PASTED)], staff_id=staff_id, source=source)
    return {"draft": token, "entry": str(rosters.entries(event.id)[0].id)}


def _set_history(event: EventView, staff_id: int, source: str) -> None:
    """Let two imports be over, without what they wrote: one that stands, and one from the command line, taken back."""
    counts = {"added": 397, "updated": 2, "unchanged": 0, "here": 3}
    doubts = {"several_names": 2, "hidden_rows": 1, "remark": 4, "lost_digits": 1}
    left_out = {"title": 2, "foot": 1, "not_coming": 6}
    whole = {**counts, "doubts": doubts, "left_out": left_out, "rejected": {"no_name": 1, "same_row": 1}}
    stands = {**whole, "asked": {"stay_out": 2}}
    back = {"added": 5, "updated": 1, "unchanged": 391, "back": {"removed": 5, "changed_back": 1, "kept": 0}}

    def work(session: WriterSession) -> None:
        for asked_by, result, name in (("command", back, "old.csv"), (f"staff:{staff_id}", stands, source)):
            about = {"asked_by": asked_by, "asked_at": utcnow(), "state": "done", "options": {"source": name}}
            session.add(Task(kind="import", event_id=event.id, result=result, **about))
            session.flush()

    run(work)


def set_split(campaign_id: int, admin: StaffView) -> str:
    """Leave a list on a campaign, to be split over its events; return its token."""
    text = "\n".join(f"{line}\t{where}" for line, where in zip(PASTED.splitlines(), SPLIT_OVER, strict=True))
    return campaign_lists.stage(campaign_id, [read_text(text)], admin, source="六县市区报名汇总表（终稿）.xlsx")


def set_import(event: EventView) -> None:
    """Let an import be under way, without a process."""
    later = utcnow() + timedelta(hours=1)  # or housekeeping would carry it on
    going_on = {"state": "running", "asked_at": later, "heard_at": later, "done": 1_200, "total": 4_000}

    def work(session: WriterSession) -> None:
        session.add(Task(kind="import", event_id=event.id, asked_by="staff:1", **going_on))

    run(work)
