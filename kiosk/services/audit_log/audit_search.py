"""Searching the audit log: newest first, a page at a time by the entry's id, so that the last page costs no more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import or_, select

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import AuditEntry, Campaign, CountLink, DoorLink, Event, Staff
from kiosk.services.audit_log.audit_words import ACTIONS, ACTORS, action_words, actor_words, change_words, subject_words
from kiosk.services.codes import normalise_code
from kiosk.services.names import clean
from kiosk.services.pages import Page, cut, page_of
from kiosk.services.store.rows import values_for
from kiosk.services.store.writer import end_read

PAGE = 50
CHUNK = 200  # rows a step of a file, between which the others have their turn
EVENTS = 50  # that a typed title may mean


@dataclass(frozen=True)
class AuditQuery:
    """What is searched for; an empty field means everything. Days are the installation's, both ends included."""

    event: str = ""  # a code, or part of a title
    actor: str = ""  # staff:3, or a kind of actor: steward
    group: str = ""  # of audit_words.GROUPS
    since: date | None = None
    until: date | None = None
    subject: str = ""  # sign_in:12, or 12

    @property
    def is_empty(self) -> bool:
        return self == AuditQuery()

    @property
    def has_more(self) -> bool:
        """Say whether more than an event is asked for."""
        return self != AuditQuery(event=self.event)


@dataclass(frozen=True)
class AuditLine:
    """An entry in words. `name` is masked, as the log keeps it; `event_title` is None once the event is gone."""

    id: int
    done_at: datetime
    actor: str
    who: str
    action: str
    what: str
    event_id: int | None
    event_code: str | None
    event_title: str | None
    event_title_alt: str | None
    subject: str | None
    about: str
    name: str
    changes: tuple[str, ...]


def zone() -> ZoneInfo:
    """Return the installation's zone, in which the log shows its times."""
    return ZoneInfo(current_app.config["KIOSK"].timezone)


def search(wanted: AuditQuery, *, older_than: int | None = None, limit: int = PAGE) -> Page[AuditLine]:
    """Return a page of what was searched for, newest first; `older_than` is the last id of the page before."""
    statement = select(AuditEntry).where(*_conditions(wanted)).order_by(AuditEntry.id.desc())
    if older_than is not None:
        statement = statement.where(AuditEntry.id < older_than)
    page = page_of(db.session.scalars(cut(statement, limit)).all(), limit)
    return page.having(_lines(page.rows))


def all_lines(wanted: AuditQuery) -> Iterator[AuditLine]:
    """Yield everything that was searched for, for a file; no read stays open between two steps."""
    older_than: int | None = None
    while True:
        page = search(wanted, older_than=older_than, limit=CHUNK)
        end_read()
        yield from page.rows
        if not page.has_more:
            return
        older_than = page.rows[-1].id


def actors() -> tuple[tuple[str, str], ...]:
    """Return who may be searched for, each with its words: every account, then the other kinds of actor."""
    accounts = db.session.execute(select(Staff.id, Staff.email).order_by(Staff.email))
    kinds = tuple((kind, str(words)) for kind, words in ACTORS.items() if kind != "staff")
    return tuple((f"staff:{staff_id}", email) for staff_id, email in accounts) + kinds


def _conditions(wanted: AuditQuery) -> list[Any]:
    conditions: list[Any] = []
    if wanted.event:
        conditions.append(AuditEntry.event_id.in_(_event_ids(wanted.event)))
    if wanted.actor:
        is_kind = ":" not in wanted.actor  # every steward, or the command line, which has no number
        of_kind = AuditEntry.actor.startswith(f"{wanted.actor}:", autoescape=True)
        is_it = AuditEntry.actor == wanted.actor
        conditions.append(or_(is_it, of_kind) if is_kind else is_it)
    if wanted.group:
        of_group = [action for action, (group, _words) in ACTIONS.items() if group == wanted.group]
        conditions.append(AuditEntry.action.in_(of_group))
    if wanted.since is not None:
        conditions.append(AuditEntry.done_at >= _midnight(wanted.since))
    if wanted.until is not None:
        conditions.append(AuditEntry.done_at < _midnight(wanted.until + timedelta(days=1)))
    if wanted.subject:
        conditions.append(_subject(wanted.subject))
    return conditions


