"""Memory: what long work leaves behind is given back to the machine, and what the workers share stays shared.

A page's template refers to itself, and with it to everything that it shows: a list of 5,000 rows stays until the
collector comes by, which is seldom where most objects are frozen. What is freed stays with the C library, in holes
between what lives. A worker that has read hostile lists held 150 MB so, and two of them are on a machine of 1 GB.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable
from typing import Any

# From large to small: what a size leaves of a hole, a smaller one fills.
SIZES = (*(2**power for power in range(16, 10, -1)), *range(1008, 8, -16))
MOST = 100_000  # holes; there were 3,000
ENOUGH = 20  # requests: fewer leave little behind
NEARLY_ALL = 8192  # of the room behind the last hole is given back by malloc_trim, but so much


def _function_of_libc(name: str, takes: type, gives: type) -> Callable[[int], int] | None:
    try:
        function: Any = getattr(ctypes.CDLL(None), name)
    except (OSError, AttributeError):  # another C library than glibc's; it has its own ways
        return None
    function.argtypes, function.restype = [takes], gives
    called: Callable[[int], int] = function
    return called


_trim = _function_of_libc("malloc_trim", ctypes.c_size_t, ctypes.c_int)
_take = _function_of_libc("malloc", ctypes.c_size_t, ctypes.c_void_p)
_free = _function_of_libc("free", ctypes.c_void_p, ctypes.c_int)
_end = _function_of_libc("sbrk", ctypes.c_ssize_t, ctypes.c_void_p)


def give_back() -> None:
    """Collect what nobody refers to, and give its room back; some 30 ms after the longest list."""
    gc.collect()
    if _trim is not None:
        _trim(0)


def fill_holes() -> int:
    """Fill the holes between what lives for good, and return how many there were: once, before workers are forked.

    What a worker puts into a hole makes a copy of the page around it its own, and after the start there are small holes
    all over the heap: 0.8 MB of them make every process copy 6 MB (docs/decisions/0029-memory.md).
    """
    if _trim is None or _take is None or _free is None or _end is None:
        return 0
    _trim(0)
    new_room = _end(0) - NEARLY_ALL  # what lies from here on comes of no hole
    filled = 0
    for size in SIZES:
        while (place := _take(size)) < new_room and filled < MOST:
            filled += 1
        _free(place)
    return filled


class Rest:
    """Says when a worker that had much to do has come to rest. Asked in even steps of time; no request has begun or
    ended for one of them. Whoever comes then waits for the collector a few milliseconds, and in a rush nobody does."""

    def __init__(self) -> None:
        self._count = self._before = self._tidied_at = 0

    def count(self) -> None:
        """Count a request, at its beginning and at its end: a stream goes on for minutes."""
        self._count += 1

    def has_come(self) -> bool:
        """Say so once after the last of many requests."""
        is_still, self._before = self._count == self._before, self._count
        if not is_still or self._count - self._tidied_at < ENOUGH:
            return False
        self._tidied_at = self._count
        return True
