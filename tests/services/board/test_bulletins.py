"""The text for the chat group (docs/product.md 2.3), in both languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale

from kiosk import clock
from kiosk.services.board import bulletins, dashboards
from kiosk.services.door import corrections
from kiosk.services.event.event_views import EventView
from tests.aids.factories import enterprise, guest, log_in, make_event, make_staff, sign_in

NINE = datetime(2026, 9, 10, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
LABELS = {
    "zh": {"enterprise": "企业代表", "guest": "来宾", "student": "学生"},
    "en": {"enterprise": "Enterprise representative", "guest": "Guest", "student": "Student"},
}


def _said(app: Flask, event: EventView, language: str = "zh", minutes: int = 5, **names: Any) -> str:
    moment = NINE + timedelta(minutes=minutes)
    with app.test_request_context(), force_locale(language), clock.freeze(moment):
        numbers = dashboards.read(event)
        return bulletins.compose(event, numbers, title=event.title, kind_labels=LABELS[language], **names)


def _fill(event: EventView) -> None:
    for minutes, details in (
        (-9, enterprise("王强", organisation_name="东贝")),
        (-8, enterprise("李四", organisation_name="劲牌", mobile="13900139000")),
        (3, guest("张爱国")),
    ):
        with clock.freeze(NINE + timedelta(minutes=minutes)):
            sign_in(event, details)


def test_it_says_when_what_and_how_many(both_app: Flask) -> None:
    event = make_event(title="首席质量官巡回培训", district="大冶", starts_at=NINE, late_after_minutes=0)
    _fill(event)
    assert _said(both_app, event) == (
        "截至 9:05，首席质量官巡回培训（大冶）已到 3 人，其中迟到 1 人："
        "企业代表 2 人、来宾 1 人；东贝 1 人、劲牌 1 人。"
    )
    assert _said(both_app, event, "en") == (
        "As of 9:05, 3 people have arrived at 首席质量官巡回培训 (大冶), 1 of them late: "
        "Enterprise representative 2, Guest 1; 东贝 1, 劲牌 1."
    )


def test_nothing_that_is_zero_is_said(app: Flask) -> None:
    event = make_event(title="开放日")
    assert _said(app, event) == "截至 9:05，开放日已到 0 人。"


def test_a_district_in_the_title_is_not_said_twice(app: Flask) -> None:
    event = make_event(title="大冶市培训", district="大冶市")
    assert "（" not in _said(app, event)


def test_totals_and_the_wait_list_are_part_of_it(app: Flask) -> None:
    fields = [
        {"key": "meal", "type": "yes_no", "label": "是否用餐", "label_alt": "Lunch", "mode": "optional"},
        {"key": "bus", "type": "choice", "label": "乘车", "choices": ["一号车", "二号车"], "mode": "optional"},
    ]
    event = make_event(title="会", kinds=[{"kind": "guest"}], own_fields=fields, capacity=1, full_policy="wait_list")
    sign_in(event, guest("甲", answers=(("x_bus", "一号车"), ("x_meal", "yes"))))
    sign_in(event, guest("乙"))
    assert _said(app, event) == "截至 9:05，会已到 1 人：用餐 1 人；乘车：一号车 1 人；候补 1 人。"
    assert "Lunch 1" in _said(app, event, "en")


def test_names_are_those_who_arrived_in_order_without_the_voided(both_app: Flask) -> None:
    event = make_event(title="会", kinds=[{"kind": "guest"}])
    ids = [sign_in(event, guest(name)).sign_in_id for name in ("甲某", "乙某", "丙某")]
    corrections.void(ids[1], staff_id=None)
    assert bulletins.arrived_names(event.id) == ("甲某", "丙某")
    said = _said(both_app, event, names=bulletins.arrived_names(event.id))
    assert said == "截至 9:05，会已到 2 人。\n已到：甲某、丙某。"


def test_the_page_has_no_names_until_asked(app: Flask, client: FlaskClient) -> None:
    make_staff()
    log_in(client, "admin@example.org")
    event = make_event(title="会")
    sign_in(event, guest("张爱国"))
    for rest in ("bulletin", "bulletin/text"):
        path = f"/events/{event.code}/dashboard/{rest}"
        assert "张爱国" not in client.get(path).text
        assert "张爱国" in client.get(f"{path}?names=1").text
