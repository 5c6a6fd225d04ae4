"""What means nothing is not shown: late without a start, walk-ins without a roster."""

from __future__ import annotations

from datetime import timedelta

from flask.testing import FlaskClient

from kiosk.clock import utcnow
from kiosk.services.event.event_views import EventView
from kiosk.services.sheet import sheets
from tests.aids.factories import enterprise, log_in, make_event, make_staff, sign_in


def words_of(event: EventView) -> list[str]:
    return [title for title, _value in sheets.foot_of(event, "zh", ())]


def test_without_a_start_nobody_is_counted_as_late(client: FlaskClient) -> None:
    log_in(client, make_staff().email)
    start = utcnow() - timedelta(minutes=5)
    for event, is_said in ((make_event(), False), (make_event(starts_at=start, late_after_minutes=10), True)):
        sign_in(event, enterprise())
        assert ("迟到" in words_of(event)) is is_said
        assert ("迟到" in client.get(f"/events/{event.code}/dashboard").text) is is_said
        assert "迟到" not in client.get(f"/events/{event.code}").text  # nobody was


def test_without_a_roster_nobody_is_called_unlisted(client: FlaskClient) -> None:
    log_in(client, make_staff().email)
    event = make_event()
    sign_in(event, enterprise())
    pages = ("dashboard", "dashboard/bulletin", "hand", "hand/walk-in", "sign-ins", "sheets", "display", "")
    assert [page for page in pages if "名单外" in client.get(f"/events/{event.code}/{page}".rstrip("/")).text] == []
