"""The text for the chat group where a roster says who was expected (docs/product.md 2.3)."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from kiosk.extensions import db
from kiosk.services.board import missing
from kiosk.services.event.event_views import EventView
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.factories import enterprise, guest, log_in, make_event, make_staff, sign_in
from tests.services.board.test_bulletins import NINE, _said

ROSTER = (
    RosterRow("enterprise", "王强", "东贝", mobile="13800138000"),
    RosterRow("enterprise", "李娜", "东贝", mobile="13900139000"),
    RosterRow("enterprise", "赵敏", "劲牌", mobile="13700137000"),
    RosterRow("enterprise", "钱多", "劲牌", mobile="13700137001"),
    RosterRow("enterprise", "孙七", "新冶钢", mobile="13700137002"),
)


def expected(*rows: RosterRow) -> EventView:
    event = make_event(title="质量培训", starts_at=NINE, kinds=[{"kind": "enterprise"}], late_after_minutes=None)
    roster_writing.write(event.id, rows or ROSTER, actor="staff:1")
    return event


def leave(event: EventView, name: str) -> None:
    db.session.rollback()
    entry = next(entry for entry in rosters.entries(event.id) if entry.name == name)
    rosters.set_state(event.id, entry.id, "excuse", actor="staff:1")


def text(app: Flask, event: EventView, language: str = "zh", *, with_names: bool = False) -> str:
    db.session.rollback()
    names = missing.names(event.id) if with_names else ()
    return _said(app, event, language, missing_names=names)


def test_it_says_expected_arrived_excused_and_missing(both_app: Flask) -> None:
    event = expected()
    sign_in(event, enterprise(organisation_name="东贝"))
    leave(event, "孙七")
    assert text(both_app, event) == (
        "截至 9:05，质量培训应到 5 人、实到 1 人、请假 1 人、未到 3 人：劲牌 2 人、东贝 1 人。"
    )
    assert text(both_app, event, "en") == (
        "As of 9:05, 质量培训: 5 expected, 1 present, 1 excused, 3 missing: 劲牌 2, 东贝 1."
    )


def test_with_names_the_missing_stand_by_their_organisation(both_app: Flask) -> None:
    event = expected()
    sign_in(event, enterprise(organisation_name="东贝"))
    assert text(both_app, event, with_names=True) == (
        "截至 9:05，质量培训应到 5 人、实到 1 人、未到 4 人：东贝（李娜）；劲牌（赵敏、钱多）；新冶钢（孙七）。"
    )
    assert text(both_app, event, "en", with_names=True).endswith(
        "4 missing: 东贝 (李娜); 劲牌 (赵敏, 钱多); 新冶钢 (孙七)."
    )


def test_nothing_that_is_zero_is_said(app: Flask) -> None:
    event = expected(ROSTER[0])
    assert text(app, event) == "截至 9:05，质量培训应到 1 人、未到 1 人：东贝。"
    sign_in(event, enterprise(organisation_name="东贝"))
    assert text(app, event) == "截至 9:05，质量培训应到 1 人、实到 1 人。"


def test_walk_ins_and_substitutes_stand_with_those_who_came(app: Flask) -> None:
    event = expected(*ROSTER[:2])
    wang = rosters.entries(event.id)[0]
    sign_in(event, enterprise("周八", organisation_name="东贝", mobile="13600136000"), replaces_id=wang.id)
    sign_in(event, enterprise("吴九", organisation_name="劲牌", mobile="13600136001"))
    assert text(app, event).splitlines() == [
        "截至 9:05，质量培训应到 2 人、实到 2 人（名单内 1 人、名单外 1 人、替会 1 人）、未到 1 人：东贝。",
        "东贝 1 人、劲牌 1 人。",
    ]
    assert "2 present (1 on the list, 1 walk-in, 1 substitute)" in text(app, event, "en")


def test_the_page_with_names_names_the_missing_not_those_who_came(client: FlaskClient) -> None:
    make_staff()
    log_in(client, "admin@example.org")
    event = expected()
    sign_in(event, enterprise(organisation_name="东贝"))
    plain, named = (client.get(f"/events/{event.code}/dashboard/bulletin{q}").text for q in ("", "?names=1"))
    assert "李娜" not in plain
    assert "东贝（李娜）" in named and "王强" not in named


def test_a_guest_without_an_organisation_is_only_a_name(app: Flask) -> None:
    event = expected(RosterRow("guest", "周局长"), RosterRow("guest", "郑科长"))
    sign_in(event, guest("郑科长"))
    assert text(app, event, with_names=True) == "截至 9:05，质量培训应到 2 人、实到 1 人、未到 1 人：周局长。"


def test_free_seats_stand_behind_the_names(app: Flask) -> None:
    event = expected(ROSTER[0], RosterRow("enterprise", organisation_name="三环", seats=3))
    sign_in(event, enterprise("吴九", organisation_name="三环", mobile="13600136001"))
    assert text(app, event, with_names=True).endswith("未到 3 人：东贝（王强）；三环 2 人。")