def _subject(typed: str) -> Any:
    if typed.isdigit():
        return AuditEntry.subject.endswith(f":{typed}", autoescape=True)
    return AuditEntry.subject == typed if ":" in typed else AuditEntry.subject.startswith(f"{typed}:", autoescape=True)


def _event_ids(typed: str) -> Sequence[int]:
    """Return the events that a code, or else a part of a title, means."""
    of_code = db.session.scalars(select(Event.id).where(Event.code == normalise_code(typed))).all()
    if of_code:
        return of_code
    part = clean(typed)
    titles = (Event.title.icontains(part, autoescape=True), Event.title_alt.icontains(part, autoescape=True))
    return db.session.scalars(select(Event.id).where(or_(*titles)).order_by(Event.id.desc()).limit(EVENTS)).all()


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone())


def _lines(entries: Sequence[AuditEntry]) -> tuple[AuditLine, ...]:
    names = _names(entries)
    wanted = {entry.event_id for entry in entries if entry.event_id is not None}
    of_ids = select(Event.id, Event.code, Event.title, Event.title_alt).where(Event.id.in_(wanted))
    events = {event_id: about for event_id, *about in db.session.execute(of_ids)} if wanted else {}
    lines = []
    for entry in entries:
        code, title, title_alt = events.get(entry.event_id, (None, None, None))
        line = AuditLine(
            **values_for(AuditLine, entry),
            who=names.get(entry.actor) or actor_words(entry.actor),
            what=action_words(entry.action),
            event_code=code,
            event_title=title,
            event_title_alt=title_alt,
            about=names.get(entry.subject or "") or subject_words(entry.subject),
            name=str(entry.changed.get("name") or ""),
            changes=change_words(_in_zone(entry.changed)),
        )
        lines.append(line)
    return tuple(lines)


def _in_zone(changed: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what an entry keeps, with a claimed time as a clock in the installation's zone showed it."""
    if "at" not in changed:
        return changed
    return {**changed, "at": datetime.fromisoformat(changed["at"]).astimezone(zone()).strftime("%H:%M:%S")}


def _names(entries: Sequence[AuditEntry]) -> dict[str, str]:
    """Return what accounts, links and campaigns are called, as far as they are still there, by actor or subject."""
    asked = {text for entry in entries for text in (entry.actor, entry.subject or "")}
    kinds = {"steward": actor_words("steward"), "group": actor_words("group"), "door_link": subject_words("door_link")}
    names = {f"staff:{staff_id}": email for staff_id, email in _rows(Staff.id, Staff.email, asked, ("staff",))}
    for campaign_id, title in _rows(Campaign.id, Campaign.title, asked, ("campaign",)):
        names[f"campaign:{campaign_id}"] = title
    for link_id, label in _rows(DoorLink.id, DoorLink.label, asked, tuple(kinds)):
        names |= {f"{kind}:{link_id}": f"{words} · {label}" for kind, words in kinds.items()}
    counting = {"count": actor_words("count"), "count_link": subject_words("count_link")}
    for link_id, label in _rows(CountLink.id, CountLink.label, asked, tuple(counting)):
        names |= {f"{kind}:{link_id}": f"{words} · {label}" for kind, words in counting.items()}
    return names


def _rows(key: Any, value: Any, asked: set[str], kinds: Sequence[str]) -> Sequence[Any]:
    parts = [text.partition(":") for text in asked]
    ids = [int(number) for kind, _colon, number in parts if kind in kinds and number.isdigit()]
    return db.session.execute(select(key, value).where(key.in_(ids))).all() if ids else ()


def today() -> date:
    """Return the installation's day."""
    return utcnow().astimezone(zone()).date()
