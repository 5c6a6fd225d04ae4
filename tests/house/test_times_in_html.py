"""A <time>'s `datetime` is what HTML takes: no millionths of a second."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from kiosk.web.frame.words import stamp
from tests.aids.paths import ROOT

DATETIME = re.compile(r'\sdatetime="([^"]*)"')


def test_every_time_on_a_page_goes_through_the_one_filter() -> None:
    said = {
        path.name: [value for value in DATETIME.findall(path.read_text(encoding="utf-8")) if "| stamp" not in value]
        for path in (ROOT / "templates").rglob("*.html")
    }
    assert {name: values for name, values in said.items() if values} == {}
    assert stamp(datetime(2026, 9, 10, 9, 2, 3, 456789, tzinfo=UTC)) == "2026-09-10T09:02:03+00:00"
