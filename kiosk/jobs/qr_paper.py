"""A QR code on paper: sharp, without a picture in between."""

from __future__ import annotations

from fpdf.drawing import PaintedPath

from .paper import Paper
from .qr_modules import dark_runs, qr_modules


def draw_code(paper: Paper, address: str, x: float, y: float, side: float) -> None:
    """Draw the code of `address`, a square of `side` mm without its quiet zone; a tap on it opens the address.

    As one filled path: rectangles filled one by one show hairlines between the rows.
    """
    modules = qr_modules(address)
    module = side / len(modules)
    path = PaintedPath()
    path.style.fill_color = "#000000"
    path.style.stroke_color = None
    path.style.auto_close = False
    for column, row, length in dark_runs(modules):
        path.rectangle(x + column * module, y + row * module, length * module, module)
    with paper.drawing_context() as context:
        context.add_item(path, clone=False)  # a copy of it costs ten times the drawing
    paper.link(x, y, side, side, address)
