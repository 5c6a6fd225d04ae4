"""The event's counters, changed in the transaction that changes its sign-ins, so that a dashboard costs the
same at 100 and at 100,000 sign-ins. `recount` compares them with the rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from kiosk.extensions import db
from kiosk.models import (
    Event,
    EventCounter,
    EventMinute,
    EventTally,
    NamelessStep,
    RosterEntry,
    RosterSeats,
    SignIn,
)
from kiosk.services.store.statements import Driver, Statement
from kiosk.services.store.writer import OutOfStep, WriterSession, unit

_NO_COUNTERS = ("event_id", "revision", "roster_revision")
NO_STEPS = dict.fromkeys((c.name for c in EventCounter.__table__.columns if c.name not in _NO_COUNTERS), 0)
COUNTERS = tuple(name for name in NO_STEPS if name != "ordinal")  # what `recount` compares with the rows
STEPS = ", ".join(f"{name} = {name} + :{name}" for name in NO_STEPS)

CHANGE = f"UPDATE event_counter SET revision = revision + :revision, {STEPS} WHERE event_id = :event_id"  # noqa: S608
COUNT = Statement(
    f"""{CHANGE} AND (CAST(:capacity AS INTEGER) IS NULL
        OR arrived + :arrived + unconfirmed + :unconfirmed
            + :keeps_free * (expected - excused - replaced - listed_arrived - unconfirmed_listed) <= :capacity)
    RETURNING revision"""
)
COUNT_BATCH = Statement(CHANGE)
NUMBERS = Statement("SELECT revision, ordinal FROM event_counter WHERE event_id = :event_id")
ROSTER_CHANGED = Statement("UPDATE event_counter SET roster_revision = revision WHERE event_id = :event_id")
COUNT_MINUTE = Statement(
    """INSERT INTO event_minute (event_id, minute, arrived, opened, finished)
    VALUES (:event_id, :minute, :step, 0, 0)
    ON CONFLICT (event_id, minute) DO UPDATE SET arrived = event_minute.arrived + excluded.arrived""",
    apart_by="",
)
COUNT_VALUE = Statement(
    """INSERT INTO event_tally (event_id, dimension, value, arrived) VALUES (:event_id, :dimension, :value, :step)
    ON CONFLICT (event_id, dimension, value) DO UPDATE SET arrived = event_tally.arrived + excluded.arrived""",
    apart_by="",
)
ON_PAPER = ("method", "paper")  # the one method that is counted: a sign-in from paper is rare, every other electronic


@dataclass(frozen=True)
class Counted:
    """What of a sign-in is counted."""

    kind: str
    signed_in_at: datetime
    is_late: bool
    is_walk_in: bool
    organisation_id: int | None
    answers: Mapping[str, str]
    is_listed: bool = False  # it fills a place that was expected
    is_on_paper: bool = False  # entered afterwards, from paper
    is_gone: bool = False  # not inside any more


@dataclass(frozen=True)
class Difference:
    """A tally that does not equal its rows."""

    event_id: int
    counter: str
    tallied: int
    rows: int


def change(
    driver: Driver, event_id: int, *, capacity: int | None = None, keeps_free: bool = False, **steps: int
) -> int | None:
    """Add `steps` to the event's counters and return its new revision; None when `capacity` would be passed.

    Who waits to be confirmed holds a place. With `keeps_free` those of who is expected and not here yet are taken too.
    """
    limits = {"event_id": event_id, "capacity": capacity, "keeps_free": int(keeps_free), "revision": 1}
    row = driver.first(COUNT, {**NO_STEPS, **steps, **limits})
    return None if row is None else int(row[0])


@dataclass
class GivenNumbers:
    """The last revision and the last ordinal that an event has given, in a batch that holds its counter."""

    revision: int
    ordinal: int

    def take(self, *, is_ordinal: bool) -> tuple[int, int | None]:
        """Return the next revision, and the next ordinal for whoever gets one; `count_row` counts them."""
        self.revision += 1
        self.ordinal += is_ordinal
        return self.revision, self.ordinal if is_ordinal else None

    def give_back(self, revision: int | None, ordinal: int | None) -> None:
        """Undo `take` for what was not written; raise OutOfStep when somebody beside has taken the next one."""
        if revision not in (None, self.revision) or ordinal not in (None, self.ordinal):
            raise OutOfStep
        self.revision -= revision is not None
        self.ordinal -= ordinal is not None


def numbers_of(driver: Driver, event_id: int) -> GivenNumbers:
    """Return the numbers that the event has given, kept where nothing but numbered rows changes them."""
    numbers: GivenNumbers | None = driver.known.get(("numbers", event_id)) if driver.keeps_counters else None
    if numbers is None:
        row = driver.first(NUMBERS, {"event_id": event_id})
        if row is None:
            raise LookupError(f"event {event_id} is gone")
        numbers = keep_numbers(driver, event_id, *row)
    return numbers


def keep_numbers(driver: Driver, event_id: int, revision: int, ordinal: int) -> GivenNumbers:
    """Keep the numbers for `numbers_of` where they may be kept; of units that read them side by side the first's."""
    numbers = GivenNumbers(int(revision), int(ordinal))
    if driver.keeps_counters:
        numbers = driver.known.setdefault(("numbers", event_id), numbers)
    return numbers


