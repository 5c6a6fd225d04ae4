"""A signature as lines of a pen, as text. How paper shows it is ink_paper.

As text: `x.y.x.y*x.y`, points on a grid of SIDE, lines parted by `*`. A cell of a sheet that begins with MARK is one.
No time and no pressure is in it: what is kept is the look of a signature, not how somebody's hand moves.
"""

from __future__ import annotations

from collections.abc import Sequence

MARK = "ink:"
SIDE = 1000  # of the grid; the longer side of every signature is as long

Line = Sequence[tuple[int, int]]
Lines = Sequence[Line]


def is_drawn(cell: str) -> bool:
    """Say whether a cell is a drawn signature."""
    return cell.startswith(MARK)


def lines_of(cell: str) -> Lines:
    """Return the lines of a drawn cell, whose text the server wrote."""
    return lines_in(cell[len(MARK) :])


def lines_in(text: str) -> Lines:
    """Return the lines of a signature's text; raise ValueError where it is none."""
    return tuple(_line(line.split(".")) for line in text.split("*"))


def _line(numbers: list[str]) -> Line:
    if len(numbers) % 2 or not all(number.isascii() and number.isdigit() for number in numbers):
        raise ValueError("no points")
    points = list(map(int, numbers))
    return tuple(zip(points[::2], points[1::2], strict=True))


def size_of(lines: Lines) -> tuple[int, int]:
    """Return how wide and how high the lines are, from the grid's corner."""
    return max(x for line in lines for x, _y in line), max(y for line in lines for _x, y in line)


def fitted(lines: Lines, width: float, height: float) -> float:
    """Return the size of one step of the grid, so that the lines have room in a box."""
    wide, high = size_of(lines)
    return min(width / max(wide, 1), height / max(high, 1))
