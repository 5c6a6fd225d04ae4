"""Which event a word of a list means, and when nothing is said."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask

from kiosk.services.roster.event_likeness import meant_by
from tests.aids.factories import make_event

EVENTS = (
    {"title": "大冶专场", "district": "大冶市", "venue": "市民之家"},
    {"title": "大冶开放日", "district": "阳新县", "venue": "城北会议中心", "title_alt": "Session A, Yangxin"},
    {"title": "第1场", "district": "西塞山区", "starts_at": datetime(2024, 9, 12, 1, tzinfo=UTC)},
    {"title": "第11场", "venue": "Hall AB", "starts_at": datetime(2024, 9, 13, 1, tzinfo=UTC)},
)


@pytest.mark.parametrize(
    ("word", "title"),
    [
        ("大冶市", "大冶专场"),  # an equal district before a title that has the word too
        ("大冶", "大冶专场"),
        ("西塞山", "第1场"),
        ("西塞山区市场监管局", "第1场"),
        ("城北会议中心", "大冶开放日"),
        ("城北", "大冶开放日"),
        ("session a", "大冶开放日"),
        ("第１场", "第1场"),
        ("9月12日", "第1场"),
        ("2024-09-13 上午", "第11场"),
        ("场", None),  # two of them, and one character
        ("培训", None),
        ("1场", "第1场"),  # and not 第11场
        ("Hall A", None),  # is not Hall AB
        ("", None),
        ("9月14日", None),
    ],
)
def test_a_word_means_the_event_that_it_is_most_like_or_none(app: Flask, word: str, title: str | None) -> None:
    events = [make_event(**one) for one in EVENTS]
    meant = meant_by(word, events)
    assert (meant.title if meant else None) == title


def test_two_events_equally_alike_are_not_guessed_between(app: Flask) -> None:
    events = [make_event(title=title, district="大冶市") for title in ("上午场", "下午场")]
    assert meant_by("大冶市", events) is None
    assert meant_by("下午", events) == events[1]
