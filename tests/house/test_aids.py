"""Each test aid has one line in tests/aids/README.md, so that the next test finds it; a run leaves no files behind."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

import pytest

from tests.aids import order, scratch
from tests.aids.paths import ROOT

AIDS = ROOT / "tests" / "aids"


def test_every_aid_has_its_line_and_every_line_its_aid() -> None:
    listed = re.findall(r"^\| `([^`]+)` \| \S", (AIDS / "README.md").read_text(), flags=re.MULTILINE)
    aids = sorted(
        one.name for one in AIDS.iterdir() if one.suffix in (".py", ".js", ".c") and one.name != "__init__.py"
    )
    assert sorted(listed) == aids


def test_the_longest_files_are_there_and_are_begun_first() -> None:
    assert order.missing() == []

    class Item:
        def __init__(self, name: str, *marks: str) -> None:
            self.path, self.marks = ROOT / "tests" / name, marks

        def iter_markers(self, name: str) -> list[str]:
            return [mark for mark in self.marks if mark == name]

    usual, waiting = "house/test_aids.py", "house/test_kills.py"
    items = [Item(usual), Item(waiting), Item(waiting, "server"), Item(order.LONGEST[1]), Item(order.LONGEST[0])]
    order.sort(items)  # type: ignore[arg-type]
    names = [str(item.path.relative_to(ROOT / "tests")) for item in items]
    assert names == [order.LONGEST[0], order.LONGEST[1], waiting, waiting, usual]


def test_what_a_killed_run_has_left_in_memory_goes_and_what_another_uses_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scratch, "MEMORY", tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", tempfile.gettempdir())
    monkeypatch.setenv(scratch.VARIABLE, tempfile.gettempdir())
    left, used = tmp_path / f"{scratch.NAME}left", scratch.make()
    left.mkdir()
    assert tempfile.gettempdir() == os.environ[scratch.VARIABLE] == str(used)
    for folder in (left, used):
        os.utime(folder, (0, 0))
    just_made = scratch.make()
    assert sorted(tmp_path.iterdir()) == sorted([used, just_made])
