"""One equation on every screen and paper: its parts add up whatever happens at the door (docs/product.md 2.1)."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest
from flask import Flask

from kiosk.services import tallies
from kiosk.services.door import corrections
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.refusals import Refused
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.factories import enterprise, make_event, sign_in

PEOPLE = [(f"王{chr(0x4E00 + number * 7)}", f"1380013{number:04}") for number in range(12)]


def check(event: EventView) -> None:
    """Hold the two equations, and that no part is below nothing."""
    counts = events.counts(event.id)
    assert counts.listed + counts.unlisted == counts.arrived
    assert counts.listed + counts.missing + counts.excused == counts.expected
    assert min(counts.listed, counts.unlisted, counts.missing, counts.excused) >= 0


def step(chance: random.Random, event: EventView, came: list[int]) -> None:
    """Let one thing happen at the door."""
    name, mobile = chance.choice(PEOPLE)
    entry = chance.choice(rosters.entries(event.id))
    what = chance.randrange(12)
    if what <= 1:
        came.append(sign_in(event, enterprise(name, mobile=mobile), is_another=True).sign_in_id)
    elif what == 2:
        walk_in = enterprise(f"赵{chr(0x5000 + len(came))}", mobile=f"1390013{len(came):04}")
        came.append(sign_in(event, walk_in).sign_in_id)
    elif what == 3:
        substitute = enterprise(f"钱{chr(0x5100 + len(came))}", mobile=f"1370013{len(came):04}")
        came.append(sign_in(event, substitute, replaces_id=entry.id).sign_in_id)
    elif what == 4:
        rosters.set_state(event.id, entry.id, "excuse", actor="command")
    elif came:
        change = {5: corrections.void, 6: corrections.restore, 7: corrections.unconfirm}.get(what, corrections.confirm)
        change(chance.choice(came), staff_id=None)


@pytest.mark.parametrize("seed", range(6))
def test_the_parts_add_up_whatever_happens(both_app: Flask, seed: int) -> None:
    """At every other event a steward confirms: the equation knows nobody whom none has."""
    chance, event, came = random.Random(seed), make_event(needs_confirmation=seed % 2 == 1), list[int]()
    rows = [RosterRow("enterprise", name, "湖北东贝制冷有限公司", mobile=mobile) for name, mobile in PEOPLE[:8]]
    roster_writing.write(event.id, rows, actor="command")
    for _each in range(100):
        with suppress(Refused):
            step(chance, event, came)
        check(event)
    assert tallies.recount() == ()
    assert events.counts(event.id).listed and events.counts(event.id).unlisted
