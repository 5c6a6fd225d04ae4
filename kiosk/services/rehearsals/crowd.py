"""Who comes to a rehearsal and when: invented people, in the rhythm of a real door."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from kiosk.services.demo.names import InventedPeople

# Of all arrivals, how many come until when, both as shares: most in the last stretch before the start, which stands
# for the ten minutes before it, some after it. Counted off the demo's sign-in sheets (services/demo/attendance).
RHYTHM = ((0.0, 0.0), (0.45, 0.12), (0.65, 0.40), (0.85, 0.88), (1.0, 1.0))
STARTS_AT = 0.85  # the share of the time at which the event begins; who comes later is late
TOGETHER = (1, 1, 1, 2, 3, 5)  # people come alone, in pairs, and as a car or a bus lets them out
BETWEEN = 0.4  # seconds between two people who come together
FROM_ONE_PLACE = 3  # people an organisation


@dataclass(frozen=True)
class RehearsedArrival:
    """One invented person: when they scan the code, in seconds from the beginning, and what they will type."""

    after: float
    kind: str
    answers: dict[str, str]


def start_of(opened_at: datetime, seconds: int) -> datetime:
    """Return when the event of a rehearsal of so many seconds begins."""
    return opened_at + timedelta(seconds=seconds * STARTS_AT)


def arrivals(count: int, seconds: int, kinds: tuple[str, ...], *, seed: int) -> tuple[RehearsedArrival, ...]:
    """Return `count` arrivals within `seconds`, in order; the same seed brings the same people.

    Nobody is meant: names are put together by chance, mobiles begin with 160, which no carrier hands out, and the
    organisations are called after the rehearsal.
    """
    people = InventedPeople(seed)
    moments = sorted(_moments(count, seconds, people.random))
    return tuple(
        RehearsedArrival(
            moment, people.random.choice(kinds), _answers(people, f"演练单位{seed}-{1 + i // FROM_ONE_PLACE}")
        )
        for i, moment in enumerate(moments)
    )


def _answers(people: InventedPeople, organisation: str) -> dict[str, str]:
    return {
        "name": people.name(),
        "school": organisation,
        "class_name": "初二(3)班",
        "student_no": people.mobile()[3:],
        "enterprise": organisation,
        "organisation": organisation,
        "job_title": people.title(),
        "mobile": people.mobile(),
        "identity": "演练人员",
    }


def _moments(count: int, seconds: int, chance: random.Random) -> Iterator[float]:
    left = count
    while left:
        together = min(left, chance.choice(TOGETHER))
        first = _when(chance.random()) * seconds
        for i in range(together):
            yield min(first + i * BETWEEN, float(seconds))
        left -= together


def _when(share: float) -> float:
    """Return the share of the time by which this share of the people has come."""
    for (since, before), (until, after) in zip(RHYTHM, RHYTHM[1:], strict=False):
        if share <= after:
            return since + (until - since) * (share - before) / (after - before)
    return 1.0
