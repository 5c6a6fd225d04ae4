"""The stage's hand work: an event with a roster, somebody in every state, and a steward's link."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.services.audit_log.audit import Hand
from kiosk.services.demo.directory import LONG_NAME
from kiosk.services.door import hand_work, head_counts, links, passes, roll_calls, ties
from kiosk.services.event.event_views import EventView
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.web.door.hand_actions import REACHED
from tests.aids.factories import enterprise, guest, sign_in

DONGBEI = "湖北东贝制冷有限公司"
EXPECTED = (
    RosterRow(
        "enterprise", "王强", DONGBEI, job_title="质量部部长", mobile="13800138000", group_name="第一组", seat="A3"
    ),
    RosterRow("enterprise", "王强", LONG_NAME, job_title="首席质量官", mobile="13700137000", bus="2号车"),
    RosterRow("enterprise", "王芳", "湖北航天电缆有限公司", mobile="13900139000"),
    RosterRow("enterprise", "王丽", DONGBEI),
    RosterRow("enterprise", "Alexandra Wang-Featherstonehaugh", LONG_NAME),
)


@dataclass(frozen=True)
class StagedDoor:
    """What tests/aids/screens.py asks for."""

    token: str
    sign_in_id: int
    entry_id: int
    of_sign_in: str  # what a steward's search gives for the two
    of_entry: str
    same_id: int  # a walk-in who may be somebody on the list
    of_same: str
    other_id: int  # one who is somebody else than this entry, as staff said
    other_entry_id: int
    roll_call: int  # that goes on
    roll_call_over: int
    count: str  # the token of a link that only counts
    passed: str  # the end of the pass's address of this entry, and of who has arrived
    passed_here: str


def set_door(event: EventView) -> StagedDoor:
    """Let people arrive, ask leave, send a substitute, wait, be voided and share a name; make a link."""
    roster_writing.write(event.id, EXPECTED, actor="staff:1")
    wang, _, fang, li, alexandra = rosters.entries(event.id)
    hand = Hand("staff:1")
    arrived = hand_work.sign_in_entry(event, wang.id, hand)
    assert arrived.sign_in_id is not None
    hand_work.set_tick(event.id, arrived.sign_in_id, event.tick_labels[0], hand, is_ticked=True)
    hand_work.excuse(event.id, fang.id, hand, reason="出差")
    hand_work.sign_in_walk_in(event, enterprise("王小明", mobile="13500135000"), hand, replaces_id=li.id)
    hand_work.void(event.id, sign_in(event, guest("王大爷")).sign_in_id, hand)
    same = sign_in(event, enterprise("王强", organisation_name="西塞山基地", mobile="13900139009")).sign_in_id
    other = sign_in(event, enterprise(alexandra.name, organisation_name="另一家", mobile="13900139008")).sign_in_id
    ties.set_different(event.id, other, alexandra.id, hand, are_different=True)
    token = links.make(event.id, "steward", "小李（正门）", staff_id=None)
    link_id, entry_id = links.list_of(event.id, "steward")[0].id, wang.id + 1
    reaches = REACHED.sign(link_id, None, arrived.sign_in_id), REACHED.sign(link_id, entry_id, None)
    of_same = REACHED.sign(link_id, None, same)
    ends = [passes.address_of(id_).rpartition("/")[2] for id_ in (entry_id, wang.id)]
    running, over = _call(event, arrived.sign_in_id)
    return StagedDoor(
        token=token,
        sign_in_id=arrived.sign_in_id,
        entry_id=entry_id,
        of_sign_in=reaches[0],
        of_entry=reaches[1],
        same_id=same,
        of_same=of_same,
        other_id=other,
        other_entry_id=alexandra.id,
        roll_call=running,
        roll_call_over=over,
        count=_count(event),
        passed=ends[0],
        passed_here=ends[1],
    )


def _count(event: EventView) -> str:
    """Let some be counted without a name, and return the token of a link that does it."""
    for _ in range(3):
        head_counts.count(event.id, 1, Hand("steward:1"))
    return links.make(event.id, "count", "东门", staff_id=None)


def _call(event: EventView, there: int) -> tuple[int, int]:
    """Let a roll call go on in which one is there, and another one be over."""
    hand = Hand("steward:1")
    over, running = (
        roll_calls.start(event.id, label, hand) for label in ("", "返程上车（2号车，从开发区检测中心出发）")
    )
    roll_calls.end(event.id, over, hand)
    roll_calls.tick(event.id, running, there, hand, is_there=True)
    return running, over
