"""Sums that are brought forward are what a count of everybody gives, whatever has happened."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Select, func, select

from kiosk.extensions import db
from kiosk.models import Proof, SignIn
from kiosk.services.audit_log.audit import Hand
from kiosk.services.door import corrections, hand_work
from kiosk.services.event import brought_forward, campaigns, events, series
from kiosk.services.event.event_views import EventView
from kiosk.services.hours import hours, hours_changes
from kiosk.services.privacy import clearing, erasure, persons, purges
from kiosk.services.proofs import issuing, standings, subjects
from kiosk.services.refusals import Refused, Unknown
from kiosk.services.reports import reading
from kiosk.services.roster import roster_edits, roster_writing, rosters
from kiosk.services.roster.equations import walk_ins, walk_ins_by_kind
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.sign_in import movements
from tests.aids.factories import enterprise, guest, make_event, sign_in, student, zone_at_two

LISTED = [(f"王{chr(0x4E00 + number * 7)}", f"1380013{number:04}") for number in range(8)]
HAND = Hand("command")
# Whatever of a sign-in is summed up anywhere.
COLUMNS = ("participant_id", "kind", "state", "is_trial", "voided_at", "left_at", "signed_in_at", "roster_entry_id",
           "roster_seats_id", "replaces_id", "name", "job_title", "identity", "mobile")  # fmt: skip


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a few dozen people be many blocks."""
    monkeypatch.setattr(brought_forward, "BLOCK", 3)
    monkeypatch.setattr(brought_forward, "TOGETHER", 2)
    yield


def figures(one: EventView, other: EventView) -> list[Any]:
    db.session.rollback()
    views = [events.get(event.code) for event in (one, other)]
    by_kind = sorted((some.event_id, some.kind, some.count) for some in walk_ins_by_kind([one.id, other.id]))
    return [
        [hours.totals(view) for view in views],
        [clearing.count_people(purges.target_of(view.id)) for view in views],
        clearing.count_people(purges.target_of(one.id, is_minors=True)),
        reading.refused([one.id, other.id]),
        [reading.people(ids) for ids in ([one.id], [one.id, other.id])],
        by_kind,
        [(standings.one(subject), standings.count_void(subject)) for subject in map(subjects.of_event, views)],
        standings.each(subjects.of_campaign(one.campaign_id)),
    ]


def anew(app: Flask, one: EventView, other: EventView) -> list[Any]:
    """Count everybody, and leave what is kept as it is."""
    names = brought_forward.EXTENSION, standings.EXTENSION
    kept = {name: app.extensions.pop(name) for name in names}
    counted = figures(one, other)
    app.extensions.update(kept)
    return counted


def counted_by_rows(event: EventView) -> tuple[int, int, int]:
    """Count without blocks: who came, how many people they are, and of how many something is left."""
    came = select(func.count(), func.count(SignIn.participant_id.distinct()))
    people, distinct = db.session.execute(came.where(SignIn.event_id == event.id, SignIn.has_arrived)).one()
    left = select(func.count(SignIn.participant_id.distinct())).where(SignIn.event_id == event.id, SignIn.name != "")
    return people, distinct, db.session.scalar(left) or 0


def rows_of(*of_events: EventView) -> dict[int, tuple[int, tuple[Any, ...]]]:
    """Return of each sign-in its revision, and what is summed up anywhere."""
    columns = [getattr(SignIn, name) for name in COLUMNS]
    statement = select(SignIn.id, SignIn.revision, *columns)
    rows = db.session.execute(statement.where(SignIn.event_id.in_([event.id for event in of_events])))
    return {sign_in_id: (revision, tuple(values)) for sign_in_id, revision, *values in rows}


def somebody(chance: random.Random, number: int) -> Any:
    name, mobile = chance.choice(LISTED)
    return chance.choice([
        enterprise(name, mobile=mobile),
        enterprise(f"赵{chr(0x5000 + number)}", mobile=f"1390013{number:04}"),
        guest(f"钱{chr(0x5100 + number)}", mobile=f"1370013{number:04}"),
        student(f"李{chr(0x5200 + number)}", student_no=f"2023{number:04}"),
    ])  # fmt: skip


