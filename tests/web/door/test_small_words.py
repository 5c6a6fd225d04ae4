"""Small things that people read wrongly: half a surname, a column with the words of a tick."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale

from kiosk.services.roster import roster_lists, roster_writing
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.factories import make_event
from tests.web.door.test_groups_web import paste, school_event, send


def test_a_head_count_calls_a_missing_pupil_by_the_whole_surname(client: FlaskClient) -> None:
    event = school_event()
    page = send(client, event, paste(client, event, "1、欧阳娜娜 2、王丽")).location
    count = client.get(f"{page}/count").text
    assert re.findall(r'data-short="([^"]+)"', count) == ["欧阳×", "王×"]
    here = re.search(r'value="(\d+)"\s+data-short="王×"', count)
    assert here is not None
    client.post(f"{page}/count", data={"here": here[1]})
    assert "还差 1 人：欧阳×" in client.get(f"{page}/count").text


def test_an_exported_roster_says_when_people_signed_in(app: Flask) -> None:
    event = make_event()
    roster_writing.write(event.id, [RosterRow("enterprise", "王强", "湖北东贝制冷有限公司")], actor="staff:1")
    titles = {}
    for language in ("zh", "en"):
        with app.test_request_context(), force_locale(language):
            titles[language] = roster_lists.export(event, language, is_masked=False).columns[-1].title
    assert titles == {"zh": "签到时间", "en": "Signed in at"}
