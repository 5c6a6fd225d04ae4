"""The words on paper: words.toml, both languages side by side. Light: read once, without a library."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

LANGUAGES = ("zh", "en")  # in the order of the table
Words = Mapping[str, Mapping[str, str]]  # by language and key


def _read() -> dict[str, Words]:
    """Return the words of each paper, with those that stand on every one."""
    tables = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
    every = tables.pop("every")
    return {
        paper: {
            language: {key: texts[place] for key, texts in (every | table).items()}
            for place, language in enumerate(LANGUAGES)
        }
        for paper, table in tables.items()
    }


_PAPERS = _read()
SHEET, REPORT, PROOF, POSTER = (_PAPERS[paper] for paper in ("sheet", "report", "proof", "poster"))
