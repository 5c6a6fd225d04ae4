"""Where a person stands on the roster: an entry, one of an organisation's seats, in somebody's place, or nowhere.

Rule 1 of "who is the same person" (docs/product.md, "Decided"): the roster entry comes first. Everything here runs
inside the sign-in's unit of work; the unique index on (event, roster entry) and the conditional UPDATE of
`filled` are the referees.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kiosk.clock import utcnow
from kiosk.models.organisation import ROOT
from kiosk.models.sign_in import COUNTS
from kiosk.services.refusals import SignInRefused
from kiosk.services.sign_in.organisations import Named
from kiosk.services.store.statements import Driver, Statement

BY_ID = Statement("SELECT id, state FROM roster_entry WHERE id = :id AND event_id = :event_id")
BY_MOBILE = Statement(
    "SELECT id, state FROM roster_entry WHERE event_id = :event_id AND mobile = :mobile AND name_key = :name_key"
)
BY_STUDENT_NO = Statement(
    """SELECT id, state FROM roster_entry WHERE event_id = :event_id AND student_no = :student_no
        AND organisation_id IN (SELECT o.id FROM organisation o WHERE o.id = :root_id OR o.root_id = :root_id)
    ORDER BY CASE WHEN organisation_id = :organisation_id THEN 0 ELSE 1 END, position + 0, id LIMIT 1"""
)
# By name only an entry that nobody has taken yet, and none whose mobile or number says that it is somebody else.
BY_NAME = Statement(
    f"""SELECT e.id, e.state FROM roster_entry e
    WHERE e.event_id = :event_id AND e.name_key = :name_key AND e.kind = :kind
        AND (e.organisation_id IS NULL OR CAST(:root_id AS INTEGER) =
            (SELECT {ROOT} FROM organisation WHERE id = e.organisation_id))
        AND (e.class_name IS NULL OR e.class_name = :class_name)
        AND (e.mobile IS NULL OR CAST(:mobile AS VARCHAR(16)) IS NULL)
        AND (e.student_no IS NULL OR CAST(:student_no AS VARCHAR(30)) IS NULL)
        AND NOT EXISTS (SELECT 1 FROM sign_in s WHERE s.event_id = e.event_id AND s.roster_entry_id = e.id
            AND {COUNTS})
    ORDER BY e.position + 0, e.id LIMIT 1"""
)
FILL_SEAT = Statement(
    """UPDATE roster_seats SET filled = filled + 1
    WHERE filled < seats AND id = (SELECT s.id FROM roster_seats s
        WHERE s.event_id = :event_id AND s.filled < s.seats
            AND s.organisation_id IN (SELECT o.id FROM organisation o WHERE o.id = :root_id OR o.root_id = :root_id)
        ORDER BY CASE WHEN s.organisation_id = :organisation_id THEN 0 ELSE 1 END, s.position, s.id LIMIT 1)
    RETURNING id"""
)
FILL_AGAIN = Statement("UPDATE roster_seats SET filled = filled + 1 WHERE id = :id AND filled < seats RETURNING id")
MOVE_SEAT = Statement("UPDATE roster_seats SET filled = filled + :step WHERE id = :id")
SET_STATE = Statement(
    """UPDATE roster_entry SET state = :state, state_changed_at = :now, state_changed_by = :actor
    WHERE id = :id AND event_id = :event_id AND state <> :state"""
)
SET_HERE = Statement("UPDATE roster_entry SET is_here = :is_here WHERE id = :id AND event_id = :event_id")
IS_TAKEN = Statement(
    f"""SELECT 1 FROM sign_in WHERE event_id = :event_id AND roster_entry_id = :id
    AND {COUNTS}"""
)

IS_REPLACED_BY_ANOTHER = Statement(
    f"""SELECT 1 FROM sign_in WHERE event_id + 0 = :event_id AND replaces_id = :id AND id <> :sign_in_id
    AND {COUNTS}"""
)


@dataclass(frozen=True)
class Place:
    """Where a sign-in stands. `steps` are the counters it moves beside its own arrival."""

    roster_entry_id: int | None = None
    roster_seats_id: int | None = None
    replaces_id: int | None = None
    is_walk_in: bool = False
    is_sure: bool = False  # known by more than a name
    steps: tuple[tuple[str, int], ...] = ()

    @property
    def is_listed(self) -> bool:
        """Say whether this arrival fills a place that was expected."""
        return self.roster_entry_id is not None or self.roster_seats_id is not None


NOWHERE = Place()


def find(driver: Driver, values: Mapping[str, Any], *, entry_id: int | None, replaces_id: int | None) -> Place:
    """Return the place of these values (sign_ins._Attempt.values) on a roster that is not empty.

    Raises SignInRefused("cannot_replace").

    `entry_id` is an entry somebody chose (the last four digits, a group's tick, a steward's tap).
    """
    if replaces_id is not None:
        return _replace(driver, values["event_id"], replaces_id)
    sure, unsure = _sure(driver, values, entry_id), None
    if sure is None:
        unsure = driver.first(BY_NAME, values)
    entry = sure or unsure
    if entry is not None:
        was = {"excused": "excused", "replaced": "replaced"}.get(entry[1])
        steps = () if was is None else ((was, -1),)
        return Place(roster_entry_id=int(entry[0]), is_sure=sure is not None, steps=steps)
    return Place(is_walk_in=True)


def fill_seat(driver: Driver, event_id: int, place: Place, organisation: Named) -> Place:
    """Give a walk-in a free seat of its organisation, of what was merged with it too; `free_seat` takes it back."""
    if not place.is_walk_in or organisation.id is None:
        return place
    of_it = {"event_id": event_id, "organisation_id": organisation.id, "root_id": organisation.root_id}
    seat = driver.first(FILL_SEAT, of_it)
    return place if seat is None else Place(roster_seats_id=int(seat[0]))


def free_seat(driver: Driver, place: Place) -> None:
    """Give back the seat of a sign-in that turned out to be a repeat."""
    if place.roster_seats_id is not None:
        driver.execute(MOVE_SEAT, {"id": place.roster_seats_id, "step": -1})


def mark(driver: Driver, event_id: int, place: Place, actor: str) -> None:
    """Write on the roster what this arrival changes: an excused person came after all, somebody was replaced."""
    if place.roster_entry_id is not None:
        set_here(driver, event_id, place.roster_entry_id, is_here=True)
        if place.steps:
            _set_state(driver, event_id, place.roster_entry_id, "expected", actor)
    if place.replaces_id is not None:
        _set_state(driver, event_id, place.replaces_id, "replaced", actor)


def set_here(driver: Driver, event_id: int, entry_id: int, *, is_here: bool) -> None:
    """Write on the roster that the sign-in of an entry counts, or no longer does: the missing are read by it."""
    driver.execute(SET_HERE, {"id": entry_id, "event_id": event_id, "is_here": is_here})


def expect_again(driver: Driver, event_id: int, entry_id: int, actor: str) -> dict[str, int]:
    """Take back what was said of an entry whose sign-in counts again; return the counters' steps."""
    entry = driver.first(BY_ID, {"id": entry_id, "event_id": event_id})
    if entry is None or entry[1] == "expected":
        return {}
    _set_state(driver, event_id, entry_id, "expected", actor)
    return {str(entry[1]): -1}


