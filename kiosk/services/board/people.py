"""The list of who signed in at one event, for staff: the latest, and what a search or a tapped bar finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from kiosk.extensions import db
from kiosk.models import Organisation, SignIn
from kiosk.services.pages import Page, cut, page_of
from kiosk.services.people import rows, searching
from kiosk.services.people.rows import PersonRow
from kiosk.services.people.searching import Hidden

LATEST = 30
LOOKED_THROUGH = 120  # rows by their last change, of which the latest arrivals are taken
FOUND = 60  # rows of a page


@dataclass(frozen=True)
class PeopleFilter:
    """What a list is narrowed to; `typed` is what somebody wrote, the others are tapped bars."""

    typed: str = ""
    hidden: Hidden = "nobody"  # whose names the list masks
    organisation_id: int | None = None
    district: str | None = None
    kind: str | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.typed or self.organisation_id or self.district or self.kind)


def latest(event_id: int) -> tuple[PersonRow, ...]:
    """Return the latest arrivals, newest first; voided ones keep their place, cleared trials are gone.

    Read by the index on the last change, so that an old event in a large database costs the same.
    """
    statement = select(SignIn).where(*_of_event(event_id)).order_by(SignIn.revision.desc()).limit(LOOKED_THROUGH)
    sign_ins = db.session.scalars(statement).all()
    return rows.of_sign_ins(sorted(sign_ins, key=lambda row: row.id, reverse=True)[:LATEST])


def search(event_id: int, wanted: PeopleFilter, number: int = 1) -> Page[PersonRow]:
    """Return a page of an event's people whom a filter means, newest first."""
    statement = select(SignIn).where(*_of_event(event_id), *_conditions(event_id, wanted)).order_by(SignIn.id.desc())
    sign_ins = db.session.scalars(cut(statement, FOUND, number)).all()
    page = page_of(sign_ins, FOUND, number)
    return page.having(rows.of_sign_ins(page.rows))


def organisation_name(organisation_id: int) -> str | None:
    """Return what an organisation is called, for the words above a narrowed list."""
    return db.session.scalar(select(Organisation.name).where(Organisation.id == organisation_id))


def _of_event(event_id: int) -> tuple[Any, ...]:
    return SignIn.event_id == event_id, ~and_(SignIn.is_trial, SignIn.voided_at.is_not(None))


def _conditions(event_id: int, wanted: PeopleFilter) -> list[Any]:
    conditions: list[Any] = searching.sign_ins_meant([event_id], wanted.typed, wanted.hidden)
    if wanted.organisation_id is not None:
        conditions.append(SignIn.organisation_id.in_(_family(wanted.organisation_id)))
    if wanted.district:
        conditions.append(SignIn.organisation_id.in_(_of_district(wanted.district)))
    if wanted.kind:
        conditions.append(SignIn.kind == wanted.kind)
    return conditions


def _family(organisation_id: int) -> Any:
    """Select an organisation and those merged into it."""
    return select(Organisation.id).where(
        or_(Organisation.id == organisation_id, Organisation.root_id == organisation_id)
    )


def _of_district(district: str) -> Any:
    root = aliased(Organisation)
    return (
        select(Organisation.id)
        .join(root, root.id == Organisation.root_id, isouter=True)
        .where(or_(root.district == district, and_(root.district.is_(None), Organisation.district == district)))
    )
