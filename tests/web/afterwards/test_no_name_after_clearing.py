"""From the moment that an event, or its minors, are cleared no page for staff shows a name, not even for a second."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk.services.event.event_views import EventView
from kiosk.services.privacy import purges
from kiosk.web.board import live_fragments
from tests.aids.apps import build_app, close
from tests.aids.factories import log_in, make_staff, post
from tests.aids.personal import ABSENT, NAMES, PUPIL, WAITING, make_full_event

WHOSE = {"event": NAMES, "minors": (PUPIL, ABSENT)}
HEAVY = (".pdf", ".xlsx", ".docx", ".png", "/stream")


@pytest.fixture
def other(app: Flask) -> Iterator[FlaskClient]:
    """Staff on another worker, whose caches hear of nothing."""
    make_staff()
    worker = build_app(app.config["KIOSK"].instance_dir)
    desk = worker.test_client()
    with worker.app_context():
        log_in(desk, "admin@example.org")
    yield desk
    with worker.app_context():
        close(worker)


def pages_of(desk: FlaskClient, event: EventView) -> dict[str, str]:
    """Return every page of an event that staff may open by its code, as it is."""
    rules = [rule for rule in desk.application.url_map.iter_rules() if rule.arguments == {"code"}]
    wanted = [rule for rule in rules if "GET" in (rule.methods or ()) and rule.rule.startswith("/events/")]
    paths = [rule.rule.replace("<code>", event.code) for rule in wanted if not rule.rule.endswith(HEAVY)]
    searched = {f"/events/{event.code}/{page}": "q" for page in ("hand/rows", "dashboard/latest", "sign-ins")}
    with desk.application.app_context():
        shown = {path: desk.get(path).text for path in paths}
        return shown | {f"POST {path}": post(desk, path, q="公司").text for path in searched}


def told(pages: dict[str, str], names: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(path, name) for path, text in pages.items() for name in names if name in text and name != WAITING]


@pytest.mark.parametrize("scope", WHOSE)
def test_no_page_shows_a_name_while_and_after_they_are_cleared(app: Flask, other: FlaskClient, scope: str) -> None:
    event = make_full_event()
    before = told(pages_of(other, event), WHOSE[scope])
    assert {path.rsplit("/", 1)[1] for path, _ in before} >= {"dashboard", "sign-ins", "hours"}
    purge = purges.begin(event, scope, "staff:1")
    assert told(pages_of(other, event), WHOSE[scope]) == [], "nobody's row is empty yet"
    purges.carry_on(purge)
    after = pages_of(other, event)
    assert told(after, WHOSE[scope]) == []
    assert not any("正在清除本场" in text for text in after.values())


@pytest.mark.parametrize("scope", WHOSE)
def test_a_board_that_hears_changes_shows_nobody_from_the_first_moment_on(
    app: Flask, monkeypatch: pytest.MonkeyPatch, scope: str
) -> None:
    event = make_full_event()

    def board() -> str:
        with app.test_request_context():
            return "".join(live_fragments.screen(event, may_run=True).regions.values())  # its view is of before

    assert PUPIL in board()
    purge = purges.begin(event, scope, "staff:1")
    assert not any(name in board() for name in WHOSE[scope])
    finish = purges.finish
    monkeypatch.setattr(purges, "finish", lambda purge_id: (board(), finish(purge_id)))  # drawn just before its end
    purges.carry_on(purge)
    shown = board()
    assert not any(name in shown for name in WHOSE[scope]) and "正在清除本场" not in shown
