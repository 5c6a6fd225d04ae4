"""flask report, as docs/interfaces.md promises it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from flask import Flask

from kiosk.services.reports import counting
from kiosk.services.reports.paragraph import draft
from tests.aids.factories import enterprise, guest, make_event, sign_in, student


def test_report_prints_the_figures_as_one_json_object(app: Flask) -> None:
    first = make_event(title="培训（大冶市）", district="大冶市", starts_at=datetime(2026, 9, 10, 1, tzinfo=UTC))
    second = make_event(title="培训（阳新县）", district="阳新县", starts_at=datetime(2026, 9, 12, 1, tzinfo=UTC))
    nowhere = make_event(title="开放日", starts_at=datetime(2026, 9, 12, 1, tzinfo=UTC))
    for event in (first, second):
        sign_in(event, enterprise())
    sign_in(second, student())
    sign_in(nowhere, guest())
    command = ["report", str(first.campaign_id)]
    value = json.loads(app.test_cli_runner().invoke(args=[*command, "--json"]).stdout)
    paragraph = draft(counting.figures(first.campaign_id))
    assert value == {
        "events": 3,
        "attendances": 4,
        "people": 3,
        "enterprises": 1,
        "students": 1,
        "by_district": {
            "大冶市": {"events": 1, "attendances": 1, "enterprises": 1},
            "阳新县": {"events": 1, "attendances": 2, "enterprises": 1},
        },
        "paragraph": {"zh": paragraph.zh, "en": paragraph.en},
    }
    narrowed = app.test_cli_runner().invoke(args=[*command, "--until", "2026-09-10", "--json"])
    assert json.loads(narrowed.stdout)["events"] == 1
    said = app.test_cli_runner().invoke(args=command).stdout
    assert "4  attendances" in said and paragraph.zh in said and "no district: 1 events" in said


def test_report_says_what_is_wrong(app: Flask) -> None:
    event = make_event()
    for arguments, words in (
        (["99"], "There is no campaign 99."),
        ([str(event.campaign_id), "--from", "gestern"], "gestern"),
        ([str(event.campaign_id), "--from", "2026-09-10", "--until", "2026-09-09"], "must not be before"),
    ):
        answer = app.test_cli_runner().invoke(args=["report", *arguments])
        assert answer.exit_code != 0 and words in answer.output
    assert "nothing to report yet" in app.test_cli_runner().invoke(args=["report", str(event.campaign_id)]).output
