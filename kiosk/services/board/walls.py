"""The public wall (docs/product.md 2.9): how many have come, from where, masked names; or who is still missing.

It hangs in a hall for hours and nobody watches over it, so it holds nothing that is private: surnames alone, no minor's
name, of who is missing the organisations only, and nobody any more once an event's people are being cleared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal, get_args

from sqlalchemy import Integer, Select, and_, case, cast, func, or_, select
from sqlalchemy.orm import aliased

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import EventTally, Organisation, RosterEntry, RosterSeats, SignIn
from kiosk.services.board import missing
from kiosk.services.event import events
from kiosk.services.event.agenda import minutes_to_opening
from kiosk.services.event.event_views import EventView, Phase
from kiosk.services.event.events import Counts
from kiosk.services.names import key_of, surname_mask
from kiosk.services.privacy import purges

Face = Literal["arrived", "missing"]
FACES: tuple[Face, ...] = get_args(Face)
MISSING_BEFORE = timedelta(minutes=15)  # the start: so long the organisations that nobody has come from are called out
NAMES = 10
LOOKED_THROUGH = 120  # rows by their last change, of which the latest arrivals are taken
PAGE_SECONDS = 10
# Of organisations at once, in the size of their letters (static/css/door/wall.css): what stays of a screen beside the
# longest title and two lines of names.
COLUMNS, COLUMN_HEIGHT, LINE_HEIGHT, GAP = 2, 15.0, 1.3, 0.5
LINE_WIDTH = 13.5  # Chinese characters of a line; a Latin letter is half as wide
WORD = re.compile(r"[^\s\u2e80-\U0010ffff]+|\S")  # what a line does not break; each Chinese character by itself
NUMBER = re.compile(r"\d{7}")  # whoever types their telephone for their organisation


@dataclass(frozen=True)
class Glimpse:
    """Who has just come, as a wall may say it."""

    key: str  # tells one from another while the screen stands
    name: str  # masked


@dataclass(frozen=True)
class Wall:
    """One look at a wall. `organisations` are those of the page that stands there now, of so many `pages`."""

    face: Face
    phase: Phase
    opens_in: int | None  # minutes, when it is about to
    counts: Counts
    organisation_count: int  # from which somebody came; on the other face from which nobody did
    organisations: tuple[str, ...]
    page: int
    pages: int
    names: tuple[Glimpse, ...]

    @property
    def is_complete(self) -> bool:
        """Say whether nobody of the roster is missing, not only no organisation."""
        return self.counts.missing == 0


def look(event: EventView, wanted: Face | None = None) -> Wall:
    """Return what an event's wall shows now. Without a wish it says before the start which organisations are missing,
    as long as there are any; who wants that face where there is no roster gets the other."""
    now, counts = utcnow(), events.counts(event.id)
    is_nameless = event.is_cleared or purges.is_going_on(event)
    may_be_missing = _may_be_missing(event, counts, wanted, now)
    absent = _absent(event, counts) if may_be_missing and not is_nameless else ()
    face: Face = "missing" if may_be_missing and (wanted or absent) else "arrived"
    names, came = ((), ()) if is_nameless or face == "missing" else (_latest(event), _organisations(event))
    organisations = _shown(event, absent if face == "missing" else came)
    pages = paged(organisations)
    page = int(now.timestamp() // PAGE_SECONDS) % len(pages)
    return Wall(
        face=face,
        phase=event.phase(now),
        opens_in=minutes_to_opening(event, now),
        counts=counts,
        organisation_count=len(organisations),
        organisations=pages[page],
        page=page + 1,
        pages=len(pages),
        names=names,
    )


def paged(organisations: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Part organisations into pages that a screen holds, whatever their length; at least one, an empty one."""
    pages: list[list[str]] = [[]]
    column, height = 0, 0.0
    for name in organisations:
        own = _lines(name) * LINE_HEIGHT + GAP
        if height and height + own > COLUMN_HEIGHT:
            column, height = column + 1, 0.0
        if column == COLUMNS:
            pages.append([])
            column, height = 0, 0.0
        pages[-1].append(name)
        height += own
    return tuple(map(tuple, pages))


