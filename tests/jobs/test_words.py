"""The words on paper: each in both languages, and none that a service would look for in vain."""

from __future__ import annotations

import tomllib
from pathlib import Path

from kiosk.jobs import words
from kiosk.jobs.words import LANGUAGES, POSTER, PROOF, REPORT, SHEET


def test_every_word_stands_in_both_languages() -> None:
    tables = tomllib.loads(Path(words.__file__).with_name("words.toml").read_text(encoding="utf-8"))
    texts = {(paper, key): texts for paper, table in tables.items() for key, texts in table.items()}
    assert {where: pair for where, pair in texts.items() if len(pair) != len(LANGUAGES) or not all(pair)} == {}


def test_every_paper_has_its_own_words_and_those_of_all() -> None:
    for paper in (SHEET, REPORT, PROOF, POSTER):
        assert paper["zh"]["page"].format(page=1, pages=2) == "第 1 页 共 2 页"
        assert paper["en"]["page"].format(page=1, pages=2) == "Page 1 of 2"
    assert SHEET["zh"]["title"] != REPORT["zh"]["title"]
