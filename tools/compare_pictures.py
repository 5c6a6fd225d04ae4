"""What two runs of `make screenshots` show differently: `python -m tools.compare_pictures BEFORE AFTER`.

It prints each picture that differs, its share of pixels and the box they lie in, the most changed first, and puts both
beside what differs, in red, into differences/. Codes, clocks and today's date differ by themselves: look.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops

FOLDER = Path(__file__).resolve().parent.parent / "differences"
SAME = 24  # of 255: letters are smoothed a little otherwise
GAP = 16
RED = (214, 64, 48)


@dataclass(frozen=True)
class Difference:
    """One picture that is not what it was."""

    name: str
    percent: float
    box: tuple[int, int, int, int]
    heights: tuple[int, int]
    picture: Image.Image

    def __str__(self) -> str:
        before, after = self.heights
        grown = "" if before == after else f", height {before} → {after}"
        return f"{self.percent:6.2f} %  {self.name}  {self.box}{grown}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Compare two folders of pictures."""
    parser = argparse.ArgumentParser(prog="python -m tools.compare_pictures", description=__doc__)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    options = parser.parse_args(arguments)
    before, after = (_pictures(folder) for folder in (options.before, options.after))
    for name in sorted(before.keys() ^ after.keys()):
        print(f"only in {options.before if name in before else options.after}: {name}")
    both = sorted(before.keys() & after.keys())
    found = [one for name in both if (one := compare(name, before[name], after[name]))]
    FOLDER.mkdir(exist_ok=True)
    for one in sorted(found, key=lambda one: -one.percent):
        print(one)
        one.picture.save(FOLDER / f"{one.name}.png")
    print(f"{len(found)} of {len(both)} differ")


def _pictures(folder: Path) -> dict[str, Path]:
    return {path.stem: path for path in folder.glob("*.png") if not path.name.startswith("contact-")}


def compare(name: str, before: Path, after: Path) -> Difference | None:
    """Return how two pictures differ; a part that only one has counts as different."""
    with Image.open(before) as one, Image.open(after) as other:
        heights = (one.height, other.height)
        size = (max(one.width, other.width), max(heights))
        pair = [_on_canvas(image, size) for image in (one, other)]
    mask = ImageChops.difference(*pair).convert("L").point(lambda value: 255 if value > SAME else 0)
    box = mask.getbbox()
    if box is None:
        return None
    changed = mask.histogram()[255]
    red = Image.composite(Image.new("RGB", size, RED), Image.blend(pair[1], Image.new("RGB", size, "white"), 0.7), mask)
    picture = Image.new("RGB", (size[0] * 3 + GAP * 2, size[1]), "grey")
    for number, image in enumerate((*pair, red)):
        picture.paste(image, (number * (size[0] + GAP), 0))
    return Difference(name, 100 * changed / (size[0] * size[1]), box, heights, picture)


def _on_canvas(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    canvas = Image.new("RGB", size, "magenta")
    canvas.paste(image, (0, 0))
    return canvas


if __name__ == "__main__":
    main()
