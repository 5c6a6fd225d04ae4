"""The notice on personal information that a fresh installation begins with."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import func, select

from kiosk.cli.database import db_upgrade_command
from kiosk.extensions import db
from kiosk.models import Notice
from kiosk.services.event import event_views, notices
from kiosk.services.store.writer import run
from tests.aids.factories import make_event


def test_upgrading_gives_a_fresh_installation_one_notice_and_never_a_second(both_app: Flask) -> None:
    runner = both_app.test_cli_runner()
    for _attempt in range(2):
        assert runner.invoke(db_upgrade_command).exit_code == 0
    assert db.session.scalar(select(func.count()).select_from(Notice)) == 1


def test_new_events_show_the_notice_in_both_languages(app: Flask) -> None:
    notice_id = notices.ensure_default_notice()
    event = event_views.find(make_event().code)
    assert event is not None and (event.notice_id, event.notice_basis) == (notice_id, "statutory")
    assert event.notice_summary and event.notice_summary_alt
    notice = notices.get(notice_id)
    assert notice is not None and notice.version == 1
    assert "第十三条" in notice.body and "article 13" in (notice.body_alt or "")
    assert len(notice.body.splitlines()) == len((notice.body_alt or "").splitlines()) == 8


def test_a_newer_notice_is_not_replaced_by_the_default_one(app: Flask) -> None:
    first = notices.ensure_default_notice()
    newer = run(lambda session: _add(session, version=2))
    assert newer != first
    assert notices.ensure_default_notice() == newer


def test_no_notice_is_known_by_no_id(app: Flask) -> None:
    assert notices.get(None) is None and notices.get(4711) is None


def _add(session: object, version: int) -> int:
    known = db.session.scalars(select(Notice)).one()
    notice = Notice(version=version, summary="s", body="b", created_at=known.created_at)
    session.add(notice)  # type: ignore[attr-defined]
    session.flush()  # type: ignore[attr-defined]
    return notice.id
