"""What was read a moment ago, remembered for seconds: the one small cache of this process."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

from kiosk.extensions import this_app

SHARE = 0.25  # of the seconds: for so long an old value is given while somebody reads it anew
Key = TypeVar("Key")
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """Values by key, each at most `seconds` old, apart for every application. None is never remembered."""

    def __init__(self, name: str, seconds: float) -> None:
        self._name = name
        self._seconds = seconds

    def find(self, key: Key) -> Value | None:
        """Return what is remembered, None when it is too old: then the caller reads it anew, and whoever comes
        meanwhile gets the old one. In a rush all would read it at once."""
        remembered = self._known()
        known = remembered.get(key)
        if known is None:
            return None
        now = time.monotonic()
        if now - known[0] < self._seconds:
            return known[1]
        remembered[key] = (now - (1 - SHARE) * self._seconds, known[1])
        return None

    def keep(self, key: Key, value: Value) -> Value:
        """Remember a value that has just been read, and return it."""
        self._known()[key] = (time.monotonic(), value)
        return value

    def get(self, key: Key, read: Callable[[], Value]) -> Value:
        """Return what is remembered, else read it."""
        known = self.find(key)
        return known if known is not None else self.keep(key, read())

    def forget(self, key: Key) -> None:
        """Read it anew the next time: it was changed in this process, or is no more."""
        self._known().pop(key, None)

    def _known(self) -> dict[Key, tuple[float, Value]]:
        extensions = this_app().extensions
        known: dict[Key, tuple[float, Value]] | None = extensions.get(self._name)
        return extensions.setdefault(self._name, {}) if known is None else known
