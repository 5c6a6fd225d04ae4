"""The Chinese catalogue: whole, in the decided words, with the same placeholders."""

from __future__ import annotations

import io
import re

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from tests.aids.paths import ROOT

PO = ROOT / "kiosk/translations/zh/LC_MESSAGES/messages.po"
# docs/words.md, last column, where the word has no honest use on these screens.
NEVER = (
    "打卡", "登出", "登陆", "战役", "用户", "头衔", "组织者", "管家", "超级用户", "丢失", "爽约", "代签",
    "散客", "配额", "批量签到", "仪表盘", "信息亭", "旋转码", "通行证", "回填", "导出表", "冻结", "隐私弹窗",
    "清洗", "审计跟踪", "测试数据", "非本人操作", "新鲜度", "签到系统", "系统", "！",
)  # fmt: skip
METHODS = [("templates/**.html", "jinja2"), ("kiosk/**.py", "python")]


def catalogue() -> dict[str, Message]:
    parsed = read_po(io.BytesIO(PO.read_bytes()), locale="zh")
    return {_one(message.id): message for message in parsed if message.id}


def _one(text: object) -> str:
    """Return a text, or the first of a plural's forms."""
    return str(text[0]) if isinstance(text, tuple) else str(text)


def source_texts() -> set[str]:
    """Return every text of code and templates."""
    return set(places_of_texts())


def places_of_texts() -> dict[str, set[str]]:
    """Return every text of code and templates with the files in which it stands."""
    keywords = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "N_": None, "ngettext": (1, 2)}
    found = extract_from_dir(
        str(ROOT), METHODS, keywords=keywords, options_map={"templates/**.html": {"trimmed": "true"}}
    )
    places: dict[str, set[str]] = {}
    for file, _, text, _, _ in found:
        places.setdefault(_one(text), set()).add(file)
    return places


def test_every_text_has_its_chinese() -> None:
    known = {text for text, message in catalogue().items() if _one(message.string)}
    assert sorted(source_texts() - known) == []


def test_no_chinese_is_left_over() -> None:
    assert sorted(set(catalogue()) - source_texts()) == []


def test_every_text_says_where_it_stands() -> None:
    """`make texts` keeps the catalogue's places."""
    places = places_of_texts()
    said = {text: {file for file, _ in message.locations} for text, message in catalogue().items()}
    assert {text: files for text, files in said.items() if files != places.get(text)} == {}, "run `make texts`"


@pytest.mark.parametrize("word", NEVER)
def test_word_is_never_said(word: str) -> None:
    said = [str(m.string) for m in catalogue().values() if word in str(m.string).replace("系统设置", "")]
    assert said == []


def test_you_is_always_polite() -> None:
    assert [str(m.string) for m in catalogue().values() if "你" in str(m.string)] == []


def test_placeholders_are_the_same() -> None:
    pattern = re.compile(r"%\(\w+\)s")
    for text, message in catalogue().items():
        assert sorted(pattern.findall(text)) == sorted(pattern.findall(_one(message.string))), text
