"""Memory that long work leaves behind, given back to the machine.

A page's template refers to itself, and with it to everything that it shows: a list of 5,000 rows stays until the
collector comes by, which is seldom where most objects are frozen. What is freed stays with the C library, in holes
between what lives. A worker that has read hostile lists held 150 MB so, and two of them are on a machine of 1 GB.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable


def _trim_of_libc() -> Callable[[int], int] | None:
    try:
        trim: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):  # another C library than glibc's; it has its own ways
        return None
    return trim


_trim = _trim_of_libc()


def give_back() -> None:
    """Collect what nobody refers to, and give its room back; some 30 ms after the longest list."""
    gc.collect()
    if _trim is not None:
        _trim(0)
