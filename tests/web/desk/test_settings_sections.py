"""The settings in sections: closed they say what is set, and what is wrong opens the one it stands in."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from kiosk.services.event import events
from tests.aids.factories import log_in, make_event, make_staff
from tests.web.desk.test_desk_forms import change

SUMMARY = re.compile(
    r'<details class="section" id="section-(\w+)"( open)?>\s*<summary><h2>[^<]*</h2><span [^>]*>([^<]*)<'
)


@pytest.fixture
def desk(client: FlaskClient) -> FlaskClient:
    """A browser in which an admin is logged in."""
    make_staff()
    log_in(client, "admin@example.org")
    return client


def now_in(page: str) -> dict[str, str]:
    """Return what each section says of itself."""
    return {key: unescape(words) for key, _is_open, words in SUMMARY.findall(page)}


def open_in(page: str) -> set[str]:
    return {key for key, is_open, _words in SUMMARY.findall(page) if is_open}


def problems_in(page: str) -> list[tuple[str, str]]:
    """Return the links of the summary of what is wrong: to which field, in which words."""
    top = page.partition('id="errors"')[2].partition("</div>")[0]
    return [(to, unescape(words)) for to, words in re.findall(r'href="#([^"]+)">([^<]+)<', top)]


def focused_in(page: str) -> list[str]:
    tags = [tag for tag in re.findall(r"<(?:input|select|textarea) [^>]*>", page) if " autofocus" in tag]
    return [id_ for tag in tags for id_ in re.findall(r' id="([^"]+)"', tag)]


def test_closed_sections_say_what_is_set(desk: FlaskClient) -> None:
    event = make_event(
        title="首席质量官培训", venue="会堂", district="高新区", capacity=80, full_policy="wait_list",
        walk_in_policy="refuse",
        tick_labels=["资料", "聘书"], retention_days=90,
        kinds=[{"kind": "guest", "label": "媒体"}, {"kind": "student"}],
        own_fields=[{"key": "lunch", "label": "用餐", "label_alt": None, "type": "yes_no", "mode": "optional"}],
        wifi_name="Hall-5G", credited_hours=4.0, lecturers="李教授", outcome="成" * 60,
    )  # fmt: skip
    page = desk.get(f"/events/{event.code}/settings").text
    said = now_in(page)
    assert open_in(page) == set()
    assert said["what"].startswith("会堂 · 高新区 · ")
    assert said["capacity"].startswith("80 · ") and "候补" in said["capacity"]
    assert said["door"].endswith("资料、聘书") and said["kinds"] == "媒体、学生" and said["questions"] == "用餐"
    assert "90 天" in said["privacy"] and "未成年" in said["privacy"] and said["wifi"] == "Hall-5G"
    assert said["afterwards"] == f"李教授 · 4 学时 · {'成' * 40}…"
    assert "签到" in said["when"]


def test_an_empty_event_says_what_holds_then(desk: FlaskClient) -> None:
    said = now_in(desk.get(f"/events/{make_event().code}/settings").text)
    assert all(said.values()) and len(said) == 10


def test_one_section_has_an_address(desk: FlaskClient) -> None:
    event = make_event()
    assert open_in(desk.get(f"/events/{event.code}/settings?open=afterwards").text) == {"afterwards"}
    assert open_in(desk.get(f"/events/{event.code}/settings?open=nowhere").text) == set()


def test_what_is_wrong_is_named_on_top_and_opens_its_section(desk: FlaskClient) -> None:
    event = make_event()
    answer = change(desk, event, venue="会堂", capacity="很多", retention_days="99999")
    page = answer.text
    assert answer.status_code == 422 and "<title>错误：" in page
    assert [to for to, _words in problems_in(page)] == ["capacity"], (
        "what cannot be read is said before what is not allowed"
    )
    answer = change(desk, event, venue="会堂", capacity="0", retention_days="99999")
    page = answer.text
    assert [to for to, _words in problems_in(page)] == ["capacity", "retention_days"]
    assert all("：" in words or ": " in words for _to, words in problems_in(page))
    assert focused_in(page) == ["capacity"]
    assert open_in(page) == {"what", "capacity", "privacy"}, "what was typed does not hide behind what is saved"
    assert 'value="会堂"' in page and "<title>错误：" in page
    assert "错误：" not in desk.get(f"/events/{event.code}/settings").text


@pytest.mark.parametrize(
    ("fields", "to", "section"),
    [
        ({"own_fields__0__label": "车次", "own_fields__0__type": "choice", "own_fields__0__choices": "1 号车"},
         "own_fields-0-choices", "questions"),
        ({"own_fields__0__choices": "1 号车\n2 号车"}, "own_fields-0-label", "questions"),
        ({f"kinds__{kind}__is_admitted": None for kind in ("student", "enterprise", "guest")},
         "kinds-student-is_admitted", "kinds"),
        ({"kinds__guest__label": "长" * 31}, "kinds-guest-label", "kinds"),
        ({"title": " "}, "title", "what"),
    ],
)  # fmt: skip
def test_every_problem_leads_to_its_field(desk: FlaskClient, fields: Any, to: str, section: str) -> None:
    event = make_event()
    page = change(desk, event, **fields).text
    assert [where for where, _words in problems_in(page)] == [to] and focused_in(page) == [to]
    assert open_in(page) == {section} and f'id="{to}"' in page
    assert events.get(event.code) == event


def test_english_stands_behind_one_switch_that_is_on_where_there_is_any(desk: FlaskClient) -> None:
    def is_on(page: str) -> bool:
        (tag,) = re.findall(r'<input [^>]*id="has_english"[^>]*>', page)
        return " checked" in tag

    plain, both = make_event(), make_event(kinds=[{"kind": "guest", "label": "媒体", "label_alt": "Press"}])
    assert not is_on(desk.get(f"/events/{plain.code}/settings").text)
    page = desk.get(f"/events/{both.code}/settings").text
    assert is_on(page) and page.count('class="english"') >= 7
    assert is_on(change(desk, plain, title_alt="x" * 201).text), "an error does not hide"
    change(desk, both, has_english=None, title="新标题")
    assert events.get(both.code).kinds[0].label_alt == "Press", "the switch shows and hides, and erases nothing"


def test_questions_are_offered_one_by_one(desk: FlaskClient) -> None:
    event = make_event()
    change(desk, event, own_fields__0__label="车次", own_fields__4__label="用餐")
    page = desk.get(f"/events/{event.code}/settings").text
    assert re.findall(r'<details class="own">\s*<summary>([^<]+)<', page) == ["车次", "用餐"]
    assert page.count('<details class="own own--new">') == 5
