"""Every case from the field, pasted into a group's sign-in: who is ticked, who is asked about, who arrives."""

from __future__ import annotations

import re
from collections import Counter
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk.services.board import dashboards
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from tests.aids.factories import make_event
from tests.aids.list_cases import Case, pastes

SHARED = {"school": "四棵中学", "class_name": "初二(3)班"}
ROW = re.compile(r'<li class="person[^"]*">.*?</li>', re.DOTALL)


def school_event() -> EventView:
    return make_event(kinds=[{"kind": "student"}])


def check(client: FlaskClient, event: EventView, names: str) -> str:
    answer = client.post(f"/e/{event.code}/group/check", data={**SHARED, "names": names})
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


def small_pastes() -> list[tuple[Case, str]]:
    """Return the cases that a leader's form takes: thirty thousand lines are answered in a sentence."""
    return [(case, text) for case, text in pastes() if case.file != "far-row.xlsx"]


def test_far_more_lines_than_any_group_has_are_answered_in_a_sentence(client: FlaskClient) -> None:
    (text,) = (text for case, text in pastes() if case.file == "far-row.xlsx")
    answer = client.post(f"/e/{school_event().code}/group/check", data={**SHARED, "names": text})
    assert answer.status_code == 413 and "请返回并减少内容" in answer.text


def rows_of(page: str) -> list[tuple[str, bool, bool]]:
    """Return each row's name, whether it is ticked, and whether a mark stands beside it."""
    rows = []
    for row in ROW.findall(page):
        (name,) = re.findall(r'name="name-\d+" value="([^"]*)"', row)
        (box,) = re.findall(r'<input class="person__box"[^>]*>', row)
        rows.append((name, " checked" in box, "person__mark" in row))
    return rows


def wrong_in(case: Case, page: str) -> list[str]:
    names = Counter(one["name"] for one in case.sure)
    ticked = sorted(name for name, is_here, _mark in rows_of(page) if is_here)
    asked = [name for name, is_here, mark in rows_of(page) if not is_here and mark]
    twice = sorted((names - Counter(set(names))).elements())  # of one name, who is asked about
    must = sorted([*(one["name"] for one in case.asked), *twice])
    left = [one.what for one in case.left_out if f"{one.what} {one.reason}" not in page]
    wrong = [f"not told of: {left}"] if left else []
    if ticked != sorted(set(names)):
        wrong.append(f"ticked: {ticked}")
    if sorted(asked)[: len(must)] != must and sorted(asked) != must or len(asked) != len(must) + len(case.rejected):
        wrong.append(f"asked: {asked}")
    if len(ticked) + len(asked) != len(rows_of(page)):
        wrong.append(f"without a word: {rows_of(page)}")
    return [f"{case.file}: {one}" for one in wrong]


def test_each_case_names_its_people_and_nobody_else(client: FlaskClient) -> None:
    wrong = []
    for case, text in small_pastes():
        wrong += wrong_in(case, check(client, school_event(), text))
    assert wrong == []


def test_whoever_is_ticked_arrives_and_nobody_else(client: FlaskClient) -> None:
    wrong = []
    for case, text in small_pastes():
        event = school_event()
        page = check(client, event, text)
        hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
        fields = {**dict(hidden), "consent": "1"}
        for number, (name, is_here, _mark) in enumerate(rows_of(page)):
            fields |= {f"name-{number}": name, **({f"here-{number}": "1"} if is_here else {})}
        ticked = {name for name, is_here, _mark in rows_of(page) if is_here}
        if not ticked:
            continue
        answer = client.post(f"/e/{event.code}/group", data=fields)
        came = {row.name for row in dashboards.read(event).latest}
        arrived = events.counts(event.id).arrived
        if answer.status_code != 303 or arrived != len(ticked) or not came <= ticked:
            wrong.append((case.file, answer.status_code, arrived, came ^ ticked))
    assert wrong == []


@pytest.mark.parametrize(
    "talk",
    [
        "早六点半 学习\n各位老师早上好\n收到\n谢谢老师\n明天几点集合",
        "大家早\n明白\n好的，明天见\n马上到",
        "老师好\n没问题\n辛苦了\n温馨提示\n周一见",
        "Good morning everyone\nOK\nThanks\nsee you tomorrow",
    ],
)
def test_talk_ticks_nobody(app: Flask, client: FlaskClient, talk: str) -> None:
    answer = client.post(f"/e/{school_event().code}/group/check", data={**SHARED, "names": talk})
    assert not any(is_here for _name, is_here, _mark in rows_of(unescape(answer.text))), talk


def test_what_stands_beside_the_names_is_said_not_to_be_kept(client: FlaskClient) -> None:
    note = "这里只取姓名"
    assert note in check(client, school_event(), "姓名\t单位\n甘一\t松林机电")
    assert note in check(client, school_event(), "1. 甘一 松林机电 13800130001")
    assert note not in check(client, school_event(), "甘一、甘二 男 13岁")
