"""The six palettes' contrast, computed from static/css/frame/tokens.css:
AA on text, 3:1 on controls, light and dark."""

from __future__ import annotations

import re

import pytest

from kiosk.services.event.campaigns import PALETTES
from tests.aids.paths import ROOT

TOKENS = ROOT / "static" / "css" / "frame" / "tokens.css"
TEXT, CONTROL = 4.5, 3.0  # WCAG 2.2, 1.4.3 and 1.4.11
WHITE = "#fff"
ON_TEXT = [
    *[(ink, ground) for ink in ("ink", "muted", "accent") for ground in ("paper", "surface", "soft")],
    *[(word, ground) for word in ("ok", "warn", "bad") for ground in ("paper", "surface", f"{word}-soft")],
    ("on-accent", "accent"),
    (WHITE, "deep"),  # the success page
]
ON_CONTROLS = [
    *[(line, ground) for line in ("edge", "accent") for ground in ("paper", "surface", "soft")],
    *[("bad", ground) for ground in ("paper", "surface")],
    ("accent", "on-accent"),
    (WHITE, "deep"),
]


def tokens(palette: str, theme: str) -> dict[str, str]:
    """Return the colours that a page of this palette has: the later rule wins, as in the browser."""
    css = re.sub(r"/\*.*?\*/", "", TOKENS.read_text(), flags=re.DOTALL)
    light, dark = css.split("@media (prefers-color-scheme: dark)")
    found: dict[str, str] = {}
    for part in (light, dark.strip().strip("{}")) if theme == "dark" else (light,):
        for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}?", part):
            names = {selector.strip() for selector in selectors.split(",")}
            if names & {":root", f'[data-palette="{palette}"]'}:
                found.update(re.findall(r"--([a-z-]+):\s*(#[0-9a-f]{3,6})\b", body))
    return found


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(c * 2 for c in digits) if len(digits) == 3 else digits
    channels = (int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("palette", PALETTES)
def test_palette_can_be_read(palette: str, theme: str) -> None:
    colours = tokens(palette, theme)
    pairs = [(a, b, TEXT) for a, b in ON_TEXT] + [(a, b, CONTROL) for a, b in ON_CONTROLS]
    if "gold" in colours:
        pairs.append(("gold", "deep", TEXT))
    weak = [
        f"{one} on {other}: {ratio:.2f}, wants {wanted}"
        for one, other, wanted in pairs
        if (ratio := contrast(colours.get(one, one), colours.get(other, other))) < wanted
    ]
    assert not weak, f"{palette}, {theme}: " + "; ".join(weak)


def test_every_palette_has_an_accent_of_its_own() -> None:
    for theme in ("light", "dark"):
        accents = {tokens(palette, theme)["accent"] for palette in PALETTES}
        assert len(accents) == len(PALETTES)


def test_the_dark_theme_changes_colours_alone() -> None:
    """So the layout of a page is the same in both, and tests/house/test_look.py measures it in either."""
    ours = [*(ROOT / "static" / "css").rglob("*.css"), *(ROOT / "static" / "js").glob("*.js")]
    ours += (ROOT / "templates").rglob("*.html")
    assert [path.name for path in ours if "prefers-color-scheme" in path.read_text()] == ["tokens.css"]
    dark = TOKENS.read_text().split("@media (prefers-color-scheme: dark)")[1]
    declared = re.findall(r"[{;]\s*([a-z-]+)\s*:\s*([^;}]+)", dark)
    assert len(declared) >= 30
    assert [
        pair for pair in declared if not re.fullmatch(r"--[a-z-]+", pair[0]) or not re.match(r"#\w+$", pair[1])
    ] == []


def test_contrast_is_what_wcag_says() -> None:
    assert contrast("#000", "#fff") == pytest.approx(21.0)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
