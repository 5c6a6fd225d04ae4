"""The personal-information notice (个人信息处理告知): versions of it, and the one a fresh installation begins with.

PRODUCT.md 4.4; what it has to say is the Personal Information Protection Law (个人信息保护法), articles 13, 17, 31, 35
and 44 to 47.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from kiosk.clock import utcnow
from kiosk.config import ROOT
from kiosk.extensions import db
from kiosk.models import Notice
from kiosk.services.writer import WriterSession, run


@dataclass(frozen=True)
class NoticeView:
    """One version of the notice; paragraphs of a body are its lines."""

    id: int
    version: int
    summary: str
    summary_alt: str | None
    body: str
    body_alt: str | None


def get(notice_id: int | None) -> NoticeView | None:
    """Return one version, or None."""
    notice = None if notice_id is None else db.session.get(Notice, notice_id)
    if notice is None:
        return None
    return NoticeView(**{name: getattr(notice, name) for name in NoticeView.__dataclass_fields__})


def ensure_default_notice() -> int:
    """Return the newest notice's id, writing the default one where there is none; safe to repeat.

    New events point to the newest version (services/events.create).
    """
    newest = select(Notice.id).order_by(Notice.version.desc()).limit(1)
    known = db.session.scalar(newest)
    db.session.rollback()
    if known is not None:
        return known

    def work(session: WriterSession) -> int:
        found = session.scalar(newest)
        if found is not None:
            return found
        (summary, body), (summary_alt, body_alt) = _default_text("zh"), _default_text("en")
        notice = Notice(
            version=1, summary=summary, summary_alt=summary_alt, body=body, body_alt=body_alt, created_at=utcnow()
        )
        session.add(notice)
        session.flush()
        return notice.id

    return run(work)


def _default_text(language: str) -> tuple[str, str]:
    """Return the default notice's summary (the file's first paragraph) and body."""
    text = (ROOT / "kiosk" / "texts" / f"notice.{language}.txt").read_text(encoding="utf-8")
    summary, _, body = text.strip().partition("\n\n")
    return summary, body
