"""What an address and a form say is cut, cleaned and converted in one place."""

from __future__ import annotations

import time

import pytest
from flask import Flask, request

from kiosk.bounds import LARGEST
from kiosk.clock import freeze, utcnow
from kiosk.web.frame.bodies import LONG_FORM
from kiosk.web.frame.inputs import LINE, either, posted, query


def test_a_line_is_cleaned_and_cut(app: Flask) -> None:
    with app.test_request_context("/", method="POST", data={"q": "  张\u200b三  丰 ", "long": "长" * 500}):
        assert posted.text("q") == "张三 丰"
        assert posted.text("long") == "长" * LINE and posted.text("long", 3) == "长长长"
        assert posted.text("missing") == posted.raw("missing") == "" and "missing" not in posted


def test_a_text_is_cut_before_anything_is_computed_from_it(app: Flask) -> None:
    marks = "a" + "\u0301" * 20_000 + "\u0323" * 20_000
    with app.test_request_context("/", method="POST", data={"q": marks}):
        request.max_content_length = LONG_FORM  # the most that a route for texts takes
        assert "q" in posted  # the body is read
        begun = time.process_time()
        assert len(posted.text("q")) <= LINE
        assert time.process_time() - begun < 0.1


@pytest.mark.parametrize("typed", ["", "x", "-1", "1.5", str(LARGEST + 1), "9" * 21, "9" * 5000, " "])
def test_what_is_no_number_is_none(app: Flask, typed: str) -> None:
    with app.test_request_context("/", query_string={"n": typed, "page": typed}):
        assert query.number("n") is None and query.numbers("n") == []
        assert query.page() == 1


@pytest.mark.parametrize("typed", ["", "x", "-1", "253402300800", "253402300800000", "9" * 21, "9" * 5000])
def test_what_is_no_moment_is_now(app: Flask, typed: str) -> None:
    with app.test_request_context("/", query_string={"since": typed}), freeze(utcnow()):
        assert query.began_to_wait() == utcnow()


def test_numbers_choices_and_switches(app: Flask) -> None:
    with app.test_request_context("/?n=7&n=x&n=8&page=0&kind=guest&on=1&off=yes", method="POST", data={"n": "9"}):
        assert (query.number("n"), query.numbers("n"), posted.numbers("n"), query.page()) == (7, [7, 8], [9], 1)
        assert query.one_of("kind", ("student", "guest")) == "guest" and query.one_of("kind", ("student",)) is None
        assert query.is_set("on") and not query.is_set("off") and not query.is_set("missing")
        assert either.raw("n") == "7" and query.texts("n") == ["7", "x", "8"]
