"""How a posted form is read: as Werkzeug does it, at a third of the cost (docs/decisions/0002)."""

from __future__ import annotations

import re
from typing import IO

from flask import Flask, Request
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.formparser import FormDataParser
from werkzeug.utils import cached_property

from kiosk.web.frame.bodies import most_of

MOST_PARTS = 1_000  # of a form with files, as Flask has it
URLENCODED = "application/x-www-form-urlencoded"
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")


class FormParser(FormDataParser):
    """Werkzeug's parser. Its urllib unquotes byte by byte, and a Chinese name is nothing but escapes."""

    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]:
        """Return the stream, the form and its files; a body that is not UTF-8 is an empty form."""
        if mimetype != URLENCODED:
            return super().parse(stream, mimetype, content_length, options)
        try:
            pairs = pairs_of(_whole(stream, content_length).decode())
        except UnicodeDecodeError:
            pairs = []
        return stream, self.cls(pairs), self.cls()


def _whole(stream: IO[bytes], length: int | None) -> bytes:
    """Read a body; of one whose length is known, no look for more."""
    body = stream.read(length if length is not None else -1)
    return body if length is None or len(body) == length else body + stream.read()


class FormRequest(Request):
    """A request whose form is read by FormParser, up to what its route takes; what is larger is refused with 413."""

    form_data_parser_class = FormParser
    max_form_parts = MOST_PARTS  # Flask's own would look for it in the settings

    @cached_property
    def max_content_length(self) -> int | None:
        """The bytes that are read of the body: those of the route, unless its view says otherwise."""
        return most_of(self.endpoint)

    @cached_property
    def max_form_memory_size(self) -> int | None:
        """The bytes that a form without files may have in memory: what its route takes."""
        return most_of(self.endpoint)


def register_form_bodies(app: Flask) -> None:
    """Let every request read its form this way."""
    app.request_class = FormRequest


def pairs_of(body: str) -> list[tuple[str, str]]:
    """Return the names and values of a urlencoded body; escapes that are not UTF-8 stay as they were written."""
    halves = [pair.partition("=") for pair in body.replace("+", " ").split("&") if pair]
    return [
        (_unquote(name) if "%" in name else name, _unquote(value) if "%" in value else value)
        for name, _, value in halves
    ]


def _unquote(text: str) -> str:
    return _ESCAPES.sub(_decode, text)


def _decode(escapes: re.Match[str]) -> str:
    return bytes.fromhex(escapes[0].replace("%", "")).decode("utf-8", "werkzeug.url_quote")
