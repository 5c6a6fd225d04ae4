"""QR codes for screens, as SVG. (PNG and paper are jobs: kiosk/jobs/qr_png.py, kiosk/jobs/poster.py.)"""

from __future__ import annotations

from functools import lru_cache
from xml.sax.saxutils import quoteattr

from kiosk.jobs.qr_modules import dark_runs, qr_modules


@lru_cache(maxsize=256)
def qr_svg(text: str, *, border: int = 4, label: str = "") -> str:
    """Draw the QR code of `text` as one SVG element: black on white with its quiet zone, in the dark theme too.

    The size is the page's business: the SVG has a viewBox in modules and nothing else. `border` is the quiet zone in
    modules (ISO/IEC 18004 asks for 4); `label` is its name for screen readers. It can be served as a file as it is.
    """
    modules = qr_modules(text)
    side = len(modules) + 2 * border
    path = []
    row, end = -1, 0
    for x, y, length in dark_runs(modules):
        # A new row starts at an absolute place, the next run of the same row at a relative one: shorter.
        path.append(f"M{x + border} {y + border}.5h{length}" if y != row else f"m{x - end} 0h{length}")
        row, end = y, x + length
    name = f" aria-label={quoteattr(label)}" if label else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" role="img"{name} '
        f'shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{side}v{side}H0z"/>'
        f'<path stroke="#000" d="{"".join(path)}"/></svg>'
    )
