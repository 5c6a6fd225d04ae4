"""The stage's school class: what the pictures and the look's tests of a group sign-in are taken of."""

from __future__ import annotations

from kiosk.services.door import links
from kiosk.services.event.event_views import EventView
from kiosk.services.group import group_changes, group_views, groups
from kiosk.services.group.group_views import GroupView
from kiosk.services.group.groups import Absent, GroupPerson, Submission
from kiosk.services.roster import roster_writing
from kiosk.services.roster.roster_rows import RosterRow

SCHOOL = "黄石市第八中学"
CLASS = "初二(3)班"
OTHER = "初二(4)班"
LONG = "黄石市西塞山区实验中学八年级质量教育社会实践小组"
PUPILS = tuple(f"{surname}{given}" for surname in "赵钱孙李周" for given in ("明", "丽", "建国"))
RARE = ("欧阳娜娜", "䶮建国", "𠮷田一郎", "买买提·吐尔逊江·阿不都热合曼")


def set_groups(event: EventView, staff_id: int) -> dict[str, str]:
    """Put three classes on the roster and sign two of them in; return the addresses' secret ends by page."""
    for part, names in ((CLASS, PUPILS), (OTHER, PUPILS), (LONG, RARE)):
        rows = [RosterRow("student", name, SCHOOL, class_name=part) for name in names]
        roster_writing.write(event.id, rows, actor=f"staff:{staff_id}")
    link = links.make(event.id, "group", "王老师", staff_id=staff_id, group_name=CLASS)
    tokens = {"code": event.code, "link": link}
    for name, part, missing in (("some", OTHER, 2), ("all", LONG, 0)):
        tokens[name] = _sign_in(event, part, missing)
    for name, away in (("some", 1), ("all", 0)):
        group = _group(tokens[name])
        group_changes.count(group, [one.sign_in_id for one in group.members][away:])
    return tokens


def _sign_in(event: EventView, part: str, missing: int) -> str:
    link = links.find(links.make(event.id, "group", "李老师", staff_id=None, group_name=part), "group")
    assert link is not None
    entries = groups.part_of_roster(event.id, part)
    here, away = entries[missing:], entries[:missing]
    return groups.submit(
        Submission(
            event=event,
            ticket=groups.ticket_of_link(link),
            people=tuple(GroupPerson(entry.details(), entry.id) for entry in here),
            absent=tuple(Absent(entry.name, "病假", entry.id) for entry in away),
            link=link,
            has_consented=True,
        )
    )


def _group(token: str) -> GroupView:
    found = group_views.find(token)
    assert found is not None
    return found
