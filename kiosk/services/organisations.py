"""The directory of schools, enterprises and agencies: found, made, completed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import desc, or_, select

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import Organisation, OrganisationAlias, RosterEntry, RosterSeats
from kiosk.services.names import clean, key_of
from kiosk.services.statements import Statement
from kiosk.services.writer import SharedRow, WriterSession, run

COMPLETION_LIMIT = 6
COMPLETION_FROM = 2  # characters typed

FIND = Statement(
    """SELECT coalesce(root.id, o.id) FROM organisation o LEFT JOIN organisation root ON root.id = o.merged_into_id
    WHERE o.name_key = :name_key
    UNION ALL
    SELECT a.organisation_id FROM organisation_alias a WHERE a.name_key = :name_key
    LIMIT 1"""
)
ADD = Statement(
    """INSERT INTO organisation (name, name_key, type, district, is_listed, created_at)
    VALUES (:name, :name_key, :type, :district, :is_listed, :now) ON CONFLICT DO NOTHING RETURNING id"""
)


@dataclass(frozen=True)
class OrganisationRow:
    """An entry of the directory, for lists."""

    id: int
    name: str
    type: str
    district: str | None
    is_listed: bool


def shared_row(name: str, type_: str, district: str | None = None, *, is_listed: bool = False) -> SharedRow:
    """Return the row that must be there before a sign-in may point to it; existing ones stay as they are.

    `is_listed`: staff named it, so it may complete what others type.
    """
    name_key = key_of(name)

    def write(session: WriterSession) -> None:
        if find_id(session, name_key) is None:
            values: dict[str, Any] = {"name": clean(name), "name_key": name_key, "type": type_, "district": district}
            values |= {"is_listed": is_listed, "now": utcnow()}
            row = session.driver.first(ADD, values)
            if row is not None:
                session.driver.known["organisation", name_key] = int(row[0])

    return SharedRow(("organisation", name_key), write)


def find_id(session: WriterSession, name_key: str) -> int | None:
    """Return the id of the organisation with this name or alias, following one merge, or None."""
    known = session.driver.known
    if ("organisation", name_key) not in known:
        row = session.driver.first(FIND, {"name_key": name_key})
        if row is None:
            return None
        known["organisation", name_key] = int(row[0])
    return int(known["organisation", name_key])


def complete(typed: str, type_: str | None = None, *, event_id: int | None = None) -> tuple[str, ...]:
    """Return up to six listed names that contain what was typed; nothing before two characters.

    With an event the organisations of its roster come too, and first. Never people, never a minor's school.
    """
    wanted = key_of(typed)
    if len(wanted) < COMPLETION_FROM:
        return ()
    pattern = f"%{_escape_like(wanted)}%"
    is_expected = Organisation.id.in_(_of_roster(event_id))
    statement = (
        select(Organisation.name, is_expected.label("is_expected"))
        .join(OrganisationAlias, OrganisationAlias.organisation_id == Organisation.id, isouter=True)
        .where(or_(Organisation.is_listed, is_expected), Organisation.merged_into_id.is_(None))
        .where(
            or_(Organisation.name_key.like(pattern, escape="\\"), OrganisationAlias.name_key.like(pattern, escape="\\"))
        )
        .distinct()
        .order_by(desc("is_expected"), Organisation.name)
        .limit(COMPLETION_LIMIT)
    )
    if type_ is not None:
        statement = statement.where(Organisation.type == type_)
    return tuple(db.session.scalars(statement))


def _of_roster(event_id: int | None) -> Any:
    entries = select(RosterEntry.organisation_id).where(
        RosterEntry.event_id == event_id, RosterEntry.kind != "student", RosterEntry.organisation_id.is_not(None)
    )
    return entries.union(select(RosterSeats.organisation_id).where(RosterSeats.event_id == event_id))


def list_all() -> tuple[OrganisationRow, ...]:
    """Return the directory, listed ones first, by name."""
    statement = select(Organisation).where(Organisation.merged_into_id.is_(None))
    rows = db.session.scalars(statement.order_by(Organisation.is_listed.desc(), Organisation.name))
    return tuple(OrganisationRow(o.id, o.name, o.type, o.district, o.is_listed) for o in rows)


def add_many(names: list[str], type_: str, district: str | None = None) -> int:
    """List organisations by name; those already known become listed. Return how many were new."""
    wanted = {key_of(name): clean(name)[:120] for name in names if clean(name)}

    def work(session: WriterSession) -> int:
        known = {o.name_key: o for o in session.scalars(select(Organisation).where(Organisation.name_key.in_(wanted)))}
        for organisation in known.values():
            organisation.is_listed = True
        for name_key in wanted.keys() - known.keys():
            session.add(
                Organisation(
                    name=wanted[name_key],
                    name_key=name_key,
                    type=type_,
                    district=district,
                    is_listed=True,
                    created_at=utcnow(),
                )
            )
        return len(wanted) - len(known)

    return run(work)


def search(typed: str = "", *, limit: int = 500) -> tuple[OrganisationRow, ...]:
    """Return entries whose name or alias contains what was typed: those to confirm first, then by name."""
    statement = select(Organisation).where(Organisation.merged_into_id.is_(None))
    if key := key_of(typed):
        pattern = f"%{_escape_like(key)}%"
        alias = select(OrganisationAlias.organisation_id).where(OrganisationAlias.name_key.like(pattern, escape="\\"))
        statement = statement.where(or_(Organisation.name_key.like(pattern, escape="\\"), Organisation.id.in_(alias)))
    rows = db.session.scalars(statement.order_by(Organisation.is_listed, Organisation.name).limit(limit))
    return tuple(OrganisationRow(o.id, o.name, o.type, o.district, o.is_listed) for o in rows)


def confirm(organisation_id: int) -> str | None:
    """List an organisation that was typed at the door and return its name; None when there is none."""

    def work(session: WriterSession) -> str | None:
        found = session.get(Organisation, organisation_id)
        if found is None:
            return None
        found.is_listed = True
        return found.name

    return run(work)


def _escape_like(value: str) -> str:
    return value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
