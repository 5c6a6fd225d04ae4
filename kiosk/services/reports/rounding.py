"""How officials write a number (docs/product.md 4.2): 近 only from below, 余 only from above, within 5 %.

The exact figure stands in brackets behind it; a round figure, and one that is near no round number, is said as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Side = Literal["below", "above", "exact"]
WITHIN = 20  # the difference is at most a twentieth of the round number: 5 %
MYRIAD = 10_000
FROM = 10  # nobody rounds what can be counted on the fingers


@dataclass(frozen=True)
class Rounded:
    """A figure as it is said: `said` is the round number, or the figure itself when `side` is "exact"."""

    count: int
    said: int
    side: Side


def rounded(count: int) -> Rounded:
    """Return how `count` is said. Round is what has at most two significant digits, from 20 on one for two digits.

    The coarser round number comes first: 393 is nearly 400 and not more than 390; 1,236 is more than 1,200 because
    1,000 is too far away.
    """
    unit = 10 ** (len(str(count)) - 1)
    if count < FROM or count % max(unit // 10, 10) == 0:
        return Rounded(count, count, "exact")
    for step in (unit, unit // 10):
        if step < FROM:
            break
        below, above = count - count % step, count - count % step + step
        near = [one for one in (below, above) if abs(count - one) * WITHIN <= one]
        if near:
            number = min(near, key=lambda one: abs(count - one))
            return Rounded(count, number, "above" if number < count else "below")
    return Rounded(count, count, "exact")


def chinese(count: int, unit: str = "", noun: str = "") -> str:
    """Return `近400名企业代表（393名）`, `400余名企业代表（407名）`, `400名企业代表`, `近2万人次（19950人次）`."""
    one = rounded(count)
    if one.side == "exact":
        return f"{count}{unit}{noun}"
    number = str(one.said) if one.said < MYRIAD else f"{one.said / MYRIAD:g}万"
    about = f"近{number}{unit}" if one.side == "below" else f"{number}余{unit}"
    return f"{about}{noun}（{count}{unit}）"


def english(count: int, singular: str = "", plural: str = "") -> str:
    """Return `nearly 400 guests (393)`, `more than 400 guests (407)`, `400 guests`, `1 guest`."""
    one = rounded(count)
    noun = f" {singular if count == 1 else plural}" if singular else ""
    if one.side == "exact":
        return f"{count:,}{noun}"
    return f"{'nearly' if one.side == 'below' else 'more than'} {one.said:,}{noun} ({count:,})"
