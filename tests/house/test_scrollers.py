"""What scrolls holds its hidden words: else `.unseen` stands outside it and lengthens the page by much nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.aids.paths import ROOT

STYLES = sorted((ROOT / "static" / "css").rglob("*.css"))
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
SCROLLS = re.compile(r"overflow(?:-[xy])?:\s*(?:auto|scroll)")
HOLDS = re.compile(r"position:\s*(?:relative|absolute|fixed|sticky)")


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.stem)
def test_what_scrolls_is_positioned(path: Path) -> None:
    rules = RULE.findall(path.read_text(encoding="utf-8"))
    assert [name.strip() for name, body in rules if SCROLLS.search(body) and not HOLDS.search(body)] == []


def test_there_is_something_to_hold() -> None:
    assert any(SCROLLS.search(path.read_text(encoding="utf-8")) for path in STYLES)