def move_replaced(
    driver: Driver, event_id: int, replaces_id: int, sign_in_id: int, step: int, actor: str
) -> dict[str, int]:
    """Write what voiding (-1) or restoring (1) a substitute means for whom they replace; return the counters' steps.

    The expected person is missing again, or replaced again unless they have come or sent another since.
    """
    values = {"id": replaces_id, "event_id": event_id}
    entry = driver.first(BY_ID, values)
    if entry is None or driver.first(IS_REPLACED_BY_ANOTHER, {**values, "sign_in_id": sign_in_id}):
        return {}
    if step < 0:
        return expect_again(driver, event_id, replaces_id, actor) if entry[1] == "replaced" else {}
    if entry[1] == "replaced" or driver.first(IS_TAKEN, values):
        return {}
    _set_state(driver, event_id, replaces_id, "replaced", actor)
    return {"replaced": 1} if entry[1] == "expected" else {"replaced": 1, "excused": -1}


def _set_state(driver: Driver, event_id: int, entry_id: int, state: str, actor: str) -> None:
    values = {"id": entry_id, "event_id": event_id, "state": state, "now": utcnow(), "actor": actor}
    driver.execute(SET_STATE, values)


def _sure(driver: Driver, values: Mapping[str, Any], entry_id: int | None) -> tuple[Any, ...] | None:
    if entry_id is not None and (row := driver.first(BY_ID, {"id": entry_id, "event_id": values["event_id"]})):
        return row
    if values["mobile"] is not None and (row := driver.first(BY_MOBILE, values)):
        return row
    if values["student_no"] is not None and values["organisation_id"] is not None:
        return driver.first(BY_STUDENT_NO, values)
    return None


def _replace(driver: Driver, event_id: int, replaces_id: int) -> Place:
    entry = driver.first(BY_ID, {"id": replaces_id, "event_id": event_id})
    if entry is None or entry[1] == "replaced" or driver.first(IS_TAKEN, {"id": replaces_id, "event_id": event_id}):
        raise SignInRefused("cannot_replace")
    steps = (("replaced", 1),) + ((("excused", -1),) if entry[1] == "excused" else ())
    return Place(replaces_id=replaces_id, is_sure=True, steps=steps)
