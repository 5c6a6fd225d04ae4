"""The stage's confirming: an event where a steward confirms, with people who wait, a group, one refused, one let in."""

from __future__ import annotations

from typing import Any

from kiosk.services.audit_log.audit import Hand
from kiosk.services.demo.directory import LONG_NAME
from kiosk.services.door import corrections, desk_errands, links, receipts
from kiosk.services.event.event_views import EventView
from kiosk.services.group import groups
from kiosk.services.group.groups import GroupPerson, Submission
from kiosk.services.roster import roster_writing
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.sign_in.requests import SignInResult
from tests.aids.factories import enterprise, guest, make_event, sign_in, student, ticket_for

TITLE, TITLE_EN = "首席质量官巡回培训（大冶）", "Chief Quality Officer training, Daye"


def set_confirmed(**usual: Any) -> dict[str, str]:
    """Let people sign in and wait; return the event's code, the steward's link and the phones' pages."""
    event = make_event(title=TITLE, title_alt=TITLE_EN, needs_confirmation=True, **usual)
    refused = sign_in(event, guest("陈秋实"))
    corrections.refuse(refused.sign_in_id, staff_id=None)
    confirmed = sign_in(event, guest())
    corrections.confirm(confirmed.sign_in_id, staff_id=None)
    waits = sign_in(event, enterprise("买买提·吐尔逊江·𠮷䶮", organisation_name=LONG_NAME, mobile="13900139000"))
    sign_in(event, enterprise())
    people = tuple(GroupPerson(student(name)) for name in ("李明", "王丽"))
    groups.submit(Submission(event, ticket_for(event), people, (), None, "四棵中学", "初二(3)班", has_consented=True))
    sign_in(event, guest("Alexandra Wang-Featherstonehaugh"))
    station = sign_in(event, guest("周大爷"), method="kiosk")
    words = "名单上没有他的单位，参会证也没有打印出来，请核对后补发参会证并安排座位，谢谢"
    for one in (waits, confirmed):
        desk_errands.send(event.id, Hand("steward:1"), sign_in_id=one.sign_in_id, entry_id=None, note=words)
    desk_errands.set_taken(event.id, desk_errands.shown(event.id)[1].id, Hand("staff:1"), is_taken=True)
    for number in range(4):
        sign_in(event, guest(f"来宾{number}"))
    return {
        "code": event.code,
        "none": _quiet(**usual).code,
        **_noted(**usual),
        "link": links.make(event.id, "steward", "小李（正门）", staff_id=None),
        "waits": _page(waits),
        "refused": _page(refused),
        "confirmed": _page(confirmed),
        "station": receipts.address_at_station(event.id, station),
    }


def _quiet(**usual: Any) -> EventView:
    """An event where a steward confirms, and nobody waits."""
    return make_event(title=TITLE, title_alt=TITLE_EN, needs_confirmation=True, **usual)


def _noted(**usual: Any) -> dict[str, str]:
    """An event whose list says something to its stewards of somebody who has just come."""
    event = make_event(title=TITLE, title_alt=TITLE_EN, **usual)
    note = "首席专家，请引导至前排就座；行动不便，需要轮椅，由志愿者陪同到会场二楼"
    rows = [RosterRow("enterprise", "王强", LONG_NAME, mobile="13800138000", steward_note=note)]
    roster_writing.write(event.id, rows, actor="staff:1")
    sign_in(event, enterprise(organisation_name=LONG_NAME))
    return {"noted": event.code, "noted_link": links.make(event.id, "steward", "小李（正门）", staff_id=None)}


def _page(result: SignInResult) -> str:
    return receipts.address_of(result, is_kiosk=False)
