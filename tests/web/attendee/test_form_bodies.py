"""A posted form is read as Werkzeug itself reads it."""

from __future__ import annotations

from io import BytesIO
from urllib.parse import urlencode

from flask import Flask, request
from hypothesis import example, given, strategies as st
from werkzeug.datastructures import MultiDict
from werkzeug.formparser import FormDataParser

from kiosk.web.frame.form_bodies import URLENCODED, FormParser

PIECES = st.sampled_from(
    [
        "a",
        "名",
        "%E5%90%8D",
        "%e5",
        "%90",
        "%8",
        "%",
        "%zz",
        "+",
        "%2B",
        "&",
        "=",
        "%26",
        "%3D",
        ";",
        " ",
        "%00",
        "%F0%9F",
    ]
)


@given(st.lists(PIECES, max_size=30).map("".join))
@example(urlencode({"name": "王伟", "enterprise": "湖北1号 (东贝) & 子", "empty": ""}))
@example("a=%E5A%90%8D&a=2&=&b&&=c&d==")
@example("a=%ff%fe+%C0%80")
def test_any_body_is_read_as_werkzeug_reads_it(body: str) -> None:
    ours, theirs = _form(FormParser, body.encode()), _form(FormDataParser, body.encode())
    assert list(ours.items(multi=True)) == list(theirs.items(multi=True))


def test_a_body_that_is_not_utf_8_is_an_empty_form() -> None:
    assert _form(FormParser, b"name=\xff") == _form(FormDataParser, b"name=\xff") == MultiDict()


def test_the_application_reads_its_forms_this_way(app: Flask) -> None:
    with app.test_request_context("/", method="POST", data={"name": "张 三"}):
        assert request.form_data_parser_class is FormParser
        assert request.form["name"] == "张 三"
    with app.test_request_context("/", method="POST", data={"file": (BytesIO(b"rows"), "a.csv"), "name": "张三"}):
        assert (request.form["name"], request.files["file"].read()) == ("张三", b"rows")


def _form(parser: type[FormDataParser], body: bytes) -> MultiDict[str, str]:
    return parser().parse(BytesIO(body), URLENCODED, len(body))[1]