def step(chance: random.Random, event: EventView, came: list[int], number: int) -> None:
    """Let one thing happen."""
    if chance.random() < 0.4 or not came:
        came.append(sign_in(event, somebody(chance, number), is_another=True).sign_in_id)
        return
    sign_in_id = chance.choice(came)
    row = db.session.get_one(SignIn, sign_in_id)
    event_id, at = row.event_id, row.signed_in_at
    db.session.rollback()
    entry = chance.choice(rosters.entries(event.id))
    changes: list[Callable[[], object]] = [
        lambda: corrections.void(sign_in_id, staff_id=None),
        lambda: corrections.restore(sign_in_id, staff_id=None),
        lambda: corrections.confirm(sign_in_id, staff_id=None),
        lambda: corrections.unconfirm(sign_in_id, staff_id=None),
        lambda: hand_work.correct(event, sign_in_id, {"name": f"孙{chr(0x5300 + number)}"}, HAND),
        lambda: movements.move(event_id, sign_in_id, "out", HAND, method="steward"),
        lambda: movements.move(event_id, sign_in_id, "in", HAND, method="steward"),
        lambda: hours_changes.set_left(event_id, sign_in_id, at + (at - at), staff_id=None),
        lambda: hours_changes.set_hours(event_id, sign_in_id, 2.5, "讲课", staff_id=None),
        lambda: hours_changes.take_back(event_id, sign_in_id, staff_id=None),
        lambda: rosters.set_state(event.id, entry.id, chance.choice(("excuse", "expect")), actor="command"),
        lambda: sign_in(event, guest(f"代{number}"), replaces_id=entry.id),
        lambda: edit(event, entry, job_title=chance.choice(("讲师", "质量部经理"))),
        lambda: erase(sign_in_id),
        lambda: issuing.issue(subjects.of_event(event), staff_id=None, has_minors=chance.random() < 0.3),
        lambda: void_a_proof(chance, event, is_replaced=False),
        lambda: void_a_proof(chance, event, is_replaced=True),
    ]
    chance.choice(changes)()


def edit(event: EventView, entry: rosters.EntryView, **changes: str) -> None:
    roster_edits.edit(event.id, entry.id, roster_edits.row_of(entry, **changes), actor="command")


def erase(sign_in_id: int) -> None:
    name, mobile = db.session.execute(select(SignIn.name, SignIn.mobile).where(SignIn.id == sign_in_id)).one()
    for person in persons.find(name, mobile) if name and mobile else ():
        erasure.erase(person.rows, "command")


def test_after_a_change_its_own_block_is_summed_up_and_no_other(app: Flask, small_blocks: None) -> None:
    # In the evening the first one's sign-in says when sign-in closes: taking it back changes a rule.
    event = make_event(credited_hours=4.0, timezone=zone_at_two())
    ids = [sign_in(event, guest(f"来宾{number}", mobile=f"138{number:08}")).sign_in_id for number in range(20)]
    blocks: list[set[int]] = []

    def counted(among: brought_forward.Among) -> Select[Any]:
        statement = select(brought_forward.block_of(), func.count()).where(SignIn.event_id == event.id, among.condition)
        statement = statement.group_by(brought_forward.block_of())
        blocks.append({block for block, _count in db.session.execute(statement)})
        return statement

    sums = brought_forward.Sums("test", (event.id,), counted)
    assert brought_forward.summed(sums) == (20,)
    assert len(blocks) > 2 and sum(map(len, blocks)) == len(set().union(*blocks)), "each block once, in several steps"
    blocks.clear()
    assert brought_forward.summed(sums) == (20,)
    assert blocks == []
    corrections.void(ids[10], staff_id=None)
    assert brought_forward.summed(sums) == (20,)
    assert [len(some) for some in blocks] == [1]
    blocks.clear()
    for sign_in_id in (ids[0], ids[5], ids[19]):
        corrections.void(sign_in_id, staff_id=None)
    assert brought_forward.summed(sums) == (20,)
    assert [len(some) for some in blocks] == [1, 1, 1]


