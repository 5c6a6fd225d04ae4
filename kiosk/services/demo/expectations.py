"""Who was expected at the demo's events with a roster: those who come, a few who do not, less a few who just come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.person_fields import values_of
from kiosk.services.demo import directory, programme
from kiosk.services.demo.attendance import SEED, DemoArrival
from kiosk.services.demo.names import InventedPeople
from kiosk.services.fields import Details
from kiosk.services.roster.roster_rows import RosterRow

WALK_INS = (5, 17, 31)  # representatives whom nobody announced, by their place among the arrivals
STARRED = (2, -9)  # one who is here, and before the six who stay away one who is to come: then there is a chime
GROUPS = ("第一组", "第二组", "第三组")
BUSES = ("1号车", "2号车")
ABSENT = 6
EXCUSED = ("出差", "车间检修，走不开")


@dataclass(frozen=True)
class Expectation:
    """The roster of one sitting; `excused` are the places of those on leave in `rows`, with the reason."""

    rows: tuple[RosterRow, ...]
    excused: tuple[tuple[int, str], ...]


def expectation(key: str, arrivals: Sequence[DemoArrival]) -> Expectation | None:
    """Return whom a sitting expects, or None where there is no roster; the same on every call."""
    if key == "school":
        return _school([arrival.details for arrival in arrivals])
    if key == f"training_{programme.OPEN_DISTRICT}":
        return _training([arrival.details for arrival in arrivals])
    return None


def _training(people: Sequence[Details]) -> Expectation:
    representatives = [one for one in people if one.kind == "enterprise"]
    listed = [one for number, one in enumerate(representatives) if number not in WALK_INS]
    others = InventedPeople(SEED + 1)
    taken = {one.name for one in people}
    # Colleagues of some who come, from enterprises that are in the directory already.
    for colleague in representatives[7 : 7 + ABSENT * 4 : 4]:
        name = next(name for name in iter(others.name, None) if name not in taken)
        listed.append(
            Details("enterprise", name, colleague.organisation_name, job_title=others.title(), mobile=others.mobile())
        )
    experts = [one for one in people if one.identity == "授课专家"]
    starred = {id(listed[number]) for number in STARRED}
    rows = [
        _row(one, group=GROUPS[number % 3], seat=f"{'ABCDEF'[number // 12 % 6]}{number % 12 + 1}",
             is_starred=id(one) in starred)
        for number, one in enumerate(listed)
    ]  # fmt: skip
    excused = tuple((len(rows) - 1 - number, reason) for number, reason in enumerate(EXCUSED))
    return Expectation((*rows, *(_row(one, is_starred=True) for one in experts)), excused)


def _school(people: Sequence[Details]) -> Expectation:
    pupils = sorted((one for one in people if one.kind == "student"), key=lambda one: one.student_no or "")
    rows = [_row(one, bus=BUSES[number // 11]) for number, one in enumerate(pupils)]
    ill = Details("student", "陈小满", directory.SCHOOL, "初二(3)班", f"202303{len(pupils) + 1:02d}")
    return Expectation((*rows, _row(ill, bus=BUSES[1])), ((len(rows), "发烧，家长已告知班主任"),))


def _row(
    one: Details, *, group: str | None = None, seat: str | None = None, bus: str | None = None, is_starred: bool = False
) -> RosterRow:
    return RosterRow(one.kind, **values_of(one), group_name=group, seat=seat, bus=bus, is_starred=is_starred)
