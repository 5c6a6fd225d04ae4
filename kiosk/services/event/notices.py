"""The personal-information notice (个人信息处理告知): versions of it, and the one a fresh installation begins with.

docs/product.md 4.4; what it has to say is the Personal Information Protection Law (个人信息保护法), articles 13, 17,
31, 35 and 44 to 47.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, false, func, or_, select, text as sql, update

from kiosk.clock import utcnow
from kiosk.config import ROOT
from kiosk.extensions import db
from kiosk.models import Event, Notice, SignIn
from kiosk.services.audit_log import audit
from kiosk.services.event import event_views
from kiosk.services.event.event_views import EventView
from kiosk.services.pauses import pause_if_due
from kiosk.services.refusals import Refused
from kiosk.services.store.rows import values_for
from kiosk.services.store.writer import WriterSession, unit

# Of the default text of before, which spoke of one basis and one period whatever the event said.
FORMER_DEFAULT = "0b535232b5b4fa2b577b71481fb6149d60c4b34636b4f0f7da74f09e6c637396"  # noqa: S105
STEP = 5_000  # sign-ins a statement: a few milliseconds
_NEWEST = select(Notice).order_by(Notice.version.desc()).limit(1)


@dataclass(frozen=True)
class NoticeDraft:
    """A new version as it is written; without a second language the first one is shown."""

    summary: str
    body: str
    summary_alt: str | None = None
    body_alt: str | None = None


@dataclass(frozen=True, kw_only=True)
class NoticeView(NoticeDraft):
    """One version of the notice; paragraphs of a body are its lines."""

    id: int
    version: int
    created_at: datetime


@dataclass(frozen=True)
class NoticeRow:
    """A version in the list: how many events show it now, and how many sign-ins saw it."""

    notice: NoticeView
    events: int
    sign_ins: int


def get(notice_id: int | None) -> NoticeView | None:
    """Return one version, or None."""
    return _one(select(Notice).where(Notice.id == notice_id))


def find(version: int) -> NoticeView | None:
    """Return the version of this number, or None."""
    return _one(select(Notice).where(Notice.version == version))


def newest() -> NoticeView | None:
    """Return the version that new events take, or None where nothing was set up yet."""
    return _one(_NEWEST)


def list_all() -> tuple[NoticeRow, ...]:
    """Return every version, the newest first."""
    events = select(func.count()).where(Event.notice_id == Notice.id, ~Event.is_rehearsal).scalar_subquery()
    statement = select(Notice, events).order_by(Notice.version.desc())
    seen = _seen()
    return tuple(NoticeRow(_view(notice), count, seen[notice.id]) for notice, count in db.session.execute(statement))


def _seen() -> Counter[int | None]:
    """Return how many sign-ins saw each version. They are counted in steps, and others are answered in between: an
    index that only this page reads would cost every sign-in."""
    counted: Counter[int | None] = Counter()
    last = db.session.scalar(select(func.max(SignIn.id))) or 0
    for first in range(0, last, STEP):
        of_step = SignIn.id.between(first + 1, first + STEP)
        by_notice = select(SignIn.notice_id, func.count()).where(of_step).group_by(SignIn.notice_id)
        counted.update(dict(db.session.execute(by_notice).tuples().all()))
        pause_if_due()
    return counted


@unit
def write(session: WriterSession, draft: NoticeDraft, *, staff_id: int) -> NoticeView:
    """Add a version and return it; older ones are never changed, because sign-ins point to what was shown.

    New events take it, existing ones when they are told to (`use_newest`). Raises Refused.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sql("LOCK TABLE notice IN SHARE ROW EXCLUSIVE MODE"))  # two admins at one time
    before = session.scalar(_NEWEST)
    if before is not None and all(getattr(before, name) == value for name, value in vars(draft).items()):
        raise Refused("same_text")
    notice = _add(session, draft, version=1 if before is None else before.version + 1)
    audit.record_row(session, audit.of_staff(staff_id), "notice.write", notice, version=notice.version)
    return _view(notice)


def use_newest(event: EventView, *, staff_id: int) -> None:
    """Let an event show the newest version from now on; who has signed in keeps the version they saw."""
    _use_newest(event, staff_id)
    event_views.forget(event.code)


@unit
def _use_newest(session: WriterSession, event: EventView, staff_id: int) -> None:
    row, notice = session.get_one(Event, event.id), session.scalar(_NEWEST)
    if notice is None or row.notice_id == notice.id:
        return
    row.notice_id = notice.id
    row.settings_version += 1
    actor, changed = audit.of_staff(staff_id), {"version": notice.version}
    audit.record(session, actor, "notice.use", event_id=event.id, subject=f"notice:{notice.id}", changed=changed)


def _one(statement: Select[Any]) -> NoticeView | None:
    return next(map(_view, db.session.scalars(statement)), None)


def _view(notice: Notice) -> NoticeView:
    return NoticeView(**values_for(NoticeView, notice))


@unit
def ensure_default_notice(session: WriterSession) -> int:
    """Return the newest notice's id, writing the default one where there is none; safe to repeat.

    New events point to the newest version (services/event/events.create). The default of before said of every event
    that it rests on a duty and clears its data in time: where it is the newest still, today's follows it as a version,
    for every event that is not over. Who has signed in keeps what they saw.
    """
    known = session.scalar(_NEWEST)
    if known is not None and not _is_former_default(known):
        return known.id
    draft = NoticeDraft(*_default_text("zh"), *_default_text("en"))
    if known is None:
        return _add(session, draft, version=1).id
    notice = _add(session, draft, version=known.version + 1)
    audit.record_row(session, audit.COMMAND, "notice.write", notice, version=notice.version)
    is_over = or_(Event.closes_at <= utcnow(), Event.closed_by_hand_at.is_not(None), Event.archived_at.is_not(None))
    session.execute(
        update(Event)
        .where(Event.notice_id == known.id, Event.purged_at.is_(None), func.coalesce(is_over, false()).is_(False))
        .values(notice_id=notice.id, settings_version=Event.settings_version + 1)
    )
    return notice.id


def _is_former_default(notice: Notice) -> bool:
    text = "\0".join((notice.summary, notice.body, notice.summary_alt or "", notice.body_alt or ""))
    return hashlib.sha256(text.encode()).hexdigest() == FORMER_DEFAULT


def _add(session: WriterSession, draft: NoticeDraft, *, version: int) -> Notice:
    notice = Notice(version=version, created_at=utcnow(), **vars(draft))
    session.add(notice)
    session.flush()
    return notice


def _default_text(language: str) -> tuple[str, str]:
    """Return the default notice's summary (the file's first paragraph) and body."""
    text = (ROOT / "kiosk" / "texts" / f"notice.{language}.txt").read_text(encoding="utf-8")
    summary, _, body = text.strip().partition("\n\n")
    return summary, body