def void_a_proof(chance: random.Random, event: EventView, *, is_replaced: bool) -> None:
    subject = subjects.of_event(event)
    ids = list(db.session.scalars(select(Proof.id).where(subject.is_proved_by())))
    db.session.rollback()
    if ids:
        (issuing.replace if is_replaced else issuing.void)(subject, chance.choice(ids), "写错了", staff_id=None)


@pytest.mark.parametrize("seed", range(2))
def test_what_is_brought_forward_is_what_a_count_gives(both_app: Flask, small_blocks: None, seed: int) -> None:
    chance, came = random.Random(seed), list[int]()
    rules = {"credited_hours": 4.0, "wants_sign_out": True, "needs_confirmation": seed % 2 == 1}
    kinds = [{"kind": kind} for kind in ("enterprise", "guest", "student")]
    one, other = make_event(**rules, kinds=kinds), make_event(credited_hours=2.0, kinds=kinds)
    if seed % 2:
        tied = series.ensure(one.campaign_id, "首席质量官培训")
        for event in (one, other):
            events.update(event.code, replace(events.draft_of(events.get(event.code)), series_id=tied))
    rows = [RosterRow("enterprise", name, "湖北东贝制冷有限公司", mobile=mobile) for name, mobile in LISTED]
    for event in (one, other):
        roster_writing.write(event.id, rows, actor="command")
    for number in range(70):
        before = rows_of(one, other)
        with suppress(Refused, Unknown):
            step(chance, chance.choice((one, other)), came, number)
        if number % 5 == 0:
            assert figures(one, other) == anew(both_app, one, other), number
        now = rows_of(one, other)
        assert before.keys() <= now.keys()
        changed = [sign_in_id for sign_in_id, (_revision, values) in before.items() if now[sign_in_id][1] != values]
        assert all(now[sign_in_id][0] > before[sign_in_id][0] for sign_in_id in changed)
    assert figures(one, other)[4][1].total > 12
    assert issuing.issue(subjects.of_event(events.get(other.code)), staff_id=None) > 0
    assert figures(one, other) == anew(both_app, one, other)
    by_rows = [counted_by_rows(event) for event in (one, other)]
    totals, left, _minors, refused, people, _by_kind, proved, _of_campaign = figures(one, other)
    for event, (standing, _void) in zip((one, other), proved, strict=True):
        subject = subjects.of_event(events.get(event.code))
        assert standing.waiting == len(subjects.waiting_ids(subject))
        assert standing.waiting + standing.minors_waiting == len(subjects.waiting_ids(subject, has_minors=True))
        is_valid = subject.is_proved_by(), Proof.voided_at.is_(None)
        assert standing.issued == db.session.scalar(select(func.count()).select_from(Proof).where(*is_valid))
    assert [total.people for total in totals] == [came for came, _distinct, _left in by_rows]
    assert people[0].total == by_rows[0][1]
    is_refused = SignIn.event_id == one.id, SignIn.voided_at.is_not(None), SignIn.state == "unconfirmed"
    assert refused == (db.session.scalar(select(func.count()).where(*is_refused)) if seed % 2 else 0)
    assert left[0] >= by_rows[0][2]
    beside = {(row.event_id, row.kind): 0 for row in walk_ins([one.id, other.id])}
    for row in walk_ins([one.id, other.id]):
        beside[row.event_id, row.kind] += row.count
    assert {(row.event_id, row.kind): row.count for row in walk_ins_by_kind([one.id, other.id])} == beside
    settings = replace(events.draft_of(events.get(one.code)), credited_hours=3.0, late_after_minutes=5)
    events.update(one.code, settings)
    assert figures(one, other) == anew(both_app, one, other)
    elsewhere = campaigns.create(campaigns.CampaignDraft(title="质量月")).id
    for campaign_id in (elsewhere, other.campaign_id):
        events.update(one.code, replace(events.draft_of(events.get(one.code)), campaign_id=campaign_id))
        assert figures(one, other) == anew(both_app, one, other)
    purges.purge_event(events.get(one.code), "command")
    assert figures(one, other) == anew(both_app, one, other)
    assert figures(one, other)[1][0] == 0
