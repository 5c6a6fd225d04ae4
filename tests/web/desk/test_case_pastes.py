"""Every case from the field, pasted: into the roster's box, and into that of what was signed on paper."""

from __future__ import annotations

import re
from html import unescape

from flask import Flask
from flask.testing import FlaskClient

from kiosk.services.event import events
from kiosk.services.roster import rosters
from tests.aids.factories import csrf_token, log_in, make_event, make_staff, post
from tests.aids.list_cases import BY_FILE, differences, in_order, pastes, values_of
from tests.aids.lists import reading_of_text

LINE = re.compile(r'<input class="input" name="(name|organisation|mobile)"[^>]*? value="([^"]*)"')


def test_each_case_is_read_alike_when_it_is_pasted(app: Flask) -> None:
    event = make_event()
    assert [wrong for case, text in pastes() for wrong in differences(case, reading_of_text(text, event))] == []


def test_each_case_is_pasted_previewed_and_confirmed(both_app: Flask) -> None:
    client = both_app.test_client()
    make_staff()
    log_in(client, "admin@example.org")
    wrong = []
    for case, text in pastes():
        event = make_event()
        address = f"/events/{event.code}/roster/import"
        if case.after:
            confirm(client, post(client, address, pasted=BY_FILE[case.after].content.decode()).location)
        preview = post(client, address, pasted=text).location
        page = client.get(preview).text
        asked = re.findall(r'name="take" value="([^"]+)"', page)
        confirm(client, preview, asked=asked, take=asked)
        listed = in_order(map(values_of, rosters.entries(event.id)))
        if listed != in_order((*case.sure, *case.asked)) or len(asked) != len(case.asked):
            wrong.append((case.file, text[:60], listed, asked))
    assert wrong == []


def confirm(client: FlaskClient, preview: str, **fields: object) -> None:
    assert post(client, preview, **fields).status_code == 303


def test_each_case_becomes_lines_of_who_signed_on_paper(both_app: Flask) -> None:
    client = both_app.test_client()
    """Who is sure has a line; who is asked about or named nowhere stays in the box; what names nobody is said."""
    make_staff()
    log_in(client, "admin@example.org")
    wrong = []
    for case, text in pastes():
        event = make_event()
        answer = client.post(f"/events/{event.code}/paper", data=_sent(client, do="fill", pasted=text))
        page = answer.text
        lines = [line for line in _lines(page) if line[0]]
        must = sorted(
            (one["name"], one.get("organisation_name", ""), one.get("mobile", "")) for one in case.reads or case.sure
        )
        box = unescape(page.split('id="pasted"')[1].partition(">")[2].partition("</textarea>")[0])
        waits = bool(case.asked or case.rejected)
        if sorted(lines) != must or (answer.status_code == 422) != waits or bool(box.strip()) != waits:
            wrong.append((case.file, text[:60], lines, box))
        wrong += [(case.file, one["name"], "is not in the box") for one in case.asked if one["name"][:2] not in box]
        wrong += [(case.file, one.what) for one in case.left_out if one.what not in page or one.reason not in page]
        wrong += [(case.file, one.reason) for _sheet, _row, one in case.doubts if one.reason not in unescape(page)]
        wrong += [(case.file, "something is written")] if events.counts(event.id).arrived else []
    assert wrong == []


def _lines(page: str) -> list[tuple[str, str, str]]:
    values = [unescape(value) for _name, value in LINE.findall(page)]
    return [(values[n], values[n + 1], values[n + 2]) for n in range(0, len(values) - 2, 3)]


def _sent(client: FlaskClient, **fields: str) -> dict[str, str]:
    return {"csrf_token": csrf_token(client), "key": "page", "day": "2026-09-10", "time": "09:00", **fields}


def test_who_was_pasted_as_on_leave_is_in_no_line(client: FlaskClient) -> None:
    make_staff()
    log_in(client, "admin@example.org")
    for text in (
        "1. 甘一（请假） 松林机电\n2. 甘二 松林机电",
        "姓名\t单位\t是否参加\n甘一\t松林机电\t请假\n甘二\t松林机电\t参加",
        "甘一 病假\n甘二",
    ):
        answer = client.post(f"/events/{make_event().code}/paper", data=_sent(client, do="fill", pasted=text))
        assert [line[0] for line in _lines(answer.text) if line[0]] == ["甘二"], text
        assert answer.status_code == 422 and "甘一未到场" in answer.text and "甘一" in answer.text.split("<textarea")[1]


def test_what_a_line_of_paper_has_no_place_for_is_said(client: FlaskClient) -> None:
    make_staff()
    log_in(client, "admin@example.org")
    pasted = "姓名\t单位\t学号\t手机\n甘一\t松林中学\t0007\t0714-6222222\n"
    answer = client.post(f"/events/{make_event().code}/paper", data=_sent(client, do="fill", pasted=pasted))
    assert answer.status_code == 200 and "未保留：0007 · 0714-6222222" in answer.text
