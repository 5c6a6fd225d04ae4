"""Parts are styled once: static/css/frame/parts.css gives an icon, a button, an input, a notice and a chip their looks
and their variants; every other file only places them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.aids.paths import ROOT

CSS = ROOT / "static" / "css"
PARTS_CSS = CSS / "frame" / "parts.css"
PARTS = ("icon", "button", "input", "notice", "chip")
PART = re.compile(rf"(?:{'|'.join(PARTS)})(?:--[\w-]+)?")
VARIANT = re.compile(rf"\b(?:{'|'.join(PARTS)}|notices)--[a-z][\w-]*")
# What puts a part somewhere, as wide as its place wants it, or takes it away; everything else is how it looks.
PLACING = re.compile(
    r"margin|flex|order|align-self|justify-self|grid-|(min-|max-)?width|position|top|right|bottom|left|z-index|transform"
    r"|visibility|white-space|display: none"
)
WORD = re.compile(r"[A-Za-z][\w-]*")


def rules(css: str) -> Iterator[tuple[str, list[str]]]:
    """Return each selector of a style sheet with its declarations, those within @media too."""
    for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)):
        declarations = [line.strip() for line in body.split(";") if line.strip()]
        yield from ((selector.strip(), declarations) for selector in selectors.split(","))


def classes(compound: str) -> set[str]:
    return set(re.findall(r"\.([\w-]+)", re.sub(r":not\([^)]*\)", "", compound)))


def is_of_a_part(selector: str, beside: frozenset[str]) -> bool:
    """Say whether a rule speaks of a part, of what lies in one, or of a class that a part has besides."""
    path = re.sub(r"[^\s>]+\s*[+~]\s*", "", selector)  # a neighbour is neither
    compounds = [classes(compound) for compound in re.split(r"[\s>]+", path)]
    return any(PART.fullmatch(name) for names in compounds for name in names) or bool(compounds[-1] & beside)


def class_attributes() -> Iterator[set[str]]:
    """Return the classes of each element of the templates, the conditional ones too."""
    for path in (ROOT / "templates").rglob("*.html"):
        for value in re.findall(r'class="([^"]*)"', path.read_text(encoding="utf-8")):
            quoted = re.sub(r"\{[{%](.*?)[%}]\}", lambda code: " ".join(re.findall(r"'([^']*)'", code[1])), value)
            yield set(WORD.findall(quoted))


def names_beside_parts() -> frozenset[str]:
    """Return the classes that an element has besides its part's, apart from those that parts.css knows."""
    known = {name for selector, _ in rules(PARTS_CSS.read_text()) for name in classes(selector)}
    beside = (names for names in class_attributes() if any(PART.fullmatch(name) for name in names))
    return frozenset(name for names in beside for name in names - known if not PART.fullmatch(name))


def looks(css: str, beside: frozenset[str]) -> list[str]:
    """Return what a style sheet says of the looks of parts."""
    return [
        f"{selector} {{ {declaration} }}"
        for selector, declarations in rules(css)
        if is_of_a_part(selector, beside)
        for declaration in declarations
        if not PLACING.match(declaration)
    ]


@pytest.mark.parametrize(
    "path", sorted(set(CSS.rglob("*.css")) - {PARTS_CSS}), ids=lambda path: path.relative_to(CSS).as_posix()
)
def test_a_part_is_styled_in_parts_css_alone(path: Path) -> None:
    assert looks(path.read_text(), names_beside_parts()) == [], "a variant in parts.css says that"


def test_what_this_test_sees() -> None:
    beside = frozenset({"absentee__call"})
    for css in (
        ".chip { color: red }",
        "@media (min-width: 3em) { .sheet > .chip--warn { padding: 0 } }",
        ".notice ul { list-style: disc }",
        ".chip .icon { width: 1em; height: 1em }",
        ".a, .b .button:hover { border: 0 }",
        ".absentee__call { font-size: 1rem }",
    ):
        assert len(looks(css, beside)) == 1, css
    for css in (
        ".inline .input { flex: 1 1 auto; width: auto; min-width: 0 }",
        ".notice + .frozen { color: red }",
        ".absentee__call b { color: red }",
        ".step:not(.button) { color: red }",
        "@media print { .page > .notice { display: none !important } }",
    ):
        assert looks(css, beside) == [], css
    assert "absentee__call" in names_beside_parts()


def test_every_variant_is_one_and_is_used() -> None:
    ours = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "static" / "js").glob("*.js")]
    used = {name for path in ours for name in VARIANT.findall(path.read_text(encoding="utf-8"))}
    has = {
        name for selector, _ in rules(PARTS_CSS.read_text()) for name in classes(selector) if VARIANT.fullmatch(name)
    }
    assert used - has == set(), "no rule of parts.css"
    assert has - used - {f"notice--{tone}" for tone in ("ok", "warn", "bad")} == set(), "nobody's"
