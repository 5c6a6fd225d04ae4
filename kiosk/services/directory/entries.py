"""One organisation of the directory: its page, its aliases, and the list it stands in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn, TypeVar

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from kiosk.extensions import db
from kiosk.models import Organisation, OrganisationAlias, OrganisationDifference, OrganisationMerge
from kiosk.services.audit_log import audit
from kiosk.services.directory import credit_codes, merges
from kiosk.services.directory.merges import Figures
from kiosk.services.names import clean, key_of
from kiosk.services.pages import Page, cut, last_page, page_of
from kiosk.services.people import searching
from kiosk.services.refusals import Code, Refused
from kiosk.services.store.rows import known
from kiosk.services.store.writer import WriterSession, unit

PAGE = 60
Result = TypeVar("Result")


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to."""

    typed: str = ""
    type: str | None = None
    is_to_confirm: bool = False


@dataclass(frozen=True)
class OrganisationLine:
    """An organisation in a list; those merged into others have no line."""

    id: int
    name: str
    type: str
    district: str | None
    credit_code: str | None
    is_listed: bool


@dataclass(frozen=True)
class Alias:
    id: int
    name: str


@dataclass(frozen=True)
class Member:
    """An organisation that was merged into another. `into` is None for the one whose page it is."""

    id: int
    name: str
    into: str | None
    merged_at: datetime | None


@dataclass(frozen=True)
class OrganisationView(OrganisationLine):
    """Everything on an organisation's page."""

    aliases: tuple[Alias, ...]
    members: tuple[Member, ...]
    merged_into: OrganisationLine | None  # whose name it counts as
    others: tuple[OrganisationLine, ...]  # it was said that they are not the same
    figures: Figures


@dataclass(frozen=True)
class EntryDraft:
    """What staff may change."""

    name: str
    type: str
    credit_code: str | None = None
    district: str | None = None


def page(wanted: Wanted, number: int = 1) -> Page[OrganisationLine]:
    """Return a page of the directory: those to confirm first, then by name. Aliases and merged names are searched,
    for each word of what was typed."""
    statement = select(Organisation).where(Organisation.merged_into_id.is_(None))
    statement = statement.where(*searching.all_meant(wanted.typed, _is_meant))
    if wanted.type is not None:
        statement = statement.where(Organisation.type == wanted.type)
    if wanted.is_to_confirm:
        statement = statement.where(~Organisation.is_listed)
    total = db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    number = min(max(1, number), last_page(total, PAGE))
    by_name = statement.order_by(Organisation.is_listed, Organisation.name, Organisation.id)
    lines = [line_of(row) for row in db.session.scalars(cut(by_name, PAGE, number))]
    return page_of(lines, PAGE, number, total=total)


def _is_meant(text: str) -> ColumnElement[bool]:
    """Return the condition that one text means an organisation, by a part of a name or by its whole credit code."""
    key = key_of(text)
    return or_(Organisation.id.in_(_called(key)), Organisation.credit_code == key.upper())


def count_to_confirm() -> int:
    """Return how many were typed at the door and wait to be confirmed."""
    statement = select(func.count()).select_from(Organisation)
    waiting = statement.where(Organisation.merged_into_id.is_(None), ~Organisation.is_listed)
    return db.session.scalar(waiting) or 0


def districts() -> tuple[str, ...]:
    """Return the districts in use, for a field that completes."""
    statement = select(Organisation.district).where(Organisation.district.is_not(None)).distinct()
    return tuple(db.session.scalars(statement.order_by(Organisation.district)))


def find(organisation_id: int) -> OrganisationView:
    """Return an organisation's page; raise Unknown."""
    row = known(db.session, Organisation, organisation_id)
    of_it = OrganisationAlias.organisation_id == row.id
    aliases = db.session.scalars(select(OrganisationAlias).where(of_it).order_by(OrganisationAlias.name))
    root = db.session.get(Organisation, row.root_id) if row.root_id else None
    return OrganisationView(
        **vars(line_of(row)),
        aliases=tuple(Alias(alias.id, alias.name) for alias in aliases),
        members=_members(row.id),
        merged_into=line_of(root) if root else None,
        others=_others(row.id),
        figures=merges.figures(row.id),
    )


def line_of(row: Organisation) -> OrganisationLine:
    """Return a loaded organisation as it stands in a list."""
    return OrganisationLine(row.id, row.name, row.type, row.district, row.credit_code, row.is_listed)


def suggest_district(code: str) -> str | None:
    """Return the district of most organisations whose code has the same six digits; a suggestion and no more."""
    digits = func.substr(Organisation.credit_code, credit_codes.DISTRICT.start + 1, 6)
    statement = (
        select(Organisation.district)
        .where(digits == code[credit_codes.DISTRICT], Organisation.district.is_not(None))
        .group_by(Organisation.district)
        .order_by(func.count().desc(), Organisation.district)
    )
    return db.session.scalar(statement.limit(1))


def update(organisation_id: int, draft: EntryDraft, *, actor: str) -> None:
    """Change an organisation. The name it had stays as an alias, so that whoever writes it is still known.

    Raises Unknown or Refused. What another has already comes with `name`, whose it is, and `other_id`, its root.
    """
    code = credit_codes.read(draft.credit_code) if draft.credit_code else None
    if _twice(lambda: _update(organisation_id, draft, code, actor)):
        merges.wake_screens(merges.family_of(organisation_id))


