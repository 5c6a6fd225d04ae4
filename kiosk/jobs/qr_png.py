"""QR codes as PNG, for slides and chat groups. A job: Pillow stays out of the web workers."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from PIL import Image

from .qr_modules import dark_runs, qr_modules

BORDER = 4  # modules of quiet zone (ISO/IEC 18004)


def qr_png(text: str, *, module_pixels: int = 12) -> bytes:
    """Draw the QR code of `text` as a 1-bit PNG with its quiet zone, each module `module_pixels` wide.

    12 gives about 450 pixels for a sign-in address: sharp on a slide, and chat programs leave it alone.
    """
    if not 1 <= module_pixels <= 64:
        raise ValueError("module_pixels must be from 1 to 64.")
    modules = qr_modules(text)
    side = len(modules) + 2 * BORDER
    picture = Image.new("1", (side, side), 1)
    for x, y, length in dark_runs(modules):
        picture.paste(0, (x + BORDER, y + BORDER, x + BORDER + length, y + BORDER + 1))
    file = BytesIO()
    picture.resize((side * module_pixels,) * 2, Image.Resampling.NEAREST).save(file, "PNG", optimize=True)
    return file.getvalue()


def run(payload: dict[str, Any]) -> bytes:
    """Run the job: {"text": …, "module_pixels": …} gives the PNG."""
    return qr_png(payload["text"], module_pixels=int(payload.get("module_pixels", 12)))
