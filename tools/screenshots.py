"""Pictures of every screen, to be looked at as a stranger would: `make screenshots`, or `python -m tools.screenshots`.

They go to screenshots/NAME-LANG-THEME[-200].png, with contact sheets; --readme makes those in docs/pictures instead.
A dashed line marks the fold. NAMES (of tests/aids/screens.py) or their beginnings choose some.
"""

from __future__ import annotations

import argparse
import io
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import BrowserContext, Page

from tests.aids.browser import run_browser
from tests.aids.looking import browser_for, open_screen, set_text_size
from tests.aids.screens import LANGS, SCREENS, THEMES, Lang, Screen, Theme
from tests.aids.stage import Stage, run_stage

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "screenshots"
README_FOLDER = ROOT / "docs" / "pictures"
README = {
    "phone": "form-enterprise",
    "success": "success",
    "dashboard": "dashboard",
    "display": "display",
    "report": "report",
}
README_WIDTHS = {"phone": 360, "success": 360, "dashboard": 1180, "display": 1180, "report": 1180}
README_BYTES = 150_000
TYPED = {"name": "王强", "enterprise": "湖北东贝制冷有限公司", "job_title": "质量部长", "mobile": "138 0013 8000"}
SLOW_MS = 60_000  # a tall page on a busy machine
TALLEST = 3  # screens; what is longer is cut
FONT = ROOT / "static" / "vendor" / "fonts" / "KioskSansSC-Regular.ttf"
CELL = 380  # height of a picture on a contact sheet
SHEET_WIDTH = 2400
GAP, CAPTION = 16, 24
FOLD = (214, 64, 48)


@dataclass(frozen=True)
class Variant:
    """One way to show a screen."""

    lang: Lang
    theme: Theme
    percent: int = 100

    def __str__(self) -> str:
        return f"{self.lang}-{self.theme}" + ("" if self.percent == 100 else f"-{self.percent}")


EVERY = tuple(Variant(lang, theme, percent) for lang in LANGS for theme in THEMES for percent in (100, 200))
TWO = (Variant("zh", "light"), Variant("en", "dark", 200))


def main(arguments: Sequence[str] | None = None) -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(prog="python -m tools.screenshots", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="screens whose names begin so (default: all)")
    parser.add_argument("--readme", action="store_true", help="make the README's pictures instead")
    options = parser.parse_args(arguments)
    with (
        tempfile.TemporaryDirectory() as folder,
        run_stage(Path(folder)) as stage,
        run_browser() as browser,
        browser_for(browser, "zh") as chinese,
        browser_for(browser, "en") as english,
    ):
        if options.readme:
            _make_readme_pictures(stage, chinese)
        else:
            _make_pictures(stage, {"zh": chinese, "en": english}, tuple(options.names))


def _make_pictures(stage: Stage, browsers: dict[Lang, BrowserContext], names: tuple[str, ...]) -> None:
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.png" if not names else "contact-*.png"):
        old.unlink()
    taken: dict[str, list[tuple[str, Path]]] = {}
    for screen in SCREENS:
        if names and not screen.name.startswith(names):
            continue
        for variant, image in _photograph(screen, stage, browsers):
            path = FOLDER / f"{screen.name}-{variant}.png"
            image.save(path)
            sheet = f"{'phone' if screen.is_phone else 'large'}-{variant}"
            taken.setdefault(sheet, []).append((screen.name, path))
        print(screen.name)
    for sheet, pictures in taken.items():
        _contact_sheet(pictures).save(FOLDER / f"contact-{sheet}.png")
    print(f"{sum(map(len, taken.values()))} pictures, {len(taken)} contact sheets in {FOLDER.relative_to(ROOT)}/")


def _photograph(
    screen: Screen, stage: Stage, browsers: dict[Lang, BrowserContext]
) -> Iterable[tuple[Variant, Image.Image]]:
    for lang in LANGS:
        variants = [variant for variant in (EVERY if screen.is_key else TWO) if variant.lang == lang]
        with open_screen(browsers[lang], stage, screen) as page:
            for variant in variants:
                page.emulate_media(color_scheme=variant.theme)
                set_text_size(page, variant.percent)
                yield variant, _take(page, screen)


def _take(page: Page, screen: Screen) -> Image.Image:
    """Return the whole page, at most TALLEST screens of it, with the fold marked."""
    width, height = screen.viewport["width"], screen.viewport["height"]
    image = Image.open(io.BytesIO(page.screenshot(full_page=True, timeout=SLOW_MS))).convert("RGB")
    image = image.crop((0, 0, width, min(image.height, height * TALLEST)))
    if image.height > height + 1:
        pen = ImageDraw.Draw(image)
        for x in range(0, width, 24):
            pen.line((x, height, x + 12, height), fill=FOLD, width=2)
    return image


def _contact_sheet(pictures: list[tuple[str, Path]]) -> Image.Image:
    """Return the pictures side by side, each under its name."""
    font = ImageFont.truetype(str(FONT), 15)
    small = [(name, _shrink(path)) for name, path in pictures]
    rows: list[list[tuple[str, Image.Image]]] = [[]]
    x = GAP
    for name, image in small:
        if x + image.width + GAP > SHEET_WIDTH and rows[-1]:
            rows.append([])
            x = GAP
        rows[-1].append((name, image))
        x += image.width + GAP
    heights = [CAPTION + GAP + max(image.height for _name, image in row) for row in rows]
    sheet = Image.new("RGB", (SHEET_WIDTH, sum(heights) + GAP), (128, 128, 128))
    pen = ImageDraw.Draw(sheet)
    y = GAP
    for row, height in zip(rows, heights, strict=True):
        x = GAP
        for name, image in row:
            pen.text((x, y), name, font=font, fill=(255, 255, 255))
            sheet.paste(image, (x, y + CAPTION))
            x += image.width + GAP
        y += height
    return sheet


def _shrink(path: Path) -> Image.Image:
    with Image.open(path) as image:
        scale = CELL / 740 if image.width == 360 else CELL / 820
        small = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS)
        return small.crop((0, 0, small.width, min(small.height, CELL * 3 // 2)))


def _make_readme_pictures(stage: Stage, chinese: BrowserContext) -> None:
    README_FOLDER.mkdir(parents=True, exist_ok=True)
    for name, screen_name in README.items():
        screen = next(screen for screen in SCREENS if screen.name == screen_name)
        with open_screen(chinese, stage, screen) as page:
            if screen_name == "form-enterprise":
                page.evaluate(
                    "typed => Object.entries(typed).forEach(([id, v]) => document.getElementById(id).value = v)", TYPED
                )
            image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        width = README_WIDTHS[name]
        image = image.resize((width, round(image.height * width / image.width)), Image.Resampling.LANCZOS)
        path = README_FOLDER / f"{name}.png"
        image.quantize(128, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(path, optimize=True)
        size = path.stat().st_size
        assert size <= README_BYTES, f"{path.name} has {size} bytes"
        print(f"{path.relative_to(ROOT)}: {size // 1000} kB")


if __name__ == "__main__":
    main()
