"""One page of a list: some of its rows, and whether there are more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select

T = TypeVar("T")
Other = TypeVar("Other")


@dataclass(frozen=True)
class Page(Generic[T]):
    """Rows of a list. `number` counts pages from 1; `total` is how many rows the list has, and `last` the number of
    its last page, where somebody counted."""

    rows: tuple[T, ...] = ()
    number: int = 1
    has_more: bool = False
    total: int | None = None
    last: int | None = None

    def having(self, rows: Iterable[Other]) -> Page[Other]:
        """Return this page with other rows in the place of its own, which they were made of."""
        return Page(tuple(rows), self.number, self.has_more, self.total, self.last)


def cut(statement: Select[Any], size: int, number: int = 1) -> Select[Any]:
    """Return the statement for one page and the first row of the next, which tells that there is one."""
    return statement.offset((number - 1) * size).limit(size + 1)


def page_of(rows: Sequence[T], size: int, number: int = 1, *, total: int | None = None) -> Page[T]:
    """Return the page of what `cut` read: what is beyond its size is not shown and says that there is more."""
    last = None if total is None else last_page(total, size)
    return Page(tuple(rows[:size]), number, len(rows) > size, total, last)


def of_rows(rows: Sequence[T], size: int, number: int = 1) -> Page[T]:
    """Return a page of rows that were all read, the last one where `number` lies beyond it."""
    last = last_page(len(rows), size)
    number = min(max(1, number), last)
    return Page(tuple(rows[(number - 1) * size : number * size]), number, number < last, len(rows), last)


def last_page(total: int, size: int) -> int:
    """Return the number of the last page; a list without a row has one as well."""
    return max(1, -(-total // size))


def parts(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield the rows in parts of at most this many, for what takes them a few at a time."""
    return (rows[start : start + size] for start in range(0, len(rows), size))
