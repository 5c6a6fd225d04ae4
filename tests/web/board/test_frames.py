"""What goes down a board's stream: patches that make the region whole again, one compression for every connection."""

from __future__ import annotations

import gzip
import json
import random
import re
import zlib

import pytest

from kiosk.web.board.frames import CUTS, Frame, Gzipped, Parcel, message, patch
from tests.aids.paths import ROOT

ROW = '\n<li class="person" data-row="{0}"><b>来宾{0}</b> "quoted" & \\ {0}\n</li>'
REGION = '<div id="latest">\n<h2>Latest</h2>\n<ul>{}</ul>\n<p>end</p>\n</div>\n'


def region(numbers: list[int]) -> str:
    return REGION.format("".join(map(ROW.format, numbers)))


def data_of(event: str) -> tuple[str, str]:
    name, *lines = event.rstrip("\n").split("\n")
    return name.removeprefix("event: "), "\n".join(line.removeprefix("data: ") for line in lines)


def applied(before: str, event: str) -> str:
    """Do what static/js/streams.js does."""
    name, data = data_of(event)
    if name != "patch":
        return data
    region_name, *edits = json.loads(data)
    assert region_name == "latest"
    pieces = CUTS.split(before)
    for at, count, *more in edits:
        pieces[at : at + count] = more
    return "".join(pieces)


def test_one_row_more_is_sent_as_one_row() -> None:
    before, after = region(list(range(30, 0, -1))), region(list(range(31, 1, -1)))
    event = patch("latest", before, after)
    assert event.startswith("event: patch\n") and len(event) < 400, "one row, and where it goes"
    assert "来宾31" in event and "来宾30" not in event
    assert applied(data_of(message("latest", before))[1], event) == data_of(message("latest", after))[1]


def test_whatever_rows_change_the_region_is_the_servers() -> None:
    dice = random.Random(7)  # noqa: S311  a test's dice
    numbers = list(range(20))
    shown = data_of(message("latest", region(numbers)))[1]
    for _ in range(200):
        before = region(numbers)
        for _ in range(dice.randrange(1, 6)):
            act, at = dice.randrange(3), dice.randrange(len(numbers) + 1)
            numbers = numbers[:at] + ([dice.randrange(1000)] if act else []) + numbers[at + (act != 1) :]
        shown = applied(shown, patch("latest", before, region(numbers)))
        assert shown == data_of(message("latest", region(numbers)))[1]


def test_a_region_that_is_another_comes_whole() -> None:
    event = patch("latest", region([1, 2]), "<div>x\x0cy</div>")
    assert data_of(event) == ("latest", "<div>x\ny</div>")


@pytest.mark.parametrize("joins", [1, 3, 5])
def test_pieces_packed_once_are_everybodys_gzip_stream(joins: int) -> None:
    texts = [message("numbers", f"{number} 人") for number in range(6)]
    pieces = [Parcel([text]) for text in texts]
    whole = Frame(joins, {"numbers": "whole"}, pieces[joins]).whole
    line = Gzipped()
    sent = [line.begin(), line.add(whole), *(line.add(piece) for piece in pieces[joins:])]
    unpack, shown = zlib.decompressobj(31), ""
    for piece in sent:  # each is readable as soon as it is there
        shown += unpack.decompress(piece).decode()
    assert shown == whole.text.decode() + "".join(texts[joins:])
    assert gzip.decompress(b"".join(sent) + line.end()).decode() == shown
    assert pieces[5].packed is pieces[5].packed


def test_the_browser_cuts_a_region_where_the_server_does() -> None:
    script = (ROOT / "static/js/streams.js").read_text(encoding="utf-8")
    cuts = re.search(r"split\(/(.+)/\)", script)
    assert cuts and cuts[1] == CUTS.pattern