def count_row(
    driver: Driver, event_id: int, *, capacity: int | None = None, keeps_free: bool = False, **steps: int
) -> bool:
    """Do what `change` does for a row that bears a number of `numbers_of`, with others of its batch where nothing has
    to be looked at first; False when `capacity` would be passed."""
    if capacity is None and driver.keeps_counters:
        driver.add(COUNT_BATCH, {"event_id": event_id}, {**steps, "revision": 1})
        return True
    return change(driver, event_id, capacity=capacity, keeps_free=keeps_free, **steps) is not None


def change_roster(driver: Driver, event_id: int, **steps: int) -> None:
    """Do what `change` does, where entries or seats of the roster say something else now: lists of who came show it."""
    change(driver, event_id, **steps)  # type: ignore[arg-type]  # none is a flag
    driver.execute(ROSTER_CHANGED, {"event_id": event_id})


@unit
def wake(session: WriterSession, event_id: int) -> None:
    """Give the event a new revision, so that open screens look again."""
    change(session.driver, event_id)


def arrival_steps(counted: Counted, step: int) -> dict[str, int]:
    """Return the steps of the event's counters for one arrival, or with -1 for taking it back."""
    return {
        "arrived": step,
        "late": step * counted.is_late,
        "walk_ins": step * counted.is_walk_in,
        "listed_arrived": step * counted.is_listed,
        "gone": step * counted.is_gone,
        counted.kind: step,
    }


def unconfirmed_steps(roster_entry_id: int | None, step: int) -> dict[str, int]:
    """Return the same for one who waits for a steward to confirm them; who is expected stays missing until then."""
    return {"unconfirmed": step, "unconfirmed_listed": step * (roster_entry_id is not None)}


def count_details(driver: Driver, event_id: int, counted: Counted, step: int) -> None:
    """Count an arrival by minute, organisation and the answers that are counted; with -1 take it back."""
    minute = counted.signed_in_at.replace(second=0, microsecond=0)
    driver.add(COUNT_MINUTE, {"event_id": event_id, "minute": minute}, {"step": step})
    for dimension, value in _values(counted):
        driver.add(COUNT_VALUE, {"event_id": event_id, "dimension": dimension, "value": value}, {"step": step})


def _values(counted: Counted) -> list[tuple[str, str]]:
    values = [(key, value) for key, value in counted.answers.items() if len(value) <= 120]
    if counted.organisation_id is not None:
        values.append(("organisation", str(counted.organisation_id)))
    if counted.is_on_paper:
        values.append(ON_PAPER)
    return values


def on_paper(event_id: int) -> int:
    """Return how many arrivals were entered from paper; all others are electronic."""
    tally = db.session.get(EventTally, (event_id, *ON_PAPER))
    return 0 if tally is None else tally.arrived


def countable_answers(own_fields: Any, answers: Mapping[str, str]) -> dict[str, str]:
    """Return the answers to choice and yes/no fields: those are totalled, free text is not."""
    counted = {f"x_{own['key']}" for own in own_fields or () if own["type"] in ("choice", "yes_no")}
    return {key: value for key, value in answers.items() if key in counted}