@lru_cache(maxsize=4_000)  # two thousand names took 17 ms at each look
def _lines(name: str) -> int:
    """Return how many lines of a column an organisation's name takes."""
    lines, at = 1, 0.0
    for word in WORD.findall(name):
        width = _width(word)
        if at and at + width > LINE_WIDTH:
            lines, at = lines + 1, 0.0
        lines += int(width // LINE_WIDTH)
        at += width % LINE_WIDTH + (word[0].isascii() and 0.25)
    return lines


def _width(word: str) -> float:
    return sum(1.0 if ord(character) > 0x2E7F else 0.5 for character in word)


def _may_be_missing(event: EventView, counts: Counts, wanted: Face | None, now: datetime) -> bool:
    """Say whether the face of who is missing may be shown: it is asked for, or the start is near. Otherwise nobody
    reads who is."""
    if wanted is not None:
        return wanted == "missing" and counts.expected > 0
    is_soon = event.starts_at is not None and event.starts_at - MISSING_BEFORE <= now < event.starts_at
    return is_soon and event.phase(now) != "closed"


def _absent(event: EventView, counts: Counts) -> tuple[str, ...]:
    """Return the organisations of the roster from which nobody has come, by the same rule as the dashboard."""
    gaps = missing.gaps(event.id, counts)
    return tuple(gap.organisation for gap in gaps if gap.has_nobody and gap.organisation)


def _latest(event: EventView) -> tuple[Glimpse, ...]:
    """Return the latest arrivals, newest first, without minors: those count only."""
    conditions = [SignIn.event_id == event.id, SignIn.has_arrived, SignIn.name != ""]
    if event.is_of_minors("student"):
        conditions.append(SignIn.kind != "student")
    statement = select(SignIn.id, SignIn.name).where(*conditions).order_by(SignIn.revision.desc())
    rows = sorted(db.session.execute(statement.limit(LOOKED_THROUGH)).tuples(), reverse=True)
    return tuple(Glimpse(str(id_), surname_mask(name)) for id_, name in rows[:NAMES])


def _organisations(event: EventView) -> tuple[str, ...]:
    """Return the organisations from which somebody came, the latest first: read from the tallies, and their order from
    the latest rows. A school that only minors wrote is none of them, unless staff know it."""
    root = aliased(Organisation)
    # CASE, because PostgreSQL may try the cast on the answers' rows too.
    organisation_id = cast(case((EventTally.dimension == "organisation", EventTally.value)), Integer)
    statement = (
        select(root.id, root.name)
        .select_from(EventTally)
        .join(Organisation, Organisation.id == organisation_id)
        .join(root, root.id == Organisation.root)
        .where(EventTally.event_id == event.id, EventTally.dimension == "organisation", EventTally.arrived > 0)
        .distinct()
    )
    if event.is_of_minors("student"):
        statement = statement.where(or_(root.type != "school", root.is_listed, root.id.in_(_of_roster(event.id))))
    names = dict(db.session.execute(statement).tuples().all())
    newest = {of: at for at, of in enumerate(_latest_roots(event.id))}
    return tuple(names[of] for of in sorted(names, key=lambda of: (newest.get(of, LOOKED_THROUGH), names[of])))


def _latest_roots(event_id: int) -> list[int]:
    """Return the organisations of the latest arrivals, each once, newest first."""
    latest = (
        select(SignIn.id, Organisation.root.label("root"))
        .join(Organisation, Organisation.id == SignIn.organisation_id)
        .where(SignIn.event_id == event_id, SignIn.has_arrived)
        .order_by(SignIn.revision.desc())
        .limit(LOOKED_THROUGH)
        .subquery()
    )
    statement = select(latest.c.root).group_by(latest.c.root).order_by(func.max(latest.c.id).desc())
    return list(db.session.scalars(statement))


def _of_roster(event_id: int) -> Select[tuple[int]]:
    """Select the roots of the organisations that a roster names."""
    named = select(RosterEntry.organisation_id).where(RosterEntry.event_id == event_id)
    both = named.union(select(RosterSeats.organisation_id).where(RosterSeats.event_id == event_id)).subquery()
    return select(Organisation.root).where(Organisation.id.in_(select(both.c.organisation_id)))


def _shown(event: EventView, organisations: Sequence[str]) -> list[str]:
    """Leave out what is no organisation but a person: who typed their own name, or a telephone, where it was asked."""
    keys = {name: key_of(name) for name in organisations}
    people = select(SignIn.name_key).where(SignIn.event_id == event.id, SignIn.name_key.in_(set(keys.values())))
    expected = select(RosterEntry.name_key).where(
        and_(RosterEntry.event_id == event.id, RosterEntry.name_key.in_(set(keys.values())))
    )
    persons = set(db.session.scalars(people.union(expected))) if keys else set()
    return [name for name in organisations if keys[name] not in persons and not NUMBER.search(name)]
