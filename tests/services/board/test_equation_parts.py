"""The equation adds up in every part, and the parts to the whole: by kind, organisation, district and group
(docs/product.md 2.1)."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from kiosk.extensions import db
from kiosk.models import SignIn
from kiosk.services import enterprises, tallies
from kiosk.services.board import dashboards
from kiosk.services.board.dashboards import Numbers
from kiosk.services.door import corrections
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.event.events import Counts
from kiosk.services.fields import Details
from kiosk.services.refusals import Refused
from kiosk.services.reports import counting
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.equations import Equation, beside_by_tallies, is_walk_in, walk_ins
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.sign_in.organisations import add_many
from tests.aids.factories import enterprise, guest, make_event, sign_in, student

WORKS = {"大冶特钢": "大冶市", "东贝制冷": "下陆区", "华新水泥": "下陆区", "无区公司": None}
SCHOOL = "四棵中学"
FREE = "有席位公司"
KINDS = [{"kind": "enterprise"}, {"kind": "guest"}, {"kind": "student"}]


def whole(parts: Any) -> Equation:
    return sum((part.equation for part in parts), Equation())


def check(event: EventView) -> Numbers:
    """Hold the equation of the event, of each part, and that the parts are the whole."""
    numbers, counts = dashboards.read(event), events.counts(event.id)
    equation = Equation(counts.listed, counts.unlisted, counts.missing, counts.excused)
    assert (equation.expected, equation.arrived) == (counts.expected, counts.arrived)
    for parts in (numbers.kinds, numbers.organisations, numbers.districts, numbers.groups):
        assert whole(parts) == equation
        for part in parts:
            one = part.equation
            assert min(one.listed, one.unlisted, one.missing, one.excused) >= 0
    assert numbers.missing is not None
    assert sum(gap.equation.missing for gap in numbers.missing.gaps) == counts.missing
    check_walk_ins(event, counts)
    held = next((one for one in counting.figures(event.campaign_id).held if one.sitting.id == event.id), None)
    assert held is None or held.equation == equation
    return numbers


def check_walk_ins(event: EventView, counts: Counts) -> None:
    """Hold that the tallies less those in places are the walk-ins: a board reads whichever are fewer."""
    came: Counter[int | None] = Counter()
    for _event_id, root_id, _type, arrived in enterprises.arrivals([event.id]):
        came[root_id] += arrived
    rows, by_tallies = walk_ins([event.id]), beside_by_tallies(event.id, counts, came)
    for name, some in zip(("kind", "organisation_id"), by_tallies, strict=True):
        sums: Counter[Any] = Counter()
        for one in rows:
            sums[getattr(one, name)] += one.count
        assert {getattr(one, name): one.count for one in some} == sums


def expected_people() -> list[RosterRow]:
    rows = []
    for number in range(16):
        name, where = f"王{chr(0x4E00 + number * 7)}", list(WORKS)[number % 4]
        group = ("第一组", "第二组", None)[number % 3]
        rows.append(RosterRow("enterprise", name, where, mobile=f"1380013{number:04}", group_name=group))
    rows += [RosterRow("student", f"李{chr(0x5000 + number)}", SCHOOL, class_name="初二(3)班") for number in range(4)]
    return [*rows, RosterRow("enterprise", "", FREE, seats=3)]


def somebody(chance: random.Random, rows: list[RosterRow], number: int) -> Details:
    """Return somebody of the roster, as listed or from elsewhere, or somebody who is not on it."""
    row = chance.choice(rows[:-1])
    match chance.randrange(7):
        case 0 | 1 if row.kind == "enterprise":
            return enterprise(row.name, organisation_name=row.organisation_name, mobile=row.mobile)
        case 2 if row.kind == "enterprise":  # who is expected of one, and writes another
            return enterprise(row.name, organisation_name=chance.choice(list(WORKS)), mobile=row.mobile)
        case 3:
            return guest(f"赵{chr(0x5100 + number)}", organisation_name=chance.choice([*WORKS, None]))
        case 4:
            return student(f"周{chr(0x5200 + number)}", organisation_name=SCHOOL)
        case 5:
            return enterprise(f"吴{chr(0x5300 + number)}", organisation_name=FREE, mobile=f"1370013{number:04}")
    return enterprise(f"郑{chr(0x5400 + number)}", organisation_name="外来公司", mobile=f"1390013{number:04}")


def step(chance: random.Random, event: EventView, rows: list[RosterRow], came: list[int], number: int) -> None:
    """Let one thing happen at the door."""
    what = chance.randrange(8)
    entry = chance.choice(rosters.entries(event.id))
    if what <= 3:
        came.append(sign_in(event, somebody(chance, rows, number), is_another=True).sign_in_id)
    elif what == 4:
        instead = enterprise(f"钱{chr(0x5500 + number)}", organisation_name="外来公司", mobile=f"1360013{number:04}")
        came.append(sign_in(event, instead, replaces_id=entry.id).sign_in_id)
    elif what == 5:
        rosters.set_state(event.id, entry.id, chance.choice(("excuse", "expect")), actor="command")
    elif came:
        (corrections.void if what == 6 else corrections.restore)(chance.choice(came), staff_id=None)


@pytest.mark.parametrize("seed", range(4))
def test_every_part_adds_up_whatever_happens(both_app: Flask, seed: int) -> None:
    chance, came = random.Random(seed), list[int]()
    event = make_event(kinds=KINDS)
    for name, district in WORKS.items():
        add_many([name], "enterprise", district)
    rows = expected_people()
    roster_writing.write(event.id, rows, actor="command")
    for number in range(50):
        with suppress(Refused):
            step(chance, event, rows, came, number)
        if number % 5 == 0:
            check(event)
    numbers = check(event)
    assert tallies.recount() == ()
    assert {bar.label for bar in numbers.districts} >= {"大冶市", "下陆区"} and len(numbers.groups) == 3
    assert whole(numbers.kinds).unlisted and whole(numbers.kinds).listed and numbers.counts.replaced


def test_without_a_roster_the_parts_are_who_has_arrived(app: Flask) -> None:
    event = make_event(kinds=KINDS)
    for details in (enterprise(), guest("甲"), student()):
        sign_in(event, details)
    numbers = dashboards.read(event)
    assert whole(numbers.kinds) == whole(numbers.organisations) == Equation(rosterless=3)
    assert numbers.groups == () and numbers.missing is None


def test_walk_ins_are_counted_by_their_own_index(app: Flask) -> None:
    event = make_event()
    counted = select(SignIn.kind, SignIn.organisation_id).where(is_walk_in((event.id,)))
    plan = db.session.execute(text(f"EXPLAIN QUERY PLAN {counted.compile(compile_kwargs={'literal_binds': True})}"))
    assert "USING INDEX ix_sign_in_unlisted" in plan.all()[0][3]
