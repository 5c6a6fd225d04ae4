"""Refusals: one closed list of codes, each raised somewhere, each in words at every door, in both languages."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from flask import Flask
from flask_babel import force_locale

from kiosk.services import refusal_words
from kiosk.services.refusal_words import PAGES, WORDS, Door
from kiosk.services.refusals import CODES, Code, Refused, SignInCode
from tests.aids.paths import ROOT

DOORS: tuple[Door, ...] = get_args(Door)
ALL: tuple[Code, ...] = get_args(Code)
OWN = {"refusals.py", "refusal_words.py"}


@functools.cache
def named_codes() -> frozenset[str]:
    """Return every code that the program raises, feels or hands to a page."""
    found: set[str] = set()
    for path in (ROOT / "kiosk").rglob("*.py"):
        if path.name not in OWN:
            found |= set(codes_of(ast.parse(path.read_text(encoding="utf-8"))))
    return frozenset(found)


def codes_of(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):  # why a task failed
            yield from (text for one in node.keywords if one.arg == "reason" for text in texts_of(one.value))
        if isinstance(node, ast.Call) and re.search(
            r"(Refused|refused|_refuse|say|_page|show|Unreadable|append)$", called(node)
        ):
            arguments = [*node.args, *(one.value for one in node.keywords if one.arg in ("code", "problem", "reason"))]
            yield from (text for argument in arguments for text in texts_of(argument))
        if isinstance(node, ast.FunctionDef) and node.returns is not None and "Code" in ast.unparse(node.returns):
            for step in ast.walk(node):
                if isinstance(step, ast.Return) and step.value is not None:
                    yield from texts_of(step.value)
        if isinstance(node, ast.Dict):  # what is kept of a file that failed
            pairs = zip(node.keys, node.values, strict=True)
            yield from (text for key, one in pairs if "reason" in texts_of(key or one) for text in texts_of(one))
        if isinstance(node, ast.Assign):
            yield from texts_of(node.value) if any(getattr(t, "id", "") == "code" for t in node.targets) else ()


def called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def texts_of(node: ast.expr) -> list[str]:
    """Return the texts that an expression may be: itself, or either side of a condition."""
    if isinstance(node, ast.IfExp):
        return texts_of(node.body) + texts_of(node.orelse)
    if isinstance(node, ast.Tuple) and node.elts:  # a code with what it is about
        return texts_of(node.elts[0])
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def test_every_code_is_raised_or_shown_somewhere() -> None:
    assert sorted(CODES - named_codes()) == []


def test_every_code_and_no_other_is_worded() -> None:
    assert set(WORDS) == CODES and set(PAGES) <= CODES


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_code_is_said_at_every_door(app: Flask, language: str) -> None:
    with app.test_request_context(), force_locale(language):
        for code in ALL:
            for door in DOORS:
                said = refusal_words.say(code, door, **every_name())
                assert said, f"{code} at {door}"
                is_meant_chinese = language == "zh" and door != "command"
                assert re.search(r"[\u4e00-\u9fff]", said) or not is_meant_chinese, f"{code} at {door}: {said}"


def every_name() -> dict[str, Any]:
    """Return a value for every name that any of the words asks for."""
    texts = (str(getattr(words, name)) for words in WORDS.values() for name in vars(words))
    return {name: "7" for text in texts for name in re.findall(r"%\((\w+)\)", text)}


def test_the_trouble_line_has_short_words_for_whatever_phones_are_refused_by(app: Flask) -> None:
    with app.test_request_context(), force_locale("en"):
        for code in get_args(SignInCode):
            said = str(WORDS[code].trouble or WORDS[code].every)
            assert said[0].islower() and not said.endswith("."), f"{code} is said as a whole sentence: {said}"


def test_an_unknown_code_has_no_words() -> None:
    with pytest.raises(KeyError):
        refusal_words.say("mistyped", "desk")  # type: ignore[arg-type]


def test_a_refusal_s_own_numbers_are_said(app: Flask) -> None:
    with app.test_request_context():
        assert refusal_words.say(Refused("too_few_places", count=3), "leader").startswith("只剩 3 个名额")


def test_no_template_tells_refusals_apart_by_itself() -> None:
    """A template asks for the words; a chain of codes in it would be a second table."""
    for path in sorted((ROOT / "templates").rglob("*.html")):
        source = path.read_text(encoding="utf-8")
        compared = re.findall(r"""(?:code|refusal|problem|reason)\s*==\s*["'](\w+)["']""", source)
        assert not CODES & set(compared) - ALLOWED.get(path.name, set()), path


# The consent's box is where its refusal is shown; the look-up offers another try where one is spent.
ALLOWED = {"_list.html": {"consent"}, "look_up.html": {"spent"}}
