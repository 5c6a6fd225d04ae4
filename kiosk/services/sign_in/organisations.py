"""The directory of schools, enterprises and agencies: found, made, completed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import desc, or_, select, update
from sqlalchemy.orm import aliased

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import Organisation, OrganisationAlias, RosterEntry, RosterSeats
from kiosk.models.organisation import ROOT
from kiosk.services.audit_log import audit
from kiosk.services.fields import ORGANISATION_TYPE, Details
from kiosk.services.names import clean, key_of
from kiosk.services.store.statements import Statement, insert_into
from kiosk.services.store.writer import SharedRow, WriterSession, unit

COMPLETION_LIMIT = 6
COMPLETION_FROM = 2  # characters typed
# Each sign-in asks twice, and many name the same one; what people are called is not remembered here.
shared_key_of = lru_cache(maxsize=500)(key_of)

FIND = Statement(
    f"""SELECT o.id, {ROOT},
        CASE WHEN o.root_id IS NOT NULL OR EXISTS (SELECT 1 FROM organisation m WHERE m.root_id = o.id)
            THEN 1 ELSE 0 END
    FROM organisation o
    WHERE o.id = coalesce((SELECT n.id FROM organisation n WHERE n.name_key = :name_key),
        (SELECT a.organisation_id FROM organisation_alias a WHERE a.name_key = :name_key))"""
)
ADD = insert_into(
    "organisation",
    ("name", "name_key", "type", "district", "is_listed"),
    returning="id",
    apart_by="name_key",
    created_at=":now",
)


@dataclass(frozen=True)
class Named:
    """The organisation that a written name means. A sign-in keeps `id`, so that a merge can be undone; whatever
    matches or counts goes by `root_id`."""

    id: int | None
    root_id: int | None
    has_family: bool = False  # something was merged into it, or it into something


NONE = Named(None, None)


def shared_row(name: str, type_: str, district: str | None = None, *, is_listed: bool = False) -> SharedRow:
    """Return the row that must be there before a sign-in may point to it; existing ones stay as they are.

    `is_listed`: staff named it, so it may complete what others type.
    """
    name_key = shared_key_of(name)

    def write(session: WriterSession) -> None:
        if find(session, name_key) is NONE:
            values: dict[str, Any] = {"name": clean(name), "name_key": name_key, "type": type_, "district": district}
            values |= {"is_listed": is_listed, "now": utcnow()}
            row = session.driver.first(ADD, values)
            if row is not None:
                session.driver.known["organisation", name_key] = Named(int(row[0]), int(row[0]))

    return SharedRow(("organisation", name_key), write)


def named_by(*people: Details) -> list[SharedRow]:
    """Return the rows of the organisations that these people name."""
    return [shared_row(one.organisation_name, ORGANISATION_TYPE[one.kind]) for one in people if one.organisation_name]


def find(session: WriterSession, name_key: str) -> Named:
    """Return the organisation with this name or alias, asked once a batch; NONE when nothing is called so."""
    known = session.driver.known
    if ("organisation", name_key) not in known:
        row = session.driver.first(FIND, {"name_key": name_key})
        if row is None:
            return NONE
        known["organisation", name_key] = Named(int(row[0]), int(row[1]), bool(row[2]))
    organisation: Named = known["organisation", name_key]
    return organisation


def by_name(name_keys: Collection[str], session: Any = db.session) -> dict[str, Named]:
    """Return the organisations with these names or aliases, by the key that was asked for; nothing is written."""
    own = select(Organisation.name_key, Organisation.id, Organisation.root)
    by_alias = select(OrganisationAlias.name_key, Organisation.id, Organisation.root).join(
        Organisation, Organisation.id == OrganisationAlias.organisation_id
    )
    by_key: dict[str, Named] = {}
    for statement in (
        by_alias.where(OrganisationAlias.name_key.in_(name_keys)),
        own.where(Organisation.name_key.in_(name_keys)),
    ):
        by_key |= {key: Named(id_, root) for key, id_, root in session.execute(statement)}
    return by_key


def complete(typed: str, type_: str | None = None, *, event_id: int | None = None) -> tuple[str, ...]:
    """Return up to six listed names of which a name, an alias or a merged name contains what was typed.

    Nothing before two characters. What was merged completes to its root's name. With an event the organisations of
    its roster come too, and first. Never people, never a minor's school.
    """
    wanted = key_of(typed)
    if len(wanted) < COMPLETION_FROM:
        return ()
    written = aliased(Organisation)
    is_name = written.name_key.contains(wanted, autoescape=True)
    is_alias = OrganisationAlias.name_key.contains(wanted, autoescape=True)
    is_expected = Organisation.id.in_(_of_roster(event_id))
    statement = (
        select(Organisation.name, is_expected.label("is_expected"))
        .select_from(written)
        .join(Organisation, Organisation.id == written.root)
        .join(OrganisationAlias, OrganisationAlias.organisation_id == written.id, isouter=True)
        .where(or_(Organisation.is_listed, is_expected))
        .where(or_(is_name, is_alias))
        .distinct()
        .order_by(desc("is_expected"), Organisation.name)
        .limit(COMPLETION_LIMIT)
    )
    if type_ is not None:
        statement = statement.where(Organisation.type == type_)
    return tuple(db.session.scalars(statement))


def _of_roster(event_id: int | None) -> Any:
    """Select the roots of those whom a roster names."""
    entries = select(RosterEntry.organisation_id).where(
        RosterEntry.event_id == event_id, RosterEntry.kind != "student", RosterEntry.organisation_id.is_not(None)
    )
    named = entries.union(select(RosterSeats.organisation_id).where(RosterSeats.event_id == event_id)).subquery()
    written = aliased(Organisation)
    return select(written.root).where(written.id.in_(select(named.c.organisation_id)))


@unit
def add_many(
    session: WriterSession, names: list[str], type_: str, district: str | None = None, *, actor: str = "command"
) -> int:
    """List organisations by name; those already known become listed. Return how many were new."""
    wanted = {key_of(name): clean(name)[:120] for name in names if clean(name)}
    known = by_name(wanted, session)
    listed = update(Organisation).where(Organisation.id.in_([one.id for one in known.values()]))
    session.execute(listed.values(is_listed=True))
    about = {"type": type_, "district": district, "is_listed": True, "created_at": utcnow()}
    made = [Organisation(name=name, name_key=key, **about) for key, name in wanted.items() if key not in known]
    session.add_all(made)
    audit.record(session, actor, "organisation.add", changed={"added": len(made), "known": len(known)})
    return len(made)
