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
        """Return what is remembered, None when it is too old."""
        known = self._known().get(key)
        return known[1] if known is not None and time.monotonic() - known[0] < self._seconds else None

    def renew(self, key: Key) -> None:
        """Take what is too old for good a moment longer, while the caller reads it anew: in a rush all would."""
        remembered = self._known()
        if key in remembered:
            remembered[key] = (time.monotonic() - (1 - SHARE) * self._seconds, remembered[key][1])

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
