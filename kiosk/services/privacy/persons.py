"""One person: where somebody stands, everything about them to take along, and which rows an erasure empties.

Serves access, portability and deletion (Personal Information Protection Law, articles 44 to 47). A name alone means
nobody who left a mobile or a student number: those must be given as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, and_, exists, or_, select

from kiosk.extensions import db
from kiosk.models import Campaign, Event, GroupSignIn, Participant, RosterEntry, SignIn
from kiosk.services.audit_log import audit
from kiosk.services.names import clean, key_of, mask_mobile, mask_name, name_key_of, normalise_mobile
from kiosk.services.privacy import erasure
from kiosk.services.privacy.declaration import TABLES
from kiosk.services.privacy.erasure import LEADER, NAMES_SOMEBODY, Erased
from kiosk.services.store.writer import WriterSession, unit
from kiosk.services.tables.sheet_files import csv_of, harmless

LEFT_OUT = {"technical"}  # kinds of columns that say nothing of the person: keyed hashes, who acted


@dataclass(frozen=True)
class EventOf:
    """An event at which the person signed in or was expected."""

    id: int
    code: str
    title: str
    title_alt: str | None


@dataclass(frozen=True)
class PersonInCampaign:
    """A person in one campaign, masked. `is_by_name`: nothing but the name speaks for it, so look twice."""

    campaign_id: int
    campaign_title: str
    campaign_title_alt: str | None
    name: str
    mobile: str
    organisation: str | None
    events: tuple[EventOf, ...]
    is_by_name: bool
    rows: Erased


def find(name: str, mark: str | None = None, *, event_ids: Sequence[int] | None = None) -> tuple[PersonInCampaign, ...]:
    """Return where this person stands: one for each campaign, by name alone one for each who is told apart.

    `mark` is a mobile or a student number, which may stand beside the name as well.
    `event_ids`: only these events (an organiser's); None means all.
    """
    name, number = _name_and_number(name, mark)
    name_key = name_key_of(name)
    if not name_key:
        return ()
    sign_ins, entries = _rows(SignIn, name_key, number, event_ids), _rows(RosterEntry, name_key, number, event_ids)
    if number is not None:
        sign_ins, entries = _with_tied(sign_ins, entries, name_key, number, event_ids)
    campaigns = dict(_campaigns(sign_ins, entries))
    people: dict[tuple[int, str], tuple[list[Any], list[Any]]] = {}
    of_entry = {one.roster_entry_id: one.participant_id for one in sign_ins}
    for row in (*sign_ins, *entries):
        is_entry = isinstance(row, RosterEntry)
        whose = of_entry.get(row.id, f"entry {row.id}") if is_entry else row.participant_id
        # Two guests of one name are two people as long as nothing but the name is known.
        key = (campaigns[row.event_id].id, "" if number else str(whose))
        people.setdefault(key, ([], []))[is_entry].append(row)
    by_id = {campaign.id: campaign for campaign in campaigns.values()}
    chosen = [
        _found(by_id[campaign_id], came, expected, name_key, is_by_name=number is None)
        for (campaign_id, _), (came, expected) in people.items()
    ]
    if number is None:
        chosen += _only_mentioned(name_key, event_ids, {place for one in chosen for place in one.rows.mentions})
    return tuple(chosen)


def _name_and_number(name: str, mark: str | None) -> tuple[str, str | None]:
    """Return the name and the number that were typed: in a box of its own, or before or after the name."""
    words, number = clean(name).split(), clean(mark or "") or None
    numbers = [word for word in words if any(map(str.isdigit, word))]
    if number is not None or len(numbers) != 1 or len(words) == 1:
        return name, number
    return " ".join(word for word in words if word not in numbers), numbers[0]


def export(people: Sequence[Erased], actor: str) -> dict[str, Any]:
    """Return everything about a person as plain JSON, by table, and log the look at unmasked data."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for rows in people:
        target = erasure.target_of(rows)
        for table in TABLES:
            if table.is_deleted or not table.is_told:
                continue
            cells = tables.setdefault(table.name, [])
            for row in db.session.execute(select(table.model.__table__).where(table.told(target)).order_by(table.id)):
                cells.append(_told(table.model, row._mapping))
        tables.setdefault("group_sign_in", []).extend(_mentions(rows))
    titles = dict(db.session.execute(select(Event.id, Event.title)).tuples().all())
    for cells in tables.values():
        for one in cells:
            if "event_id" in one:
                one["event"] = titles.get(one["event_id"])
    _log_export(people, actor)
    return {"tables": {name: cells for name, cells in tables.items() if cells}}


@unit
def _log_export(session: WriterSession, people: Sequence[Erased], actor: str) -> None:
    for rows in people:
        subject = f"participant:{rows.participants[0]}" if rows.participants else None
        which = {"sign_ins": list(rows.sign_ins), "entries": list(rows.entries)}
        audit.record(session, actor, "person.export", subject=subject, changed=which)


def csv_bytes(exported: dict[str, Any]) -> bytes:
    """Return an export as lines of table, row, field and value: UTF-8 with BOM, as the sheet's CSV."""
    lines = (
        (name, str(row["id"]), field, harmless(str(value)))
        for name, rows in exported["tables"].items()
        for row in rows
        for field, value in row.items()
        if value not in (None, "", {}, [])
    )
    return csv_of([("table", "row", "field", "value"), *lines])


def _rows(model: Any, name_key: str, number: str | None, event_ids: Sequence[int] | None) -> Sequence[Any]:
    is_theirs = and_(model.mobile.is_(None), model.student_no.is_(None)) if number is None else _has(model, number)
    return _found_by(model, and_(model.name_key == name_key, is_theirs), event_ids)


def _with_tied(
    sign_ins: Sequence[Any],
    entries: Sequence[Any],
    name_key: str,
    number: str,
    event_ids: Sequence[int] | None,
) -> tuple[Sequence[Any], Sequence[Any]]:
    """Return the rows with those that are tied to them without the number: a list often has no mobiles, a form may not
    ask for one. Tied is the sign-in that fills an entry, and what the same participant signed elsewhere."""
    of_participants = [one.participant_id for one in sign_ins]
    same_name = SignIn.name_key == name_key
    came = or_(
        SignIn.id.in_([one.id for one in sign_ins]),
        and_(same_name, SignIn.participant_id.in_(of_participants)),
        and_(same_name, SignIn.roster_entry_id.in_([one.id for one in entries])),
    )
    sign_ins = _found_by(SignIn, came, event_ids)
    filled = [one.roster_entry_id for one in sign_ins if one.roster_entry_id is not None]
    is_theirs = or_(RosterEntry.name_key == name_key, _has(RosterEntry, number))
    expected = or_(RosterEntry.id.in_([one.id for one in entries]), and_(RosterEntry.id.in_(filled), is_theirs))
    return sign_ins, _found_by(RosterEntry, expected, event_ids)


def _has(model: Any, number: str) -> ColumnElement[bool]:
    return or_(model.mobile == (normalise_mobile(number) or number), model.student_no == number)


def _found_by(model: Any, condition: ColumnElement[bool], event_ids: Sequence[int] | None) -> Sequence[Any]:
    statement = select(model).where(condition).order_by(model.id)
    if event_ids is not None:
        statement = statement.where(model.event_id.in_(event_ids))
    return db.session.scalars(statement).all()


def _campaigns(sign_ins: Sequence[Any], entries: Sequence[Any]) -> list[tuple[int, Campaign]]:
    event_ids = {one.event_id for one in (*sign_ins, *entries)}
    chosen = select(Event.id, Campaign).join(Campaign, Campaign.id == Event.campaign_id).where(Event.id.in_(event_ids))
    return [(event_id, campaign) for event_id, campaign in db.session.execute(chosen.order_by(Campaign.id))]


def _found(
    campaign: Campaign, sign_ins: Sequence[Any], entries: Sequence[Any], name_key: str, *, is_by_name: bool
) -> PersonInCampaign:
    people = [*sign_ins, *entries]
    ids = sorted({one.event_id for one in people})
    titles = select(Event.id, Event.code, Event.title, Event.title_alt).where(Event.id.in_(ids)).order_by(Event.id)
    participants = tuple(sorted({one.participant_id for one in sign_ins}))
    # Whose name was corrected since is still kept under the old one; a row that is somebody else's too is not theirs.
    others = exists().where(
        SignIn.participant_id == Participant.id, SignIn.name != "", SignIn.id.not_in([one.id for one in sign_ins])
    )
    is_theirs = or_(Participant.name_key == name_key, ~others)
    alone = select(Participant.id).where(Participant.id.in_(participants), is_theirs)
    return PersonInCampaign(
        campaign_id=campaign.id,
        campaign_title=campaign.title,
        campaign_title_alt=campaign.title_alt,
        name=mask_name(people[0].name),
        mobile=next((mask_mobile(one.mobile) for one in people if one.mobile), ""),
        organisation=next((one.organisation_name for one in people if one.organisation_name), None),
        events=tuple(EventOf(*row) for row in db.session.execute(titles)),
        is_by_name=is_by_name,
        rows=Erased(
            campaign_id=campaign.id,
            sign_ins=tuple(one.id for one in sign_ins),
            entries=tuple(one.id for one in entries),
            participants=tuple(db.session.scalars(alone.order_by(Participant.id))),
            mentions=_mentioned(ids, people, name_key),
        ),
    )


def _mentioned(event_ids: Sequence[int], people: Sequence[Any], name_key: str) -> tuple[tuple[int, int], ...]:
    """Return where groups of the same school or organisation name this person as absent."""
    places = {key_of(one.organisation_name) for one in people if one.organisation_name}
    groups = db.session.scalars(select(GroupSignIn).where(GroupSignIn.event_id.in_(event_ids)))
    return tuple(
        (group.id, number)
        for group in groups
        if not group.organisation_name or key_of(group.organisation_name) in places
        for number in _places(group, name_key)
    )


def _places(group: GroupSignIn, name_key: str) -> tuple[int, ...]:
    """Return where a group names somebody: places in its list of absent people, or as its leader."""
    absent = [number for number, one in enumerate(group.absent) if _is(one.get("name"), name_key)]
    return (*absent, *((LEADER,) if _is(group.leader, name_key) else ()))


def _is(name: Any, name_key: str) -> bool:
    return name_key_of(str(name or "")) == name_key


def _only_mentioned(
    name_key: str, event_ids: Sequence[int] | None, known: set[tuple[int, int]]
) -> list[PersonInCampaign]:
    """Return whom nothing but groups name, one for each: pupils who never came, leaders who did not sign in."""
    statement = select(GroupSignIn, Event, Campaign).join(Event, Event.id == GroupSignIn.event_id)
    statement = statement.join(Campaign, Campaign.id == Event.campaign_id).where(NAMES_SOMEBODY)
    if event_ids is not None:
        statement = statement.where(Event.id.in_(event_ids))
    mentions = []
    for group, event, campaign in db.session.execute(statement.order_by(GroupSignIn.id)):
        for number in _places(group, name_key):
            if (group.id, number) in known:
                continue
            name = str(group.leader if number == LEADER else group.absent[number]["name"])
            mentions.append(
                PersonInCampaign(
                    campaign_id=campaign.id,
                    campaign_title=campaign.title,
                    campaign_title_alt=campaign.title_alt,
                    name=mask_name(name),
                    mobile="",
                    organisation=group.organisation_name,
                    events=(EventOf(event.id, event.code, event.title, event.title_alt),),
                    is_by_name=True,
                    rows=Erased(campaign_id=campaign.id, mentions=((group.id, number),)),
                )
            )
    return mentions


def _mentions(rows: Erased) -> list[dict[str, Any]]:
    mentions = []
    for group_id, number in rows.mentions:
        group = db.session.get(GroupSignIn, group_id)
        if group is not None and number == LEADER:
            mentions.append({"id": group.id, "event_id": group.event_id, **_of_leader(group)})
        elif group is not None and number < len(group.absent):
            mentions.append({"id": group.id, "event_id": group.event_id, "absent": dict(group.absent[number])})
    return mentions


def _of_leader(group: GroupSignIn) -> dict[str, Any]:
    names = ("leader", "organisation_name", "class_name", "group_name", "has_guardian_consent", "created_at")
    return {name: _plain(getattr(group, name)) for name in names if getattr(group, name) is not None}


def _told(model: Any, row: Any) -> dict[str, Any]:
    """Return a row as the person may read it: without keyed hashes and who acted."""
    columns = model.__table__.columns
    return {
        column.name: _plain(row[column.name])
        for column in columns
        if column.info.get("personal") not in LEFT_OUT
        and (row[column.name] is not None or isinstance(column.type, JSON))
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
