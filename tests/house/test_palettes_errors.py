"""Nothing but an error looks like one: links, focus, what is chosen and what was taken back are told apart from it, and
from success, in every palette, light and dark (docs/look.md, "Red and gold is a celebration, not an alarm")."""

from __future__ import annotations

import pytest

from kiosk.services.event.campaigns import PALETTES
from tests.aids.paths import ROOT
from tests.house.test_palettes import CONTROL, TEXT, contrast, tokens

APART = 25.0  # CIE 1976; 2.3 is the least that an eye sees, 25 is another colour
CSS = ROOT / "static" / "css"


def lab(colour: str) -> tuple[float, float, float]:
    """Return a colour as the eye measures it."""
    digits = colour.lstrip("#")
    digits = "".join(c * 2 for c in digits) if len(digits) == 3 else digits
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def apart(one: str, other: str) -> float:
    """Return how far two colours are from each other."""
    return float(sum((a - b) ** 2 for a, b in zip(lab(one), lab(other), strict=True)) ** 0.5)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("palette", PALETTES)
def test_links_focus_and_undo_are_no_error_and_undo_is_no_success(palette: str, theme: str) -> None:
    colours = tokens(palette, theme)
    link = colours.get("link", colours["accent"])
    pairs = {"link": (link, "bad"), "undo": (colours["undo"], "bad"), "undo and ok": (colours["undo"], "ok")}
    near = {name: apart(one, colours[other]) for name, (one, other) in pairs.items()}
    assert min(near.values()) >= APART, f"{palette}, {theme}: {near}"
    # A light ground has little colour to tell apart by: what is said on it does, and it must not be the very same.
    assert apart(colours["soft"], colours["bad-soft"]) >= 6, f"{palette}, {theme}: a hint looks like an error"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("palette", PALETTES)
def test_links_and_undo_can_be_read(palette: str, theme: str) -> None:
    colours = tokens(palette, theme)
    link = colours.get("link", colours["accent"])
    weak = [ground for ground in ("paper", "surface", "soft") if contrast(link, colours[ground]) < TEXT]
    weak += [
        ground for ground in ("paper", "surface", "undo-soft") if contrast(colours["undo"], colours[ground]) < TEXT
    ]
    assert weak == []
    assert contrast(link, colours["on-accent"]) >= CONTROL, "a tick in what is chosen"


def test_a_focus_ring_and_a_link_take_the_link_s_colour_everywhere() -> None:
    wrong = [
        f"{path.name}: {line.strip()[:80]}"
        for path in CSS.rglob("*.css")
        for line in path.read_text().splitlines()
        if "outline: 3px solid var(--accent)" in line or "accent-color: var(--accent)" in line
    ]
    assert wrong == []
    parts = (CSS / "frame" / "parts.css").read_text()
    assert "a { color: var(--link);" in parts and ":focus-visible { outline: 3px solid var(--link);" in parts


def test_the_red_accent_itself_would_fail() -> None:
    colours = tokens("ceremony", "light")
    assert apart(colours["accent"], colours["bad"]) < APART
