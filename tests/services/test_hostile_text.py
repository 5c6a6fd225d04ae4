"""What is computed from a text that somebody wrote takes time that grows with its length, and no faster."""

from __future__ import annotations

import gc
import importlib
import pkgutil
import re
import time
import unicodedata
from collections.abc import Callable

import pytest

import kiosk.services
import kiosk.web
from kiosk.services.codes import normalise_code
from kiosk.services.lists.cell_names import people_in
from kiosk.services.lists.chats import is_chat, read_line
from kiosk.services.lists.pasted_names import people_pasted
from kiosk.services.lists.telephones import telephone_in
from kiosk.services.names import MOST_MARKS, clean, composed, key_of, normalise_mobile, unified
from tests.aids.paths import ROOT

MOST_SECONDS = 0.5  # of one core, for any input within the limits
LONG = 120_000  # characters: more than any form may bring
# Marks out of order: each below is a mark in its own way, and sorting a run of them takes its length squared.
MARKS = {
    "above and below": "\u0301" * LONG + "\u0323" * LONG,
    "made of marks": "\u0f73" * LONG,
    "compatible with marks": "\u0301" * LONG + "\uff9e" * LONG,
    "alternating": "\u0301\u0323" * LONG,
}


def chat_of(text: str) -> object:
    """Read a text as the lines of a chat."""
    lines = text.splitlines()
    return is_chat(lines), [read_line(line) for line in lines]


# What reads a text that somebody gives as a list, or a cell of it.
READERS = (people_pasted, people_in, telephone_in, read_line, chat_of)


def seconds(work: Callable[[], object]) -> float:
    """Return the processor time that this takes, without what else the tests' process has to collect; what seems slow
    is asked again, for the machine may have been."""
    gc.disable()
    try:
        for _each in range(3):
            began = time.process_time()
            work()
            if (taken := time.process_time() - began) < MOST_SECONDS:
                break
        return taken
    finally:
        gc.enable()


@pytest.mark.parametrize("read", [clean, composed, unified, key_of, normalise_mobile, normalise_code, *READERS])
@pytest.mark.parametrize("marks", MARKS.values(), ids=MARKS)
def test_a_run_of_marks_stops_nobody(read: Callable[[str], object], marks: str) -> None:
    assert seconds(lambda: read("a" + marks)) < MOST_SECONDS


@pytest.mark.parametrize("read", [clean, key_of, normalise_mobile, normalise_code, *READERS])
@pytest.mark.parametrize(
    "part", ["(", "（", "(（", "a ", " ", "1", "1 ", "、", "：", "\u3000", "𠮷", "\n", "甘一、", "甘一（病）", "1 3"]
)
def test_whatever_is_repeated_stops_nobody(read: Callable[[str], object], part: str) -> None:
    assert seconds(lambda: read("a" + part * (LONG // len(part)))) < MOST_SECONDS


def test_what_people_write_is_normalised_as_it_was() -> None:
    for text in ("王强", "Nguyễn Thị Hồng", "e\u0301" * 40, "ﾊﾞﾝ" * 20, "Z" + "\u0301" * MOST_MARKS, "한국" * 40):
        assert composed(text) == unicodedata.normalize("NFC", text)
        assert unified(text) == unicodedata.normalize("NFKC", text)


def patterns() -> dict[str, re.Pattern[str]]:
    """Return every pattern that a module of the services or of the web keeps, by its place."""
    modules = [
        importlib.import_module(info.name)
        for package in (kiosk.services, kiosk.web)
        for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    ]
    return {
        f"{module.__name__}.{name}": value
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, re.Pattern)
    }


@pytest.mark.parametrize(
    "part", ["(", "（", " ", "1", "a", "例", "：", "-", "=", "一", "(1", "a ", "1.", "()", "1-", "公司"]
)
def test_every_pattern_is_linear(part: str) -> None:
    text = "a" + part * (LONG // 4 // len(part))
    slow = {
        place: spent
        for place, pattern in patterns().items()
        for work in (pattern.search, pattern.match, pattern.fullmatch, lambda line, p=pattern: p.sub("", line))
        if (spent := seconds(lambda work=work: work(text))) > MOST_SECONDS
    }
    assert slow == {}


def test_remarks_within_remarks_are_left_out_too() -> None:
    assert [one.values["name"] for one in people_pasted("张三（班长（代））、李四(请假(病))")] == ["张三", "李四"]


def test_what_comes_from_outside_is_normalised_in_one_place() -> None:
    """services/names cuts runs of marks; the jobs stand behind it, in processes with a limit of their own."""
    raw = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "kiosk").rglob("*.py")
        if "normalize(" in path.read_text(encoding="utf-8") and "jobs" not in path.parts
    ]
    assert raw == ["kiosk/services/names.py"]
