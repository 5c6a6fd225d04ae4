"""What an address and a form say of pages, ids and times of the day; numbers themselves: kiosk/bounds."""

from __future__ import annotations

import re
from datetime import time
from typing import Any

from werkzeug.routing import IntegerConverter

from kiosk.bounds import LARGEST
from kiosk.services.names import unified

LAST_PAGE = 10_000
_CLOCK = re.compile(r"([01]?\d|2[0-3])[:.时]?([0-5]\d)分?")


class Number(IntegerConverter):
    """`<int:…>` in an address: what is greater than any id leads nowhere."""

    def __init__(self, url_map: Any, *args: Any, **options: Any) -> None:
        super().__init__(url_map, *args, **{"max": LARGEST, **options})


def read_clock(typed: str) -> time | None:
    """Return a time of the day written as 09:05, 9.05, 905 or 9时05分, in any width; None for anything else."""
    typed_time = _CLOCK.fullmatch(unified(typed).replace(" ", ""))
    return None if typed_time is None else time(int(typed_time[1]), int(typed_time[2]))
