"""The squares of a QR code. Light: no picture library comes in with it."""

from __future__ import annotations

import importlib
import sys
from functools import lru_cache
from itertools import groupby
from types import ModuleType

# Level M (15 % may be lost). A sign-in address of 33 letters needs 29 x 29 modules at M and at Q, 33 x 33 at H;
# one of 45 needs 33 at M and 41 at H. At the door the size of a module decides how far away a camera reads it, and
# a clean print or screen loses little; L would save four modules on short addresses and forgive half as much dirt.
LEVEL = "ERROR_CORRECT_M"

Modules = tuple[tuple[bool, ...], ...]


def _import_qrcode() -> ModuleType:
    """Import qrcode as if Pillow were not installed, which it supports.

    Its drawing classes would load Pillow (40 ms, 8 MB) into every web worker; only its modules are used here.
    """
    if "PIL" in sys.modules:
        return importlib.import_module("qrcode")
    sys.modules["PIL"] = None  # type: ignore[assignment]  # makes "import PIL" raise ImportError
    try:
        return importlib.import_module("qrcode")
    finally:
        del sys.modules["PIL"]


qrcode = _import_qrcode()


@lru_cache(maxsize=256)
def qr_modules(text: str) -> Modules:
    """Return the rows of the code for `text`, True for dark, without a quiet zone (ISO/IEC 18004, level M).

    Takes 4 to 60 ms the first time: 60 only in a new process. Raises ValueError when `text` is over 2,331 bytes.
    """
    if len(text.encode()) > 2331:
        raise ValueError("A QR code at level M holds 2,331 bytes.")
    code = qrcode.QRCode(error_correction=getattr(qrcode, LEVEL), border=0)
    code.add_data(text)
    code.make(fit=True)
    return tuple(tuple(bool(module) for module in row) for row in code.modules)


def dark_runs(modules: Modules) -> list[tuple[int, int, int]]:
    """Return the horizontal runs of dark modules as (column, row, length)."""
    runs = []
    for y, row in enumerate(modules):
        x = 0
        for is_dark, alike in groupby(row):
            length = len(tuple(alike))
            if is_dark:
                runs.append((x, y, length))
            x += length
    return runs
