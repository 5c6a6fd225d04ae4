"""A signature (ink) on paper: in a PDF as the lines that it is, elsewhere as a picture of them."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw

from .ink import SIDE, Lines, fitted, size_of
from .paper import Paper

PEN = 0.35  # mm of a line on paper
PIXELS = 420  # the longer side of a picture: 300 dots an inch in the widest cell
FINER = 3  # a picture is drawn so many times as large, and made smooth by that


def draw(paper: Paper, lines: Lines, *, x: float, y: float, width: float, height: float) -> None:
    """Draw the lines in the middle of a box, in mm."""
    wide, high = size_of(lines)
    step = fitted(lines, width - PEN, height - PEN)
    left, top = x + (width - wide * step) / 2, y + (height - high * step) / 2
    paper.set_draw_color(0, 0, 0)
    with paper.local_context(line_width=PEN, stroke_cap_style=1, stroke_join_style=1):
        for line in lines:
            points = [(left + px * step, top + py * step) for px, py in line]
            if len(points) == 1:  # a dot
                points.append((points[0][0] + 0.01, points[0][1]))
            paper.polyline(points)


def picture(lines: Lines) -> bytes:
    """Return the lines as a PNG, black on nothing."""
    wide, high = size_of(lines)
    step = FINER * PIXELS / SIDE
    pen = round(FINER * PIXELS / 60)
    size = round(wide * step) + 2 * pen, round(high * step) + 2 * pen
    ink = Image.new("L", size, 0)
    pencil = ImageDraw.Draw(ink)
    for line in lines:
        points = [(pen + x * step, pen + y * step) for x, y in line]
        pencil.line(points, fill=255, width=pen, joint="curve")
        for px, py in (points[0], points[-1]):
            pencil.ellipse((px - pen / 2, py - pen / 2, px + pen / 2, py + pen / 2), fill=255)
    ink = ink.resize((max(1, size[0] // FINER), max(1, size[1] // FINER)), Image.Resampling.LANCZOS)
    shown = Image.new("LA", ink.size, 0)
    shown.putalpha(ink)
    file = BytesIO()
    shown.save(file, "PNG")
    return file.getvalue()