def recount() -> tuple[Difference, ...]:
    """Compare every tally with its rows; nothing is written.

    Rows that were cleared (services/privacy) have lost their answers, which stay counted: so many may be missing.
    """
    differences: list[Difference] = []
    for event in db.session.scalars(select(Event).order_by(Event.id)):
        tallied = _tallied(event.id)
        rows = _from_rows(event)
        cleared = _cleared(event.id)
        for counter in sorted(tallied.keys() | rows.keys()):
            is_cleared = counter.startswith("x_") and 0 <= tallied[counter] - rows[counter] <= cleared
            if tallied[counter] != rows[counter] and not is_cleared:
                differences.append(Difference(event.id, counter, tallied[counter], rows[counter]))
    return tuple(differences)


def _tallied(event_id: int) -> Counter[str]:
    counter = db.session.get(EventCounter, event_id)
    tallied = Counter({name: getattr(counter, name) for name in COUNTERS} if counter else {})
    for seats in db.session.scalars(select(RosterSeats).where(RosterSeats.event_id == event_id)):
        tallied[f"seats {seats.id}"] += seats.filled
    here = select(func.count()).where(RosterEntry.event_id == event_id, RosterEntry.is_here)
    tallied["entries here"] = db.session.scalar(here) or 0
    for minute in db.session.scalars(select(EventMinute).where(EventMinute.event_id == event_id)):
        tallied[f"minute {minute.minute:%Y-%m-%d %H:%M}"] += minute.arrived
    for tally in db.session.scalars(select(EventTally).where(EventTally.event_id == event_id)):
        tallied[f"{tally.dimension} {tally.value}"] += tally.arrived
    return tallied


def _from_rows(event: Event) -> Counter[str]:
    rows: Counter[str] = Counter()
    taps = select(func.sum(NamelessStep.step)).where(NamelessStep.event_id == event.id)
    rows["nameless"] = int(db.session.scalar(taps) or 0)
    for entry in db.session.scalars(select(RosterEntry).where(RosterEntry.event_id == event.id)):
        rows["expected"] += 1
        rows["entries here"] += 0
        rows[entry.state] += entry.state != "expected"
    for seats in db.session.scalars(select(RosterSeats).where(RosterSeats.event_id == event.id)):
        rows["expected"] += seats.seats
        rows[f"seats {seats.id}"] += 0
    for sign_in in db.session.scalars(select(SignIn).where(SignIn.event_id == event.id)):
        if sign_in.is_trial:
            rows["trial"] += sign_in.voided_at is None
        elif sign_in.voided_at is not None:
            rows["voided"] += 1
        elif sign_in.state == "wait_listed":
            rows["wait_listed"] += 1
        elif sign_in.state == "unconfirmed":
            rows.update(unconfirmed_steps(sign_in.roster_entry_id, 1))
        else:
            counted = counted_of(sign_in, event.own_fields)
            rows.update(arrival_steps(counted, 1))
            rows[f"minute {counted.signed_in_at:%Y-%m-%d %H:%M}"] += 1
            rows["entries here"] += sign_in.roster_entry_id is not None
            if sign_in.roster_seats_id is not None:
                rows[f"seats {sign_in.roster_seats_id}"] += 1
            rows.update(f"{dimension} {value}" for dimension, value in _values(counted))
    return rows


def _cleared(event_id: int) -> int:
    """Return how many sign-ins of an event have been made anonymous."""
    return db.session.scalar(select(func.count()).where(SignIn.event_id == event_id, SignIn.name == "")) or 0


def counted_of(sign_in: SignIn, own_fields: Any) -> Counted:
    """Return what of a stored sign-in is counted."""
    return Counted(
        kind=sign_in.kind,
        signed_in_at=sign_in.signed_in_at,
        is_late=sign_in.is_late,
        is_walk_in=sign_in.is_walk_in,
        is_listed=sign_in.roster_entry_id is not None or sign_in.roster_seats_id is not None,
        is_on_paper=sign_in.method == "paper",
        is_gone=sign_in.is_gone,
        organisation_id=sign_in.organisation_id,
        answers=countable_answers(own_fields, sign_in.answers or {}),
    )