@unit
def _update(session: WriterSession, organisation_id: int, draft: EntryDraft, code: str | None, actor: str) -> list[str]:
    row = known(session, Organisation, organisation_id)
    name, name_key = clean(draft.name), key_of(draft.name)
    values = {"name": name, "type": draft.type, "credit_code": code, "district": draft.district}
    changed = [field for field, value in values.items() if getattr(row, field) != value]
    if name_key != row.name_key:
        _check_name(session, name_key, row)
        session.execute(delete(OrganisationAlias).where(OrganisationAlias.name_key == name_key))
        _add_alias(session, row, row.name, row.name_key)
        row.name_key = name_key
    if code is not None and code != row.credit_code:
        _check_code(session, code, row)
    for field in changed:
        setattr(row, field, values[field])
    if changed:
        audit.record_row(session, actor, "organisation.update", row, fields=changed)
    return changed


@unit
def confirm(session: WriterSession, organisation_id: int, *, actor: str) -> str:
    """List an organisation that was typed at the door and return its name; raise Unknown."""
    row = known(session, Organisation, organisation_id)
    if not row.is_listed:
        row.is_listed = True
        audit.record_row(session, actor, "organisation.confirm", row)
    return str(row.name)


def add_alias(organisation_id: int, name: str, *, actor: str) -> None:
    """Know an organisation by another name too; again changes nothing. Raises Unknown or Refused."""
    _twice(lambda: _know_by(organisation_id, name, actor))


@unit
def _know_by(session: WriterSession, organisation_id: int, name: str, actor: str) -> None:
    row, name_key = known(session, Organisation, organisation_id), key_of(name)
    of_key = select(OrganisationAlias.organisation_id).where(OrganisationAlias.name_key == name_key)
    if row.id in (session.scalar(of_key), row.id if row.name_key == name_key else None):
        return
    _check_name(session, name_key, row)
    alias = _add_alias(session, row, clean(name), name_key)
    session.flush()
    audit.record_row(session, actor, "organisation.alias", row, added=alias.id)


@unit
def remove_alias(session: WriterSession, organisation_id: int, alias_id: int, *, actor: str) -> None:
    """Forget another name of an organisation; again changes nothing."""
    alias = session.get(OrganisationAlias, alias_id)
    if alias is not None and alias.organisation_id == organisation_id:
        session.delete(alias)
        subject = f"organisation:{organisation_id}"
        audit.record(session, actor, "organisation.alias", subject=subject, changed={"removed": alias_id})


def _twice(change: Callable[[], Result]) -> Result:
    """Make a change; once more when somebody took the name or the code in between, which the second look sees."""
    try:
        return change()
    except IntegrityError:
        return change()


def _check_name(session: WriterSession, name_key: str, row: Organisation) -> None:
    by_alias = select(OrganisationAlias.organisation_id).where(OrganisationAlias.name_key == name_key)
    called = select(Organisation).where(or_(Organisation.name_key == name_key, Organisation.id.in_(by_alias)))
    other = session.scalar(called.where(Organisation.id != row.id))
    if other is not None:
        _refuse(session, "name_taken", "name_merged", other, row)


def _check_code(session: WriterSession, code: str, row: Organisation) -> None:
    other = session.scalar(select(Organisation).where(Organisation.credit_code == code, Organisation.id != row.id))
    if other is not None:
        _refuse(session, "code_taken", "code_merged", other, row)


def _refuse(session: WriterSession, taken: Code, merged: Code, other: Organisation, row: Organisation) -> NoReturn:
    """Refuse what another has: as `merged` when the two are one already, else as `taken`."""
    root = session.get_one(Organisation, other.root)
    raise Refused(merged if root.id == row.root else taken, name=other.name, other_id=root.id)


def _add_alias(session: WriterSession, row: Organisation, name: str, name_key: str) -> OrganisationAlias:
    alias = OrganisationAlias(organisation_id=row.id, name=name, name_key=name_key)
    session.add(alias)
    return alias


def _called(key: str) -> Any:
    """Select the roots of those of whose names or aliases this is a part."""
    written = aliased(Organisation)
    return (
        select(written.root)
        .join(OrganisationAlias, OrganisationAlias.organisation_id == written.id, isouter=True)
        .where(
            or_(
                written.name_key.contains(key, autoescape=True),
                OrganisationAlias.name_key.contains(key, autoescape=True),
            )
        )
    )


def _members(organisation_id: int) -> tuple[Member, ...]:
    into = aliased(Organisation)
    is_kept = (OrganisationMerge.organisation_id == Organisation.id) & OrganisationMerge.undone_at.is_(None)
    statement = (
        select(Organisation, into, OrganisationMerge.merged_at)
        .join(into, into.id == Organisation.merged_into_id)
        .join(OrganisationMerge, is_kept, isouter=True)
        .where(Organisation.id.in_(merges.family_of(organisation_id)), Organisation.id != organisation_id)
        .order_by(Organisation.name)
    )
    return tuple(
        Member(row.id, row.name, None if target.id == organisation_id else target.name, merged_at)
        for row, target, merged_at in db.session.execute(statement)
    )


def _others(organisation_id: int) -> tuple[OrganisationLine, ...]:
    first, second = OrganisationDifference.first_id, OrganisationDifference.second_id
    ids = select(second).where(first == organisation_id).union(select(first).where(second == organisation_id))
    rows = db.session.scalars(select(Organisation).where(Organisation.id.in_(ids)).order_by(Organisation.name))
    return tuple(map(line_of, rows))
