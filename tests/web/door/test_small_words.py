"""Small things that people read wrongly: half a surname, a column with the words of a tick."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale

from kiosk.extensions import db
from kiosk.models import Event
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.roster import roster_lists, roster_writing
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.factories import enterprise, log_in, make_event, make_staff, post, sign_in
from tests.web.desk.test_desk_forms import filled
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


def test_what_is_handed_out_has_a_second_language_that_falls_back_to_the_first(client: FlaskClient) -> None:
    log_in(client, make_staff().email)
    event = make_event(tick_labels=["聘书已发", "资料已领"], tick_labels_alt=["Letter given"])
    id_, hand = sign_in(event, enterprise()).sign_in_id, f"/events/{event.code}/hand"

    def shown(language: str) -> str:
        return post(client, f"{hand}?lang={language}", q="王强").text

    english, chinese = shown("en"), shown("zh")
    assert all(words in english for words in ("</svg>Letter given</button>", "</svg>资料已领</button>"))
    assert "Letter given" not in chinese and "</svg>聘书已发</button>" in chinese
    answer = post(client, f"{hand}/tick?lang=en", sign_in_id=id_, label="聘书已发", key="k")
    assert "Letter given" in client.get(answer.location).text
    board = client.get(f"/events/{event.code}/dashboard?lang=en").text
    assert re.search(r'Letter given</span> <b\s+class="number">1</b>', board)


def test_a_second_language_of_what_is_handed_out_is_set_kept_and_copied(client: FlaskClient) -> None:
    owner = make_staff()
    log_in(client, owner.email)
    event = make_event(tick_labels=["聘书已发"])
    kept = db.session.get_one(Event, event.id).tick_labels
    assert kept == ["聘书已发"]  # as every event of before has it
    labels = {"tick_labels": "聘书已发, 资料已领", "tick_labels_alt": ", Papers taken, beyond"}
    settings = f"/events/{event.code}/settings"
    form = filled(client.get(settings).text)
    for name, value in labels.items():
        form[name] = value
    assert client.post(settings, data=form).status_code == 303
    seen = events.get(event.code)
    assert (seen.tick_labels, seen.tick_labels_alt) == (("聘书已发", "资料已领"), ("", "Papers taken"))
    assert seen.tick_label("聘书已发", "en") == "聘书已发" and seen.tick_label("资料已领", "en") == "Papers taken"
    assert 'value=", Papers taken"' in client.get(settings).text
    assert both(events.clone(event.code)) == both(seen)


def both(event: EventView) -> tuple[object, object]:
    return event.tick_labels, event.tick_labels_alt
