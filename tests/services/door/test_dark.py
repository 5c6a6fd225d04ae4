"""Two stewards who acted on one person without a network: the later act stands, in whichever order they come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import permutations

import pytest
from flask import Flask
from sqlalchemy import select

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import AuditEntry, Movement, RosterEntry, SignIn
from kiosk.services import tallies
from kiosk.services.audit_log.audit import Hand
from kiosk.services.door import hand_work, ticks
from kiosk.services.door.hand_work import Done, new_key
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.refusals import Refused
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.sign_in import claims
from tests.aids.factories import enterprise, make_event

WANG = RosterRow("enterprise", "王强", "湖北东贝制冷有限公司", mobile="13800138000")
LETTER = "聘书已发"
NINE = utcnow().replace(microsecond=0) - timedelta(hours=2)
Act = Callable[[], Done]


def at(minutes: int, actor: str = "steward:5") -> Hand:
    return Hand(actor, new_key(), at=NINE + timedelta(minutes=minutes))


@pytest.fixture
def event(app: Flask) -> EventView:
    event = make_event(tick_labels=[LETTER], wants_sign_out=True, starts_at=NINE - timedelta(hours=1))
    roster_writing.write(event.id, [WANG], actor="staff:1")
    return event


def entry_id(event: EventView) -> int:
    return rosters.entries(event.id)[0].id


def here(event: EventView) -> datetime | None:
    """Return since when the expected person is here, None when they are not; every tally equals its rows."""
    db.session.rollback()
    assert tallies.recount() == ()
    row = db.session.scalar(select(SignIn).where(SignIn.event_id == event.id, SignIn.has_arrived))
    assert events.counts(event.id).arrived == (row is not None)
    return None if row is None else row.signed_in_at


def minute(moment: datetime | None) -> float | None:
    return None if moment is None else (moment - NINE).total_seconds() / 60


def both_ways(event: EventView, acts: tuple[Act, ...], order: tuple[int, ...]) -> None:
    for one in order:
        try:
            acts[one]()
        except Refused as refusal:
            assert refusal.code == "voided_since"


@pytest.mark.parametrize("order", list(permutations(range(2))))
@pytest.mark.parametrize(("voided", "signed_in", "since"), [(3, 5, 5), (10, 5, None)], ids=["void-first", "void-last"])
def test_a_void_and_another_sign_in_are_settled_by_their_times(
    event: EventView, order: tuple[int, ...], voided: int, signed_in: int, since: int | None
) -> None:
    first = hand_work.sign_in_entry(event, entry_id(event), at(-10, "staff:1"))
    assert first.sign_in_id is not None
    sign_in_id = first.sign_in_id
    acts: tuple[Act, ...] = (
        lambda: hand_work.void(event.id, sign_in_id, at(voided)),
        lambda: hand_work.sign_in_entry(event, entry_id(event), at(signed_in, "steward:6")),
    )
    both_ways(event, acts, order)
    assert minute(here(event)) == since


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_of_two_sign_ins_the_first_counts_and_both_are_kept(event: EventView, order: tuple[int, ...]) -> None:
    acts: tuple[Act, ...] = tuple(
        lambda m=m, actor=f"steward:{5 + m}": hand_work.sign_in_entry(event, entry_id(event), at(m, actor))  # type: ignore[misc]
        for m in (5, 7, 9)
    )
    both_ways(event, acts, order)
    assert minute(here(event)) == 5
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.event_id == event.id)).all()
    by_hand = [one for one in entries if one.action in ("sign_in.by_hand", "sign_in.again")]
    claimed = sorted(minute(datetime.fromisoformat(one.changed["at"])) or 0 for one in by_hand)
    assert claimed == [5, 7, 9] and all(one.done_at - NINE > timedelta(hours=1) for one in by_hand)
    row = db.session.scalars(select(SignIn).where(SignIn.event_id == event.id)).one()
    assert row.received_at - row.signed_in_at > timedelta(hours=1)


@pytest.mark.parametrize("order", list(permutations(range(2))))
@pytest.mark.parametrize(("restored", "voided"), [(12, 10), (10, 12)])
def test_a_void_and_a_restore_are_settled_by_their_times(
    event: EventView, order: tuple[int, ...], restored: int, voided: int
) -> None:
    done = hand_work.sign_in_entry(event, entry_id(event), at(0))
    sign_in_id = done.sign_in_id or 0
    hand_work.void(event.id, sign_in_id, at(5))
    acts: tuple[Act, ...] = (
        lambda: hand_work.restore(event.id, sign_in_id, at(restored)),
        lambda: hand_work.void(event.id, sign_in_id, at(voided, "steward:6")),
    )
    both_ways(event, acts, order)
    assert (here(event) is not None) == (restored > voided)


def test_a_later_void_keeps_both_times_and_sent_again_says_the_same(event: EventView) -> None:
    done = hand_work.sign_in_entry(event, entry_id(event), at(0))
    void = at(20)
    codes = [hand_work.void(event.id, done.sign_in_id or 0, void).code for _again in range(2)]
    db.session.rollback()
    row = db.session.scalars(select(SignIn).where(SignIn.event_id == event.id)).one()
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "sign_in.void")).all()
    assert codes == ["voided", "voided"] and row.voided_at == void.at
    assert [entry.changed["at"] for entry in entries] == [void.log["at"]]
    assert entries[0].done_at > NINE + timedelta(hours=1)


def test_an_overtaken_void_says_so_each_time_it_is_sent(event: EventView) -> None:
    done = hand_work.sign_in_entry(event, entry_id(event), at(0))
    hand_work.sign_in_entry(event, entry_id(event), Hand("steward:6", new_key()))
    void = at(20)
    assert [hand_work.void(event.id, done.sign_in_id or 0, void).code for _again in range(2)] == ["overtaken"] * 2
    assert here(event) is not None
    db.session.rollback()
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "sign_in.void")).all()
    assert [(entry.changed["at"], entry.changed["is_overtaken"]) for entry in entries] == [(void.log["at"], True)]


@pytest.mark.parametrize("order", list(permutations(range(2))))
def test_out_and_in_again_are_settled_by_their_times(event: EventView, order: tuple[int, ...]) -> None:
    sign_in_id = hand_work.sign_in_entry(event, entry_id(event), at(0)).sign_in_id or 0
    back = at(20, "steward:6")
    acts: tuple[Act, ...] = (
        lambda: hand_work.let_out(event.id, sign_in_id, at(10)),
        lambda: hand_work.let_in(event.id, sign_in_id, back),
    )
    both_ways(event, acts, order)
    assert here(event) is not None
    row = db.session.scalars(select(SignIn).where(SignIn.event_id == event.id)).one()
    assert row.left_at is None
    hand_work.let_in(event.id, sign_in_id, back)  # its answer was lost
    db.session.rollback()
    moves = db.session.scalars(select(Movement).order_by(Movement.moved_at)).all()
    assert row.left_at is None and [(one.direction, minute(one.moved_at)) for one in moves] == [("out", 10), ("in", 20)]


@pytest.mark.parametrize("order", list(permutations(range(2))))
@pytest.mark.parametrize(("set_at", "taken_at"), [(5, 9), (9, 5)])
def test_ticks_and_leaves_are_settled_by_their_times(
    event: EventView, order: tuple[int, ...], set_at: int, taken_at: int
) -> None:
    leaves: tuple[Act, ...] = (
        lambda: hand_work.excuse(event.id, entry_id(event), at(set_at - 20), reason="出差"),
        lambda: hand_work.expect(event.id, entry_id(event), at(taken_at - 20, "steward:6")),
    )
    both_ways(event, leaves, order)
    db.session.rollback()
    state = db.session.scalar(select(RosterEntry.state).where(RosterEntry.event_id == event.id))
    assert state == ("excused" if set_at > taken_at else "expected")

    sign_in_id = hand_work.sign_in_entry(event, entry_id(event), at(0)).sign_in_id or 0
    marks: tuple[Act, ...] = (
        lambda: hand_work.set_tick(event.id, sign_in_id, LETTER, at(set_at), is_ticked=True),
        lambda: hand_work.set_tick(event.id, sign_in_id, LETTER, at(taken_at, "steward:6"), is_ticked=False),
    )
    both_ways(event, marks, order)
    db.session.rollback()
    assert ticks.counts(event.id).get(LETTER, 0) == (set_at > taken_at)


def test_who_was_signed_in_later_than_somebody_took_them_back_is_not_swallowed(event: EventView) -> None:
    """Of walk-ins, too: whom a mobile and a name make the same person."""
    guest = enterprise("赵敏", mobile="13600136000")
    first = hand_work.sign_in_walk_in(event, guest, at(0))
    hand_work.void(event.id, first.sign_in_id or 0, at(10))
    with pytest.raises(Refused, match="voided_since"):
        hand_work.sign_in_walk_in(event, guest, at(5, "steward:6"))
    assert here(event) is None
    assert hand_work.sign_in_walk_in(event, guest, at(12, "steward:6")).code == "signed_in"
    assert minute(here(event)) == 12


def test_a_claim_is_bounded() -> None:
    now, hour = utcnow(), timedelta(hours=1)
    assert claims.moment_of(timedelta(seconds=1)) is None
    waited = claims.moment_of(2 * hour, None)
    assert waited is not None and abs(waited - (now - 2 * hour)) < timedelta(seconds=5)
    assert claims.moment_of(2 * hour, now - hour) == now - hour  # not before the page, the link, the opening
    early = claims.moment_of(2 * hour, now + hour)  # an opening that is to come bounds nothing: staff act before it
    assert early is not None and early < now - hour
    longest = claims.moment_of(timedelta(days=400))
    assert longest is not None and now - longest <= timedelta(days=1)
