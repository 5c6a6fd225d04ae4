"""Numbers and days beyond what the database and the calendar hold are bad input, never a crash."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk.bounds import LARGEST
from kiosk.services.event.event_views import EventView
from tests.aids.factories import enterprise, log_in, make_event, make_staff, post, sign_in

HUGE = "99999999999999999999999"
LEADING_NOWHERE = (
    "/organisations/{huge}", "/campaigns/{huge}", "/campaigns/{huge}/report", "/campaigns/{huge}/proofs",
    "/exports/{huge}", "/notices/{huge}", "/events/{code}/hours/{huge}", "/events/{code}/proofs/{huge}",
    "/events/{code}/roster/{huge}", "/events/{code}/hand/sign-ins/{huge}/correct",
)  # fmt: skip
ASKING = (
    "/events?campaign={huge}", "/events/now?campaign={huge}", "/organisations?page={huge}", "/audit?before={huge}",
    "/campaigns/{campaign}/report/rows?page={huge}", "/campaigns/{campaign}/report?from=0001-01-01",
    "/campaigns/{campaign}/report?until=9999-12-31", "/events/new?campaign={huge}", "/audit?since=0001-01-01",
    "/audit?until=9999-12-31",
    "/events/{code}/dashboard?organisation={huge}", "/events/{code}/dashboard/latest?organisation={huge}",
    "/events/{code}/sign-ins?page={huge}", "/events/{code}/roster?page={huge}", "/events/{code}/hours?page={huge}",
    "/events/{code}/hand/walk-in?replaces={huge}", "/events/{code}/display/count?since={huge}",
    "/events/{code}/display/count?since=253402300800", "/events/{code}/dashboard/phones?since=253402300800",
)  # fmt: skip
SENT = (
    ("/events/{code}/sharing", {"remove": HUGE}), ("/events/{code}/sign-ins", {"page": HUGE, "q": "王"}),
    ("/events/{code}/hand/void", {"sign_in_id": HUGE}), ("/events/{code}/sign-ins/{huge}/void", {}),
    ("/events/{code}/settings", {"title": "T", "timezone": "Asia/Shanghai", "starts_at": "0001-01-01T00:00"}),
    ("/events/new", {"title": "T", "campaign_id": HUGE}),
    ("/events/new", {"title": "T", "ends_at": "9999-12-31T23:59"}),
    ("/events/{code}/paper", {"day": "0001-01-01", "time": "09:00", "do": "save"}),
    ("/staff/{huge}/active", {}), ("/exports/{huge}/again", {}),
)  # fmt: skip


@pytest.fixture
def desk(client: FlaskClient) -> FlaskClient:
    make_staff()
    log_in(client, "admin@example.org")
    return client


def filled(event: EventView, path: str) -> str:
    return path.format(huge=HUGE, code=event.code, campaign=event.campaign_id)


@pytest.mark.parametrize("path", LEADING_NOWHERE)
def test_address_with_a_number_greater_than_any_id_leads_nowhere(desk: FlaskClient, path: str) -> None:
    assert desk.get(filled(make_event(), path)).status_code == 404


@pytest.mark.parametrize("path", ASKING)
def test_question_with_a_number_or_a_day_out_of_reach_is_answered(desk: FlaskClient, path: str) -> None:
    event = make_event()
    sign_in(event, enterprise())
    assert desk.get(filled(event, path)).status_code in (200, 404, 422)


@pytest.mark.parametrize(("path", "fields"), SENT)
def test_form_with_a_number_or_a_day_out_of_reach_is_answered(
    desk: FlaskClient, path: str, fields: dict[str, str]
) -> None:
    event = make_event()
    sign_in(event, enterprise())
    assert post(desk, filled(event, path), **fields).status_code in (200, 303, 404, 422)


def test_largest_number_of_an_address_is_the_database_s(both_app: Flask) -> None:
    make_staff()
    client = both_app.test_client()
    log_in(client, "admin@example.org")
    assert client.get(f"/organisations/{LARGEST}").status_code == 404
    assert client.get(f"/events?campaign={LARGEST}").status_code == 200
