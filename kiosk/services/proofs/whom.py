"""For whom proofs are made in one go: by kind, and apart from them lecturers and staff, who came to work.

Who they are is said by the job title, the identity or the part of the roster (讲师, 会务, staff), by the name that an
event gives a kind, or by its line of lecturers. A word may be wrong about somebody: their number is shown, and one tick
takes them as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from sqlalchemy import ColumnElement, case, exists, func, literal, or_, select

from kiosk.extensions import db
from kiosk.models import RosterEntry, SignIn
from kiosk.services.event.event_views import EventView

Group = Literal["student", "enterprise", "guest", "staff"]
GROUPS: tuple[Group, ...] = ("student", "enterprise", "guest", "staff")
STAFF = len(GROUPS)  # the number of the last one; whoever is staff once is it in the whole series
# What marks somebody wherever it stands, and what does as a whole: a staff engineer is no staff of the event.
PARTS = ("讲师", "讲者", "授课", "主讲", "工作人员", "会务")
WHOLE = ("staff", "lecturer", "speaker", "trainer", "organiser", "organizer", "steward")
SHORTEST_NAME = 2  # characters that may be looked for in a line of lecturers


def usual(kinds: Iterable[str]) -> frozenset[Group]:
    """Return for whom proofs are made unless staff say otherwise; guests where nobody else is asked."""
    whose: frozenset[Group] = frozenset(("student", "enterprise"))
    return whose if whose & set(kinds) else whose | {"guest"}


def number_of(event: EventView) -> ColumnElement[int]:
    """Return the number of a sign-in's group as SQL, counted from 1."""
    of_kinds = ((SignIn.kind == kind, number) for number, kind in enumerate(GROUPS[:-1], start=1))
    return case((_is_staff(event), STAFF), *of_kinds, else_=STAFF)


def _is_staff(event: EventView) -> ColumnElement[bool]:
    listed = exists().where(RosterEntry.id == SignIn.roster_entry_id, _is_entry_marked())
    marks = [_is_marked(SignIn.job_title, SignIn.identity), listed]
    labelled = [kind.kind for kind in event.kinds if _names_staff(kind.label) or _names_staff(kind.label_alt)]
    if labelled:
        marks.append(SignIn.kind.in_(labelled))
    if event.lecturers:
        is_long = func.length(SignIn.name) >= SHORTEST_NAME
        marks.append(is_long & literal(event.lecturers).contains(SignIn.name))
    # Of an empty title nothing is known, which is no yes.
    return func.coalesce(or_(*marks), literal(False))  # noqa: FBT003  # a value of SQL


def marked_entries(event_ids: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """Return whom the roster of each event names as its staff, by the number of the entry."""
    marked: dict[int, list[int]] = {}
    statement = select(RosterEntry.event_id, RosterEntry.id).where(RosterEntry.event_id.in_(tuple(event_ids)))
    for event_id, entry_id in db.session.execute(statement.where(_is_entry_marked()).order_by(RosterEntry.id)):
        marked.setdefault(event_id, []).append(entry_id)
    return {event_id: tuple(entries) for event_id, entries in marked.items()}


def _is_entry_marked() -> ColumnElement[bool]:
    return _is_marked(RosterEntry.job_title, RosterEntry.identity, RosterEntry.group_name)


def _is_marked(*columns: Any) -> ColumnElement[bool]:
    meant = [column.contains(part) for column in columns for part in PARTS]
    return func.coalesce(or_(*meant, *(func.lower(column).in_(WHOLE) for column in columns)), literal(False))  # noqa: FBT003


def _names_staff(label: str | None) -> bool:
    return label is not None and (any(part in label for part in PARTS) or label.casefold() in WHOLE)
