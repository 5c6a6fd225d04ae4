"""A brake on guessing codes that are typed or spoken: whoever misses far too often is answered slowly, right or wrong.

Misses are counted by address and for the whole server. Four hundred honest people share one address: its budget is so
wide that they never feel it, and beyond it the address stands in a line that moves at PACE. When the whole server's
budget is spent, addresses that have missed often have less. Whoever holds a page's ticket is never asked.
"""

from __future__ import annotations

import time
from datetime import timedelta

from kiosk.services.account.guesses import TooManyGuesses
from kiosk.services.codes import hash_token
from kiosk.services.door import misses
from kiosk.services.door.misses import StoreAway
from kiosk.services.host import network
from kiosk.services.store.writer import end_read

WINDOW = timedelta(minutes=10)
OF_ADDRESS = 600  # misses: 400 people who all mistype, and half of them twice
OF_SERVER = 3000  # beyond it an address has OF_ADDRESS_THEN
OF_ADDRESS_THEN = 30
PACE = 5  # answers a second for such an address, per worker
LONGEST_WAIT = 2.0  # seconds; more are told to wait by themselves
MOST_LINES = 1000  # addresses whose line is kept

_lines: dict[str, float] = {}  # by address: when its next answer is due
_heard: dict[str, float] = {}  # "miss": when this process last counted one; until then a hit costs nothing


def brake(address: str | None) -> None:
    """Let an address that has spent its budget wait for its turn; raise TooManyGuesses where the line is too long.

    Before it is said whether the code is right, so that the wait tells nothing.
    """
    if time.monotonic() - _heard.get("miss", -1e9) > WINDOW.total_seconds():
        return
    key = _key(address)
    try:
        missed = misses.read(key, window=WINDOW)
        if missed < OF_ADDRESS_THEN or (missed < OF_ADDRESS and misses.read("code", window=WINDOW) < OF_SERVER):
            return
    except StoreAway:
        return  # said in the log; a door is not closed for that
    _stand_in_line(key)


def missed(address: str | None) -> None:
    """Count a code that nothing has."""
    _heard["miss"] = time.monotonic()
    try:
        if misses.count("code", window=WINDOW) == 1:
            misses.forget_old("code", window=WINDOW)
        misses.count(_key(address), window=WINDOW)
    except StoreAway:
        return


def _stand_in_line(key: str) -> None:
    now = time.monotonic()
    due = max(now, _lines.get(key, now))
    if due - now > LONGEST_WAIT:
        raise TooManyGuesses(int(LONGEST_WAIT))
    if len(_lines) >= MOST_LINES:
        for over in [one for one, until in _lines.items() if until < now]:
            del _lines[over]
    _lines[key] = due + 1 / PACE
    end_read()
    _wait(due - now + 1 / PACE)


def _wait(seconds: float) -> None:
    time.sleep(seconds)


def _key(address: str | None) -> str:
    """Return what an address is counted under."""
    return f"code:{hash_token(network.client_of(address or '') or address or '')[:24]}"
