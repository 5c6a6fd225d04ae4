"""What an event hands out, as its row keeps it: a label, or a pair of one and its second language."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from kiosk.models import Event


def labels_of(event: Event) -> tuple[str, ...]:
    """Return the labels in the first language, by which ticks are kept."""
    return tuple(one if isinstance(one, str) else one[0] for one in event.tick_labels or ())


def seconds_of(event: Event) -> tuple[str, ...]:
    """Return them in the second language, in their order, "" where one has none; nothing when none has."""
    seconds = tuple("" if isinstance(one, str) else one[1] for one in event.tick_labels or ())
    return seconds if any(seconds) else ()


def kept(labels: Sequence[str], seconds: Sequence[str]) -> list[str | list[str]]:
    """Return what the row keeps; a second language beyond the labels has nothing to stand beside."""
    pairs = zip_longest(labels, seconds[: len(labels)], fillvalue="")
    return [[label, second] if second else label for label, second in pairs]
